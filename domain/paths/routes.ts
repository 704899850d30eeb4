/**
 * The paths in force between tracked sources and all devices, as links change: which pairs move, which stay where they
 * are although something better is there, and why.
 */
import { isWorthIt, type Damping } from './damping';
import type { PathGraph } from './graph';
import { HeldRoutes, type Held, type RouteReason } from './held-routes';
import { IncrementalTree } from './incremental';
import type { Direction, Network } from './network';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** A pair that moved. Paths are directions of links from source to target; empty where there is none. */
export interface Moved {
  readonly source: number;
  readonly target: number;
  readonly reason: RouteReason;
  /** Direction whose change led to it; -1 where none of the changes lies on either path. */
  readonly cause: Direction;
  readonly oldPath: readonly Direction[];
  readonly newPath: readonly Direction[];
  /** At the present costs, in steps; Infinity where the path cannot be used. */
  readonly oldCost: number;
  readonly newCost: number;
  readonly heldMs: number;
}

/** What must outlive a restart, told as it changes; see {@link RouteTable.restore}. */
export interface RouteJournal {
  /** Last direction of the shortest path from a source to a node; -1: none now, {@link NEVER}: there never was one. */
  settled(source: number, node: number, direction: Direction): void;
  /** Cost that a direction was last computed with. */
  applied(direction: Direction, cost: number): void;
  held(source: number, target: number, held: Held | null): void;
  moved(source: number, target: number, timeMs: number): void;
  /** Moves in the present interval of the budget, and where it began. */
  budget(sinceMs: number, moves: number): void;
}

/** What a journal kept. */
export interface RouteMemory {
  /** Of each direction; those never told are infinite. */
  readonly applied: readonly number[];
  /** By source, in the order of tracking: last direction to each node. */
  readonly settled: ReadonlyMap<number, Int32Array>;
  readonly held: Iterable<readonly [source: number, target: number, held: Held]>;
  readonly moved: Iterable<readonly [source: number, target: number, timeMs: number]>;
  readonly budget: readonly [sinceMs: number, moves: number];
}

/** In the place of a direction: to this node there never was a path. */
export const NEVER = -2;

const NOTHING = (): void => undefined;
const NO_JOURNAL: RouteJournal = { settled: NOTHING, applied: NOTHING, held: NOTHING, moved: NOTHING, budget: NOTHING };
/** More changes at once than this, and than this share of the arcs, are cheaper computed anew. */
const ANEW_LEAST = 16;
const ANEW_SHARE = 0.02;

/** Tree of one source, and what of it has been told: last direction to each node. */
interface Tracked {
  readonly source: number;
  tree: IncrementalTree;
  settled: Int32Array;
  /** Nodes whose paths are looked at in this computation. */
  readonly touched: Set<number>;
}

/** A cost that is not computed with yet. */
interface Change {
  readonly direction: Direction;
  readonly before: number;
}

/** Costs that changed at once, in the order of directions. */
class Changes {
  private readonly byDirection: ReadonlyMap<Direction, Change>;

  constructor(readonly list: readonly Change[]) {
    this.byDirection = new Map(list.map((change) => [change.direction, change]));
  }

  /** The first of them that lies on a path. */
  firstOn(path: readonly Direction[]): Change | undefined {
    let first: Change | undefined;
    for (const direction of path) {
      const change = this.byDirection.get(direction);
      if (change !== undefined && (first === undefined || direction < first.direction)) first = change;
    }
    return first;
  }
}

/** See the file's head. Costs are whole steps, so that equal paths cost the same. The same calls in the same order move the same pairs, whether it was restored in between or not. */
export class RouteTable {
  /** By source, in the order of tracking. */
  private readonly tracked = new Map<number, Tracked>();
  private readonly held: HeldRoutes;
  private readonly movedAt = new Map<number, number>();
  private applied: number[] = [];
  private budgetSince = -Infinity;
  private moves = 0;
  private graph: PathGraph;
  /** Moves of which it was not kept when they were, since this was set to 0. */
  movesLeft = 0;

  /** `maxHeld` pairs are held at most, and of as many it is kept when they moved last; those beyond move at once. */
  constructor(
    readonly network: Network,
    private readonly damping: Damping,
    private readonly journal: RouteJournal = NO_JOURNAL,
    private readonly maxHeld = 1_000_000,
  ) {
    this.held = new HeldRoutes(journal);
    this.graph = this.compile();
  }

  /** Number of pairs that are held. */
  get heldPairs(): number {
    return this.held.size;
  }

  /** True where paths from a node are kept. */
  tracks(source: number): boolean {
    return this.tracked.has(source);
  }

  get sources(): readonly number[] {
    return [...this.tracked.keys()];
  }

  /** When held pairs are to be looked at again, milliseconds since the epoch; Infinity where that is not needed. */
  get retryMs(): number {
    return this.held.retryMs;
  }

  /** Tracks a source from now on: its paths come out of the next {@link compute} as `first`. */
  track(source: number): void {
    if (this.tracked.has(source)) return;
    if (this.network.grown) this.grow();
    this.tracked.set(source, { source, tree: new IncrementalTree(this.graph, source), settled: new Int32Array(this.graph.nodes).fill(NEVER), touched: new Set() });
  }

  /** Takes up what a journal kept; the network must hold its links already. */
  restore({ applied, settled, held, moved, budget }: RouteMemory): void {
    this.applied = this.network.cost.map((_, direction) => applied[direction] ?? Infinity);
    this.graph = this.compile();
    this.tracked.clear();
    for (const [source, directions] of settled) this.tracked.set(source, { source, ...this.planted(source, directions), touched: new Set() });
    this.held.clear();
    for (const [source, target, of] of held) this.held.put(source, target, of);
    this.movedAt.clear();
    for (const [source, target, timeMs] of moved) this.movedAt.set(HeldRoutes.pair(source, target), timeMs);
    [this.budgetSince, this.moves] = budget;
  }

  /**
   * Brings every path up to date with the network's costs, or, without `changes`, only looks at the held pairs whose time has come. `emit` gets the
   * pairs that move, by source in the order of tracking and by target number.
   */
  compute(nowMs: number, emit: (moved: Moved) => void, withChanges = true): void {
    this.renewBudget(nowMs);
    if (this.network.grown) this.grow();
    const changes = new Changes(withChanges ? this.apply() : []);
    for (const { direction } of changes.list) this.held.over(direction, (source, target) => this.tracked.get(source)?.touched.add(target));
    this.held.due(nowMs, (source, target) => this.tracked.get(source)?.touched.add(target));
    for (const tracked of this.tracked.values()) {
      const { source, touched } = tracked;
      const order = Int32Array.from(touched).sort();
      touched.clear();
      // Marks a source as computed.
      if (tracked.settled[source] === NEVER && withChanges) this.settle(tracked, source);
      // Old paths first: they run over what is about to be settled.
      const old = Array.from(order, (v) => this.held.get(source, v)?.path ?? this.settledPath(tracked, v));
      const first = Array.from(order, (v) => tracked.settled[v] === NEVER);
      for (const v of order) this.settle(tracked, v);
      for (let i = 0; i < order.length; i++) this.decide(tracked, order[i], old[i], first[i], changes, nowMs, emit);
    }
  }

  /** Path in force between a tracked source and a node; null where there is none. */
  path(source: number, target: number): readonly Direction[] | null {
    const tracked = this.tracked.get(source);
    if (tracked === undefined || !(target < tracked.settled.length)) return null;
    const path = this.held.get(source, target)?.path ?? this.settledPath(tracked, target);
    return path.length === 0 ? null : path;
  }

  /** The graph, with the costs that were applied. */
  private compile(): PathGraph {
    const graph = this.network.graph(true);
    const { arcOf, cost } = this.network;
    for (let direction = 0; direction < cost.length; direction++) {
      if (this.applied.length <= direction) this.applied.push(Infinity);
      if (cost[direction] !== this.applied[direction]) graph.setCost(arcOf[direction], this.applied[direction]);
    }
    return graph;
  }

  /** Devices or links were added: the arcs have other numbers. */
  private grow(): void {
    this.graph = this.compile();
    for (const tracked of this.tracked.values()) Object.assign(tracked, this.planted(tracked.source, tracked.settled));
  }

  /** A tree by its last directions. */
  private planted(source: number, directions: Int32Array): { tree: IncrementalTree; settled: Int32Array } {
    const settled = new Int32Array(this.graph.nodes).fill(NEVER);
    settled.set(directions.subarray(0, settled.length));
    return { tree: new IncrementalTree(this.graph, source, settled.map((direction) => (direction < 0 ? NO_ARC : this.network.arcOf[direction]))), settled };
  }

  /** Applies the network's costs to graph and trees, notes the nodes whose shortest path is another or costs something else, and returns what changed, by direction. */
  private apply(): readonly Change[] {
    const { cost, arcOf } = this.network;
    const changes: Change[] = [];
    for (let direction = 0; direction < cost.length; direction++) {
      const before = this.applied[direction];
      if (cost[direction] === before) continue;
      changes.push({ direction, before });
      this.applied[direction] = cost[direction];
      this.journal.applied(direction, cost[direction]);
    }
    const anew = changes.length > ANEW_LEAST + this.graph.arcs * ANEW_SHARE;
    if (anew) this.graph = this.compile();
    const search = anew ? new ShortestPaths(this.graph) : null;
    for (const tracked of this.tracked.values()) {
      if (search !== null) this.replant(tracked, search);
      else if (tracked.settled[tracked.source] === NEVER) for (let v = 0; v < tracked.settled.length; v++) if (tracked.tree.arc[v] !== NO_ARC) tracked.touched.add(v);
    }
    if (search !== null) return changes;
    for (const { direction, before } of changes) {
      const arc = arcOf[direction];
      this.graph.setCost(arc, cost[direction]);
      for (const { tree, touched } of this.tracked.values()) {
        const count = tree.update(arc, before);
        for (let i = 0; i < count; i++) touched.add(tree.changed[i]);
      }
    }
    return changes;
  }

  private replant(tracked: Tracked, search: ShortestPaths): void {
    const { graph } = this;
    const { settled, touched } = tracked;
    const { distance: before } = tracked.tree;
    search.run(tracked.source);
    tracked.tree = new IncrementalTree(graph, tracked.source, search.arc.slice());
    const { arc, distance } = tracked.tree;
    const waiting: number[] = [];
    for (let v = 0; v < graph.nodes; v++) if (directionOf(this.network, arc[v]) !== Math.max(NO_ARC, settled[v]) || distance[v] !== before[v]) waiting.push(v);
    // A path runs over all that lies before it.
    for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
      if (touched.has(v)) continue;
      touched.add(v);
      for (let a = graph.first[v]; a < graph.first[v + 1]; a++) if (arc[graph.to[a]] === a) waiting.push(graph.to[a]);
    }
  }

  private settle({ source, tree, settled }: Tracked, v: number): void {
    const direction = directionOf(this.network, tree.arc[v]);
    if (settled[v] === direction || (settled[v] === NEVER && direction === NO_ARC && v !== source)) return;
    settled[v] = direction;
    this.journal.settled(source, v, direction);
  }

  /** Directions of the settled path to a node; none where it is not reached. */
  private settledPath({ source, settled }: Tracked, target: number): Direction[] {
    const path: Direction[] = [];
    for (let v = target; v !== source; v = this.network.fromOf(settled[v])) {
      if (settled[v] < 0) return [];
      path.push(settled[v]);
    }
    return path.reverse();
  }

  private decide(tracked: Tracked, target: number, oldPath: readonly Direction[], first: boolean, changes: Changes, nowMs: number, emit: (moved: Moved) => void): void {
    const { source, tree } = tracked;
    if (target === source) return;
    const before = this.held.get(source, target);
    const newPath = this.settledPath(tracked, target);
    if (oldPath.length === newPath.length && oldPath.every((direction, i) => direction === newPath[i])) {
      this.held.delete(source, target);
      return;
    }
    const newCost = tree.distance[target];
    const oldCost = oldPath.length === 0 ? Infinity : oldPath.reduce((sum, direction) => sum + this.applied[direction], 0);
    const sinceMs = before?.sinceMs ?? nowMs;
    const change = changes.firstOn(oldPath) ?? changes.firstOn(newPath);
    const cause = change?.direction ?? before?.cause ?? -1;
    const reason = newPath.length === 0 ? 'cut-off' : first ? 'first' : oldPath.length === 0 ? 'reachable' : oldCost === Infinity ? 'link-down' : reasonOf(change, oldPath, before);
    if (oldCost < Infinity && (before !== undefined || this.held.size < this.maxHeld)) {
      const retryMs = this.waitUntil(source, target, oldCost, newCost, nowMs);
      if (retryMs > nowMs) {
        this.held.put(source, target, { path: oldPath, sinceMs, retryMs, cause, reason });
        return;
      }
      this.journal.budget(this.budgetSince, ++this.moves);
    }
    this.held.delete(source, target);
    if (!first) this.noteMove(source, target, nowMs);
    emit({ source, target, reason, cause, oldPath, newPath, oldCost, newCost, heldMs: nowMs - sinceMs });
  }

  /** A first path holds nothing back, nor does what there is no room for. */
  private noteMove(source: number, target: number, nowMs: number): void {
    const pair = HeldRoutes.pair(source, target);
    if (this.movedAt.size >= this.maxHeld && !this.movedAt.has(pair)) {
      this.movesLeft++;
      return;
    }
    this.movedAt.set(pair, nowMs);
    this.journal.moved(source, target, nowMs);
  }

  /** The present time where a pair may leave a path that works; else when to look again. */
  private waitUntil(source: number, target: number, oldCost: number, newCost: number, nowMs: number): number {
    const { damping } = this;
    if (!isWorthIt(oldCost, newCost, damping)) return Infinity;
    const free = (this.movedAt.get(HeldRoutes.pair(source, target)) ?? -Infinity) + damping.holdMs;
    if (free > nowMs) return free;
    return this.moves < damping.budgetMoves ? nowMs : this.budgetSince + damping.budgetMs;
  }

  private renewBudget(nowMs: number): void {
    // Intervals lie at multiples of their length: when it is looked at does not matter.
    const sinceMs = nowMs - (nowMs % this.damping.budgetMs);
    if (sinceMs <= this.budgetSince) return;
    this.budgetSince = sinceMs;
    this.moves = 0;
    this.journal.budget(sinceMs, 0);
    // What moved longer ago holds nothing back.
    for (const [pair, timeMs] of this.movedAt) if (nowMs - timeMs >= this.damping.holdMs) this.movedAt.delete(pair);
  }
}

const directionOf = (network: Network, arc: number): Direction => (arc === NO_ARC ? NO_ARC : network.directionOf[arc]);

/** Why a pair leaves a path that works. Without a change now, what held it back says. */
function reasonOf(change: Change | undefined, oldPath: readonly Direction[], before: Held | undefined): RouteReason {
  if (change === undefined) return before?.reason ?? 'better';
  if (oldPath.includes(change.direction)) return 'worse';
  return change.before === Infinity ? 'link-up' : 'better';
}
