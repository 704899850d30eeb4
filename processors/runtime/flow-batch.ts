/** What processors of flows ask of a batch before they work on it. */
import { NetWeaverError } from '../../infra/errors';

/** Columns of a batch of flows, whichever of them were decoded. */
interface Batch {
  readonly datagrams: { readonly length: number };
  readonly flows: { readonly length: number; readonly datagram: ArrayLike<number> };
}

/** Each flow names a datagram of its batch. @throws NW_SCHEMA_MALFORMED */
export function checkDatagrams({ datagrams, flows: { length, datagram } }: Batch): void {
  for (let row = 0; row < length; row++) {
    if (datagram[row] < 0 || datagram[row] >= datagrams.length) throw new NetWeaverError('NW_SCHEMA_MALFORMED', `Flow ${row} names datagram ${datagram[row]} of ${datagrams.length}.`);
  }
}

/** For each datagram the first of those right before it that have its exporter all. Writes into `into` where it is long enough, else into a new array; returns that. */
export function sameExporters({ length, exporterWords }: { readonly length: number; readonly exporterWords: Int32Array }, into: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const first = into.length < length ? new Int32Array(2 * length) : into;
  for (let row = 0, at = 0; row < length; row++, at += 4) {
    const isSame =
      row > 0 && exporterWords[at] === exporterWords[at - 4] && exporterWords[at + 1] === exporterWords[at - 3] && exporterWords[at + 2] === exporterWords[at - 2] && exporterWords[at + 3] === exporterWords[at - 1];
    first[row] = isSame ? first[row - 1] : row;
  }
  return first;
}

/** A count times the sampling rate, at most 2^53 - 1; what cannot be a count is none. */
export function scaled(count: number, samplingRate: number): number {
  if (!(count > 0)) return 0;
  return samplingRate > 1 ? Math.min(Number.MAX_SAFE_INTEGER, count * samplingRate) : count;
}
