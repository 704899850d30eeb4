import type { Command } from 'commander';
import { fileSource, readTopologyFile } from '../../connectors/sources/topology/read-file';
import { TopologyWriter } from '../../connectors/sources/topology/writer';
import type { TopologyFile } from '../../domain/topology/builder';
import { snapshot } from '../../domain/topology/differences';
import type { Element } from '../../domain/topology/elements';
import { NamedGraph } from '../../domain/topology/named-graph';
import { hasCode, NetWeaverError } from '../../infra/errors';
import { TOPOLOGY_STATE, TopicCodec, topicName } from '../../topics';
import { withContext, type CommandContext } from '../context';
import { runInForeground } from '../hosting/foreground';
import { jsonLine, printRows, reportError, short } from '../output';

interface ShowOptions {
  readonly json?: boolean;
}

/** `netweaver topology`: the role as a process of its own; `netweaver topology import | show`. */
export function register(program: Command): void {
  const topology = program
    .command('topology')
    .description('Takes the topology of the network from files, feeds and neighbours, and writes its changes to the log; or imports one file, or shows the network.')
    .action((_options: unknown, command: Command) => runInForeground('topology', command));
  topology
    .command('import <file>')
    .description('Writes a file of a topology to the log, as everything that its source has: what the same file named before and does not name now is gone. GraphML, GML, SNDlib (.xml), YAML or JSON, each also .gz.')
    .option('--dry-run', 'print the events, one JSON object a line, and write nothing')
    .action((file: string, { dryRun = false }: { dryRun?: boolean }, command: Command) => importFile(file, dryRun, command));
  topology
    .command('show')
    .description('The network as it is: its links, and how many devices, links and parts there are.')
    .option('--json', 'every element, one JSON object a line')
    .action((options: ShowOptions, command: Command) => withContext(command, (context) => show(context, options)));
}

async function importFile(path: string, dryRun: boolean, command: Command): Promise<void> {
  try {
    const file = await readTopologyFile(path);
    const events = snapshot(file.elements, fileSource(path), Date.now());
    report(file);
    if (dryRun) for (const event of events) process.stdout.write(`${jsonLine(event)}\n`);
    else {
      await withContext(command, async (context) => {
        const writer = await TopologyWriter.open(context);
        try {
          await writer.write(events);
        } finally {
          await writer.close();
        }
        process.stdout.write(`${events.length} events written, as ${fileSource(path)}.\n`);
      });
    }
  } catch (error) {
    reportError(error);
  }
}

/** What is in a file, and what was not taken as it stands, on standard error: standard output is for the events. */
function report({ name, elements, remarks }: TopologyFile): void {
  const count = (of: string): number => elements.filter(({ element }) => element === of).length;
  process.stderr.write(`${name}: ${count('device')} devices, ${count('interface')} interfaces, ${count('link')} links.\n`);
  for (const [reason, { count: times, first }] of Object.entries(remarks)) process.stderr.write(`  ${reason}: ${times}, the first ${first}\n`);
}

/** The elements on topology.state as they are now. @throws NW_TOPIC_MISSING */
export async function presentElements({ config, log, registry }: Pick<CommandContext, 'config' | 'log' | 'registry'>): Promise<Element[]> {
  const topic = topicName(TOPOLOGY_STATE, config);
  if (!(await log.admin.listTopics()).some(({ name }) => name === topic)) throw new NetWeaverError('NW_TOPIC_MISSING', `${topic} is not on the log.`);
  const codec = TopicCodec.forReading(TOPOLOGY_STATE, registry);
  const elements = new Map<string, Element>();
  const reader = await log.reader();
  try {
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      for await (const { key, value } of reader.read({ topic, partition }, begin, end)) {
        if (key === null) continue;
        if (value === null) elements.delete(key.toString());
        else elements.set(key.toString(), await codec.decode(value));
      }
    }
  } catch (error) {
    if (hasCode(error, 'NW_SCHEMA_MALFORMED')) throw new NetWeaverError(error.code, `${topic}: ${error.message}`);
    throw error;
  } finally {
    await reader.close();
  }
  return [...elements.values()];
}

async function show(context: CommandContext, { json = false }: ShowOptions): Promise<void> {
  const elements = await presentElements(context);
  if (json) {
    for (const element of elements) process.stdout.write(`${jsonLine(element)}\n`);
    return;
  }
  const named = NamedGraph.of(elements);
  const links: Element[] = [];
  named.graph.forEachLink(({ data }) => void links.push(data));
  printRows(
    links.sort((one, other) => (one.id < other.id ? -1 : 1)).map(({ id, a, b, up, bitsPerSecond, latencyMs, metric, riskGroups }) => ({
      link: id, a, b, state: up === null ? '' : up ? 'up' : 'down', capacity: bitsPerSecond === null ? '' : `${short(bitsPerSecond)}bit/s`, 'latency ms': latencyMs, metric, 'risk groups': riskGroups,
    })),
    { json: false },
  );
  const strangers: string[] = [];
  named.graph.forEachNode(({ id, data }) => void (data === null && strangers.push(String(id))));
  const [largest, ...parts] = named.components();
  const lines = [
    `${named.graph.getNodeCount() - strangers.length} devices, ${links.length} links, ${named.others.size} other elements.`,
    ...(parts.length === 0 ? [] : [`In ${parts.length + 1} parts that nothing connects; ${largest.length} devices are in the largest.`]),
    ...(strangers.length === 0 ? [] : [`${strangers.length} devices are named by links alone: ${strangers.slice(0, 5).join(', ')}${strangers.length > 5 ? ', …' : ''}`]),
  ];
  process.stdout.write(`${links.length > 0 ? '\n' : ''}${lines.join('\n')}\n`);
}
