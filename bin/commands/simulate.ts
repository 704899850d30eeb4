import type { Command } from 'commander';
import { runNetwork, type NetworkTotals } from '../../connectors/sources/generate/network-generator';
import { readTopologyFile } from '../../connectors/sources/topology/read-file';
import { alsoAttack, ATTACKS, type AttackRequest } from '../../domain/simulate/attacks';
import { protocolsOf, USUAL_PORTS } from '../../domain/simulate/exporter';
import { LEAST_NODES, MOST_NODES, SHAPES, shapedNetwork, type Shape } from '../../domain/simulate/shapes';
import type { Element } from '../../domain/topology/elements';
import { NetWeaverError } from '../../infra/errors';
import { openContext, loadConfig } from '../context';
import { untilStopped } from '../hosting/signals';
import { numberOption } from '../numbers';
import { jsonLine, reportError, short } from '../output';

interface SimulateOptions {
  readonly shape: string;
  readonly nodes: number;
  readonly file?: string;
  readonly seed: number;
  readonly rate: number;
  readonly speed: string;
  readonly start?: string;
  readonly duration: string;
  readonly report: number;
  readonly attack: readonly AttackRequest[];
  readonly ipv6: number;
  readonly format: string;
  readonly sampling?: number;
  readonly target: string;
  readonly port?: number;
  readonly flows: boolean;
  readonly log: boolean;
  readonly incidents: boolean;
  readonly truth?: string;
  readonly json?: boolean;
}

/** `netweaver simulate`: a network at work. */
export function register(program: Command): void {
  program
    .command('simulate')
    .description('Runs a simulated network: its topology, interfaces, counters and measurements of links on the log, its flows as IPFIX, NetFlow or sFlow to a collector, all of them of the same traffic. Links and devices fail and come back, crowds and attacks come and go, by seed or when asked for.')
    .option('--shape <shape>', SHAPES.join(', '), 'mesh')
    .option('--nodes <number>', 'devices', numberOption('--nodes', LEAST_NODES, MOST_NODES), 20)
    .option('--file <path>', 'a file of a topology instead of a shape')
    .option('--seed <number>', 'equal seeds, times and options give equal networks, flows and failures', numberOption('--seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .option('--rate <flows per second>', 'of the simulation, in the busiest hour', numberOption('--rate', 0, 1_000_000), 500)
    .option('--speed <factor>', 'seconds of the simulation in one second, or "max"', '1')
    .option('--start <time>', 'when it begins, as ISO 8601; now where not given')
    .option('--duration <seconds>', 'of the simulation, or "forever"', 'forever')
    .option('--report <seconds>', 'between two readings of counters and links', numberOption('--report', 0.1, 3600), 10)
    .option('--attack <kind[@start+duration][:rate]>', `an attack on a host that the seed chooses, as often as given: ${ATTACKS.join(', ')}; seconds after the start (30), seconds (60), packets per second`, alsoAttack, [])
    .option('--ipv6 <share>', 'of conversations and attacks (0 to 1), where exporters can tell it', numberOption('--ipv6', 0, 1), 0)
    .option('--format <list>', 'v5, v9, ipfix, sflow: of the exporters in turn', 'ipfix')
    .option('--sampling <packets>', 'that a reported one stands for; 1 where not given, 256 for sFlow', numberOption('--sampling', 1, 16_383))
    .option('--target <host>', 'collector of the flows', '127.0.0.1')
    .option('--port <port>', 'its port for all formats; where not given 2055 for NetFlow, 4739 for IPFIX, 6343 for sFlow', numberOption('--port', 1, 65535))
    .option('--no-flows', 'send no datagrams')
    .option('--no-log', 'write nothing to the log')
    .option('--no-incidents', 'no failures, crowds and attacks but those that are asked for')
    .option('--truth <path>', 'file of what truly happened: one JSON object a line')
    .option('--json', 'totals as one JSON object')
    .action(async (options: SimulateOptions, command: Command) => {
      try {
        print(await simulate(options, command), options.json === true);
      } catch (error) {
        reportError(error);
      }
    });
}

async function simulate(options: SimulateOptions, command: Command): Promise<NetworkTotals> {
  const { shape, nodes, seed, rate } = options;
  if (!(SHAPES as readonly string[]).includes(shape)) throw new NetWeaverError('NW_USAGE', `--shape ${shape}: known are ${SHAPES.join(', ')}.`);
  const startMs = options.start === undefined ? Date.now() : Date.parse(options.start);
  if (Number.isNaN(startMs)) throw new NetWeaverError('NW_USAGE', `--start ${options.start}: a time as 2026-01-31T12:00:00Z.`);
  const speed = options.speed === 'max' ? Infinity : numberOption('--speed', 0.01, 100_000)(options.speed);
  const seconds = options.duration === 'forever' ? Infinity : numberOption('--duration', 0.1, 1e9)(options.duration);
  let elements: readonly Element[];
  let name = `${shape}-${nodes}`;
  if (options.file === undefined) elements = shapedNetwork(shape as Shape, nodes, seed);
  else ({ elements, name } = await readTopologyFile(options.file));
  const context = options.log ? await openContext(loadConfig(command), 'simulate') : null;
  const stop = new AbortController();
  if (seconds === Infinity) void untilStopped().then(() => stop.abort());
  try {
    return await runNetwork({
      elements, name, seed, rate, startMs, speed, seconds, log: context, reportMs: 1000 * options.report, truth: options.truth ?? null,
      attacks: options.attack, ipv6: options.ipv6, formats: protocolsOf('--format', options.format), sampling: options.sampling,
      incidents: options.incidents ? undefined : { link: 0, device: 0, crowd: 0, attack: 0 },
      collector: options.flows ? { host: options.target, portOf: (protocol) => options.port ?? USUAL_PORTS[protocol] } : null,
    }, stop.signal);
  } catch (error) {
    if (!(error instanceof NetWeaverError) || error.code !== 'NW_LOG_LOCKED') throw error;
    throw new NetWeaverError('NW_LOG_LOCKED', `${error.message} With --no-log flows alone are sent, to the collector that runs there.`, { cause: error });
  } finally {
    await context?.close();
  }
}

function print(totals: NetworkTotals, json: boolean): void {
  const { flows, datagrams, records, seconds } = totals;
  process.stdout.write(json ? `${jsonLine(totals)}\n` : `${seconds} s simulated: ${short(flows)} flows, ${short(datagrams)} datagrams, ${short(records)} records on the log.\n`);
}
