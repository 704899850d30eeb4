import { NO_POLICY } from './policy';
import { whatIfPolicy, type PolicyLinkNow } from './what-if-policy';

const link = (name: string, a: string, b: string, latencyMs: number, more: Partial<PolicyLinkNow> = {}): PolicyLinkNow => ({
  link: name, a, b, up: true, bitsPerSecond: 1e9, latencyMs, lossRatio: null, utilisationAhead: 0.4, utilisationBack: 0.4, costAhead: latencyMs, costBack: latencyMs, riskGroups: '', ...more,
});
/** a to d over b, over c, and straight but slow. */
const square = [link('ab', 'a', 'b', 1), link('bd', 'b', 'd', 1), link('ac', 'a', 'c', 3), link('cd', 'c', 'd', 2), link('ad', 'a', 'd', 50)];
const as = { downLinks: [], downDevices: [], load: 1 };
const from = { ...NO_POLICY, name: 'p', sources: 'a', targets: 'd' };
const text = ({ changed, without }: ReturnType<typeof whatIfPolicy>): string[] => [
  ...changed.map(({ source, target, oldPath, oldBackup, newPath, newBackup }) => `${source}>${target} ${[oldPath, oldBackup].map((path) => path.map(({ link: of }) => of).join('-')).join('&')} to ${[newPath, newBackup].map((path) => path.map(({ link: of }) => of).join('-')).join('&')}`),
  ...without.map(({ source, target }) => `${source}>${target} none`),
];

test.each([
  ['nothing fails', {}, as, []],
  ['a link of the path fails', {}, { ...as, downLinks: ['bd'] }, ['a>d ab-bd& to ac-cd&']],
  ['one of another fails', {}, { ...as, downLinks: ['cd'] }, []],
  ['nothing else keeps to it', { maxLatencyMs: 3 }, { ...as, downLinks: ['bd'] }, ['a>d none']],
  ['what is to be passed fails', { includeDevices: 'c' }, { ...as, downDevices: ['c'] }, ['a>d none']],
  ['the backup fails', { disjoint: 'link' }, { ...as, downLinks: ['ac'] }, ['a>d ab-bd&ac-cd to ab-bd&ad']],
  ['loads grow beyond where it counts as busy', { latencyWeight: 1, busyFrom: 0.5, avoidLinks: 'cd', utilisationWeight: 1 }, { ...as, load: 2 }, ['a>d ab-bd& to ad&']],
  ['a link that is down already', { avoidLinks: 'a?' }, { ...as, downLinks: ['ab'] }, []],
] as const)('%s', (_, policy, scenario, wanted) => expect(text(whatIfPolicy(square, [], { ...from, ...policy }, scenario))).toEqual(wanted));

test('a device fails that announces a prefix: another one is the nearest', () => {
  const announced = [['d', '203.0.113.0/24'], ['c', '203.0.113.0/24']] as const;
  const to = { ...from, targets: '', prefixes: '203.0.113.0/24' };
  expect(text(whatIfPolicy(square, announced, to, { ...as, downDevices: ['d'] }))).toEqual(['a>203.0.113.0/24 ab-bd& to ac&']);
  expect(text(whatIfPolicy(square, announced, to, { ...as, downLinks: ['ac', 'bd'] }))).toEqual(['a>203.0.113.0/24 ab-bd& to ad&']);
  expect(text(whatIfPolicy(square, [announced[0]], to, { ...as, downDevices: ['d'] }))).toEqual(['a>203.0.113.0/24 none']);
});

test('pairs beyond the bound are counted, and those of other sources left out', () => {
  expect(whatIfPolicy(square, [], { ...NO_POLICY, name: 'p' }, as, 5)).toMatchObject({ pairs: 5, pairsLeft: 7 });
  expect(whatIfPolicy(square, [], { ...NO_POLICY, name: 'p' }, { ...as, sources: ['b'] })).toMatchObject({ pairs: 3, pairsLeft: 0 });
});
