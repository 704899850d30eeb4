/** What is kept of sources that ask in vain or talk with very many: their sketches, and what was told of them. */
import type { SourceView } from '../../domain/detect/scan';
import { hllEstimate, hllMerge } from '../../domain/sketch/hyperloglog';
import type { TrafficPulseColumns } from '../../schemas';
import { MET_AT, PRECISION, REGISTERS, SAMPLED_AT, SAMPLED_ONE_IN, SOURCE_SKETCH, TRIED_AT, TRIED_PORTS_AT } from '../pulse/columns';
import { AgeingTable } from '../runtime/state/ageing-table';
import type { Table } from '../runtime/state/table';
import { LIFE_MS } from './host-cells';
import { OPEN_CELLS } from './open';

/** Cells of a row: probes, when it was first and last heard of, and what was told. */
export const PROBES = 0, SINCE = 1, UNTIL = 2, SCAN = 3, SPREADER = SCAN + OPEN_CELLS, SOURCE_CELLS = SPREADER + OPEN_CELLS;

/** The sources that are followed. */
export class SourceStates {
  readonly table: AgeingTable;
  private rows = new Int32Array(0);
  private fresh = new Uint8Array(0);

  constructor(maxSources: number) {
    this.table = new AgeingTable({ name: 'sources', keyWords: 4, ints: SOURCE_SKETCH / 4, doubles: SOURCE_CELLS, maxRows: maxSources }, LIFE_MS);
  }

  /** Takes the sources of a pulse; `look` is called for each with the place of its cells in the doubles of the young table, and its number in the pulse. */
  take(pulse: TrafficPulseColumns, nowMs: number, look: (table: Table, row: number, at: number, i: number) => void): void {
    const { sources, sourceSketches } = pulse;
    const { length } = sources;
    if (length === 0) return;
    if (this.rows.length < length) {
      this.rows = new Int32Array(2 * length);
      this.fresh = new Uint8Array(2 * length);
    }
    const { rows, fresh } = this;
    this.table.upsertAll(sources.addrWords, length, rows, fresh);
    const table = this.table.young;
    for (let i = 0; i < length; i++) {
      const at = rows[i] * table.doublesPerRow + table.doublesAt;
      if (SOURCE_SKETCH * (i + 1) > sourceSketches.length) break;
      if (fresh[i] === 1) table.doubles[at + SINCE] = nowMs;
      table.doubles[at + PROBES] = Math.max(table.doubles[at + PROBES], sources.probes[i]);
      table.doubles[at + UNTIL] = nowMs;
      const sketch = sketchOf(table, rows[i]);
      for (let from = 0; from < SOURCE_SKETCH; from += REGISTERS) hllMerge(sketch, from, PRECISION, sourceSketches, SOURCE_SKETCH * i + from);
      look(table, rows[i], at, i);
    }
  }

  /** A row as detectors see it. */
  view(table: Table, row: number, at: number): SourceView {
    const sketch = sketchOf(table, row);
    return {
      tried: hllEstimate(sketch, TRIED_AT, PRECISION), met: hllEstimate(sketch, MET_AT, PRECISION), ports: hllEstimate(sketch, TRIED_PORTS_AT, PRECISION),
      probes: table.doubles[at + PROBES], peers: SAMPLED_ONE_IN * hllEstimate(sketch, SAMPLED_AT, PRECISION),
    };
  }

  /** Begins anew with a source whose anomaly is over. */
  forget(table: Table, row: number): void {
    sketchOf(table, row).fill(0);
  }
}

const sketchOf = (table: Table, row: number): Uint8Array => new Uint8Array(table.words.buffer, table.words.byteOffset + 4 * (row * table.wordsPerRow + table.intsAt), SOURCE_SKETCH);
