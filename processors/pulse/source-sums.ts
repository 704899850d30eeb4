import { hashAddress, hashWord, mix } from '../../domain/sketch/hash';
import { hllAdd } from '../../domain/sketch/hyperloglog';
import type { Store } from '../runtime/state/store';
import { Table } from '../runtime/state/table';
import { watched } from '../runtime/state/watched';
import type { Flooded } from './flooded';
import { MET_AT, PRECISION, SAMPLED_AT, SAMPLED_ONE_IN, SOURCE_SKETCH, TRIED_AT, TRIED_PORTS_AT } from './columns';
import type { Run } from './run';

const TCP_PROTO = 6;
const FIN_FLAG = 1, SYN_FLAG = 2, ACK_FLAG = 16;
/** Whole numbers of a row behind its sketches: address that was tried last, its port. */
export const TARGET = SOURCE_SKETCH / 4, PORT = TARGET + 4;
/** Flows that open or close a connection and acknowledge nothing; those since the source went out last; what was new to its sketch of peers since. */
export const PROBES = 0;
const PENDING = 1, NEW_PEERS = 2;

/** A source is wanted when it has asked so often in vain since it went out last, or when so many registers of its peers are new. */
const ASKS = 16, PEERS = 4;

/** Less one, a power of two. */
const MOST_PROBERS = 0xffff;

/** Sources that ask in vain, and a sample of all: what they tried, whom they met. */
export class SourceSums {
  readonly table: Table;
  readonly store: Store;
  /** Rows that are wanted, in the order in which they became so; null where that is to be found out. */
  private wanted: number[] | null = [];
  /** 1 where a source of that hash has asked in vain: others, nearly all, need not be looked up. */
  private readonly probers = new Uint8Array(MOST_PROBERS + 1);
  private seen: Int32Array = new Int32Array(0);
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(maxSources: number) {
    this.table = new Table({ name: 'sources', keyWords: 4, ints: SOURCE_SKETCH / 4 + 5, doubles: 3, maxRows: maxSources });
    this.store = watched(this.table, () => this.restored());
  }

  /** Rows that are worth a look, and counts their questions anew: those wanted, or all that have asked `least` times in vain since. In order of the rows. */
  takeWanted(least = ASKS): number[] {
    const { table } = this;
    const rows = this.wanted === null || least < ASKS ? Array.from({ length: table.entries }, (_, row) => row).filter((row) => this.isWanted(row, least)) : this.wanted.sort((one, other) => one - other);
    this.wanted = [];
    for (const row of rows) {
      const at = row * table.doublesPerRow + table.doublesAt;
      table.doubles[at + PENDING] = table.doubles[at + NEW_PEERS] = 0;
      table.touch(row);
    }
    return rows;
  }

  /** Forgets all. */
  clear(): void {
    this.table.clear();
    this.probers.fill(0);
    this.wanted = [];
  }

  private restored(): void {
    const { table, probers } = this;
    this.wanted = null;
    probers.fill(0);
    for (let row = 0; row < table.entries; row++) if (table.doubles[row * table.doublesPerRow + table.doublesAt + PROBES] > 0) probers[hashAddress(table.words, row * table.wordsPerRow) & MOST_PROBERS] = 1;
  }

  private isWanted(row: number, least: number): boolean {
    const at = row * this.table.doublesPerRow + this.table.doublesAt;
    return this.table.doubles[at + PENDING] >= least || this.table.doubles[at + NEW_PEERS] >= PEERS;
  }

  /** Takes note of flows, from that of this number on; who asks a host that is flooded looks for none. Number of the flow for whose source there is no room; how many flows there are where there is room for all. */
  take(run: Run, from: number, flooded: Flooded): number {
    const { first, count, sources, destinations } = run;
    const { proto, tcpFlags, dstAddrWords } = run.flows;
    for (let i = from; i < count; i++) {
      const hash = sources[i];
      const target = destinations[i];
      const flags = proto[first + i] === TCP_PROTO ? tcpFlags[first + i] : 0;
      const isSampled = (mix(Math.imul(target, 0x9e3779b1) ^ hash) & (SAMPLED_ONE_IN - 1)) === 0;
      const isProbe = (flags & ACK_FLAG) === 0 && (flags & (SYN_FLAG | FIN_FLAG)) !== 0 && !flooded.has(dstAddrWords, 4 * (first + i));
      if (isProbe || isSampled) {
        if (!this.note(run, i, isProbe, isSampled, (flags & ACK_FLAG) !== 0)) return i;
      } else if ((flags & ACK_FLAG) !== 0 && this.probers[hash & MOST_PROBERS] !== 0) this.meet(run, i);
    }
    return count;
  }

  /** A source has met one that it may have asked for. */
  private meet(run: Run, i: number): void {
    const { table } = this;
    const known = table.find(run.flows.srcAddrWords, 4 * (run.first + i));
    if (known < 0) return;
    table.touch(known);
    hllAdd(this.look(), this.sketchAt(known) + MET_AT, PRECISION, run.destinations[i]);
  }

  /** Takes note of a flow that asks in vain, or is sampled; false where there is no room for its source. */
  private note(run: Run, i: number, isProbe: boolean, isSampled: boolean, hasMet: boolean): boolean {
    const { table } = this;
    const { flows } = run;
    const row = run.first + i;
    const target = run.destinations[i];
    const source = table.upsert(flows.srcAddrWords, 4 * row);
    if (source < 0) return false;
    if (isProbe) this.probers[run.sources[i] & MOST_PROBERS] = 1;
    const bytes = this.look();
    const sketch = this.sketchAt(source);
    const sums = source * table.doublesPerRow + table.doublesAt;
    if (isSampled) {
      const register = sketch + SAMPLED_AT + (target >>> (32 - PRECISION));
      const before = bytes[register];
      hllAdd(bytes, sketch + SAMPLED_AT, PRECISION, target);
      if (bytes[register] !== before) this.count(source, sums + NEW_PEERS, PEERS);
    }
    if (!isProbe) {
      if (hasMet) hllAdd(bytes, sketch + MET_AT, PRECISION, target);
      return true;
    }
    hllAdd(bytes, sketch + TRIED_AT, PRECISION, target);
    hllAdd(bytes, sketch + TRIED_PORTS_AT, PRECISION, hashWord(flows.dstPort[row]));
    const rest = source * table.wordsPerRow + table.intsAt;
    for (let word = 0; word < 4; word++) table.words[rest + TARGET + word] = flows.dstAddrWords[4 * row + word];
    table.words[rest + PORT] = flows.dstPort[row];
    table.doubles[sums + PROBES]++;
    this.count(source, sums + PENDING, ASKS);
    return true;
  }

  /** Counts on; a source whose count gets there is wanted, if it is not by its other count. */
  private count(source: number, cell: number, limit: number): void {
    const isWanted = this.isWanted(source, ASKS);
    if (++this.table.doubles[cell] === limit && !isWanted) this.wanted?.push(source);
  }

  /** Bytes of a source's sketches. */
  sketchOf(source: number): Uint8Array {
    const at = this.sketchAt(source);
    return this.look().subarray(at, at + SOURCE_SKETCH);
  }

  private sketchAt(row: number): number {
    return 4 * (row * this.table.wordsPerRow + this.table.intsAt);
  }

  private look(): Uint8Array {
    const { words } = this.table;
    if (words !== this.seen) {
      this.seen = words;
      this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    }
    return this.bytes;
  }
}
