import type { Breakdown } from './breakdowns';
import { doubleColumn, keyColumn, TableView, timeCell, type Column, type StoreView } from '../runtime/state/view';
import type { OpenWindows } from '../runtime/windows/open-windows';

const SUMS: readonly Column[] = [doubleColumn(0, 'bytes', 'Bytes so far, scaled by the sampling rate.'), doubleColumn(1, 'packets', 'Packets so far, scaled.'), doubleColumn(2, 'flows', 'Flows so far.')];

const interfaces: readonly Column[] = [
  keyColumn.address(0, 4, 'exporter', 'Address of the exporter.'),
  keyColumn.uint(4, 'ifIndex', 'Index of the interface.'),
  keyColumn.uint(5, 'direction', '0: in, 1: out.'),
  ...SUMS,
];
const prefixes = (words: 1 | 4): readonly Column[] => [
  keyColumn.address(0, words, 'srcPrefix', 'Source prefix.'),
  keyColumn.address(words, words, 'dstPrefix', 'Destination prefix.'),
  keyColumn.uint(2 * words, 'srcMask', 'Length of the source prefix, bits.', 8, 8),
  keyColumn.uint(2 * words, 'dstMask', 'Length of the destination prefix, bits.', 8),
  keyColumn.uint(2 * words + 1, 'srcAs', 'Source autonomous system.'),
  keyColumn.uint(2 * words + 2, 'dstAs', 'Destination autonomous system.'),
  ...SUMS,
];
const hosts = (words: 1 | 4): readonly Column[] => [
  keyColumn.address(0, words, 'addr', 'Address of the host.'),
  ...['Out', 'In'].flatMap((way, i) => SUMS.map(({ name, doc }, sum) => doubleColumn(3 * i + sum, `${name}${way}`, doc))),
];

/** Columns of each breakdown's table, by its name; the keys are those of `breakdowns.ts`. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = { interfaces, prefixes4: prefixes(1), prefixes6: prefixes(4), hosts4: hosts(1), hosts6: hosts(4) };

/** The rows of all open windows of one length, a view for each breakdown: `w1-interfaces`. */
export function windowViews(windows: OpenWindows, breakdowns: readonly Breakdown[]): readonly StoreView[] {
  return breakdowns.map(
    ({ shape }, kind) =>
      new TableView({
        name: `${windows.name}-${shape.name}`,
        doc: `Sums of an open window of ${windows.lengthMs / 60_000} min.`,
        common: [{ name: 'windowStart', doc: 'Start of the window.' }, { name: 'windowMs', doc: 'Length of the window; unit: milliseconds.' }],
        columns: COLUMNS[shape.name],
        parts: () => windows.openSlots().map((slot) => ({ table: windows.table(slot, kind), common: [timeCell(windows.start(slot)), windows.lengthMs] })),
      }),
  );
}
