/** The commands `paths`, `whatif` and `policies` on links of an embedded log. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../infra/config/load';
import { openLog } from '../../infra/log/open';
import { openRegistry } from '../../infra/registry/open';
import type { LinkState } from '../../schemas';
import { elementValue } from '../../processors/runtime/testing/links';
import { LINKS_STATE, subjectOf, TOPOLOGY_STATE, TopicCodec, topicName } from '../../topics';
import { sections } from '../sections';
import { parseTime } from './links-at';
import * as paths from './paths';
import * as policies from './policies';
import { runCommand, type Outcome } from './testing/run';
import * as topics from './topics';
import * as whatif from './whatif';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-paths-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sets = [`data.dir=${folder}`];
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([topics.register, paths.register, policies.register, whatif.register], sets, ...words);
const json = <T>({ lines }: Outcome): T[] => lines.map((line) => JSON.parse(line) as T);
const shortest = async (...words: string[]): Promise<string[]> => json<paths.ToldPath>(await netweaver('paths', ...words, '--json')).map(({ hops }) => hops.map(({ link }) => link).join(' '));

const BEFORE = Date.parse('2026-01-01T00:00:00Z');
const link = (name: string, a: string, b: string, cost: number, more: Partial<LinkState> = {}): LinkState => ({
  link: name, time: BEFORE, a, b, up: true, bitsPerSecond: 10e9, latencyMs: 10 * cost, lossRatio: 0, utilisationAhead: 0.5, costAhead: cost, utilisationBack: 0.25, costBack: cost, riskGroups: '', reason: 'topology', ...more,
});

/** r1 to r3: over r2 for 2, by a slow line of 100 Mbit/s for 3, over r4 for 5, in a duct with the way to r2. */
const square = [
  link('r1-r2', 'r1', 'r2', 1, { riskGroups: 'duct' }), link('r2-r3', 'r2', 'r3', 1), link('slow', 'r1', 'r3', 3, { bitsPerSecond: 100e6, latencyMs: 5 }),
  link('r1-r4', 'r1', 'r4', 2.5, { riskGroups: 'duct' }), link('r4-r3', 'r4', 'r3', 2.5, { latencyMs: null }),
];

async function append(states: readonly LinkState[], timeMs: number): Promise<void> {
  const config = loadConfiguration({ sections, environment: {}, sets });
  const log = await openLog(config);
  const registry = await openRegistry(config);
  const name = topicName(LINKS_STATE, config);
  const codec = await TopicCodec.open(LINKS_STATE, name, registry);
  const producer = await log.producer('test');
  await producer.append(states.map((state) => ({ topic: name, partition: 0, key: Buffer.from(state.link), value: codec.encode({ ...state, time: timeMs }), timestampMs: timeMs })));
  await producer.close();
  await registry.close();
  await log.close();
}

/** Devices that announce prefixes. */
async function announce(prefixesOf: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfiguration({ sections, environment: {}, sets });
  const log = await openLog(config);
  const registry = await openRegistry(config);
  const topic = topicName(TOPOLOGY_STATE, config);
  const id = await registry.register(subjectOf(topic), TOPOLOGY_STATE.record.schema);
  const producer = await log.producer('test');
  await producer.append(Object.entries(prefixesOf).map(([device, prefixes]) => {
    const value = elementValue('device', device, { prefixes });
    value.writeUInt32BE(id, 1);
    return { topic, partition: 0, key: Buffer.from(`device/${device}`), value, timestampMs: BEFORE };
  }));
  await producer.close();
  await registry.close();
  await log.close();
}

test('without the topic, a coded error', async () => {
  expect(await netweaver('paths', 'r1', 'r3')).toMatchObject({ code: 3, error: expect.stringContaining('NW_TOPIC_MISSING') as string });
});

describe('on five links', () => {
  beforeAll(async () => {
    await netweaver('topics', 'apply');
    await append(square, BEFORE);
    // A minute later the way over r2 is gone.
    await append([{ ...square[1], up: false, costAhead: Infinity, costBack: Infinity }], BEFORE + 60_000);
    await append([link('new', 'r3', 'r5', 1)], BEFORE + 120_000);
  }, 60_000);
  const then = ['--at', '2026-01-01T00:00:59Z'];

  test('paths as they are now', async () => expect(await shortest('r1', 'r3')).toEqual(['slow', 'r1-r4 r4-r3']));
  test('and as they were', async () => expect(await shortest('r1', 'r3', ...then)).toEqual(['r1-r2 r2-r3', 'slow', 'r1-r4 r4-r3']));
  test('links that were not there yet are named', async () => expect((await netweaver('paths', 'r1', 'r3', ...then)).error).toContain('Of 1 link every record'));
  test.each([
    ['the cheapest alone', ['-k', '1'], ['r1-r2 r2-r3']],
    ['not over a device', ['--avoid', 'r2'], ['slow', 'r1-r4 r4-r3']],
    ['not over a link', ['--avoid', 'slow', '--avoid', 'r2-r3'], ['r1-r4 r4-r3']],
    ['through a device', ['--include', 'r4'], ['r1-r4 r4-r3']],
    ['within a latency', ['-k', '1', '--max-latency', '10'], ['slow']],
    ['over wide links', ['--min-bandwidth', '1G'], ['r1-r2 r2-r3', 'r1-r4 r4-r3']],
    ['apart, ducts too', ['--disjoint'], ['r1-r2 r2-r3', 'slow']],
    ['apart but for the duct, where there is no other', ['--disjoint', '--avoid', 'slow'], ['r1-r2 r2-r3', 'r1-r4 r4-r3']],
  ])('%s', async (_, words, wanted) => expect(await shortest('r1', 'r3', ...then, ...words)).toEqual(wanted));

  test('a path with its cost, latency, load and capacity', async () => {
    const [first] = json<paths.ToldPath>(await netweaver('paths', 'r3', 'r1', ...then, '-k', '1', '--json'));
    expect(first).toMatchObject({ path: 1, from: 'r3', to: 'r1', cost: 2, latencyMs: 20, utilisation: 0.25, bitsPerSecond: 10e9 });
    expect((await netweaver('paths', 'r1', 'r3', ...then, '-k', '1')).lines).toEqual(['1.  cost 2, 20 ms, 2 links, fullest 50 %, 10.0 Gbit/s', '    r1', '    -> r2  over r1-r2  cost 1, 10 ms, 50 %', '    -> r3  over r2-r3  cost 1, 10 ms, 50 %']);
    expect((await netweaver('paths', 'r1', 'r3', '--min-bandwidth', '1T')).lines).toEqual(['There is no such path from r1 to r3.']);
  });

  test.each([
    [['paths', 'r1', 'r9'], "No link leads to a device 'r9'"],
    [['paths', 'r1', 'r3', '--avoid', 'r9'], 'neither a device nor a link'],
    [['paths', 'r1', 'r3', '--disjoint', '--include', 'r2'], '--disjoint goes with'],
    [['whatif', '--down', 'r1-r9'], 'no link of that name'],
    [['whatif', '--down-device', 'r9'], 'no link leads to it'],
    [['whatif', '--tracked'], 'needs paths.sources'],
  ])('%j is refused', async (words, text) => expect(await netweaver(...words)).toMatchObject({ code: 2, error: expect.stringContaining(text) as string }));

  test('what if a line fails and there is more load', async () => {
    const { lines, code } = await netweaver('whatif', '--down', 'r1-r2', '--load', '+60%', '--limit', '90', ...then);
    expect(code).toBe(0);
    expect(lines.slice(0, 2)).toEqual(['Pairs cut off: 0', 'Paths that change: 4']);
    // 5 ms and 80 % there, doubled, and 10 ms and 40 % back to r2.
    expect(lines).toContain('  r1 > r2 (cannot be used)  ->  r1 > r3 > r2 (costs 0.88)');
    expect(lines.find((line) => line.includes('slow from r1 to r3'))).toMatch(/50 % now, 80 % with the load, 8\d{3} % with what moves/);
    const [outcome] = json<{ cutOff: { target: string }[] }>(await netweaver('whatif', '--down-device', 'r3', '--json', ...then));
    expect(outcome.cutOff).toHaveLength(6);
  });
});

describe('policies', () => {
  const file = join(folder, 'policies.yaml');
  const apply = (text: string, ...words: string[]): Promise<Outcome> => {
    writeFileSync(file, text);
    return netweaver('policies', 'apply', file, ...words);
  };
  const then = ['--at', '2026-01-01T00:00:59Z'];

  test('are written, listed, shown as they were written, and taken away', async () => {
    expect(await apply('policies:\n  near: { priority: 5, sources: [r1], targets: [r3], weights: { latency: 1 } }\n  apart: { disjoint: risk-group }\n')).toMatchObject({ code: 0, lines: ['2 written: near, apart'] });
    expect((await netweaver('policies', 'list')).lines.slice(-2).map((line) => line.trim().split(/\s{2,}/).slice(0, 4))).toEqual([['near', '5', 'r1', 'r3'], ['apart', '0', 'all', 'all']]);
    expect((await netweaver('policies', 'show', 'near')).lines.join('\n')).toBe('policies:\n  near:\n    priority: 5\n    sources:\n      - r1\n    targets:\n      - r3\n    weights:\n      latency: 1');
    expect(json<{ name: string }>(await netweaver('policies', 'list', '--json')).map(({ name }) => name)).toEqual(['near', 'apart']);
    expect(await netweaver('policies', 'remove', 'near')).toMatchObject({ code: 0, lines: ['1 removed.'] });
    expect(json<{ name: string }>(await netweaver('policies', 'list', '--json')).map(({ name }) => name)).toEqual(['apart']);
  });

  test.each([
    ['a fault', 'policies:\n  good: {}\n  bad: { paths: 0 }\n', 'line 3, column 17: paths is a whole number from 1 to 16'],
    ['no YAML', 'policies: {', 'NW_POLICY_INVALID'],
  ])('of a file with %s nothing is written', async (_, text, fault) => {
    expect(await apply(text)).toMatchObject({ code: 2, lines: [], error: expect.stringContaining(fault) as string });
    expect(json(await netweaver('policies', 'list', '--json'))).toHaveLength(1);
  });

  test('--dry-run writes nothing', async () => {
    expect((await apply('policies: { other: {} }', '--dry-run')).lines).toEqual(['1 without a fault: other']);
    expect(json(await netweaver('policies', 'list', '--json'))).toHaveLength(1);
  });

  test.each([[['show', 'none']], [['remove', 'apart', 'none']]])('%j is refused', async (words) => expect(await netweaver('policies', ...words)).toMatchObject({ code: 2, error: expect.stringContaining('There is no policy none; there are apart') as string }));

  test('paths keep to one, by its costs; and what if they could not', async () => {
    await apply('policies:\n  near: { sources: [r1], targets: [r3], weights: { latency: 1 }, paths: 2 }\n  far: { sources: [r1], targets: [r3], include: { devices: [r4] } }\n');
    expect(await shortest('r1', 'r3', '--policy', 'near', ...then)).toEqual(['slow', 'r1-r2 r2-r3']);
    expect(await shortest('r1', 'r3', '--policy', 'near', '-k', '1', ...then)).toEqual(['slow']);
    expect(await shortest('r1', 'r3', '--policy', 'far', ...then)).toEqual(['r1-r4 r4-r3']);
    expect(await shortest('r1', 'r3', '--policy', 'apart', ...then)).toEqual(['r1-r2 r2-r3', 'slow']);
    expect(json<paths.ToldPath>(await netweaver('paths', 'r1', 'r3', '--policy', 'near', '--json', ...then))[0]).toMatchObject({ cost: expect.closeTo(0.05, 9) as number, latencyMs: 5 });
    expect((await netweaver('paths', 'r3', 'r1', '--policy', 'near', ...then)).error).toContain('does not apply to this pair');
    expect(await netweaver('paths', 'r1', 'r3', '--policy', 'near', '--disjoint')).toMatchObject({ code: 2, error: expect.stringContaining('--policy goes with') as string });
    const [{ withinPolicy }] = json<{ withinPolicy: object }>(await netweaver('whatif', '--down', 'slow', '--policy', 'near', '--json', ...then));
    expect(withinPolicy).toMatchObject({ policy: 'near', pairs: 1, changedCount: 1, changed: [{ source: 'r1', target: 'r3', oldPath: [{ link: 'slow' }], newPath: [{ link: 'r1-r2' }, { link: 'r2-r3' }], newCost: expect.closeTo(0.2, 9) as number }], withoutCount: 0 });
    expect((await netweaver('whatif', '--down-device', 'r4', '--policy', 'far', ...then)).lines).toEqual(expect.arrayContaining(['Policy far: 1 pairs', 'Pairs left without a path within it: 1', '  r1 > r3', 'Paths within it that change: 0']));
  });

  test('paths lead to the nearest device that announces the longest prefix that matches', async () => {
    await announce({ r3: '203.0.113.0/24,0.0.0.0/0', r5: '203.0.113.0/24', r4: '203.0.113.128/25' });
    const told = async (to: string, ...words: string[]): Promise<unknown> => json<paths.ToldPath>(await netweaver('paths', 'r1', to, '-k', '1', '--json', ...words)).map(({ to: end, prefix, hops }) => [end, prefix, hops.map((hop) => hop.link).join(' ')]);
    expect(await told('203.0.113.7')).toEqual([['r3', '203.0.113.0/24', 'slow']]);
    expect(await told('203.0.113.200')).toEqual([['r4', '203.0.113.128/25', 'r1-r4']]);
    expect(await told('198.51.100.0/24')).toEqual([['r3', '0.0.0.0/0', 'slow']]);
    expect(await told('203.0.113.7', '--avoid', 'slow')).toEqual([['r3', '203.0.113.0/24', 'r1-r4 r4-r3']]);
    expect((await netweaver('paths', 'r1', '203.0.113.200', '-k', '1')).lines.at(-1)).toBe('    r4 announces 203.0.113.128/25');
    expect(await netweaver('paths', 'r1', '2001:db8::1')).toMatchObject({ code: 2, error: expect.stringContaining('No device announces a prefix that holds 2001:db8::1; 3 prefixes are announced') as string });
  });
});

test.each([
  ['10G', 10e9],
  ['1.5M', 1.5e6],
  ['64000', 64000],
])('--min-bandwidth %s', (text, wanted) => expect(paths.parseBandwidth(text)).toBe(wanted));
test.each([
  ['+30%', 1.3],
  ['-100%', 0],
])('--load %s', (text, wanted) => expect(whatif.parseLoad(text)).toBe(wanted));
test.each(['30%', '+30', '-101%', ''])('refuses --load "%s"', (text) => expect(() => whatif.parseLoad(text)).toThrow('per cent'));
test('refuses --at without a time', () => expect(() => parseTime('soon')).toThrow('It must be a time'));
