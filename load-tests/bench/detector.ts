/** See `load-tests/bench/detector`: `netweaver all` as a child, and a reader of its alerts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openContext } from '../../bin/context';
import { sections } from '../../bin/sections';
import { loadConfiguration } from '../../infra/config/load';
import { TOPOLOGY } from '../../processors/topology';
import { CATALOGUE } from '../../topics/catalogue';
import { TopicCodec } from '../../topics/codec';
import { topicName } from '../../topics/names';

const { env } = process;

/** What the processors are needed for: the way from flows to alerts, no other. */
const PROCESSORS = ['dedup', 'pulse', 'detect', 'alerts'];
/** See docs/detection.md, how soon: small batches and short transactions. */
const QUICK = ['collector.batchMs=30', 'processing.commitMs=20'];
const STOP_MS = 4000;

/** What an alert and an anomaly have in common. */
interface Told {
  readonly time: number;
  readonly subject: string;
  readonly kind: string;
  readonly severity: string;
  readonly phase?: string;
  readonly change?: string;
  readonly evidence: readonly unknown[];
}

function needed(name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** An alert that is new or has become graver, of an attack: what is ordinary though large is told, and is none. */
const isAlarm = ({ severity, phase, change }: Told): boolean => severity !== 'info' && (phase === 'began' || ['opened', 'escalated', 'widened', 'joined', 'reopened'].includes(change ?? ''));

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-detector-'));
  const kafka = env.DETECT_LOG === 'kafka';
  const processors = TOPOLOGY.map(({ name }) => name).filter((name) => PROCESSORS.includes(name));
  const source = CATALOGUE.find(({ name }) => name === (env.DETECT_TOPIC ?? (processors.includes('alerts') ? 'alerts' : 'anomalies')))!;
  const [packets, bits] = [needed('DETECT_THRESHOLD_PPS'), needed('DETECT_THRESHOLD_BPS')];
  const http = await freePort();
  const sets = [
    `data.dir=${folder}`, `http.allPort=${http}`, `processing.processors=${processors.join(',')}`, 'processing.snapshots=false', 'telemetry.logLevel=warn',
    'collector.addresses=127.0.0.1', ...QUICK, `collector.netflowPort=${needed('DETECT_PORT')}`, 'collector.ipfixPort=-1', 'collector.sflowPort=-1', `collector.defaultSamplingRate=${env.DETECT_SAMPLING ?? '1'}`,
    `detection.networks=${env.DETECT_PREFIXES ?? ''}`, `detection.packetsPerSecond=${packets}`, `detection.bitsPerSecond=${bits}`, `detection.carpetPacketsPerSecond=${packets}`, `detection.carpetBitsPerSecond=${bits}`,
    ...(kafka ? [`kafka.brokers=${needed('KAFKA')}`, `registry.url=${needed('REGISTRY')}`, `topics.prefix=detector-${process.pid}.`, 'collector.spoolMiB=0'] : []),
  ];
  const more = (env.DETECT_SETTINGS ?? '').split(/\s+/).filter((word) => word !== '' && word !== '--set');
  const config = loadConfiguration({ sections, sets: [...sets, ...more], environment: {} });
  const child = spawn(process.execPath, [join(__dirname, '../../bin/netweaver.js'), 'all', '--roles', 'collect,process', ...[...sets, ...more].flatMap((set) => ['--set', set])], { stdio: ['ignore', 2, 2] });
  const stop = new AbortController();
  const context = await openContext(config, 'cli');
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (code: number): Promise<void> => {
    if (stop.signal.aborted) return;
    stop.abort();
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(STOP_MS).then(() => child.kill('SIGKILL'))]);
    if (kafka) for (const { name } of await context.log.admin.listTopics()) if (name.startsWith(`detector-${process.pid}.`)) await context.log.admin.deleteTopic(name).catch(() => undefined);
    await context.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(0));
  void ended.then(() => end(1));

  try {
    // Before that topics may be without a leader. Nothing is lost: what comes meanwhile is read from the beginning.
    while (!(await isReady(http))) await sleep(50);
    const codec = TopicCodec.forReading(source, context.registry) as TopicCodec<unknown>;
    const reader = await context.log.reader();
    for await (const { value } of reader.follow(topicName(source, config), stop.signal, new Map([[0, 0]]))) {
      if (value === null) continue;
      const told = (await codec.decode(value)) as Told;
      if (!isAlarm(told)) continue;
      const { subject, kind, severity, evidence } = told;
      process.stdout.write(`${JSON.stringify({ ts: told.time, subject, kind, severity, evidence })}\n`);
    }
  } catch (error) {
    process.stderr.write(`detector: ${(error as Error).message}\n`);
    await end(1);
  }
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false);

main().catch((error: Error) => {
  process.stderr.write(`detector: ${error.message}\n`);
  process.exit(1);
});
