/** Policies by themselves, and paths under them against the enumeration of all paths. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { seeded } from '../simulate/random';
import { readTopology } from '../topology/read';
import { PathGraph } from './graph';
import { Network } from './network';
import { faultOf, matches, NO_POLICY, PolicyRules, type LinkFacts } from './policy';
import { policyGraph, PolicySearch } from './policy-search';
import { announcement, canonicalPrefix, longestMatch, prefixNode } from './prefixes';
import { allPaths } from './testing/reference';
import type { PathPolicy } from '../../schemas';

const rules = (of: Partial<PathPolicy>): PolicyRules => new PolicyRules({ ...NO_POLICY, name: 'p', ...of });

test.each([
  ['edge-*', 'edge-1', true],
  ['edge-*', 'core-1', false],
  ['*', '', true],
  ['r?', 'r1', true],
  ['r?', 'r12', false],
  ['*-a-*b', 'x-a-a-yb', true],
  ['*-a-*b', 'x-a-a-y', false],
  ['a.c', 'abc', false],
  ['', 'a', false],
])('pattern "%s", text "%s": %s', (pattern, text, wanted) => expect(matches(pattern, text)).toBe(wanted));

test('a pattern of many stars takes no time', () => expect(matches('*a'.repeat(500) + 'b', 'a'.repeat(20_000))).toBe(false));

test.each<[string, Partial<PathPolicy>]>([
  ['name', { name: 'a/b' }],
  ['name', { name: '' }],
  ['latencyWeight', { latencyWeight: -1 }],
  ['lossWeight', { lossWeight: NaN }],
  ['maxLatencyMs', { maxLatencyMs: Infinity }],
  ['busyFrom', { busyFrom: 0.8 }],
  ['busyUntil', { latencyWeight: 1, busyFrom: 0.8, busyUntil: 0.9 }],
  ['disjoint', { disjoint: 'srlg' }],
  ['disjoint', { disjoint: 'link', includeDevices: 'a' }],
  ['disjoint', { disjoint: 'link', paths: 2 }],
  ['paths', { paths: 17 }],
  ['includeDevices', { includeDevices: 'a,b,c,d,e', includeLinks: 'f,g,h,i' }],
  ['prefixes', { prefixes: '203.0.113.0/24, 10.0.0.0/33' }],
])('refuses a policy for its %s: %j', (field, of) => expect(faultOf({ ...NO_POLICY, name: 'p', ...of })?.field).toBe(field));

test('applies to what its patterns say', () => {
  const nodes = ['edge-1', 'edge-2', 'core', prefixNode('203.0.113.0/24')];
  const pairs = (of: Partial<PathPolicy>): string[] => nodes.flatMap((source, s) => nodes.flatMap((target, t) => (rules(of).isSource(source) && rules(of).isTarget(target) ? [`${s}${t}`] : [])));
  expect(pairs({})).toEqual(['00', '01', '02', '10', '11', '12', '20', '21', '22']);
  expect(pairs({ sources: 'edge-*', targets: 'core' })).toEqual(['02', '12']);
  expect(pairs({ sources: 'core', prefixes: '203.0.113.9/24' })).toEqual(['23']);
  expect(pairs({ sources: 'core', targets: 'edge-?', prefixes: '203.*' })).toEqual(['20', '21', '23']);
});

describe('prefixes', () => {
  test.each([
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:DB8:0:0::1/33', '2001:db8::/33'],
    ['::/0', '::/0'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['203.0.113.0/33', null],
    ['r1', null],
  ])('%s is %s', (text, wanted) => expect(canonicalPrefix(text)).toBe(wanted));
  const known = ['0.0.0.0/0', '203.0.0.0/16', '203.0.113.0/24', '2001:db8::/32'];
  test.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.112.0/23', '203.0.0.0/16'],
    ['198.51.100.1', '0.0.0.0/0'],
    ['2001:db8:1::1', '2001:db8::/32'],
    ['2001:db9::1', null],
    ['nonsense/8', null],
  ])('the longest match of %s is %s', (text, wanted) => expect(longestMatch(text, known)).toBe(wanted));
});

const random = seeded(99);
const whole = (below: number): number => Math.floor(random() * below);
const pick = <T>(of: readonly T[]): T => of[whole(of.length)];

interface Case {
  readonly network: Network;
  readonly facts: (LinkFacts | null)[];
}

/** A network of up to seven devices with parallel links, links that are down, measures that are not known, and a prefix that one or two of them announce. */
function randomCase(): Case {
  const network = new Network();
  const devices = Array.from({ length: 3 + whole(4) }, (_, i) => `d${i}`);
  const facts: (LinkFacts | null)[] = [];
  for (let i = 0; i < 4 + whole(7); i++) {
    const [a, b] = [pick(devices), pick(devices)];
    if (a === b) continue;
    const cost = (): number => (random() < 0.1 ? Infinity : 1 + whole(20));
    network.put({ link: `l${i}`, a, b, costAhead: cost(), costBack: cost() });
    const maybe = (value: number): number | null => (random() < 0.15 ? null : value);
    facts[network.link(`l${i}`)] = {
      bitsPerSecond: maybe(pick([1e9, 10e9])), latencyMs: maybe(whole(10) + 0.1), lossRatio: maybe(pick([0, 0, 0.01])), utilisationAhead: maybe(random()), utilisationBack: maybe(random()), riskGroups: pick(['', '', 'g1', 'g2', 'g1,g2', 'g3']),
    };
  }
  for (let i = 0; i < 2; i++) {
    network.put(announcement(pick(devices), '203.0.113.0/24'));
    facts[network.links.length - 1] = null;
  }
  return { network, facts };
}

function randomPolicy(): Partial<PathPolicy> {
  const disjoint = pick(['', '', 'link', 'risk-group']);
  const weights = random() < 0.5 ? { latencyWeight: random(), utilisationWeight: pick([null, 1]), ...(random() < 0.5 ? { busyFrom: 0.6, busyUntil: 0.5 } : {}) } : {};
  return {
    disjoint, ...weights, assumedLatencyMs: 2, maxLatencyMs: random() < 0.4 ? 5 + whole(20) : null, minBitsPerSecond: random() < 0.2 ? 1e9 : null,
    avoidDevices: random() < 0.1 ? 'd1' : '', avoidLinks: random() < 0.2 ? 'l1,l2' : '', avoidRiskGroups: random() < 0.2 ? 'g?' : '',
    includeDevices: disjoint === '' && random() < 0.3 ? pick(['d2', 'd1,d3', 'd?']) : '', includeLinks: disjoint === '' && random() < 0.2 ? pick(['l3', 'l?,l0']) : '',
  };
}

/** All paths of a network that keep to a policy, with their costs by it, by names alone and by the words of the schema: slow, and apart from the code that it checks. */
function kept({ network, facts }: Case, policy: PathPolicy, source: number, target: number): { cost: number; links: string[]; groups: Set<string> }[] {
  const list = (text: string): string[] => text.split(',').filter(Boolean);
  const is = (pattern: string, text: string): boolean => new RegExp(`^${pattern.replace('?', '.')}$`).test(text);
  const cost = network.cost.map((base, direction) => {
    const of = facts[direction >> 1];
    if (of === null || base === Infinity) return base;
    if (policy.latencyWeight === null) return base;
    const load = ((direction & 1) === 0 ? of.utilisationAhead : of.utilisationBack) ?? 0;
    const sum = (policy.latencyWeight * (of.latencyMs ?? policy.assumedLatencyMs)) / 100 + (policy.utilisationWeight ?? 0) * load;
    return Math.max(1, Math.round(sum * (policy.busyFrom !== null && load >= policy.busyFrom ? 2 : 1) * 1e6));
  });
  const graph = new PathGraph(network.devices.length, cost.map((of, direction) => ({ from: network.fromOf(direction), to: network.toOf(direction), cost: of })));
  const direction = new Map(Array.from(graph.arcOf, (arc, i) => [arc, i]));
  return allPaths(graph, source, target).flatMap(({ cost: sum, arcs }) => {
    const directions = arcs.map((arc) => direction.get(arc)!);
    const links = directions.filter((one) => facts[one >> 1] !== null).map((one) => network.links[one >> 1]);
    const of = links.map(({ link }) => facts[network.link(link)]!);
    const nodes = [network.devices[source], ...directions.map((one) => network.devices[network.toOf(one)])];
    const latency = of.reduce((all, { latencyMs }) => all + (latencyMs ?? policy.assumedLatencyMs), 0);
    const wrong =
      (policy.maxLatencyMs !== null && latency > policy.maxLatencyMs + 1e-9) ||
      (policy.minBitsPerSecond !== null && of.some(({ bitsPerSecond }) => bitsPerSecond === null || bitsPerSecond < policy.minBitsPerSecond!)) ||
      list(policy.avoidDevices).some((name) => links.some(({ a, b }) => network.devices[a] === name || network.devices[b] === name)) ||
      list(policy.avoidLinks).some((name) => links.some(({ link }) => link === name)) ||
      list(policy.avoidRiskGroups).some((pattern) => of.some(({ riskGroups }) => list(riskGroups).some((group) => is(pattern, group)))) ||
      list(policy.includeDevices).some((pattern) => !nodes.some((name) => is(pattern, name))) ||
      list(policy.includeLinks).some((pattern) => !links.some(({ link }) => is(pattern, link)));
    const groups = new Set([...links.map(({ link }) => `link ${link}`), ...(policy.disjoint === 'risk-group' ? of.flatMap(({ riskGroups }) => list(riskGroups)) : [])]);
    return wrong ? [] : [{ cost: sum, links: links.map(({ link }) => link), groups }];
  });
}

test('paths within policies are the cheapest of all that keep to them, and there are none where there are none', () => {
  const seen = { none: 0, found: 0, pairs: 0, several: 0 };
  for (let i = 0; i < 1000; i++) {
    const of = randomCase();
    const { network, facts } = of;
    const policy = { ...NO_POLICY, name: 'p', ...randomPolicy() };
    expect(faultOf(policy)).toBeNull();
    const graph = policyGraph(network, (link) => facts[link], new PolicyRules(policy));
    const search = new PolicySearch(network, graph, (link) => facts[link], new PolicyRules(policy));
    const devices = network.devices.flatMap((name, node) => (name.startsWith('d') ? [node] : []));
    const [source, target] = [pick(devices), whole(network.devices.length)];
    if (source === target) continue;
    const all = kept(of, policy, source, target);
    let wanted = Infinity;
    if (policy.disjoint === '') wanted = Math.min(Infinity, ...all.map(({ cost }) => cost));
    else for (const one of all) for (const other of all) if (one.cost + other.cost < wanted && ![...one.groups].some((group) => other.groups.has(group))) wanted = one.cost + other.cost;
    const found = search.find(source, target);
    expect([found?.cost ?? Infinity, search.unproven]).toEqual([wanted, 0]);
    seen[found === null ? 'none' : found.backup.length > 0 ? 'pairs' : 'found']++;
    if (found === null) continue;
    expect(search.costOf(source, found.path, found.backup)).toBe(wanted);
    const names = (path: readonly number[]): string => path.map((one) => network.links[one >> 1].link).filter((link) => link.startsWith('l')).join(' ');
    expect(all.map(({ links }) => links.join(' '))).toContain(names(found.path));
    if (policy.disjoint !== '') continue;
    const several = search.several(source, target, 3);
    expect(several.map(({ cost }) => cost)).toEqual(all.map(({ cost }) => cost).sort((one, other) => one - other).slice(0, 3));
    if (several.length > 1) seen.several++;
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(40);
});

const zoo = '../shared/datasets/topology-zoo/graphml';
const whenZoo = existsSync(zoo) ? describe : describe.skip;

whenZoo('on networks of the Internet Topology Zoo (../shared/datasets)', () => {
  test.each(['Abilene', 'Garr201201', 'Geant2012', 'Uninett2011', 'BtEurope', 'Switch', 'Interoute'])('%s: what is found keeps to the policy, and of the 300 shortest paths none that does is cheaper', (name) => {
    const file = `${zoo}/${name}.graphml.gz`;
    const network = new Network();
    const facts: LinkFacts[] = [];
    for (const { element, id, a, b, latencyMs } of readTopology(file, gunzipSync(readFileSync(file)).toString()).elements) {
      if (element !== 'link') continue;
      const cost = 1 + whole(1000);
      network.put({ link: id, a: a!, b: b!, costAhead: cost, costBack: cost });
      facts[network.link(id)] = { bitsPerSecond: 1e9, latencyMs: latencyMs ?? 1, lossRatio: null, utilisationAhead: null, utilisationBack: null, riskGroups: pick(['', 'x', 'y']) };
    }
    let found = 0;
    for (let i = 0; i < 15; i++) {
      const [source, target] = [whole(network.devices.length), whole(network.devices.length)];
      if (source === target) continue;
      const of = rules({ includeDevices: network.devices[whole(network.devices.length)].replaceAll(',', '?'), maxLatencyMs: pick([null, 30]), avoidRiskGroups: pick(['', 'x']) });
      const graph = policyGraph(network, (link) => facts[link], of);
      const search = new PolicySearch(network, graph, (link) => facts[link], of);
      const path = search.find(source, target);
      const cheaper = new PolicySearch(network, graph, (link) => facts[link], rules({ avoidRiskGroups: of.policy.avoidRiskGroups })).several(source, target, 300).find((one) => search.costOf(source, one.path, []) < Infinity);
      if (path !== null) expect(search.costOf(source, path.path, [])).toBe(path.cost);
      if (cheaper !== undefined) expect(path?.cost).toBe(cheaper.cost);
      if (path !== null) found++;
    }
    expect(found).toBeGreaterThan(0);
  });
});
