import type { Direction, Network } from '../../domain/paths/network';
import type { LinkFacts } from '../../domain/paths/policy';
import type { Held, RouteReason } from '../../domain/paths/held-routes';
import { NEVER, type RouteJournal, type RouteMemory } from '../../domain/paths/routes';
import { Cells } from '../runtime/state/cells';
import { KeyValue } from '../runtime/state/key-value';
import type { Store } from '../runtime/state/store';
import { watched } from '../runtime/state/watched';

/** Last directions kept together: four bytes each. */
const BLOCK = 1024;
const SINCE = 0, MOVES = 1;
const FACTS = ['bitsPerSecond', 'latencyMs', 'lossRatio', 'utilisationAhead', 'utilisationBack', 'riskGroups'] as const;

/** A link as it is kept: what the computation needs of it by its number, and the record that said so. */
export interface KeptLink {
  readonly link: string;
  readonly a: string;
  readonly b: string;
  readonly costAhead: number;
  readonly costBack: number;
  /** Offset of that record: on links.state, of what announces a prefix on topology.state. */
  readonly offset: number;
  /** Null of what announces a prefix. */
  readonly facts: LinkFacts | null;
}

/** Memory of the parts; unit: bytes. */
export interface RouteMemoryBounds {
  readonly maxStateBytes: number;
}

/** The journal of routes in stores, from which they come back as they were. */
export class RouteStores implements RouteJournal {
  readonly stores: readonly Store[];
  private readonly links: KeyValue;
  private readonly trees: KeyValue;
  private readonly costs: KeyValue;
  private readonly holds: KeyValue;
  private readonly moves: KeyValue;
  private readonly sources: KeyValue;
  private readonly budgetCells: Cells;
  /** Blocks of trees that are being changed, by their key. */
  private readonly open = new Map<string, { key: Buffer; block: Int32Array }>();
  private readonly number = Buffer.alloc(4);
  private readonly pair = Buffer.alloc(8);
  private readonly double = Buffer.alloc(8);
  /** Puts that found no room. */
  private refused = 0;
  /** True after a restore, until {@link recall}. */
  private restored = false;

  constructor({ maxStateBytes }: RouteMemoryBounds) {
    const keyed = (name: string, share: number): KeyValue => new KeyValue({ name, maxBytes: Math.max(2 ** 18, Math.floor(maxStateBytes * share)) });
    this.links = keyed('links', 0.2);
    this.trees = keyed('trees', 0.3);
    this.costs = keyed('costs', 0.1);
    this.holds = keyed('held', 0.2);
    this.moves = keyed('moved', 0.09);
    this.sources = keyed('sources', 0.01);
    this.budgetCells = new Cells('budget', 2, (cell) => (cell === SINCE ? -Infinity : 0));
    // After a restore what is computed from the stores is computed anew.
    const budget = watched(this.budgetCells, () => {
      this.open.clear();
      this.restored = true;
    });
    this.stores = [this.links, this.trees, this.costs, this.holds, this.moves, this.sources, budget];
  }

  /** Puts that found no room since the last call: what they were to keep is as it was, and after a restart it is missing. */
  takeRefused(): number {
    const { refused } = this;
    this.refused = 0;
    return refused;
  }

  /** True once after a restore. */
  takeRestored(): boolean {
    const { restored } = this;
    this.restored = false;
    return restored;
  }

  /** Number of the source in the order of tracking. */
  track(source: number): void {
    this.put(this.sources, this.numberKey(this.sources.entries), Buffer.from(String(source)));
  }

  /** False where there is no room for another link. */
  keep(number: number, link: KeptLink): boolean {
    return this.links.put(this.numberKey(number), Buffer.from(JSON.stringify([link.link, link.a, link.b, textOf(link.costAhead), textOf(link.costBack), link.offset, link.facts === null ? null : FACTS.map((name) => link.facts![name])])));
  }

  settled(source: number, node: number, direction: Direction): void {
    const block = Math.floor(node / BLOCK);
    const name = `${source}/${block}`;
    let open = this.open.get(name);
    if (open === undefined) {
      const key = Buffer.from(this.pairKey(source, block));
      const known = this.trees.get(key);
      open = { key, block: new Int32Array(BLOCK).fill(NEVER) };
      if (known !== null) new Uint8Array(open.block.buffer).set(known);
      this.open.set(name, open);
    }
    open.block[node % BLOCK] = direction;
  }

  applied(direction: Direction, cost: number): void {
    this.double.writeDoubleLE(cost);
    this.put(this.costs, this.numberKey(direction), this.double);
  }

  held(source: number, target: number, held: Held | null): void {
    const key = this.pairKey(source, target);
    if (held === null) this.holds.delete(key);
    else this.put(this.holds, key, Buffer.from(JSON.stringify([held.path, held.sinceMs, textOf(held.retryMs), held.cause, held.reason])));
  }

  moved(source: number, target: number, timeMs: number): void {
    this.double.writeDoubleLE(timeMs);
    this.put(this.moves, this.pairKey(source, target), this.double);
  }

  /** Forgets moves before a time. */
  forgetMoves(beforeMs: number): void {
    const gone: Buffer[] = [];
    this.moves.forEach((key, value) => {
      if (value.readDoubleLE() <= beforeMs) gone.push(Buffer.from(key));
    });
    for (const key of gone) this.moves.delete(key);
  }

  budget(sinceMs: number, moves: number): void {
    this.budgetCells.set(SINCE, sinceMs);
    this.budgetCells.set(MOVES, moves);
  }

  /** Writes what a computation has changed of the trees. */
  flush(): void {
    for (const { key, block } of this.open.values()) this.put(this.trees, key, Buffer.from(block.buffer));
    this.open.clear();
  }

  /** Links into a network, in the order of their numbers, what is known of them and where it was said, and what else was kept. */
  recall(network: Network, facts: (LinkFacts | null)[], offsets: number[]): RouteMemory {
    const links: KeptLink[] = [];
    this.links.forEach((key, value) => void (links[key.readUInt32LE()] = linkOf(value)));
    links.forEach((link, number) => {
      network.put(link);
      facts[number] = link.facts;
      offsets[number] = link.offset;
    });
    const applied: number[] = [];
    this.costs.forEach((key, value) => void (applied[key.readUInt32LE()] = value.readDoubleLE()));
    const sources: number[] = [];
    this.sources.forEach((key, value) => void (sources[key.readUInt32LE()] = Number(value)));
    const settled = new Map(sources.map((source) => [source, new Int32Array(network.devices.length).fill(NEVER)]));
    this.trees.forEach((key, value) => {
      const [source, at] = [key.readUInt32LE(0), key.readUInt32LE(4) * BLOCK];
      const tree = settled.get(source);
      for (let i = 0; tree !== undefined && i < BLOCK && at + i < tree.length; i++) tree[at + i] = value.readInt32LE(4 * i);
    });
    const held: [number, number, Held][] = [];
    this.holds.forEach((key, value) => {
      const [path, sinceMs, retryMs, cause, reason] = JSON.parse(value.toString()) as [Direction[], number, string | number, Direction, RouteReason];
      held.push([key.readUInt32LE(0), key.readUInt32LE(4), { path, sinceMs, retryMs: Number(retryMs), cause, reason }]);
    });
    const moved: [number, number, number][] = [];
    this.moves.forEach((key, value) => void moved.push([key.readUInt32LE(0), key.readUInt32LE(4), value.readDoubleLE()]));
    return { applied, settled, held, moved, budget: [this.budgetCells.values[SINCE], this.budgetCells.values[MOVES]] };
  }

  private put(store: KeyValue, key: Buffer, value: Buffer): void {
    if (!store.put(key, value)) this.refused++;
  }

  private numberKey(number: number): Buffer {
    this.number.writeUInt32LE(number);
    return this.number;
  }

  private pairKey(first: number, second: number): Buffer {
    this.pair.writeUInt32LE(first);
    this.pair.writeUInt32LE(second, 4);
    return this.pair;
  }
}

/** JSON has no infinity. */
const textOf = (value: number): number | string => (value === Infinity ? 'Infinity' : value);

function linkOf(bytes: Buffer): KeptLink {
  const [link, a, b, ahead, back, offset, facts] = JSON.parse(bytes.toString()) as [string, string, string, string | number, string | number, number, unknown[] | null];
  return { link, a, b, costAhead: Number(ahead), costBack: Number(back), offset, facts: facts === null ? null : (Object.fromEntries(FACTS.map((name, i) => [name, facts[i]])) as unknown as LinkFacts) };
}
