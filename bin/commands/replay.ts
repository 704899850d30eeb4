import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ReplayControl } from '../../connectors/sources/replay/control';
import { startReplay, type ReplayProgress } from '../../connectors/sources/replay/replay';
import { replaySection } from '../../connectors/sources/replay/settings';
import { StoredTotalsReader } from '../../connectors/sources/replay/stored';
import type { LoadedConfiguration } from '../../infra/config/load';
import { NetWeaverError } from '../../infra/errors';
import { startHttpServer } from '../../infra/http/server';
import { loadConfig } from '../context';
import { untilStopped } from '../hosting/signals';
import { numberOption, showProgress } from '../numbers';
import { jsonLine, printRows, reportError, short } from '../output';

interface ReplayCommandOptions {
  readonly target?: string;
  readonly netflowPort?: number;
  readonly ipfixPort?: number;
  readonly sflowPort?: number;
  readonly speed: string;
  readonly rate?: number;
  readonly loops: number;
  readonly rewriteTime?: boolean;
  readonly acknowledge?: string;
  readonly window: number;
  readonly timeout: number;
  readonly giveUp: number;
  readonly serve?: number;
  readonly json?: boolean;
}

/** `netweaver replay`: captures sent as their exporters sent them; with --serve by HTTP. */
export function register(program: Command): void {
  program
    .command('replay')
    .description('Sends the flow datagrams of captures (pcap, pcapng) as their exporters sent them. With --serve: on request by HTTP.')
    .argument('[capture...]', 'pcap or pcapng files, one after another')
    .option('--target <host>', 'collector (default: replay.target)')
    .option('--netflow-port <port>', 'for NetFlow v5 and v9 (default: replay.netflowPort)', numberOption('--netflow-port', 1, 65535))
    .option('--ipfix-port <port>', 'for IPFIX (default: replay.ipfixPort)', numberOption('--ipfix-port', 1, 65535))
    .option('--sflow-port <port>', 'for sFlow (default: replay.sflowPort)', numberOption('--sflow-port', 1, 65535))
    .option('--speed <N|max>', '1: as captured; N: N times as fast; max: without pause', '1')
    .option('--rate <datagrams per second>', 'instead of the capture\'s own times', numberOption('--rate', 0.001, 10_000_000))
    .option('--loops <number>', 'how often', numberOption('--loops', 1, 1e9), 1)
    .option('--rewrite-time', 'set the export time of NetFlow and IPFIX headers to now')
    .option('--acknowledge <url>', 'the collector\'s /collector/acknowledged: send in windows, and again what is not acknowledged')
    .option('--window <datagrams>', 'largest window', numberOption('--window', 1, 1_000_000), 1000)
    .option('--timeout <seconds>', 'wait for a window\'s acknowledgement', numberOption('--timeout', 0.1, 3600), 5)
    .option('--give-up <seconds>', 'end when nothing was acknowledged for this long', numberOption('--give-up', 0.1, 86_400), 120)
    .option('--serve <port>', 'start and watch replays by HTTP on this port', numberOption('--serve', 0, 65535))
    .option('--json', 'totals as one JSON object')
    .action(async (captures: string[], options: ReplayCommandOptions, command: Command) => {
      try {
        const config = loadConfig(command);
        if (options.serve !== undefined) await serve(config, options.serve);
        else await replay(config, captures, options);
      } catch (error) {
        reportError(error);
      }
    });
}

async function replay(config: LoadedConfiguration, captures: readonly string[], options: ReplayCommandOptions): Promise<void> {
  if (captures.length === 0) throw new NetWeaverError('NW_USAGE', 'A capture is missing.');
  const settings = config.get(replaySection);
  const json = options.json === true;
  const running = startReplay({
    captures,
    target: options.target ?? settings.target,
    ports: { netflow: options.netflowPort ?? settings.netflowPort, ipfix: options.ipfixPort ?? settings.ipfixPort, sflow: options.sflowPort ?? settings.sflowPort },
    speed: options.speed === 'max' ? Infinity : numberOption('--speed', 0.001, 1e6)(options.speed),
    rate: options.rate,
    loops: Math.floor(options.loops),
    rewriteTime: options.rewriteTime,
    acknowledge: options.acknowledge === undefined ? undefined : { url: options.acknowledge, window: Math.floor(options.window), timeoutMs: options.timeout * 1000, giveUpMs: options.giveUp * 1000 },
  });
  const stop = (): void => void running.stop().catch(() => undefined);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let quiet = (): void => undefined;
  try {
    await running.opened;
    if (!json) printRows(running.exporters().map((row) => ({ ...row, source: row.source === '' ? '(this host)' : row.source })), { json: false });
    quiet = showProgress(json, () => progressLine(running.progress()));
    const totals = await running.finished;
    quiet();
    print(totals, json);
  } catch (error) {
    quiet();
    print(running.progress(), json);
    throw error;
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

const progressLine = ({ datagrams, planned, bytes, seconds, resent }: ReplayProgress): string =>
  `${datagrams} of ${planned} datagrams, ${short(bytes)}B, ${short(datagrams / Math.max(seconds, 0.001))} a second${resent > 0 ? `, ${resent} sent again` : ''}`;

function print(totals: ReplayProgress, json: boolean): void {
  if (json) {
    process.stdout.write(jsonLine(totals) + '\n');
    return;
  }
  process.stdout.write(`${totals.state}: ${progressLine(totals)}, ${totals.seconds.toFixed(1)} s; ${totals.skipped} other datagrams left out\n`);
  if (totals.windows > 0) process.stdout.write(`acknowledged in ${totals.windows} windows; the collector was restarted ${totals.restarts} times\n`);
  if (totals.foreign > 0) process.stderr.write(`netweaver: the collector received ${totals.foreign} datagrams from elsewhere: its acknowledgements do not speak of this replay alone\n`);
  const refused = Object.entries(totals.refused).map(([code, count]) => `${code} ${count}`);
  if (refused.length > 0) process.stderr.write(`netweaver: refused by the system: ${refused.join(', ')}\n`);
}

async function serve(config: LoadedConfiguration, port: number): Promise<void> {
  const settings = config.get(replaySection);
  const stored = new StoredTotalsReader(config);
  const control = new ReplayControl({ ...settings, folder: settings.folder === '' ? '' : resolve(settings.folder) }, () => stored.read());
  const stopped = untilStopped();
  const server = await startHttpServer({
    host: settings.host,
    port,
    portKey: '--serve',
    maxConnections: 64,
    metrics: () => Promise.resolve(''),
    readiness: () => (settings.folder === '' ? 'replay.folder is not set' : null),
    routes: () => control.routes(),
  });
  process.stderr.write(`netweaver: replays at ${server.url}/replays, captures of ${settings.folder === '' ? 'no folder: set replay.folder' : resolve(settings.folder)}\n`);
  await stopped;
  await server.close();
  await control.close();
  await stored.close();
}
