import { BackOff, BACK_OFF_CELLS, DEFAULT_BACK_OFF } from './back-off';
import { COST_STEP, costOf, DEFAULT_COST, stepsOf } from './cost';
import { DEFAULT_DAMPING, NO_DAMPING, type Damping } from './damping';
import { HeldRoutes, type Held } from './held-routes';
import { Network, type Direction } from './network';
import { NEVER, RouteTable, type Moved, type RouteJournal, type RouteMemory } from './routes';
import { distances } from './testing/reference';
import { seeded } from '../simulate/random';

describe('cost of a link', () => {
  const link = { up: true, latencyMs: 50, utilisationRatio: 0.5, lossRatio: 0.01 };

  test.each([
    ['0.4 x 50/100 + 0.4 x 0.5 + 0.2 x 1', {}, false, 0.6, false],
    ['doubled from 80 %', { utilisationRatio: 0.8 }, false, 2 * 0.72, true],
    ['not below', { utilisationRatio: 0.79 }, false, 0.716, false],
    ['still doubled on the way down', { utilisationRatio: 0.75 }, true, 2 * 0.7, true],
    ['until 70 %', { utilisationRatio: 0.7 }, true, 0.68, false],
    ['without measures: the assumed latency', { latencyMs: null, utilisationRatio: null, lossRatio: null }, false, 0.004, false],
    ['never nothing', { latencyMs: 0, utilisationRatio: 0, lossRatio: 0 }, false, COST_STEP, false],
    ['infinite when it is down', { up: false }, false, Infinity, false],
  ])('%s', (_, changes, wasBusy, cost, busy) => {
    const found = costOf({ ...link, ...changes }, wasBusy);
    expect(found.cost).toBeCloseTo(cost, 9);
    expect(found).toMatchObject({ busy, refused: 0 });
  });

  test.each([NaN, -1, Infinity])('takes %p for no measure, and says so', (value) => {
    expect(costOf({ up: true, latencyMs: value, utilisationRatio: value, lossRatio: value }, false)).toEqual({ ...costOf({ up: true, latencyMs: null, utilisationRatio: null, lossRatio: null }, false), refused: 3 });
    expect(costOf({ ...link, lossRatio: 1.5 }, false).refused).toBe(1);
  });

  test('its steps are whole', () => expect([stepsOf(0.716), stepsOf(Infinity), stepsOf(0)]).toEqual([716_000, Infinity, 1]));
  test('the policy adds up to one', () => expect(DEFAULT_COST.latencyWeight + DEFAULT_COST.utilisationWeight + DEFAULT_COST.lossWeight).toBeCloseTo(1));
});

test('back-off (RFC 8405): at once after quiet, later while one event is learnt, seldom in unrest, at once again after quiet', () => {
  const cells = new Float64Array(BACK_OFF_CELLS).fill(-1, 1);
  const backOff = new BackOff(DEFAULT_BACK_OFF, cells, (cell, value) => (cells[cell] = value));
  const change = (at: number): number => backOff.changed(at) - at;
  expect(change(1000)).toBe(50);
  expect(change(1020)).toBe(30);
  backOff.computed();
  expect(backOff.computesAt).toBe(-1);
  expect(change(1100)).toBe(200);
  backOff.computed();
  expect(change(1499)).toBe(200);
  backOff.computed();
  expect(change(1500)).toBe(5000);
  backOff.computed();
  expect(change(11_499)).toBe(5000);
  backOff.computed();
  expect(change(21_499)).toBe(50);
});

/** Keeps what a journal is told, as a store would. */
class Memory implements RouteJournal {
  readonly costs: number[] = [];
  readonly trees = new Map<number, Int32Array>();
  readonly holds = new Map<number, [number, number, Held]>();
  readonly moves = new Map<number, [number, number, number]>();
  limit: [number, number] = [-Infinity, 0];

  applied(direction: Direction, cost: number): void {
    while (this.costs.length <= direction) this.costs.push(Infinity);
    this.costs[direction] = cost;
  }
  settled(source: number, node: number, direction: Direction): void {
    let tree = this.trees.get(source);
    if (tree === undefined) this.trees.set(source, (tree = new Int32Array(64).fill(NEVER)));
    tree[node] = direction;
  }
  held(source: number, target: number, held: Held | null): void {
    if (held === null) this.holds.delete(HeldRoutes.pair(source, target));
    else this.holds.set(HeldRoutes.pair(source, target), [source, target, held]);
  }
  moved(source: number, target: number, timeMs: number): void {
    this.moves.set(HeldRoutes.pair(source, target), [source, target, timeMs]);
  }
  budget(sinceMs: number, moves: number): void {
    this.limit = [sinceMs, moves];
  }
  get memory(): RouteMemory {
    return { applied: this.costs, settled: this.trees, held: this.holds.values(), moved: this.moves.values(), budget: this.limit };
  }
}

describe('routes', () => {
  const NAMES = Array.from({ length: 14 }, (_, i) => `r${i}`);

  /** Random changes of a network, many or few at a time; what each of the tables makes of them. */
  function run(seed: number, damping: Damping, check: (table: RouteTable, network: Network, moved: readonly Moved[], nowMs: number) => void, restartEvery = 0): Moved[] {
    const random = seeded(seed);
    const whole = (below: number): number => Math.floor(random() * below);
    const network = new Network();
    const memory = new Memory();
    let table = new RouteTable(network, damping, memory);
    const all: Moved[] = [];
    let nowMs = 1_000_000;
    const known = new Map<string, { link: string; a: string; b: string; costAhead: number; costBack: number }>();
    for (let round = 0; round < 150; round++) {
      for (let i = round === 0 || round % 40 === 0 ? 30 : 1 + whole(3); i > 0; i--) {
        const link = `l${whole(26)}`;
        const cost = (): number => (random() < 0.15 ? Infinity : 1 + whole(30));
        const at = known.get(link) ?? { link, a: NAMES[whole(NAMES.length)], b: NAMES[whole(NAMES.length)], costAhead: 0, costBack: 0 };
        const next = { ...at, costAhead: cost(), costBack: cost() };
        known.set(link, next);
        if (random() < 0.1) network.remove(link);
        else network.put(next);
      }
      for (const name of ['r0', 'r1', 'r2']) if (network.device(name) >= 0) table.track(network.device(name));
      nowMs += 1 + whole(20_000);
      const moved: Moved[] = [];
      table.compute(nowMs, (one) => moved.push(one));
      check(table, network, moved, nowMs);
      all.push(...moved);
      if (restartEvery > 0 && round % restartEvery === 0) {
        table = new RouteTable(network, damping, memory);
        table.restore(memory.memory);
      }
    }
    return all;
  }

  const pathCost = (network: Network, path: readonly Direction[]): number => path.reduce((sum, direction) => sum + network.cost[direction], 0);

  test('without damping every path is a shortest one, and what is said adds up to the paths in force', () => {
    for (const seed of [1, 2, 3, 4]) {
      const said = new Map<string, readonly Direction[]>();
      const all = run(seed, NO_DAMPING, (table, network, moved) => {
        const graph = network.graph(true);
        for (const { source, target, oldPath, newPath, newCost } of moved) {
          expect(said.get(`${source} ${target}`) ?? []).toEqual(oldPath);
          said.set(`${source} ${target}`, newPath);
          expect(newPath.length === 0 ? Infinity : pathCost(network, newPath)).toBe(newCost);
        }
        for (const source of table.sources) {
          const wanted = distances(graph, source);
          for (let target = 0; target < graph.nodes; target++) {
            if (target === source) continue;
            const path = table.path(source, target);
            expect(path === null ? Infinity : pathCost(network, path)).toBe(wanted[target]);
            expect(said.get(`${source} ${target}`) ?? []).toEqual(path ?? []);
            let at = source;
            for (const direction of path ?? []) {
              expect(network.fromOf(direction)).toBe(at);
              at = network.toOf(direction);
            }
            if (path !== null) expect(at).toBe(target);
          }
        }
      });
      expect(new Set(all.map(({ reason }) => reason))).toEqual(new Set(['first', 'link-down', 'link-up', 'better', 'worse', 'cut-off', 'reachable']));
    }
  });

  test('with damping a path that works is left for enough only, and once in a hold time; one that does not, at once', () => {
    const damping: Damping = { minBenefit: 0.2, holdMs: 60_000, budgetMoves: 10, budgetMs: 100_000 };
    for (const seed of [5, 6, 7]) {
      const lastMove = new Map<string, number>();
      let held = 0;
      run(seed, damping, (table, network, moved, nowMs) => {
        held = Math.max(held, table.heldPairs);
        for (const { source, target, reason, oldCost, newCost } of moved) {
          const pair = `${source} ${target}`;
          if (oldCost < Infinity) {
            expect(newCost).toBeLessThanOrEqual(0.8 * oldCost);
            expect(nowMs - (lastMove.get(pair) ?? -Infinity)).toBeGreaterThanOrEqual(damping.holdMs);
          } else expect(['first', 'link-down', 'cut-off', 'reachable']).toContain(reason);
          if (reason !== 'first') lastMove.set(pair, nowMs);
        }
        const graph = network.graph(true);
        for (const source of table.sources) {
          const best = distances(graph, source);
          for (let target = 0; target < graph.nodes; target++) {
            if (target !== source) expect(table.path(source, target) !== null && pathCost(network, table.path(source, target)!) < Infinity).toBe(best[target] < Infinity);
          }
        }
      });
      expect(held).toBeGreaterThan(3);
    }
  });

  test('the same comes out whether it was restored from its journal in between or not', () => {
    for (const damping of [DEFAULT_DAMPING, NO_DAMPING]) {
      for (const seed of [8, 9]) {
        const straight = run(seed, damping, () => undefined);
        expect(run(seed, damping, () => undefined, 1)).toEqual(straight);
        expect(run(seed, damping, () => undefined, 7)).toEqual(straight);
      }
    }
  });

  test('what could not move for lack of budget or time moves when there is some, though nothing else happens', () => {
    const network = new Network();
    const put = (link: string, a: string, b: string, cost: number): void => void network.put({ link, a, b, costAhead: cost, costBack: cost });
    put('top', 'a', 'b', 100);
    put('low', 'a', 'b', 200);
    const table = new RouteTable(network, { minBenefit: 0.1, holdMs: 30_000, budgetMoves: 1, budgetMs: 60_000 });
    table.track(network.device('a'));
    const moves: string[] = [];
    const compute = (nowMs: number): void => table.compute(nowMs, ({ reason, newPath, heldMs }) => moves.push(`${nowMs} ${reason} ${network.links[newPath[0] >> 1].link} ${heldMs}`));
    compute(0);
    put('top', 'a', 'b', 300);
    // A first path holds nothing back.
    compute(5000);
    expect(moves).toEqual(['0 first top 0', '5000 worse low 0']);
    put('top', 'a', 'b', 100);
    compute(10_000);
    expect([moves.length, table.retryMs]).toEqual([2, 35_000]);
    compute(34_999);
    compute(35_000);
    expect([moves.length, table.retryMs]).toEqual([2, 60_000]);
    compute(60_000);
    expect(moves[2]).toBe('60000 better top 50000');
    put('top', 'a', 'b', 300);
    compute(100_000);
    expect([moves.length, table.retryMs]).toEqual([3, 120_000]);
    compute(120_000);
    expect(moves[3]).toBe('120000 worse low 20000');
  });

  test('of more pairs than the bound it is not kept when they moved: they are counted, and may move again at once', () => {
    const network = new Network();
    const put = (link: string, b: string, cost: number): void => void network.put({ link, a: 'a', b, costAhead: cost, costBack: cost });
    const table = new RouteTable(network, { minBenefit: 0, holdMs: 30_000, budgetMoves: 10, budgetMs: 60_000 }, undefined, 1);
    const moves: string[] = [];
    const compute = (nowMs: number): void => table.compute(nowMs, ({ newPath }) => moves.push(`${nowMs} ${network.links[newPath[0] >> 1].link}`));
    for (const [link, b] of [['b1', 'b'], ['b2', 'b'], ['c1', 'c'], ['c2', 'c']]) put(link, b, link.endsWith('1') ? 1 : 2);
    table.track(network.device('a'));
    compute(0);
    for (const [at, cost] of [[1000, 5], [2000, 1]]) {
      for (const b of ['b', 'c']) put(`${b}1`, b, cost);
      compute(at);
    }
    // b is held to 31 s, c is beyond the bound.
    expect(moves).toEqual(['0 b1', '0 c1', '1000 b2', '1000 c2', '2000 c1']);
    expect(table.movesLeft).toBe(2);
  });
});
