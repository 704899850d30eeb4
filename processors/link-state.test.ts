import { decodeLinkState, encodeInterfaceRates, encodeLinkMetrics, encodeTopologyState, type InterfaceRates, type LinkMetrics, type TopologyState } from '../schemas';
import { INTERFACES_RATES, LINKS_STATE, TOPOLOGY_STATE, TURNS } from '../topics';
import { linkState } from './link-state';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';

type LinkDriver = Driver<typeof linkState.section>;

const NOTHING: TopologyState = {
  element: '', id: '', time: 0, source: 'file:test', up: null, address: null, site: null, latitude: null, longitude: null, ifIndex: null, bitsPerSecond: null,
  a: null, aInterface: null, b: null, bInterface: null, latencyMs: null, metric: null, metricBack: null, riskGroups: '', prefixes: '', attributes: {},
};
let now = 0;

function topology(driver: LinkDriver, element: string, id: string, of: Partial<TopologyState> | null): void {
  driver.feedTable(TOPOLOGY_STATE, Buffer.from(`${element}/${id}`), of === null ? null : encodeTopologyState({ ...NOTHING, element, id, time: ++now, ...of }, DRIVER_SCHEMA_ID), { timestampMs: now });
}

function load(driver: LinkDriver, device: string, ifIndex: number, out: number | null, incoming: number | null = null, time = ++now): void {
  const rates: InterfaceRates = {
    device, ifIndex, name: '', alias: '', time, seconds: 10, source: 'SNMP', speed: null, inBitsPerSecond: null, inPacketsPerSecond: null, inUtilisation: incoming, inErrorsPerSecond: null, inDiscardsPerSecond: null,
    outBitsPerSecond: null, outPacketsPerSecond: null, outUtilisation: out, outErrorsPerSecond: null, outDiscardsPerSecond: null, wraps: 0,
  };
  driver.feedTable(INTERFACES_RATES, Buffer.from(`${device}/${ifIndex}`), encodeInterfaceRates(rates, DRIVER_SCHEMA_ID), { timestampMs: now });
}

function measure(driver: LinkDriver, link: string, of: Partial<LinkMetrics>): void {
  driver.feed(encodeLinkMetrics({ link, time: ++now, latencyMs: null, jitterMs: null, lossRatio: null, utilisationRatio: null, ...of }, DRIVER_SCHEMA_ID), { timestampMs: now });
}

const said = (driver: LinkDriver): string[] => {
  driver.commit();
  return driver.outputs.splice(0).filter(({ topic }) => topic !== TURNS).map(({ key, value, topic }) => {
    if (topic !== LINKS_STATE) return topic.name;
    if ((value as Buffer | null) === null) return `${String(key)} gone`;
    const { link, a, b, up, costAhead, costBack, reason } = decodeLinkState(value);
    return `${link} ${a}-${b} ${up ? 'up' : 'down'} ${costAhead.toFixed(3)} ${costBack.toFixed(3)} ${reason}`;
  });
};

/** Two devices, two interfaces, a link; what they make come out is taken away. */
function network(settings: object = {}): LinkDriver {
  const driver = new Driver(linkState, settings, 1);
  topology(driver, 'device', 'a', { address: '192.0.2.1' });
  topology(driver, 'device', 'b', { address: '192.0.2.2' });
  topology(driver, 'interface', 'a/e1', { ifIndex: 1 });
  topology(driver, 'interface', 'b/e2', { ifIndex: 2 });
  topology(driver, 'link', 'ab', { a: 'a', aInterface: 'e1', b: 'b', bInterface: 'e2', latencyMs: 10, bitsPerSecond: 1e9 });
  expect(said(driver)).toEqual([expect.stringMatching(/^ab a-b up .* topology$/)]);
  return driver;
}

beforeEach(() => void (now = 1000));

describe('link-state', () => {
  test('joins topology, measurements and the loads of both ends, and says what of them lies behind', () => {
    const driver = network();
    measure(driver, 'ab', { latencyMs: 40, lossRatio: 0.01 });
    expect(said(driver)).toEqual(['ab a-b up 0.280 0.280 measurement']);
    load(driver, '192.0.2.1', 1, 0.5);
    driver.commit();
    expect(driver.outputs[0].headers.causes).toContain('topology.state');
    expect(driver.outputs[0].headers.causes).toContain('links.metrics');
    expect(said(driver)).toEqual(['ab a-b up 0.480 0.280 counters']);
    load(driver, '192.0.2.2', 2, 0.25, 0.9);
    expect(said(driver)).toEqual(['ab a-b up 0.480 0.380 counters']);
  });

  test('what the far end receives stands for what the near end does not say', () => {
    const driver = network();
    load(driver, '192.0.2.2', 2, null, 0.5);
    expect(said(driver)).toEqual(['ab a-b up 0.240 0.040 counters']);
  });

  test('the cost doubles at one border and falls back at another, lower one', () => {
    const driver = network();
    for (const [utilisationRatio, cost] of [[0.79, 0.356], [0.81, 0.728], [0.75, 0.68], [0.69, 0.316]] as const) {
      measure(driver, 'ab', { utilisationRatio });
      expect(said(driver)).toEqual([`ab a-b up ${cost.toFixed(3)} ${cost.toFixed(3)} measurement`]);
    }
  });

  test('a ripple of the load is not put out', () => {
    const driver = network();
    measure(driver, 'ab', { utilisationRatio: 0.5 });
    said(driver);
    measure(driver, 'ab', { utilisationRatio: 0.51 });
    expect(said(driver)).toEqual([]);
    measure(driver, 'ab', { utilisationRatio: 0.54 });
    expect(said(driver)).toHaveLength(1);
  });

  test('what a cost is made of is put out though the cost is the same: a policy may weigh it', () => {
    const driver = network({ utilisationWeightPercent: 0, lossWeightPercent: 0, latencyWeightPercent: 0 });
    const measured = (of: Partial<LinkMetrics>): number => (measure(driver, 'ab', of), said(driver).length);
    // A step is 5 % of the latency, five points of the load, 5 % of the loss but 0.05 points at least.
    expect([0.5, 0.54, 0.56].map((utilisationRatio) => measured({ utilisationRatio }))).toEqual([1, 0, 1]);
    expect([30, 31, 32].map((latencyMs) => measured({ latencyMs, utilisationRatio: 0.56 }))).toEqual([1, 0, 1]);
    expect([0, 0.0004, 0.02, 0.0205].map((lossRatio) => measured({ lossRatio, latencyMs: 32, utilisationRatio: 0.56 }))).toEqual([1, 0, 1, 0]);
  });

  test.each([
    ['the link', 'link', 'ab', { a: 'a', aInterface: 'e1', b: 'b', bInterface: 'e2', latencyMs: 10 }],
    ['a device', 'device', 'b', { address: '192.0.2.2' }],
    ['an interface', 'interface', 'a/e1', { ifIndex: 1 }],
  ])('%s down is the link down, and up again', (_, element, id, of) => {
    const driver = network();
    topology(driver, element, id, { ...of, up: false });
    expect(said(driver)).toEqual(['ab a-b down Infinity Infinity topology']);
    topology(driver, element, id, { ...of, up: true });
    expect(said(driver)).toEqual(['ab a-b up 0.040 0.040 topology']);
  });

  test('a link that is gone is a tombstone, once', () => {
    const driver = network();
    topology(driver, 'link', 'ab', null);
    expect(said(driver)).toEqual(['ab gone']);
    measure(driver, 'ab', { latencyMs: 5 });
    topology(driver, 'device', 'a', null);
    expect(said(driver)).toEqual([]);
    expect(driver.discards()).toEqual({ 'link-not-in-topology': 1 });
  });

  test('old measurements count as none, older ones than the last are let go', () => {
    const driver = network({ staleMs: 60_000 });
    measure(driver, 'ab', { latencyMs: 40, time: 10_000 });
    said(driver);
    measure(driver, 'ab', { latencyMs: 400, time: 9000 });
    expect(driver.discards()).toEqual({ 'out-of-order': 1 });
    load(driver, '192.0.2.1', 1, 0.5, null, 80_000);
    expect(said(driver)).toEqual(['ab a-b up 0.240 0.040 counters']);
  });

  test('what is no measure counts as not known, and is counted; so is a device that the topology does not have', () => {
    const driver = network();
    measure(driver, 'ab', { latencyMs: -3, lossRatio: 2, utilisationRatio: NaN });
    // Utilisation that is not a number is not known to begin with; latency and loss are refused in both directions.
    expect(driver.discards()).toEqual({ 'no-measure': 4 });
    expect(said(driver)).toEqual(['ab a-b up 0.004 0.004 measurement']);
    topology(driver, 'link', 'ax', { a: 'a', b: 'x' });
    expect(driver.discards()).toMatchObject({ 'device-not-in-topology': 1 });
    expect(said(driver)).toEqual(['ax a-x up 0.004 0.004 topology']);
    topology(driver, 'link', 'half', { a: 'a' });
    measure(driver, 'unknown', { latencyMs: 3 });
    expect(driver.discards()).toMatchObject({ 'link-without-ends': 1, 'link-not-in-topology': 1 });
  });

  test('after a restart it goes on as if there had been none', () => {
    const run = (restart: boolean): string[] => {
      now = 1000;
      const driver = network();
      const lines: string[] = [];
      const step = (work: () => void): void => {
        work();
        lines.push(...said(driver));
        if (restart) driver.restart();
      };
      step(() => measure(driver, 'ab', { utilisationRatio: 0.81, latencyMs: 20 }));
      step(() => measure(driver, 'ab', { utilisationRatio: 0.75, latencyMs: 20 }));
      step(() => load(driver, '192.0.2.1', 1, 0.1));
      step(() => topology(driver, 'device', 'a', { address: '192.0.2.9' }));
      step(() => load(driver, '192.0.2.9', 1, 0.6));
      step(() => topology(driver, 'interface', 'b/e2', { ifIndex: 2, up: false }));
      return lines;
    };
    expect(run(true)).toEqual(run(false));
    expect(run(false)).toHaveLength(6);
  });
});
