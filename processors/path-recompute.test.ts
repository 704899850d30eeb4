import { decodeRouteChange, encodeLinkState, type LinkState } from '../schemas';
import { ROUTES_CHANGES } from '../topics';
import { seeded } from '../domain/simulate/random';
import { pathRecompute } from './path-recompute';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';

const quiet = { initialMs: 0, shortMs: 0, longMs: 0 };
const state = (link: string, a: string, b: string, cost: number, more: Partial<LinkState> = {}): LinkState => ({
  link, a, b, time: 0, up: true, bitsPerSecond: null, latencyMs: null, lossRatio: null, utilisationAhead: null, costAhead: cost, utilisationBack: null, costBack: cost, riskGroups: '', reason: 'topology', ...more,
});

type PathDriver = Driver<typeof pathRecompute.section>;
const feed = (driver: PathDriver, of: LinkState, timestampMs: number): number => driver.feed(encodeLinkState(of, DRIVER_SCHEMA_ID), { timestampMs });
const remove = (driver: PathDriver, link: string, timestampMs: number): number => driver.feed(null, { timestampMs, key: Buffer.from(link) });
const said = (driver: PathDriver): string[] => {
  driver.commit();
  return driver.outputs.splice(0).filter(({ topic }) => topic === ROUTES_CHANGES).map(({ value }) => {
    const { source, target, reason, link, newPath, newCost, heldMs } = decodeRouteChange(value);
    return `${source}>${target} ${reason}${link && ` by ${link}`}: ${newPath.map((hop) => `${hop.link} ${hop.node}`).join(', ') || 'none'} at ${Math.round(newCost * 1000) / 1000}${heldMs > 0 ? ` after ${heldMs}` : ''}`;
  });
};

describe('path-recompute', () => {
  test('says which pairs have another path, why, and by which link', () => {
    const driver = new Driver(pathRecompute, { ...quiet, sources: ['a'] }, 1);
    feed(driver, state('ab', 'a', 'b', 1), 0);
    expect(said(driver)).toEqual(['a>b first by ab: ab b at 1']);
    feed(driver, state('bc', 'b', 'c', 1), 1000);
    feed(driver, state('ac', 'a', 'c', 3), 2000);
    expect(said(driver)).toEqual(['a>c first by bc: ab b, bc c at 2']);
    const down = feed(driver, state('bc', 'b', 'c', 1, { up: false }), 3000);
    driver.commit();
    expect(driver.outputs[driver.outputs.length - 1].headers).toMatchObject({ causes: expect.stringContaining(`${down}`) as string });
    expect(said(driver)).toEqual(['a>c link-down by bc: ac c at 3']);
    feed(driver, state('bc', 'b', 'c', 1), 4000);
    feed(driver, state('ac', 'a', 'c', 3), 20_000);
    expect(said(driver)).toEqual([]);
    driver.silence(33_000);
    expect(said(driver)).toEqual(['a>c link-up by bc: ab b, bc c at 2 after 29000']);
    remove(driver, 'bc', 40_000);
    expect(said(driver)).toEqual(['a>c link-down by bc: ac c at 3']);
    remove(driver, 'ac', 41_000);
    expect(said(driver)).toEqual(['a>c cut-off by ac: none at Infinity']);
  });

  test('waits as the back-off says, and computes once for all that came meanwhile', () => {
    const driver = new Driver(pathRecompute, { sources: ['a'], minBenefitPercent: 0, holdMs: 0 }, 1);
    feed(driver, state('ab', 'a', 'b', 1), 1000);
    expect(said(driver)).toEqual([]);
    feed(driver, state('ab', 'a', 'b', 5), 1049);
    expect(said(driver)).toEqual([]);
    feed(driver, state('ab', 'a', 'b', 7), 1050);
    expect(said(driver)).toEqual(['a>b first by ab: ab b at 5']);
    expect([driver.task(0).isDue(1249), driver.task(0).isDue(1250)]).toEqual([false, true]);
    feed(driver, state('ab2', 'a', 'b', 2), 1100);
    driver.silence(1250);
    expect(said(driver)).toEqual(['a>b worse by ab: ab2 b at 2']);
  });

  test('a load that goes to and fro between two equal paths moves nothing but once in a hold time; without damping it flaps', () => {
    const changes = (settings: object): number => {
      const driver = new Driver(pathRecompute, { ...quiet, sources: ['a'], ...settings }, 1);
      feed(driver, state('top', 'a', 'b', 0.2), 0);
      feed(driver, state('low', 'a', 'b', 0.2), 0);
      said(driver);
      // Each second the path in use has the load, and costs five times as much.
      let used = 'top';
      let moves = 0;
      for (let second = 1; second <= 300; second++) {
        for (const link of ['top', 'low']) feed(driver, state(link, 'a', 'b', link === used ? 1 : 0.2), 1000 * second);
        for (const line of said(driver)) {
          moves++;
          used = /: (\w+) b/.exec(line)![1];
        }
      }
      return moves;
    };
    expect(changes({})).toBeLessThanOrEqual(10);
    expect(changes({})).toBeGreaterThan(5);
    expect(changes({ minBenefitPercent: 0, holdMs: 0 })).toBeGreaterThan(250);
  });

  test.each([
    ['a negative cost', { costAhead: -1 }],
    ['no number', { costBack: NaN }],
  ])('%s goes to dead-letters, and the paths stay', (_, wrong) => {
    const driver = new Driver(pathRecompute, { ...quiet, sources: ['a'] }, 1);
    feed(driver, state('ab', 'a', 'b', 1), 0);
    said(driver);
    feed(driver, state('ab', 'a', 'b', 1, wrong), 1);
    driver.commit();
    expect(driver.outputs.map(({ topic }) => topic.name)).toEqual(['dead-letters']);
  });

  test('links beyond the bound are counted and left out', () => {
    const driver = new Driver(pathRecompute, { ...quiet, sources: ['a'], maxLinks: 1 }, 1);
    feed(driver, state('ab', 'a', 'b', 1), 0);
    feed(driver, state('bc', 'b', 'c', 1), 1);
    expect(driver.discards()).toEqual({ 'link-not-kept': 1 });
    expect(said(driver)).toHaveLength(1);
  });

  test('puts out the same bytes however often it is restarted', () => {
    const run = (restartEvery: number): string[] => {
      const random = seeded(7);
      const whole = (below: number): number => Math.floor(random() * below);
      const driver = new Driver(pathRecompute, { maxSources: 3, holdMs: 20_000, budgetMoves: 5, initialMs: 10, shortMs: 20, longMs: 300 }, 1);
      const ends = Array.from({ length: 30 }, () => [`d${whole(12)}`, `d${whole(12)}`]);
      for (let i = 0; i < 600; i++) {
        const link = whole(30);
        const timestampMs = 100 * i;
        if (random() < 0.05) remove(driver, `l${link}`, timestampMs);
        else feed(driver, state(`l${link}`, ends[link][0], ends[link][1], (1 + whole(40)) / 10, { up: random() < 0.9 }), timestampMs);
        if (random() < 0.1) driver.silence(timestampMs + 50);
        if (restartEvery > 0 && i % restartEvery === 0) {
          driver.commit(i % (2 * restartEvery) === 0);
          driver.restart();
        }
      }
      driver.commit();
      return driver.outputs.map(({ value, headers }) => `${headers.ce_id} ${value.toString('hex')}`);
    };
    const straight = run(0);
    expect(straight.length).toBeGreaterThan(200);
    expect(run(7)).toEqual(straight);
    expect(run(50)).toEqual(straight);
  });
});
