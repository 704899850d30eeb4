import type { Command } from 'commander';
import { parsePlace } from '../../topics/place';
import { Lineages, type Lineage, type ReceivedDatagrams } from '../../topics/lineage';
import { withContext } from '../context';
import { jsonLine } from '../output';

/** `netweaver explain`: what a record was computed from, back to the datagrams. */
export function register(program: Command): void {
  program
    .command('explain <place>')
    .description('Walks back from a record, given as topic/partition/offset, to the datagrams that it was computed from, and prints the chain as a tree.')
    .option('--json', 'print the tree as one JSON object')
    .action((text: string, options: { readonly json?: boolean }, command: Command) =>
      withContext(command, async ({ config, log, registry }) => {
        const place = parsePlace(text, config);
        const reader = await log.reader();
        try {
          const lineage = await new Lineages(reader, config, registry).of(place);
          process.stdout.write(options.json ? jsonLine(lineage) + '\n' : treeOf(lineage).join('\n') + '\n');
        } finally {
          await reader.close();
        }
      }),
    );
}

const iso = (ms: number): string => new Date(ms).toISOString();
const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
const span = (from: string, to: string): string => (from === to ? from : `${from} to ${to}`);

function headOf({ topic, partition, first, last, records, sources, configs, types, from, to, missing }: Lineage): string[] {
  const words = [`${topic}/${partition}/${first === last ? first : `${first}-${last} (${count(records, 'record')})`}`];
  if (types.length > 0) words.push(types.map((type) => type.split('.').at(-1)).join(', '));
  if (sources.length > 0) words.push(`by ${sources.join(', ')}`);
  if (configs.length > 0) words.push(`config ${configs.map((hash) => hash.slice(0, 12)).join(', ')}`);
  if (from !== '') words.push(span(from, to));
  return [words.join('  '), ...missing.map((what) => `! ${what}`)];
}

function receivedLine({ exporter, protocol, observationDomain, datagrams, flows, firstSequence, lastSequence, firstReceived, lastReceived }: ReceivedDatagrams): string {
  const sequence = firstSequence === lastSequence ? `sequence ${firstSequence}` : `sequences ${firstSequence} to ${lastSequence}`;
  return `${exporter || 'unknown exporter'}  ${protocol} domain ${observationDomain}  ${count(datagrams, 'datagram')} (${sequence})  ${count(flows, 'flow')}  received ${span(iso(firstReceived), iso(lastReceived))}`;
}

/** The lines of a tree. */
export function treeOf(lineage: Lineage): string[] {
  const children = [...lineage.received.map((datagrams) => [receivedLine(datagrams)]), ...lineage.causes.map(treeOf)];
  const [head, ...notes] = headOf(lineage);
  return [
    head,
    ...notes.map((note) => `${children.length > 0 ? '│' : ' '}  ${note}`),
    ...children.flatMap((lines, i) => {
      const last = i === children.length - 1;
      return lines.map((line, j) => (j === 0 ? `${last ? '└─' : '├─'} ${line}` : `${last ? '  ' : '│ '} ${line}`));
    }),
  ];
}
