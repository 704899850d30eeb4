import { hashAddress } from '../../domain/sketch/hash';
import type { FlowBatchColumns } from '../../schemas';
import { LONG_MS } from './columns';

/** Flows that are added together. */
export const MOST_TOGETHER = 256;

/** Flows of one slot that are added up together, one after the other in their batch: what is asked of them several times. */
export class Run {
  /** Where they begin in the batch, and how many they are. */
  first = 0;
  count = 0;
  flows!: FlowBatchColumns['flows'];
  /** Of each: the part of it that counts, and packets and bytes of that, scaled; packets times its seconds, where it is long, else 0; hashes of its addresses. */
  readonly parts = new Float64Array(MOST_TOGETHER);
  readonly packets = new Float64Array(MOST_TOGETHER);
  readonly bytes = new Float64Array(MOST_TOGETHER);
  readonly longSeconds = new Float64Array(MOST_TOGETHER);
  readonly sources = new Int32Array(MOST_TOGETHER);
  readonly destinations = new Int32Array(MOST_TOGETHER);

  /** The flows of a batch from `first` to `end`, which is not among them; at most {@link MOST_TOGETHER}. */
  measure({ flows }: FlowBatchColumns, first: number, end: number): void {
    this.flows = flows;
    this.first = first;
    this.count = end - first;
    const { parts, packets, bytes, longSeconds, sources, destinations } = this;
    const { samplingRate, start, end: ends, packets: exported, bytes: exportedBytes, srcAddrWords, dstAddrWords } = flows;
    for (let flow = first, i = 0; flow < end; flow++, i++) {
      const rate = Math.max(1, samplingRate[flow]);
      const ms = ends[flow] - start[flow];
      const part = ms > LONG_MS ? 1000 / ms : 1;
      parts[i] = part;
      packets[i] = Math.max(0, exported[flow]) * rate * part;
      bytes[i] = Math.max(0, exportedBytes[flow]) * rate * part;
      longSeconds[i] = part < 1 ? (packets[i] * ms) / 1000 : 0;
      sources[i] = hashAddress(srcAddrWords, 4 * flow);
      destinations[i] = hashAddress(dstAddrWords, 4 * flow);
    }
  }
}
