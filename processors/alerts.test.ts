import { readTriggers } from '../domain/alerts/trigger-file';
import { seeded } from '../domain/simulate/random';
import { decodeAlert, encodeLinkState, encodeRouteChange, type Alert, type Anomaly, type LinkState, type RouteChange } from '../schemas';
import { ALERTS, ALERTS_FEEDBACK, LINKS_STATE, ROUTES_CHANGES, TOPOLOGY_STATE } from '../topics';
import { alerts } from './alerts';
import { Driver } from './runtime/driver';
import { anomalyValue, feedbackValue } from './runtime/testing/anomalies';
import { HOUR } from './runtime/testing/flows';
import { elementValue } from './runtime/testing/links';

type AlertDriver = Driver<typeof alerts.section>;
const SECOND = 1000;
const MINUTE = 60_000;
const drive = (settings: object = {}): AlertDriver => new Driver(alerts, settings, 1);
const at = (seconds: number): { timestampMs: number } => ({ timestampMs: HOUR + seconds * SECOND });

/** An anomaly at a second; it began at the second that is said, or then. */
function feed(driver: AlertDriver, second: number, { beganAt = second, ...of }: Partial<Anomaly> & { beganAt?: number } = {}): number {
  return driver.feed(anomalyValue({ began: HOUR + beganAt * SECOND, time: HOUR + second * SECOND, phase: beganAt === second ? 'began' : 'goes-on', ...of }), at(second));
}

const say = (driver: AlertDriver, second: number, alert: string, action: string, of: object = {}): number => driver.feedTable(ALERTS_FEEDBACK, Buffer.from(alert), feedbackValue(alert, action, { time: HOUR + second * SECOND, ...of }), at(second));
const pass = (driver: AlertDriver, second: number): void => driver.silence(HOUR + second * SECOND);

/** What came out since the last call: `<id> <change>: <state> <severity> <kind> on <subject>`. */
function told(driver: AlertDriver): string[] {
  driver.commit();
  return driver.outputs.splice(0).filter(({ topic }) => topic === ALERTS).map(({ key, value }) => {
    if ((value as Buffer | null) === null) return `${String(key)} forgotten`;
    const { id, change, state, severity, kind, subject } = decodeAlert(value);
    return `${id} ${change}: ${state} ${severity} ${kind} on ${subject}`;
  });
}

/** The topic after compaction: its last records by key. */
function compacted(driver: AlertDriver): Map<string, Alert> {
  const state = new Map<string, Alert>();
  for (const { topic, key, value } of driver.outputs) {
    if (topic !== ALERTS) continue;
    if ((value as Buffer | null) === null) state.delete(key!.toString());
    else state.set(key!.toString(), decodeAlert(value));
  }
  return state;
}
function last(driver: AlertDriver): Alert {
  driver.commit();
  return [...compacted(driver).values()].at(-1)!;
}

const link = (name: string, a: string, b: string, of: Partial<LinkState> = {}): LinkState => ({
  link: name, a, b, time: HOUR, up: true, bitsPerSecond: null, latencyMs: null, lossRatio: null, utilisationAhead: null, costAhead: 1, utilisationBack: null, costBack: 1, riskGroups: '', reason: 'topology', ...of,
});
const feedLink = (driver: AlertDriver, second: number, state: LinkState): number => driver.feedTable(LINKS_STATE, Buffer.from(state.link), encodeLinkState({ ...state, time: HOUR + second * SECOND }, 1), at(second));
const feedElement = (driver: AlertDriver, second: number, element: string, id: string, of: object = {}): number => driver.feedTable(TOPOLOGY_STATE, Buffer.from(`${element}/${id}`), elementValue(element, id, { time: HOUR + second * SECOND, ...of }), at(second));
const feedRoute = (driver: AlertDriver, second: number, of: { link: string; reason: string; target?: string }): number =>
  driver.feedTable(ROUTES_CHANGES, Buffer.from('a/c'), encodeRouteChange({ source: 'a', target: 'c', prefix: '', time: HOUR + second * SECOND, oldCost: 1, newCost: 2, heldMs: 0, policy: '', oldPath: [], newPath: [], backupPath: [], alternatives: [], ...of } as RouteChange, 1), at(second));

describe('an alert', () => {
  test('opens in the step of its anomaly, joins what has the same subject, and closes when that was over for a while', () => {
    const driver = drive();
    feed(driver, 0);
    expect(told(driver)).toEqual(['syn-flood-0 opened: open critical syn-flood on 198.51.100.7']);
    feed(driver, 1, { kind: 'volumetric', detector: 'volumetric', severity: 'warning' });
    expect(told(driver)).toEqual(['syn-flood-0 joined: open critical syn-flood on 198.51.100.7']);
    feed(driver, 20, { beganAt: 0, phase: 'over' });
    feed(driver, 21, { beganAt: 1, kind: 'volumetric', detector: 'volumetric', phase: 'over' });
    expect(told(driver)).toEqual(['syn-flood-0 updated: open critical syn-flood on 198.51.100.7', 'syn-flood-0 quiet: open critical syn-flood on 198.51.100.7']);
    pass(driver, 80);
    expect(told(driver)).toEqual([]);
    pass(driver, 81);
    expect(told(driver)).toEqual(['syn-flood-0 closed: closed critical syn-flood on 198.51.100.7']);
  });

  test('keeps the details with which it fired beside the latest', () => {
    const driver = drive();
    feed(driver, 0, { score: 2, value: 20_000 });
    feed(driver, 5, { beganAt: 0, score: 9, value: 90_000, evidence: [{ name: 'SYN packets', value: 90_000, usual: 40, unit: 'packets/s' }], elements: [] });
    const alert = last(driver);
    expect(alert).toMatchObject({ firedScore: 2, firedValue: 20_000, firedTime: HOUR, score: 9, value: 90_000, eventTime: HOUR + 5 * SECOND, source: 'anomalies/0/0' });
    expect(alert.firedEvidence).toEqual([{ name: 'SYN packets', value: 20_000, usual: 40, unit: 'packets/s' }]);
    expect(alert.firedElements).toEqual([{ kind: 'source', id: '203.0.113.5', share: 0.25 }]);
    expect(alert.evidence).toEqual([{ name: 'SYN packets', value: 90_000, usual: 40, unit: 'packets/s' }]);
    expect(alert.elements).toEqual([]);
  });

  test('names what it was computed from: the anomaly at hand, and the one that opened it', () => {
    const driver = drive();
    feed(driver, 0);
    feed(driver, 20, { beganAt: 0 });
    feed(driver, 21, { beganAt: 0, phase: 'over' });
    pass(driver, 81);
    driver.commit();
    expect(driver.outputs.filter(({ topic }) => topic === ALERTS).map(({ headers }) => headers.causes)).toEqual([
      'anomalies/0/0-0 config=driver', 'anomalies/0/1-1 anomalies/0/0-0 config=driver', 'anomalies/0/2-2 anomalies/0/0-0 config=driver', 'anomalies/0/0-0 config=driver',
    ]);
  });

  test('says what merely goes on every updateMs, and what is news at once', () => {
    const driver = drive({ updateMs: 10_000 });
    feed(driver, 0);
    told(driver);
    for (const [second, score] of [[1, 2], [2, 2.1], [3, 3], [4, 3], [12, 3], [13, 3], [14, 3]]) feed(driver, second, { beganAt: 0, score });
    driver.commit();
    expect(driver.outputs.map(({ value }) => (decodeAlert(value).time - HOUR) / SECOND)).toEqual([3, 13]);
  });

  test.each<[string, Partial<Anomaly>, string[]]>([
    ['a flash crowd is none', { kind: 'flash-crowd', severity: 'info' }, []],
    ['what is below its threshold is none', { score: 0.9 }, []],
    ['a detector without a measure is heard', { score: NaN }, ['syn-flood-0 opened: open critical syn-flood on 198.51.100.7']],
    ['that a model has not seen the like is none', { kind: 'reconstruction', severity: 'critical', score: 9 }, []],
    ['a severity that is not known is a warning', { severity: 'alarming' }, ['syn-flood-0 opened: open warning syn-flood on 198.51.100.7']],
  ])('%s', (_, of, expected) => {
    const driver = drive();
    feed(driver, 0, of);
    expect(told(driver)).toEqual(expected);
  });

  test('is joined by what opens none', () => {
    const driver = drive();
    const unlike = { kind: 'reconstruction', detector: 'autoencoder', severity: 'warning', score: 9 };
    feed(driver, 0, unlike);
    feed(driver, 1);
    feed(driver, 2, { ...unlike, beganAt: 0 });
    expect(told(driver)).toEqual(['syn-flood-1 opened: open critical syn-flood on 198.51.100.7', 'syn-flood-1 joined: open critical syn-flood on 198.51.100.7']);
    expect(driver.discards()).toEqual({ 'no-alert-to-join': 1 });
  });

  test('whose anomaly is not heard of any more is closed after staleMs', () => {
    const driver = drive({ staleMs: 5 * MINUTE });
    feed(driver, 0);
    told(driver);
    pass(driver, 299);
    expect(told(driver)).toEqual([]);
    pass(driver, 300);
    expect(last(driver)).toMatchObject({ state: 'closed', closedBy: 'stale' });
  });

  test('that comes back soon reopens, waits longer each time, and later is another', () => {
    const driver = drive({ quietMs: MINUTE, reopenMs: 10 * MINUTE });
    const round = (second: number): void => {
      feed(driver, second);
      feed(driver, second + 10, { beganAt: second, phase: 'over' });
    };
    round(0);
    pass(driver, 70);
    round(100);
    expect(told(driver).map((line) => line.split(':')[0])).toEqual(['syn-flood-0 opened', 'syn-flood-0 quiet', 'syn-flood-0 closed', 'syn-flood-0 reopened', 'syn-flood-0 quiet']);
    pass(driver, 229);
    expect(told(driver)).toEqual([]);
    // A flood every two minutes for an hour is one alert, which stays open.
    for (let second = 220; second < 3600; second += 120) round(second);
    expect(told(driver).filter((line) => /opened|closed/.test(line))).toEqual([]);
    pass(driver, 7200);
    expect(last(driver)).toMatchObject({ state: 'closed', reopened: 1 });
    round(9000);
    expect(told(driver).filter((line) => line.includes('opened'))).toEqual([expect.stringMatching(/^syn-flood-\d+ opened/)]);
  });

  test('is forgotten after keepMs, and where there are too many the one closed first gives way', () => {
    const driver = drive({ keepMs: 3_600_000, staleMs: 86_400_000, maxAlerts: 2, groupBitsIpv4: 32 });
    feed(driver, 0, { subject: '10.0.0.1' });
    feed(driver, 1, { subject: '10.0.1.1' });
    feed(driver, 2, { subject: '10.0.2.1' });
    expect(driver.discards()).toEqual({ 'too-many-alerts': 1 });
    say(driver, 3, 'syn-flood-0', 'close');
    feed(driver, 4, { subject: '10.0.2.1' });
    expect(told(driver).slice(-2)).toEqual(['syn-flood-0 forgotten', 'syn-flood-3 opened: open critical syn-flood on 10.0.2.1']);
    say(driver, 5, 'syn-flood-1', 'close');
    pass(driver, 3604);
    expect(told(driver).slice(1)).toEqual([]);
    pass(driver, 3605);
    expect(told(driver)).toContain('syn-flood-1 forgotten');
  });
});

describe('one cause makes one alert', () => {
  test('many hosts of one prefix; the alert is then about the prefix', () => {
    const driver = drive();
    for (let host = 0; host < 100; host++) feed(driver, host / 10, { subject: `198.51.100.${host}` });
    const lines = told(driver);
    expect(lines.slice(0, 2)).toEqual(['syn-flood-0 opened: open critical syn-flood on 198.51.100.0', 'syn-flood-0 widened: open critical syn-flood on 198.51.100.0/24']);
    expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set(['syn-flood-0']));
    feed(driver, 20, { subject: '198.51.100.5', beganAt: 0.5, phase: 'goes-on' });
    expect(last(driver)).toMatchObject({ memberCount: 100 });
    expect(last(driver).members).toHaveLength(64);
  });

  test('carpet bombing takes over the alerts of hosts in its prefix, however wide that is', () => {
    const driver = drive();
    feed(driver, 0, { subject: '198.51.100.1' });
    feed(driver, 1, { subject: '198.51.101.1' });
    told(driver);
    feed(driver, 2, { subject: '198.51.100.0/22', subjectKind: 'prefix', kind: 'carpet-bombing', detector: 'carpet-bombing' });
    expect(told(driver)).toEqual([
      'syn-flood-0 widened: open critical carpet-bombing on 198.51.100.0/22', 'syn-flood-1 closed: closed critical syn-flood on 198.51.101.1', 'syn-flood-0 joined: open critical carpet-bombing on 198.51.100.0/22',
    ]);
    feed(driver, 3, { subject: '198.51.102.9' });
    expect(told(driver)).toEqual(['syn-flood-0 joined: open critical carpet-bombing on 198.51.100.0/22']);
    say(driver, 4, 'syn-flood-1', 'note', { text: 'seen' });
    expect(told(driver)).toEqual(['syn-flood-0 noted: open critical carpet-bombing on 198.51.100.0/22']);
  });

  test('other prefixes, scans of the same host, and changes of single hosts stay apart', () => {
    const driver = drive();
    feed(driver, 0, { subject: '198.51.100.1' });
    feed(driver, 1, { subject: '203.0.113.1' });
    feed(driver, 2, { subject: '198.51.100.1', kind: 'horizontal-scan', detector: 'scan' });
    feed(driver, 3, { subject: '198.51.100.40', kind: 'pattern-change', detector: 'forecast' });
    feed(driver, 4, { subject: '2001:db8::1' });
    feed(driver, 5, { subject: '2001:db8:0:ff::1' });
    expect(told(driver).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['syn-flood-0 opened:', 'syn-flood-1 opened:', 'horizontal-scan-2 opened:', 'pattern-change-3 opened:', 'syn-flood-4 opened:', 'syn-flood-4 widened:']);
  });

  const network = (driver: AlertDriver): void => {
    for (const [name, address] of [['a', '192.0.2.1'], ['b', '192.0.2.2'], ['c', '192.0.2.3']]) feedElement(driver, 0, 'device', name, { address });
    feedElement(driver, 0, 'interface', 'a/e1', { ifIndex: 1 });
    feedElement(driver, 0, 'link', 'ab', { a: 'a', aInterface: 'e1', b: 'b' });
    feedElement(driver, 0, 'link', 'bc', { a: 'b', b: 'c' });
    feedLink(driver, 0, link('ab', 'a', 'b'));
    feedLink(driver, 0, link('bc', 'b', 'c'));
  };

  test('a link that stays down, with its interface, the anomalies of that, and the paths that moved', () => {
    const driver = drive();
    network(driver);
    feedElement(driver, 10, 'interface', 'a/e1', { ifIndex: 1, up: false });
    feedLink(driver, 10, link('ab', 'a', 'b', { up: false }));
    feedRoute(driver, 11, { link: 'ab', reason: 'link-down' });
    expect(told(driver)).toEqual([]);
    pass(driver, 20);
    expect(told(driver)).toEqual([expect.stringMatching(/^link-down-2 opened: open warning link-down on ab/), expect.stringMatching(/^link-down-2 updated/)]);
    feed(driver, 21, { subject: '192.0.2.1/1', subjectKind: 'interface', kind: 'interface-errors', detector: 'interface-errors', severity: 'warning' });
    feedRoute(driver, 40, { link: 'ab', reason: 'cut-off', target: 'b' });
    expect(told(driver)).toEqual(['link-down-2 joined: open warning link-down on ab', 'link-down-2 escalated: open critical link-down on ab']);
    feedLink(driver, 50, link('ab', 'a', 'b'));
    const alert = last(driver);
    expect(alert).toMatchObject({ routesChanged: 2, source: 'links.state/0/2', elements: [{ kind: 'device', id: 'a' }, { kind: 'device', id: 'b' }, { kind: 'interface', id: 'a/e1' }] });
    expect(alert.members.map(({ kind, active }) => [kind, active])).toEqual([['link-down', false], ['interface-errors', true]]);
  });

  test('a link that comes back in time is none', () => {
    const driver = drive();
    network(driver);
    feedLink(driver, 10, link('ab', 'a', 'b', { up: false }));
    feedLink(driver, 19, link('ab', 'a', 'b'));
    pass(driver, 60);
    expect(told(driver)).toEqual([]);
  });

  test('a device that is down with all its links, whatever was met first', () => {
    const driver = drive();
    network(driver);
    feedLink(driver, 10, link('ab', 'a', 'b', { up: false }));
    feedLink(driver, 10, link('bc', 'b', 'c', { up: false }));
    feedElement(driver, 12, 'device', 'b', { address: '192.0.2.2', up: false });
    pass(driver, 21);
    expect(told(driver)).toEqual([]);
    pass(driver, 22);
    expect(last(driver)).toMatchObject({ kind: 'device-down', subject: 'b', severity: 'critical', memberCount: 3 });
    expect(told(driver).map((line) => line.split(':')[0])).toEqual(['device-down-6 opened', 'device-down-6 joined', 'device-down-6 joined']);
  });

  test('a device that is found to be down takes over the alerts of its links', () => {
    const driver = drive();
    network(driver);
    for (const [name, a, b] of [['ab', 'a', 'b'], ['bc', 'b', 'c']]) feedLink(driver, 10, link(name, a, b, { up: false }));
    pass(driver, 20);
    expect(told(driver).filter((line) => line.includes('opened'))).toHaveLength(2);
    feedElement(driver, 30, 'device', 'b', { address: '192.0.2.2', up: false });
    pass(driver, 40);
    expect(told(driver)).toEqual(['link-down-2 widened: open critical device-down on b', 'link-down-3 closed: closed warning link-down on bc', 'link-down-2 joined: open critical device-down on b']);
    feedElement(driver, 50, 'device', 'b', { address: '192.0.2.2', up: true });
    for (const [name, a, b] of [['ab', 'a', 'b'], ['bc', 'b', 'c']]) feedLink(driver, 51, link(name, a, b));
    pass(driver, 111);
    expect(told(driver).at(-1)).toBe('link-down-2 closed: closed critical device-down on b');
  });

  test('a link beyond its limit for long, until it is below the lower one', () => {
    const driver = drive();
    network(driver);
    feedLink(driver, 0, link('ab', 'a', 'b', { utilisationAhead: 0.95 }));
    feedLink(driver, 100, link('ab', 'a', 'b', { utilisationAhead: 0.92 }));
    pass(driver, 299);
    expect(told(driver)).toEqual([]);
    pass(driver, 300);
    expect(told(driver)).toEqual(['utilisation-2 opened: open warning utilisation on ab']);
    feedLink(driver, 305, link('ab', 'a', 'b', { utilisationAhead: 0.85 }));
    expect(told(driver)).toEqual([]);
    feedLink(driver, 310, link('ab', 'a', 'b', { utilisationAhead: 0.79 }));
    expect(told(driver)).toEqual(['utilisation-2 quiet: open warning utilisation on ab']);
  });

  test('a failure of long ago that is over opens nothing when the topics are read from their beginning', () => {
    const driver = drive();
    pass(driver, 7200);
    feed(driver, 7200, { severity: 'info' });
    feedLink(driver, 10, link('ab', 'a', 'b', { up: false }));
    feedLink(driver, 3600, link('ab', 'a', 'b'));
    pass(driver, 9000);
    expect(told(driver)).toEqual([]);
  });
});

describe('feedback', () => {
  test('acknowledges, notes and closes; what was closed by hand stays closed while the same goes on', () => {
    const driver = drive();
    feed(driver, 0);
    say(driver, 1, 'syn-flood-0', 'acknowledge');
    say(driver, 2, 'syn-flood-0', 'note', { text: 'provider is told' });
    expect(told(driver).slice(1)).toEqual(['syn-flood-0 acknowledged: acknowledged critical syn-flood on 198.51.100.7', 'syn-flood-0 noted: acknowledged critical syn-flood on 198.51.100.7']);
    say(driver, 3, 'syn-flood-0', 'close', { text: 'maintenance' });
    feed(driver, 4, { beganAt: 0 });
    feed(driver, 4000, { beganAt: 0 });
    expect(driver.discards()).toEqual({ 'closed-by-hand': 2 });
    expect(told(driver)).toEqual(['syn-flood-0 closed: closed critical syn-flood on 198.51.100.7']);
  });

  test('mutes until a time, over reopening too', () => {
    const driver = drive();
    feed(driver, 0);
    say(driver, 1, 'syn-flood-0', 'mute', { until: HOUR + 3600 * SECOND });
    feed(driver, 10, { beganAt: 0, phase: 'over' });
    pass(driver, 100);
    feed(driver, 3000);
    expect(told(driver).slice(1)).toEqual([
      'syn-flood-0 muted: muted critical syn-flood on 198.51.100.7', 'syn-flood-0 quiet: muted critical syn-flood on 198.51.100.7', 'syn-flood-0 closed: closed critical syn-flood on 198.51.100.7',
      'syn-flood-0 reopened: muted critical syn-flood on 198.51.100.7',
    ]);
    pass(driver, 3600);
    expect(told(driver)).toEqual(['syn-flood-0 unmuted: open critical syn-flood on 198.51.100.7']);
    say(driver, 3601, 'syn-flood-0', 'mute', { until: HOUR });
    expect(driver.discards()).toEqual({ 'out-of-date': 1 });
  });

  test('a false positive raises the threshold: what is below is counted and seen, what is above is an alert; in time it is as before', () => {
    const driver = drive();
    const targets = [{ subject: '198.51.100.7', kind: 'syn-flood', score: 2 }];
    feed(driver, 0);
    say(driver, 5, 'syn-flood-0', 'false-positive', { targets });
    expect(told(driver).at(-1)).toBe('syn-flood-0 false-positive: closed critical syn-flood on 198.51.100.7');
    feed(driver, 1000, { score: 2.1 });
    expect(told(driver)).toEqual(['syn-flood-1 suppressed: suppressed critical syn-flood on 198.51.100.7']);
    expect(driver.discards()).toEqual({ 'below-raised-threshold': 1 });
    feed(driver, 1020, { beganAt: 1000, score: 2.1 });
    expect(last(driver)).toMatchObject({ suppressed: 2, opened: 0 });
    expect(last(driver).factor).toBeCloseTo(2.2, 2);
    feed(driver, 1021, { beganAt: 1000, score: 2.5 });
    expect(told(driver).at(-1)).toBe('syn-flood-1 opened: open critical syn-flood on 198.51.100.7');
    // Another subject is as it was; so is this one after some weeks.
    feed(driver, 1022, { subject: '203.0.113.1', score: 1.1 });
    expect(told(driver)).toHaveLength(1);
    feed(driver, 60 * 86_400, { score: 1.1 });
    expect(told(driver).at(-1)).toMatch(/^syn-flood-\d+ opened: open/);
    expect(driver.views()[1].find(['198.51.100.7', 'syn-flood'])).toMatchObject([['198.51.100.7', 'syn-flood', expect.closeTo(2.2, 5), expect.any(String), 'anna']]);
  });

  test('that comes late, on an alert that is gone or never was, is counted, and its verdict holds', () => {
    const driver = drive();
    say(driver, 0, 'gone-1', 'false-positive', { targets: [{ subject: '198.51.100.7', kind: 'syn-flood', score: 3 }] });
    expect(driver.discards()).toEqual({ 'not-known': 1 });
    feed(driver, 1, { score: 3 });
    expect(told(driver)).toEqual(['syn-flood-0 suppressed: suppressed critical syn-flood on 198.51.100.7']);
  });
});

describe('triggers of a file', () => {
  const file = `
triggers:
  - name: customers
    anomaly: { kinds: [syn-flood], subjects: [198.51.100.0/24], minScore: 3 }
    severity: warning
    criticalFrom: 10
    mute: [{ days: [fri], from: '03:00', until: '04:00' }]
  - name: lab
    anomaly: { subjects: ['192.0.2.0/24'] }
    ignore: true
  - name: crowds
    anomaly: { kinds: [flash-crowd], minSeverity: info }
  - name: link-down
    topology: { element: link, subjects: ['core-*'], downFor: 1s }
`;
  test.each<[string, Partial<Anomaly>, string[]]>([
    ['a higher score', { score: 2 }, []],
    ['another severity, and muted from the beginning by its window', { score: 4 }, ['syn-flood-0 opened: muted warning syn-flood on 198.51.100.7']],
    ['critical from a score', { score: 12 }, ['syn-flood-0 opened: muted critical syn-flood on 198.51.100.7']],
    ['what is to be ignored', { subject: '192.0.2.9' }, []],
    ['a flash crowd where one says so', { kind: 'flash-crowd', severity: 'info' }, ['flash-crowd-0 opened: open info flash-crowd on 198.51.100.7']],
    ['the built-in ones behind', { subject: '203.0.113.1' }, ['syn-flood-0 opened: open critical syn-flood on 203.0.113.1']],
  ])('%s', (_, of, expected) => {
    const driver = drive({ triggersFile: file });
    feed(driver, 0, of);
    expect(told(driver)).toEqual(expected);
  });

  test('a trigger takes the place of the built-in one of its name', () => {
    const names = readTriggers(file).map(({ name }) => name);
    expect(names.filter((name) => name === 'link-down')).toHaveLength(1);
    expect(readTriggers(`builtIn: false\ntriggers: []`)).toEqual([]);
  });

  test.each([
    ['triggers: [', /^line 1, column \d+: /],
    ['triggers: 7', /^line 1, column 11: triggers is a list\.$/],
    ['triggers:\n  - anomaly: {}', /^line 2, column 5: a trigger has a name\.$/],
    ['triggers:\n  - name: a\n    anomoly: {}', /^line 3, column 5: a trigger has no anomoly; there are name, anomaly/],
    ['triggers:\n  - name: a\n    anomaly: {}\n    severity: bad', /^line 4, column 15: severity is one of info, warning, critical, not bad\.$/],
    ['triggers:\n  - name: a\n    topology: { element: link, downFor: soon }', /^line 3, column 41: downFor is a time as 30s/],
    ['triggers:\n  - name: a\n    performance: { measure: loss }', /^line 3, column 18: performance has a measure/],
    ['triggers:\n  - name: a\n    anomaly: { minScore: -1 }', /minScore is a number from 0/],
    ['triggers:\n  - { name: a, anomaly: {} }\n  - { name: a, anomaly: {} }', /^line 3, column 13: there is a trigger 'a' already/],
    ['triggers:\n  - name: a\n    anomaly: {}\n    mute: [{ days: [someday], from: "1:00", until: "2:00" }]', /'someday' is no day/],
  ])('%j is refused with its place', (text, message) => {
    expect(() => readTriggers(text)).toThrow(expect.objectContaining({ code: 'NW_TRIGGER_INVALID', message: expect.stringMatching(message) as string }));
    expect(() => drive({ triggersFile: text }).feed(anomalyValue())).toThrow(expect.objectContaining({ code: 'NW_TRIGGER_INVALID' }));
  });
});

describe('whatever comes', () => {
  const KINDS = ['syn-flood', 'volumetric', 'carpet-bombing', 'horizontal-scan', 'pattern-change', 'flash-crowd'];
  const ACTIONS = ['false-positive', 'true-positive', 'note', 'acknowledge', 'mute', 'unmute', 'close'];

  /** A course of everything at random; `each` is called after every record. */
  function course(seed: number, each: (driver: AlertDriver, i: number) => void): AlertDriver {
    const random = seeded(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const driver = drive({ quietMs: 20_000, reopenMs: 60_000, updateMs: 5000, keepMs: 600_000, staleMs: 120_000, maxAlerts: 30 });
    for (let i = 0; i < 400; i++) {
      const second = 3 * i;
      const kind = KINDS[below(KINDS.length)];
      const choice = random();
      if (choice < 0.6) {
        const subject = kind === 'carpet-bombing' ? `198.51.${below(3)}.0/24` : `198.51.${below(3)}.${below(4)}`;
        feed(driver, second, { kind, subject, subjectKind: kind === 'carpet-bombing' ? 'prefix' : 'host', beganAt: second - below(2) * 30, phase: ['began', 'goes-on', 'over'][below(3)], score: 0.5 + 3 * random(), severity: ['warning', 'critical'][below(2)] });
      } else if (choice < 0.8) {
        const ids = [...compacted(driver).keys()];
        const id = ids.length > 0 ? ids[below(ids.length)] : 'none-1';
        say(driver, second, id, ACTIONS[below(ACTIONS.length)], { until: HOUR + (second + below(100)) * SECOND, targets: [{ subject: `198.51.${below(3)}.${below(4)}`, kind, score: 1 + random() }] });
      } else if (choice < 0.9) feedLink(driver, second, link(`l${below(4)}`, 'a', `b${below(2)}`, { up: random() < 0.5, utilisationAhead: random() }));
      else if (choice < 0.95) feedElement(driver, second, 'device', ['a', 'b0', 'b1'][below(3)], { up: random() < 0.7 });
      else feedRoute(driver, second, { link: `l${below(4)}`, reason: ['link-down', 'cut-off'][below(2)] });
      if (random() < 0.2) pass(driver, second + 2);
      driver.commit(i % 3 === 0);
      each(driver, i);
    }
    return driver;
  }
  /** What the store holds, by its view. */
  const held = (driver: AlertDriver): unknown[] => [...driver.views()[0].read(0, 1000, 1000).rows].map(([id, state, severity, kind, subject, members]) => [id, state, severity, kind, subject, members]).sort();
  const shown = (state: ReadonlyMap<string, Alert>): unknown[] => [...state.values()].map(({ id, state: is, severity, kind, subject, memberCount }) => [id, is, severity, kind, subject, memberCount]).sort();

  test('the last records of the topic by key are the state, after every record', () => {
    const driver = course(1, (now) => expect(held(now)).toEqual(shown(compacted(now))));
    expect(driver.outputs.length).toBeGreaterThan(150);
  });

  test('a restart at any place changes no byte', () => {
    const bytes = (driver: AlertDriver): string[] => driver.outputs.map(({ topic, key, value, headers }) => `${topic.name} ${String(key)} ${headers.ce_id} ${headers.causes} ${(value as Buffer | null)?.toString('hex')}`);
    const straight = bytes(course(2, () => undefined)).filter((line) => !line.startsWith('processing.turns'));
    const restarted = bytes(course(2, (driver, i) => void (i % 7 === 3 && driver.restart()))).filter((line) => !line.startsWith('processing.turns'));
    expect(restarted).toEqual(straight);
  });
});
