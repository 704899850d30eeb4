import { decodeRouteChange, encodeLinkState, type LinkState, type PathPolicy } from '../schemas';
import { DEAD_LETTERS, POLICIES, ROUTES_CHANGES, SILENCES, TOPOLOGY_STATE, TURNS } from '../topics';
import { seeded } from '../domain/simulate/random';
import { pathRecompute } from './path-recompute';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';
import { elementValue, policyValue } from './runtime/testing/links';

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

describe('policies', () => {
  const SQUARE = [state('ab', 'a', 'b', 1, { latencyMs: 30 }), state('bd', 'b', 'd', 1, { latencyMs: 30 }), state('ac', 'a', 'c', 2, { latencyMs: 5 }), state('cd', 'c', 'd', 2, { latencyMs: 5 })];
  const put = (driver: PathDriver, name: string, of: Partial<PathPolicy> | null, timestampMs: number): void => void driver.feedTable(POLICIES, Buffer.from(name), of === null ? null : policyValue(name, of), { timestampMs });
  const network = (settings: object = {}): PathDriver => {
    const driver = new Driver(pathRecompute, { ...quiet, sources: ['a'], ...settings }, 1);
    for (const link of SQUARE) feed(driver, link, 0);
    said(driver);
    return driver;
  };
  const told = (driver: PathDriver): string[] => {
    driver.commit();
    return driver.outputs.splice(0).filter(({ topic }) => topic === ROUTES_CHANGES).map(({ value }) => {
      const { source, target, policy, reason, link, oldPath, newPath, backupPath, alternatives, newCost } = decodeRouteChange(value);
      const text = (path: readonly { link: string }[]): string => path.map((hop) => hop.link).join('-') || 'none';
      return `${policy || '-'} ${source}>${target} ${reason}${link && ` by ${link}`}: ${text(oldPath)} to ${text(newPath)}${backupPath.length > 0 ? ` & ${text(backupPath)}` : ''}${alternatives.length > 0 ? ` | ${text(alternatives)}` : ''} at ${Math.round(newCost * 1000) / 1000}`;
    });
  };

  test('a pair moves to what its policy says when it comes, when it changes, and back when it goes', () => {
    const driver = network();
    put(driver, 'quick', { targets: 'd', latencyWeight: 1 }, 1000);
    driver.silence(1000);
    expect(told(driver)).toEqual(['quick a>d policy: ab-bd to ac-cd at 0.1', 'quick b>d policy: none to bd at 0.3', 'quick c>d policy: none to cd at 0.05']);
    put(driver, 'quick', { sources: 'a', targets: 'd', latencyWeight: 1, avoidDevices: 'c' }, 60_000);
    driver.silence(60_000);
    expect(told(driver)).toEqual(['- b>d removed: bd to none at Infinity', '- c>d removed: cd to none at Infinity', 'quick a>d policy: ac-cd to ab-bd at 0.6']);
    // Of what is not told meanwhile nothing is told later.
    feed(driver, state('ac', 'a', 'c', 0.5, { latencyMs: 5 }), 61_000);
    feed(driver, state('cd', 'c', 'd', 0.5, { latencyMs: 5 }), 61_000);
    expect(told(driver)).toEqual([]);
    driver.silence(120_000);
    put(driver, 'quick', null, 130_000);
    driver.silence(130_000);
    expect(told(driver)).toEqual(['- a>d policy: ab-bd to ac-cd at 1']);
  });

  test('where no path keeps to it, that is said, and none is put in its place; when there is one again, it is taken', () => {
    const driver = network();
    put(driver, 'soon', { sources: 'a', targets: 'd', maxLatencyMs: 20 }, 1000);
    driver.silence(1000);
    expect(told(driver)).toEqual(['soon a>d policy: ab-bd to ac-cd at 4']);
    feed(driver, state('cd', 'c', 'd', 2, { latencyMs: 25 }), 2000);
    expect(told(driver)).toEqual(['soon a>d no-path-within-policy by cd: ac-cd to none at Infinity']);
    feed(driver, state('ab', 'a', 'b', 1, { latencyMs: 10 }), 3000);
    expect(told(driver)).toEqual([]);
    feed(driver, state('bd', 'b', 'd', 1, { latencyMs: 10 }), 4000);
    expect(told(driver)).toEqual(['soon a>d reachable by bd: none to ab-bd at 2']);
  });

  test('a backup path, and what else there is', () => {
    const driver = network();
    put(driver, 'both', { sources: 'a', targets: 'd', disjoint: 'risk-group' }, 1000);
    put(driver, 'more', { sources: 'd', targets: 'a', paths: 3 }, 1000);
    driver.silence(1000);
    expect(told(driver)).toEqual(['both a>d policy: ab-bd to ab-bd & ac-cd at 6', 'more d>a policy: none to bd-ab | cd-ac at 2']);
    feed(driver, state('ab', 'a', 'b', 1, { latencyMs: 30, riskGroups: 'duct' }), 2000);
    expect(told(driver)).toEqual([]);
    feed(driver, state('cd', 'c', 'd', 2, { latencyMs: 5, riskGroups: 'river,duct' }), 3000);
    expect(told(driver)).toEqual(['both a>d no-path-within-policy by cd: ab-bd to none at Infinity']);
  });

  test('pairs under policies are damped as others are', () => {
    const driver = network();
    put(driver, 'plain', { sources: 'a', targets: 'd', lossWeight: 0.2, latencyWeight: 0.4 }, 1000);
    driver.silence(1000);
    expect(told(driver)).toEqual(['plain a>d policy: ab-bd to ac-cd at 0.04']);
    // 9 % and then 50 % better, within the hold time.
    feed(driver, state('ab', 'a', 'b', 1, { latencyMs: 5 }), 2000);
    feed(driver, state('bd', 'b', 'd', 1, { latencyMs: 4.1 }), 2000);
    expect(told(driver)).toEqual([]);
    feed(driver, state('bd', 'b', 'd', 1, { latencyMs: 0 }), 3000);
    expect(told(driver)).toEqual([]);
    driver.silence(30_999);
    expect(told(driver)).toEqual([]);
    driver.silence(31_000);
    expect(told(driver)).toEqual(['plain a>d better by bd: ac-cd to ab-bd at 0.02']);
  });

  test('a load doubles the cost by the weights of the policy at its border, until another', () => {
    const driver = network();
    put(driver, 'free', { sources: 'a', targets: 'd', utilisationWeight: 1, latencyWeight: 1, busyFrom: 0.5, busyUntil: 0.3 }, 1000);
    const loaded = (utilisation: number, timestampMs: number): string[] => {
      feed(driver, state('ac', 'a', 'c', 2, { latencyMs: 5, utilisationAhead: utilisation }), timestampMs);
      return told(driver);
    };
    expect(loaded(0.2, 1000)).toEqual(['free a>d policy: ab-bd to ac-cd at 0.1']);
    expect(loaded(0.49, 50_000)).toEqual([]);
    expect(loaded(0.51, 100_000)).toEqual(['free a>d worse by ac: ac-cd to ab-bd at 0.6']);
    // 0.45, busy still: 1 + 0.05; 0.3, no more: 0.35 + 0.05.
    expect(loaded(0.45, 150_000)).toEqual([]);
    expect(loaded(0.3, 200_000)).toEqual(['free a>d better by ac: ab-bd to ac-cd at 0.4']);
  });

  test('its record is among the causes; one that cannot be goes to dead-letters, and the one before stays', () => {
    const driver = network();
    put(driver, 'quick', { sources: 'a', targets: 'd', latencyWeight: 1 }, 1000);
    put(driver, 'quick', { sources: 'a', targets: 'd', paths: 99 }, 1500);
    driver.silence(2000);
    driver.commit();
    const [letter, change] = driver.outputs.filter(({ topic }) => [ROUTES_CHANGES, DEAD_LETTERS].includes(topic as never));
    expect(DEAD_LETTERS.record.decode(letter.value)).toMatchObject({ code: 'NW_POLICY_INVALID', sourceTopic: 'policies', sourceOffset: 1 });
    expect(change.headers.causes).toBe('links.state/0/3-3 policies/0/0-0 config=driver');
    expect(change.key!.toString()).toBe('a/d');
  });

  test('pairs and policies beyond the bounds are counted', () => {
    const driver = network({ maxPolicyPairs: 2, maxPolicies: 1 });
    put(driver, 'all', {}, 1000);
    put(driver, 'other', {}, 1000);
    driver.silence(1000);
    expect(driver.discards()).toEqual({ 'policy-not-kept': 1, 'policy-pair-not-kept': 10 });
    expect(told(driver)).toHaveLength(2);
  });
});

describe('prefixes', () => {
  const announce = (driver: PathDriver, device: string, prefixes: string | null, timestampMs: number, up: boolean | null = null): number =>
    driver.feedTable(TOPOLOGY_STATE, Buffer.from(`device/${device}`), prefixes === null ? null : elementValue('device', device, { prefixes, up }), { timestampMs });
  const told = (driver: PathDriver): string[] => {
    driver.commit();
    return driver.outputs.splice(0).filter(({ topic }) => topic === ROUTES_CHANGES).flatMap(({ key, value }) => {
      const { target, prefix, reason, link, newPath, newCost } = decodeRouteChange(value);
      return prefix === '' ? [] : [`${key!.toString()} ${reason}${link && ` by ${link}`}: ${target} over ${newPath.map((hop) => hop.link).join('-') || 'nothing'} at ${newCost}`];
    });
  };
  const line = (settings: object = {}): PathDriver => {
    const driver = new Driver(pathRecompute, { ...quiet, sources: ['b'], minBenefitPercent: 0, holdMs: 0, ...settings }, 1);
    for (const [link, a, b] of [['ab', 'a', 'b'], ['bc', 'b', 'c'], ['cd', 'c', 'd']] as const) feed(driver, state(link, a, b, 1), 0);
    return driver;
  };

  test('lead to the nearest device that announces them, and to another one when that fails or withdraws', () => {
    const driver = line();
    announce(driver, 'd', '203.0.113.7/24', 1000);
    driver.silence(1000);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 first: d over bc-cd at 2']);
    const offset = announce(driver, 'a', '203.0.113.0/24,2001:DB8::/32', 2000);
    driver.silence(2000);
    driver.commit();
    expect(driver.outputs.find(({ topic }) => topic === ROUTES_CHANGES)?.headers.causes).toContain(`topology.state/0/${offset}-${offset}`);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 link-up: a over ab at 1', 'b/2001:db8::/32 first: a over ab at 1']);
    feed(driver, state('ab', 'a', 'b', 1, { up: false }), 3000);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 link-down by ab: d over bc-cd at 2', 'b/2001:db8::/32 cut-off by ab: a over nothing at Infinity']);
    announce(driver, 'd', '203.0.113.0/24', 4000, false);
    driver.silence(4000);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 cut-off: d over nothing at Infinity']);
    announce(driver, 'b', '203.0.113.0/24', 5000);
    driver.silence(5000);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 reachable: b over nothing at 0']);
    announce(driver, 'b', null, 6000);
    driver.silence(6000);
    expect(told(driver)).toEqual(['b/203.0.113.0/24 cut-off: b over nothing at Infinity']);
  });

  test('what is no prefix, and what is beyond the bound, is counted; a prefix is no source and no way through', () => {
    const driver = line({ sources: [], maxPrefixes: 2 });
    announce(driver, 'a', '203.0.113.0/24,nonsense', 1000);
    announce(driver, 'd', '203.0.113.0/24,198.51.100.0/24', 1000);
    expect(driver.discards()).toMatchObject({ 'no-prefix': 1, 'prefix-not-kept': 1 });
    feed(driver, state('cd', 'c', 'd', 1, { up: false }), 2000);
    driver.commit();
    const changes = driver.values(ROUTES_CHANGES);
    expect(changes.filter(({ source, newCost }) => source === 'a' && newCost < 1e-3)).toHaveLength(1);
    expect(changes.filter(({ target, newPath }) => target === 'd' && newPath.length > 3)).toEqual([]);
    expect(changes.every(({ source }) => /^[abcd]$/.test(source))).toBe(true);
  });

  test('policies lead to prefixes as well: two ways apart to one device, or to two', () => {
    const driver = line();
    announce(driver, 'd', '203.0.113.0/24', 1000);
    feed(driver, state('cd2', 'c', 'd', 2), 1000);
    feed(driver, state('bc2', 'b', 'c', 2), 1000);
    driver.feedTable(POLICIES, Buffer.from('twice'), policyValue('twice', { prefixes: '203.0.113.0/24', disjoint: 'link', sources: 'b' }), { timestampMs: 1000 });
    driver.silence(2000);
    const paths = (): unknown[] => (driver.commit(), driver.values(ROUTES_CHANGES).filter(({ policy }) => policy === 'twice').map(({ target, newPath, backupPath, newCost }) => [target, newPath.length, backupPath.length, newCost]));
    expect(paths()).toEqual([['d', 2, 2, 6]]);
    announce(driver, 'a', '203.0.113.0/24', 3000);
    driver.silence(3000);
    expect(paths()[1]).toEqual(['a', 1, 2, 3]);
  });
});

test('with policies and prefixes that come, change and go the same bytes come out however often it is restarted', () => {
  const run = (restartEvery: number): string[] => {
    const random = seeded(11);
    const whole = (below: number): number => Math.floor(random() * below);
    const pick = <T>(of: readonly T[]): T => of[whole(of.length)];
    const driver = new Driver(pathRecompute, { maxSources: 2, holdMs: 20_000, budgetMoves: 5, initialMs: 10, shortMs: 20, longMs: 300, maxPolicyPairs: 40 }, 1);
    const ends = Array.from({ length: 18 }, () => [`d${whole(9)}`, `d${whole(9)}`]);
    for (let i = 0; i < 400; i++) {
      const timestampMs = 100 * i;
      const kind = random();
      if (kind < 0.05) {
        const policy = { sources: pick(['', 'd1', 'd?']), targets: pick(['d2,d3', '']), prefixes: pick(['', '203.0.113.0/24']), ...pick<Partial<PathPolicy>>([{}, { latencyWeight: 1, utilisationWeight: 1, busyFrom: 0.5, busyUntil: 0.4 }, { maxLatencyMs: 30 }, { disjoint: 'link' }, { includeDevices: 'd4', paths: 2 }]) };
        driver.feedTable(POLICIES, Buffer.from(`p${whole(4)}`), random() < 0.3 ? null : policyValue('p', policy), { timestampMs });
      } else if (kind < 0.1) driver.feedTable(TOPOLOGY_STATE, Buffer.from(`device/d${whole(9)}`), random() < 0.3 ? null : elementValue('device', `d${whole(9)}`, { prefixes: pick(['203.0.113.0/24', '203.0.113.0/24,198.51.100.0/24', '']) }), { timestampMs });
      else {
        const link = whole(18);
        feed(driver, state(`l${link}`, ends[link][0], ends[link][1], (1 + whole(40)) / 10, { up: random() < 0.9, latencyMs: whole(20), utilisationAhead: random(), riskGroups: pick(['', 'x']) }), timestampMs);
      }
      if (random() < 0.1) driver.silence(timestampMs + 50);
      if (restartEvery > 0 && i % restartEvery === 0) {
        driver.commit(i % (2 * restartEvery) === 0);
        driver.restart();
      }
    }
    driver.commit();
    // The order in which records of tables were taken is told a commit at a time; and a silence is one of the clock's, with or without something to do.
    return driver.outputs.filter(({ topic }) => ![TURNS, SILENCES].includes(topic as never)).map(({ value, headers }) => `${headers.ce_id} ${headers.causes} ${value.toString('hex')}`);
  };
  const straight = run(0);
  expect(straight.length).toBeGreaterThan(200);
  expect(run(3)).toEqual(straight);
  expect(run(37)).toEqual(straight);
});
