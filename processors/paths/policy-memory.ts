import type { Direction } from '../../domain/paths/network';
import type { PolicyJournal, PolicyMemory, PolicyPair } from '../../domain/paths/policy-pairs';
import { Cells } from '../runtime/state/cells';
import { KeyValue, LEAST_BYTES } from '../runtime/state/key-value';
import type { Store } from '../runtime/state/store';

const SINCE = 0, MOVES = 1;
const NOTHING = Buffer.alloc(0);

/** The journal of pairs under policies in stores, from which they come back as they were. */
export class PolicyStores implements PolicyJournal {
  readonly stores: readonly Store[];
  private readonly pairs: KeyValue;
  private readonly dirtyLinks: KeyValue;
  private readonly busyDirections: KeyValue;
  private readonly versions = new KeyValue({ name: 'policies-costed', maxBytes: 2 ** 22 });
  private readonly budgetCells = new Cells('policies-budget', 2, (cell) => (cell === SINCE ? -Infinity : 0));
  private readonly key = Buffer.alloc(8);
  /** Puts that found no room. */
  private refused = 0;

  /** Unit: bytes, for pairs; a quarter as many each for links that changed and for directions that are busy. */
  constructor(maxBytes: number) {
    const keyed = (name: string, bytes: number): KeyValue => new KeyValue({ name, maxBytes: Math.max(LEAST_BYTES, Math.floor(bytes)) });
    this.pairs = keyed('policies-pairs', maxBytes);
    this.dirtyLinks = keyed('policies-dirty', maxBytes / 4);
    this.busyDirections = keyed('policies-busy', maxBytes / 4);
    this.stores = [this.pairs, this.dirtyLinks, this.busyDirections, this.versions, this.budgetCells];
  }

  /** Puts that found no room since the last call: after a restart what they were to keep is missing. */
  takeRefused(): number {
    const { refused } = this;
    this.refused = 0;
    return refused;
  }

  pair({ source, target, policy, version, path, backup, movedMs, waiting }: PolicyPair): void {
    const held = waiting === null ? null : [waiting.sinceMs, textOf(waiting.retryMs), waiting.cause, waiting.reason, waiting.better];
    this.put(this.pairs, this.pairKey(source, target), Buffer.from(JSON.stringify([policy, version, path, backup, textOf(movedMs), held])));
  }

  released(source: number, target: number): void {
    this.pairs.delete(this.pairKey(source, target));
  }

  dirty(link: number | null): void {
    if (link !== null) return this.put(this.dirtyLinks, this.numberKey(link), NOTHING);
    for (const key of keysOf(this.dirtyLinks)) this.dirtyLinks.delete(key);
  }

  busy(policy: string, direction: Direction, busy: boolean): void {
    const key = Buffer.concat([this.numberKey(direction), Buffer.from(policy)]);
    if (busy) this.put(this.busyDirections, key, NOTHING);
    else this.busyDirections.delete(key);
  }

  costed(policy: string, version: number | null): void {
    if (version === null) this.versions.delete(Buffer.from(policy));
    else this.put(this.versions, Buffer.from(policy), Buffer.from(String(version)));
  }

  budget(sinceMs: number, moves: number): void {
    this.budgetCells.set(SINCE, sinceMs);
    this.budgetCells.set(MOVES, moves);
  }

  /** What was kept. */
  recall(): PolicyMemory {
    const pairs: PolicyPair[] = [];
    this.pairs.forEach((key, value) => {
      const [policy, version, path, backup, movedMs, held] = JSON.parse(value.toString()) as [string, number, Direction[], Direction[], number | string, [number, number | string, Direction, never, Direction[]] | null];
      const waiting = held === null ? null : { sinceMs: held[0], retryMs: Number(held[1]), cause: held[2], reason: held[3], better: held[4] };
      pairs.push({ source: key.readUInt32LE(0), target: key.readUInt32LE(4), policy, version, path, backup, movedMs: Number(movedMs), waiting });
    });
    const versions: [string, number][] = [];
    this.versions.forEach((key, value) => void versions.push([key.toString(), Number(value)]));
    return {
      pairs,
      dirty: keysOf(this.dirtyLinks).map((key) => key.readUInt32LE(0)),
      busy: keysOf(this.busyDirections).map((key) => [key.subarray(4).toString(), key.readUInt32LE(0)] as const),
      costed: versions,
      budget: [this.budgetCells.values[SINCE], this.budgetCells.values[MOVES]],
    };
  }

  private put(store: KeyValue, key: Buffer, value: Buffer): void {
    if (!store.put(key, value)) this.refused++;
  }

  private numberKey(number: number): Buffer {
    this.key.writeUInt32LE(number);
    return this.key.subarray(0, 4);
  }

  private pairKey(source: number, target: number): Buffer {
    this.key.writeUInt32LE(source);
    this.key.writeUInt32LE(target, 4);
    return this.key;
  }
}

/** JSON has no infinity. */
const textOf = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function keysOf(store: KeyValue): Buffer[] {
  const keys: Buffer[] = [];
  store.forEach((key) => void keys.push(Buffer.from(key)));
  return keys;
}
