import { hashAddress, hashWord, mix } from '../../domain/sketch/hash';
import { hllAdd } from '../../domain/sketch/hyperloglog';
import type { FlowBatchColumns } from '../../schemas';
import type { Store } from '../runtime/state/store';
import { Table } from '../runtime/state/table';
import { watched } from '../runtime/state/watched';
import type { Flooded } from './flooded';
import { MET_AT, PRECISION, SAMPLED_AT, SAMPLED_ONE_IN, SOURCE_SKETCH, TRIED_AT, TRIED_PORTS_AT } from './columns';

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

  /** Takes note of a flow; who asks a host that is flooded looks for none. False where there is no room for its source. */
  take({ flows }: FlowBatchColumns, row: number, flooded: Flooded): boolean {
    const { table } = this;
    const from = 4 * row;
    const flags = flows.tcpFlags[row];
    const isTcp = flows.proto[row] === TCP_PROTO;
    const isProbe = isTcp && (flags & ACK_FLAG) === 0 && (flags & (SYN_FLAG | FIN_FLAG)) !== 0 && !flooded.has(flows.dstAddrWords, from);
    const target = hashAddress(flows.dstAddrWords, from);
    const hash = hashAddress(flows.srcAddrWords, from);
    const isSampled = (mix(Math.imul(target, 0x9e3779b1) ^ hash) & (SAMPLED_ONE_IN - 1)) === 0;
    if (!isProbe && !isSampled) {
      if (!isTcp || (flags & ACK_FLAG) === 0 || this.probers[hash & MOST_PROBERS] === 0) return true;
      const known = table.find(flows.srcAddrWords, from);
      if (known < 0) return true;
      table.touch(known);
      hllAdd(this.look(), this.sketchAt(known) + MET_AT, PRECISION, target);
      return true;
    }
    const source = table.upsert(flows.srcAddrWords, from);
    if (source < 0) return false;
    if (isProbe) this.probers[hash & MOST_PROBERS] = 1;
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
      if (isTcp && (flags & ACK_FLAG) !== 0) hllAdd(bytes, sketch + MET_AT, PRECISION, target);
      return true;
    }
    hllAdd(bytes, sketch + TRIED_AT, PRECISION, target);
    hllAdd(bytes, sketch + TRIED_PORTS_AT, PRECISION, hashWord(flows.dstPort[row]));
    const rest = source * table.wordsPerRow + table.intsAt;
    for (let word = 0; word < 4; word++) table.words[rest + TARGET + word] = flows.dstAddrWords[from + word];
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
