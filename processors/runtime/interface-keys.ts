import type { FlowBatchColumns } from '../../schemas';

/** Interfaces that are remembered, at least: a power of two. */
const MET = 512;

/** Which ends of flows are meant: the interface that they came in by, or went out by. */
export const IN = 0, OUT = 1;
/** Words of a key: the exporter's address, ifIndex, direction. */
const KEY_WORDS = 6;

/** Interfaces of a run of flows, to be looked up in a table: they are few, so most of them stand among the keys once. */
export class InterfaceKeys {
  /** By a hash of both: number of the exporter and direction, ifIndex, place among the keys. */
  private readonly metExporter = new Int32Array(MET);
  private readonly metIndex = new Int32Array(MET);
  private readonly metPlace = new Int32Array(MET);
  /** For each datagram of the batch the first that has its exporter: see `sameExporters`. */
  private exporters = new Int32Array(0);
  private batch!: Pick<FlowBatchColumns, 'datagrams' | 'flows'>;

  constructor(
    /** Where the keys go, one after the other. */
    private readonly keys: Int32Array,
    /** Where the place of each flow's interface among the keys goes. */
    private readonly places: Int32Array,
    /** What stands for an interface that the exporter does not name, ifIndex 0: its place as that of any other, or -1. */
    private readonly takesUnnamed: boolean,
  ) {}

  /** Flows of this batch follow. */
  begin(batch: Pick<FlowBatchColumns, 'datagrams' | 'flows'>, exporters: Int32Array<ArrayBuffer>): void {
    this.batch = batch;
    this.exporters = exporters;
  }

  /** The interfaces that the first `count` flows of `run`, by their numbers in the batch, came in by, and behind their places those that they went out by. How many keys there are. */
  take(run: Int32Array, count: number): number {
    this.metExporter.fill(-1);
    const { inIf, outIf } = this.batch.flows;
    return this.meet(run, count, outIf, OUT, count, this.meet(run, count, inIf, IN, 0, 0));
  }

  private meet(run: Int32Array, count: number, ifIndex: Float64Array, direction: number, to: number, before: number): number {
    const { keys, places, exporters, metExporter, metIndex, metPlace, takesUnnamed } = this;
    const { datagram } = this.batch.flows;
    const { exporterWords } = this.batch.datagrams;
    let known = before;
    for (let i = 0; i < count; i++) {
      const row = run[i];
      const index = ifIndex[row] | 0;
      if (index === 0 && !takesUnnamed) {
        places[to + i] = -1;
        continue;
      }
      const exporter = 2 * exporters[datagram[row]] + direction;
      const met = (index ^ (exporter * 37)) & (MET - 1);
      if (metExporter[met] !== exporter || metIndex[met] !== index) {
        const key = KEY_WORDS * known;
        const from = 4 * (exporter >> 1);
        keys[key] = exporterWords[from];
        keys[key + 1] = exporterWords[from + 1];
        keys[key + 2] = exporterWords[from + 2];
        keys[key + 3] = exporterWords[from + 3];
        keys[key + 4] = index;
        keys[key + 5] = direction;
        metExporter[met] = exporter;
        metIndex[met] = index;
        metPlace[met] = known++;
      }
      places[to + i] = metPlace[met];
    }
    return known;
  }
}
