/** Several collectors on one port: an exporter belongs to one of them, with its templates; one that dies does no harm to the others. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, ip4, netflow9, set, template } from '../domain/flow/fixtures';
import { freeTcpPort, freeUdpPort, NETWEAVER, until } from './support/stack';

const EXPORTERS = Array.from({ length: 8 }, (_, i) => `127.0.0.${11 + i}`);
const TEMPLATE = netflow9([set(0, template(256, [[8, 4], [12, 4], [1, 4], [2, 4]]))], { sequence: 0 });
const data = (sequence: number, flows: number): Buffer =>
  netflow9([set(256, Buffer.concat(Array.from({ length: flows }, (_, i) => bytes(ip4(`10.0.${sequence & 255}.${i}`), ip4('198.51.100.1'), [100, 4], [1, 4]))))], { sequence });

const kafka = process.env.NETWEAVER_TEST_KAFKA;
const registry = process.env.NETWEAVER_TEST_REGISTRY;
const onLinux = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const whenLinux = onLinux ? describe : describe.skip;

class Collectors {
  readonly folder = mkdtempSync(join(tmpdir(), 'netweaver-workers-'));
  output = '';
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly http: number,
    readonly workers: number,
    private readonly settings: readonly string[],
  ) {}

  static async start(workers: number, settings: readonly string[]): Promise<Collectors> {
    const made = new Collectors(await freeUdpPort(), await freeTcpPort(), workers, settings);
    await made.command('topics', 'apply');
    made.child = made.spawn('collect');
    await until('the workers are ready', async () => (await fetch(`http://127.0.0.1:${made.http}/readyz`)).ok, () => made.output);
    return made;
  }

  private spawn(...args: string[]): ChildProcess {
    const sets = [
      `data.dir=${this.folder}`, `http.collectPort=${this.http}`, 'collector.addresses=127.0.0.1', `collector.netflowPort=${this.port}`, `collector.ipfixPort=${this.port}`, 'collector.sflowPort=-1',
      `collector.workers=${this.workers}`, 'collector.batchMs=20', ...this.settings,
    ].flatMap((setting) => ['--set', setting]);
    const child = spawn(process.execPath, [NETWEAVER, ...args, ...sets], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (this.output = `${this.output}${String(text)}`.slice(-6000)));
    return child;
  }

  private async command(...args: string[]): Promise<void> {
    const [code] = (await once(this.spawn(...args), 'exit')) as [number];
    if (code !== 0) throw new Error(this.output);
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`http://127.0.0.1:${this.http}${path}`)).json()) as T;
  }

  /** Values of a metric by one of its labels. */
  async metric(name: string, label: string): Promise<Map<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${this.http}/metrics`)).text();
    const found = new Map<string, number>();
    for (const [, labels, value] of text.matchAll(new RegExp(`^netweaver_${name}\\{([^}]*)\\} (\\S+)$`, 'gm'))) {
      const key = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? '';
      found.set(key, (found.get(key) ?? 0) + Number(value));
    }
    return found;
  }

  async send(exporter: string, datagrams: readonly Buffer[]): Promise<void> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, exporter, resolve));
    for (const datagram of datagrams) await new Promise<void>((resolve, reject) => socket.send(datagram, this.port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    socket.close();
  }

  async stop(): Promise<number | null> {
    const { child } = this;
    if (!child) return null;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

interface Acknowledged {
  readonly instance: string;
  readonly received: number;
  readonly acknowledged: number;
}

function shared(settings: () => readonly string[]): void {
  let collectors: Collectors;
  beforeAll(async () => (collectors = await Collectors.start(3, settings())), 60_000);
  afterAll(async () => expect(await collectors.stop()).toBe(0), 60_000);
  const acknowledged = (): Promise<Acknowledged> => collectors.get<Acknowledged>('/collector/acknowledged');
  const untilAcknowledged = (count: number): Promise<void> => until(`${count} datagrams are acknowledged`, async () => (await acknowledged()).acknowledged === count, () => collectors.output);

  test('every flow of every exporter arrives, and no data comes to a worker that does not know its template', async () => {
    for (const exporter of EXPORTERS) await collectors.send(exporter, [TEMPLATE]);
    // From other source ports, as exporters that begin anew: the address counts.
    for (let round = 1; round <= 5; round++) for (const exporter of EXPORTERS) await collectors.send(exporter, [data(round, 20)]);
    await untilAcknowledged(8 + 5 * 8);
    expect(Number(await collectors.get<number>('/collector/published'))).toBe(5 * 8 * 20);
    await until('the metrics are up to date', async () => [...(await collectors.metric('collector_flows_total', 'protocol')).values()].reduce((sum, value) => sum + value, 0) === 800, () => collectors.output);
    expect([...(await collectors.metric('collector_errors_total', 'reason')).keys()]).toEqual([]);
    const byWorker = await collectors.metric('component_received_total', 'worker');
    expect([...byWorker.keys()].sort()).toEqual(['0', '1', '2']);
    // Each exporter sent 6: whoever got one of them got all.
    expect([...byWorker.values()].map((count) => count % 6)).toEqual([0, 0, 0]);
    expect([...byWorker.values()].filter((count) => count > 0).length).toBeGreaterThan(1);
  }, 60_000);

  test('they are ready together, and each socket is told', async () => {
    expect((await fetch(`http://127.0.0.1:${collectors.http}/readyz`)).status).toBe(200);
    expect((await collectors.get<unknown[]>('/collector/sockets')).length).toBe(3);
  });
}

whenLinux(`three collectors on one port${onLinux ? '' : ' (needs Linux on x64 or arm64)'}`, () => {
  describe('on the embedded log, a thread each', () => shared(() => []));

  (kafka && registry ? describe : describe.skip)('on Kafka, a process each (NETWEAVER_TEST_KAFKA, NETWEAVER_TEST_REGISTRY)', () => {
    const settings = (): string[] => [`kafka.brokers=${kafka}`, `registry.url=${registry}`, `topics.prefix=workers${process.pid}.`];
    shared(settings);

    test('one that is killed is started again on its own socket: what came meanwhile waits for it, and the others go on', async () => {
      const collectors = await Collectors.start(3, settings());
      try {
        for (const exporter of EXPORTERS) await collectors.send(exporter, [TEMPLATE, data(1, 1)]);
        await until('all is acknowledged', async () => (await collectors.get<Acknowledged>('/collector/acknowledged')).acknowledged === 16, () => collectors.output);
        const before = await collectors.get<Acknowledged>('/collector/acknowledged');
        const pids = await collectors.metric('process_id', 'worker');
        const total = async (): Promise<number> => [...(await collectors.metric('component_received_total', 'worker')).values()].reduce((sum, value) => sum + value, 0);
        await until('the metrics are up to date', async () => (await total()) === 16, () => collectors.output);
        const old = (await collectors.metric('component_received_total', 'worker')).get('1')!;
        process.kill(pids.get('1')!, 'SIGKILL');
        for (const exporter of EXPORTERS) await collectors.send(exporter, [TEMPLATE, data(2, 1)]);
        await until('the worker is there again', async () => {
          const now = await collectors.metric('process_id', 'worker');
          return now.has('1') && now.get('1') !== pids.get('1') && (await fetch(`http://127.0.0.1:${collectors.http}/readyz`)).ok;
        }, () => collectors.output);
        const after = await collectors.metric('process_id', 'worker');
        expect([after.get('0'), after.get('2')]).toEqual([pids.get('0'), pids.get('2')]);
        // The count of the one that was killed begins anew.
        await until('all is received', async () => (await total()) === 32 - old, () => collectors.output);
        expect([...(await collectors.metric('collector_errors_total', 'reason')).keys()]).toEqual([]);
        expect((await collectors.get<Acknowledged>('/collector/acknowledged')).instance).not.toBe(before.instance);
      } finally {
        await collectors.stop();
      }
    }, 60_000);
  });
});
