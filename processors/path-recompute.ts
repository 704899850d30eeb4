/**
 * Keeps the paths between tracked devices up to date with the links, and says which of them are others now.
 *
 * A change of a link does not move anything by itself: it starts the back-off (RFC 8405), and when that is over the trees
 * of shortest paths are brought up to date, and every pair whose path is no longer the shortest either moves or is
 * held where it is: for too little to gain, because it moved a moment ago, or because too many have. A path that no
 * longer works is left at once, with no hold. Time is that of the records, and of silence where none come.
 *
 * Delivery: exactly once, from links.state to routes.changes: one record for each pair that moves, by source in the order in which
 * the sources became known, and by target.
 */
import { BackOff, BACK_OFF_CELLS } from '../domain/paths/back-off';
import { COST_STEP, stepsOf } from '../domain/paths/cost';
import { Network, type Direction } from '../domain/paths/network';
import { RouteTable, type Moved } from '../domain/paths/routes';
import { list, section, whole, type ValuesOf } from '../infra/config/section';
import { decodeLinkState, encodeRouteChange, type LinkState, type RouteChange } from '../schemas';
import { LINKS_STATE, ROUTES_CHANGES } from '../topics';
import { RouteStores } from './paths/route-memory';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import { Cells } from './runtime/state/cells';

/** Keys of `paths`. */
export const pathsSection = section('paths', 'Paths between devices, and when they change.', {
  sources: list({ doc: 'Names of the devices whose paths to all others are kept. Empty: the first that become known, up to maxSources.', default: [] }),
  maxSources: whole({ doc: 'Devices whose paths to all others are kept, where sources names none.', default: 100, min: 0, max: 100_000 }),
  minBenefitPercent: whole({ doc: 'A path that works is left only for one that costs so much less; unit: percent.', default: 10, min: 0, max: 100 }),
  holdMs: whole({ doc: 'A pair of devices moves at most once in so long, unless its path no longer works; unit: milliseconds.', default: 30_000, min: 0, max: 86_400_000 }),
  budgetMoves: whole({ doc: 'Moves to better paths in an interval, of all pairs together; the others wait for the next.', default: 1000, min: 0, max: 1_000_000_000 }),
  budgetMs: whole({ doc: 'That interval; unit: milliseconds.', default: 60_000, min: 1, max: 86_400_000 }),
  initialMs: whole({ doc: 'Delay of the computation after the first change in a quiet network (RFC 8405); unit: milliseconds.', default: 50, min: 0, max: 60_000 }),
  shortMs: whole({ doc: 'Delay while one event is being learnt; unit: milliseconds.', default: 200, min: 0, max: 60_000 }),
  longMs: whole({ doc: 'Delay in a network that does not come to rest; unit: milliseconds.', default: 5000, min: 0, max: 600_000 }),
  learnMs: whole({ doc: 'How long one event takes to be learnt; unit: milliseconds.', default: 500, min: 0, max: 600_000 }),
  quietMs: whole({ doc: 'Without a change for so long the network is quiet again; unit: milliseconds.', default: 10_000, min: 0, max: 3_600_000 }),
  maxLinks: whole({ doc: 'Links that are kept, those that are gone included; those beyond are counted and left out.', default: 100_000, min: 1, max: 10_000_000 }),
  maxHeldPairs: whole({ doc: 'Pairs that are held on their paths; those beyond move at once.', default: 200_000, min: 0, max: 10_000_000 }),
  maxStateMiB: whole({ doc: 'Memory of what is kept over restarts; unit: MiB.', default: 256, min: 8, max: 16_384 }),
});

type Settings = ValuesOf<typeof pathsSection>;

/** Beside those of the back-off: latest time seen. */
const NOW = BACK_OFF_CELLS;

class PathTask implements ProcessorTask {
  readonly stores;
  private readonly memory: RouteStores;
  private readonly clock = new Cells('clock', BACK_OFF_CELLS + 1, (cell) => (cell === 0 || cell === NOW ? 0 : -1));
  private readonly backOff: BackOff;
  private network = new Network();
  private table: RouteTable;
  private given: LinkState | null = null;
  private gone = '';
  /** Hold time, counted from the epoch, in which old moves were forgotten last. */
  private forgotIn = -1;

  constructor(private readonly settings: Settings) {
    this.memory = new RouteStores({ maxStateBytes: settings.maxStateMiB * 2 ** 20 });
    this.stores = [...this.memory.stores, this.clock];
    this.backOff = new BackOff(settings, this.clock.values, (cell, value) => this.clock.set(cell, value));
    this.table = this.emptyTable();
  }

  decode(value: Buffer): void {
    this.given = decodeLinkState(value);
  }

  decodeTombstone(key: Buffer): void {
    this.given = null;
    this.gone = key.toString();
  }

  step(context: Context): void {
    this.recall();
    context.received(1);
    const nowMs = this.pass(context.timestampMs);
    // What was waiting for this time comes first.
    if (this.dueAt <= nowMs) this.compute(nowMs, context);
    if (!this.take(context)) return;
    this.backOff.changed(nowMs);
    if (this.backOff.computesAt <= nowMs) this.compute(nowMs, context);
  }

  due(): number {
    this.recall();
    return this.dueAt;
  }

  silence(timeMs: number, context: Context): void {
    this.recall();
    this.compute(this.pass(timeMs), context);
  }

  /** When to compute: the back-off is over, or pairs that are held are to be looked at again. */
  private get dueAt(): number {
    return Math.min(this.backOff.computesAt < 0 ? Infinity : this.backOff.computesAt, this.table.retryMs);
  }

  /** Puts the record into the network; false where that changes nothing. */
  private take(context: Context): boolean {
    const { network, given } = this;
    if (given === null) {
      const changes = network.remove(this.gone);
      const number = network.link(this.gone);
      if (number >= 0) this.memory.keep(number, { ...this.memory.kept(number)!, costAhead: Infinity, costBack: Infinity, offset: context.offset });
      return changes.length > 0;
    }
    if (network.link(given.link) < 0 && network.links.length >= this.settings.maxLinks) {
      context.discarded('link-not-kept', 1);
      return false;
    }
    const costs = { costAhead: given.up ? costIn(given.costAhead) : Infinity, costBack: given.up ? costIn(given.costBack) : Infinity };
    if (Number.isNaN(costs.costAhead + costs.costBack)) {
      context.deadLetter('NW_SCHEMA_MALFORMED', `Link ${given.link} costs ${given.costAhead} and ${given.costBack}: costs are at least 0.`);
      return false;
    }
    const devices = network.devices.length;
    const before = network.link(given.link);
    const old = before < 0 ? null : this.memory.kept(before);
    const changes = network.put({ link: given.link, a: given.a, b: given.b, ...costs });
    const number = network.link(given.link);
    if (before >= 0 && number !== before && old !== null) this.memory.keep(before, { ...old, costAhead: Infinity, costBack: Infinity });
    if (!this.memory.keep(number, { link: given.link, a: given.a, b: given.b, ...costs, offset: context.offset })) context.discarded('state-full', 1);
    for (let device = devices; device < network.devices.length; device++) this.track(device);
    return changes.length > 0 || network.grown;
  }

  private track(device: number): void {
    const { sources, maxSources } = this.settings;
    if (sources.length > 0 ? !sources.includes(this.network.devices[device]) : this.table.sources.length >= maxSources) return;
    this.table.track(device);
    this.memory.track(device);
  }

  private compute(nowMs: number, context: Context): void {
    const { computesAt } = this.backOff;
    const over = computesAt >= 0 && computesAt <= nowMs;
    this.table.compute(nowMs, (moved) => this.say(moved, nowMs, context), over);
    if (over) this.backOff.computed();
    this.memory.flush();
    this.forgetMoves(nowMs);
    const refused = this.memory.takeRefused();
    if (refused > 0) context.discarded('state-full', refused);
  }

  /** Moves that hold nothing back any more, once in a hold time: all are looked at. */
  private forgetMoves(nowMs: number): void {
    const { holdMs } = this.settings;
    const period = Math.floor(nowMs / Math.max(1, holdMs));
    if (period === this.forgotIn) return;
    this.forgotIn = period;
    this.memory.forgetMoves(nowMs - holdMs);
  }

  private say({ source, target, reason, cause, oldPath, newPath, oldCost, newCost, heldMs }: Moved, time: number, context: Context): void {
    const { network } = this;
    const kept = cause < 0 ? null : this.memory.kept(cause >> 1);
    const change: RouteChange = {
      source: network.devices[source], target: network.devices[target], prefix: '', policy: '', time, reason, link: kept?.link ?? '',
      oldCost: oldCost * COST_STEP, newCost: newCost * COST_STEP, heldMs, oldPath: this.hops(oldPath), newPath: this.hops(newPath), backupPath: [], alternatives: [],
    };
    const value = encodeRouteChange(change, context.schemaId(ROUTES_CHANGES));
    const offset = kept?.offset ?? context.offset;
    context.emit(ROUTES_CHANGES, 0, Buffer.from(`${change.source}/${change.target}`), value, { timeMs: time, causes: { first: offset, last: offset } });
    context.sent(1);
  }

  private hops(path: readonly Direction[]): { node: string; link: string }[] {
    return path.map((direction) => ({ node: this.network.devices[this.network.toOf(direction)], link: this.network.links[direction >> 1].link }));
  }

  /** Time never goes back. */
  private pass(timeMs: number): number {
    if (timeMs > this.clock.values[NOW]) this.clock.set(NOW, timeMs);
    const nowMs = this.clock.values[NOW];
    this.backOff.pass(nowMs);
    return nowMs;
  }

  /** After a restart the network and its trees are those of the stores. */
  private recall(): void {
    if (!this.memory.takeRestored()) return;
    this.network = new Network();
    const memory = this.memory.recall(this.network);
    this.table = this.emptyTable();
    this.table.restore(memory);
  }

  private emptyTable(): RouteTable {
    const { minBenefitPercent, holdMs, budgetMoves, budgetMs, maxHeldPairs } = this.settings;
    return new RouteTable(this.network, { minBenefit: minBenefitPercent / 100, holdMs, budgetMoves, budgetMs }, this.memory, maxHeldPairs);
  }
}

/** A cost in steps; not a number where it is none. */
const costIn = (cost: number): number => (cost >= 0 ? stepsOf(cost) : NaN);

/** The processor. */
export const pathRecompute: Processor<typeof pathsSection> = {
  name: 'path-recompute',
  doc: 'Keeps the paths between devices up to date with the links, without flapping, and says which changed, and why.',
  delivery: 'exactly once, from links.state to routes.changes',
  input: LINKS_STATE,
  outputs: [ROUTES_CHANGES],
  section: pathsSection,
  // The back-off counts in tens of milliseconds.
  idleMs: 20,
  windows: () => [],
  create: (settings) => new PathTask(settings),
};
