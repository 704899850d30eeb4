import type { Command } from 'commander';
import { startGenerator, type GeneratorTotals } from '../../connectors/sources/generate/generator';
import { PROTOCOLS, protocolsOf } from '../../domain/simulate/exporter';
import { NetWeaverError } from '../../infra/errors';
import { numberOption, showProgress } from '../numbers';
import { jsonLine, printRows, reportError, short } from '../output';

interface GenerateOptions {
  readonly target: string;
  readonly rate: number;
  readonly seed: number;
  readonly duration: string;
  readonly protocols: string;
  readonly sampling: string;
  readonly overlap: number;
  readonly netflowPort: number;
  readonly ipfixPort: number;
  readonly sflowPort: number;
  readonly json?: boolean;
}

/** `netweaver generate`: a simulated network's exporters. */
export function register(program: Command): void {
  program
    .command('generate')
    .description('Sends the flow export of a small simulated network: four edge routers, NetFlow v5 and v9, IPFIX and sFlow. Totals at the end.')
    .option('--target <host>', 'collector', '127.0.0.1')
    .option('--rate <flows per second>', 'all exporters together', numberOption('--rate', 0.01, 10_000_000), 1000)
    .option('--seed <number>', 'equal seeds draw equal flows', numberOption('--seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .option('--duration <seconds>', 'how long, or "forever"', '10')
    .option('--protocols <list>', 'v5, v9, ipfix, sflow: of the edge routers in turn', PROTOCOLS.join(','))
    .option('--sampling <typical|none>', 'sampling rates of NetFlow and IPFIX; sFlow always samples', 'typical')
    .option('--overlap <share>', 'share of the core\'s flows that core routers report again (0 to 1; needs --sampling none)', numberOption('--overlap', 0, 1), 0)
    .option('--netflow-port <port>', 'for NetFlow v5 and v9', numberOption('--netflow-port', 1, 65535), 2055)
    .option('--ipfix-port <port>', 'for IPFIX', numberOption('--ipfix-port', 1, 65535), 4739)
    .option('--sflow-port <port>', 'for sFlow', numberOption('--sflow-port', 1, 65535), 6343)
    .option('--json', 'totals as one JSON object')
    .action(async (options: GenerateOptions) => {
      try {
        await generate(options);
      } catch (error) {
        reportError(error);
      }
    });
}

async function generate(options: GenerateOptions): Promise<void> {
  const durationMs = options.duration === 'forever' ? undefined : numberOption('--duration', 0.001, 1e9)(options.duration) * 1000;
  if (options.sampling !== 'typical' && options.sampling !== 'none') throw new NetWeaverError('NW_USAGE', `--sampling ${options.sampling}: typical or none.`);
  if (options.overlap > 0 && options.sampling !== 'none') throw new NetWeaverError('NW_USAGE', '--overlap needs --sampling none.');
  const { target, rate, seed, sampling, overlap } = options;
  const running = startGenerator({
    target, rate, seed, sampling, overlap, durationMs, protocols: protocolsOf('--protocols', options.protocols),
    ports: { netflow: options.netflowPort, ipfix: options.ipfixPort, sflow: options.sflowPort },
  });
  const stop = (): void => void running.stop().catch(() => undefined);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const quiet = showProgress(options.json === true, () => {
    const { flows, datagrams } = running.progress();
    return `${short(flows)} flows in ${short(datagrams)} datagrams`;
  });
  try {
    print(await running.finished, options.json === true);
  } finally {
    quiet();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

function print(totals: GeneratorTotals, json: boolean): void {
  if (json) {
    process.stdout.write(jsonLine(totals) + '\n');
    return;
  }
  const { datagrams, flows, packets, bytes, scaledPackets, scaledBytes, counters } = totals;
  const rows = Object.entries(totals.protocols).map(([protocol, sent]) => ({ protocol, ...sent }));
  printRows([...rows, { protocol: 'all', datagrams, flows, packets, bytes, scaledPackets, scaledBytes, counters }], { json: false });
  const refused = Object.entries(totals.refused).map(([code, count]) => `${code} ${count}`);
  process.stdout.write(`${totals.seconds.toFixed(1)} s, ${short(flows / totals.seconds)} flows/s${refused.length > 0 ? `; refused by the system: ${refused.join(', ')}` : ''}\n`);
}
