import { intColumn, keyColumn, TableView, timeCell, type Cell, type Column, type StoreView } from '../runtime/state/view';
import type { AgeingTable } from '../runtime/state/ageing-table';
import type { Table } from '../runtime/state/table';
import { OWNER, SEEN_HIGH, SEEN_LOW, sinceOf, UNTIL } from './flow-row';

/** The stores of `dedup` to be seen. */
export interface DedupStores {
  readonly exporters: Table;
  readonly datagrams: AgeingTable;
  readonly flows4: AgeingTable;
  readonly flows6: AgeingTable;
}

const secondsCell = (seconds: number): Cell => timeCell((seconds >>> 0) * 1000);

/** What `dedup` keeps, as rows: the exporters that it knows, the datagrams and the flows that it remembers. */
export function dedupViews({ exporters, datagrams, flows4, flows6 }: DedupStores): readonly StoreView[] {
  const exporter = keyColumn.address(0, 4, 'exporter', 'Address of the exporter.');
  const exporterOf = (number: number): Cell => (number >= 0 && number < exporters.entries ? exporter.read(exporters, number) : null);
  const key = new Int32Array(4);
  const sender: Column = {
    name: 'exporter', doc: exporter.doc,
    read: ({ words, wordsPerRow }, row) => exporterOf(words[row * wordsPerRow]),
    parse(text, into) {
      if (!exporter.parse!(text, key)) return false;
      into[0] = exporters.find(key);
      return true;
    },
  };
  const flows = (table: AgeingTable, name: string, doc: string, words: 1 | 4): StoreView =>
    new TableView({
      name, doc,
      columns: [
        keyColumn.address(0, words, 'srcAddr', 'Source address.'),
        keyColumn.address(words, words, 'dstAddr', 'Destination address.'),
        keyColumn.uint(2 * words, 'srcPort', 'Source port.', 16, 16),
        keyColumn.uint(2 * words, 'dstPort', 'Destination port.', 16),
        keyColumn.uint(2 * words + 1, 'proto', 'IP protocol number.'),
        intColumn(OWNER, 'owner', 'Exporter whose records of the flow stay.', (word) => exporterOf(word & 0xffff)),
        { name: 'since', doc: 'Start of the first record of the owner.', read: (of, row) => secondsCell(sinceOf(of.words, row * of.wordsPerRow + of.intsAt)) },
        intColumn(UNTIL, 'until', 'End of the last record of the owner.', secondsCell),
        { name: 'observers', doc: 'Exporters that reported the flow.', read: (of, row) => onesAt(of, row, SEEN_LOW) + onesAt(of, row, SEEN_HIGH) },
      ],
      parts: () => table.parts(),
    });
  return [
    new TableView({ name: 'exporters', doc: 'An exporter, in the order in which they were first seen.', columns: [exporter], parts: () => [{ table: exporters }] }),
    new TableView({
      name: 'datagrams', doc: 'A datagram that is remembered, so that the same one sent again is known.',
      columns: [sender, keyColumn.long(1, 'observationDomain', 'Observation domain, as in the flows.'), keyColumn.uint(3, 'sequence', 'Sequence number.'), keyColumn.uint(4, 'contentHash', 'Hash of the content.')],
      parts: () => datagrams.parts(),
    }),
    flows(flows4, 'flows4', 'A flow between IPv4 addresses, by its 5-tuple.', 1),
    flows(flows6, 'flows6', 'A flow with an IPv6 address, by its 5-tuple.', 4),
  ];
}

function onesAt({ words, wordsPerRow, intsAt }: Table, row: number, column: number): number {
  let ones = 0;
  for (let word = words[row * wordsPerRow + intsAt + column]; word !== 0; word &= word - 1) ones++;
  return ones;
}
