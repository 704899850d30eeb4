import { ALARM_NATS, CONNECTION_CELLS, connectionFlood, type ConnectionLimits, type ConnectionView } from '../domain/detect/connection-flood';
import { seeded } from '../domain/simulate/random';
import type { Anomaly } from '../schemas';
import { ANOMALIES } from '../topics';
import { connections } from './connections';
import { Driver } from './runtime/driver';
import { crowded, HOST_WINDOW_MS, hostWindow } from './runtime/testing/connections';
import { HOUR } from './runtime/testing/flows';

const LIMITS: ConnectionLimits = { least: 10, leastLingering: 1, ratio: 4, memory: 360 };
const view = (flows: number, of: Partial<ConnectionView> = {}): ConnectionView => ({ flows, packets: 10 * flows, ports: 1, peers: 20, srcEntropy: 0.9, tcpShare: 1, meanSeconds: 0.2, windowSeconds: 10, ...of });
/** Windows that are only learnt. */
const NEW = 3;
/** Numbers of the windows that something is told of. */
const toldOf = (views: readonly ConnectionView[]): number[] => {
  const cells = new Float64Array(CONNECTION_CELLS);
  return views.flatMap((one, i) => (connectionFlood(cells, 0, one, 0, i < NEW, LIMITS) === null ? [] : [i]));
};
const steady = (flows: number, count: number, of: Partial<ConnectionView> = {}): ConnectionView[] => Array.from({ length: count }, () => view(flows, of));

describe('connections to a host', () => {
  test.each<[string, ConnectionView[], number[]]>([
    ['as many as usual', steady(500, 20), []],
    ['one window of many decides nothing', [...steady(50, 5), view(5000), ...steady(50, 5)], []],
    ['two do', [...steady(50, 5), view(5000), view(5000), view(50)], [6]],
    ['fewer than are anything unusual', [...steady(1, 5), ...steady(200, 20)], []],
    ['four times what is usual, which is much', [...steady(200, 30), ...steady(800, 3)], [31, 32]],
    ['answers at as many ports: a client', [...steady(0, 3), ...steady(5000, 5, { ports: 5000 })], []],
    ['a host that was silent before', [...steady(0, 3), ...steady(5000, 3)], [4, 5]],
    ['few that linger', [...steady(0, 3), ...steady(30, 3, { meanSeconds: 50, packets: 100 })], [4, 5]],
    ['as few of UDP, which hold no place', [...steady(0, 3), ...steady(30, 3, { meanSeconds: 50, packets: 100, tcpShare: 0 })], []],
    ['as few that do not', [...steady(0, 3), ...steady(30, 3, { meanSeconds: 50, packets: 30_000 })], []],
    ['what is no number', steady(NaN, 4), []],
  ])('%s', (_, views, expected) => {
    expect(toldOf(views)).toEqual(expected);
  });

  test('a flood of an hour is not learnt as usual, what lasts for days is', () => {
    const told = toldOf([...steady(50, 5), ...steady(5000, 20_000)]);
    expect(told.slice(0, 360)).toEqual(Array.from({ length: 360 }, (_, i) => 6 + i));
    expect(told[told.length - 1]).toBeLessThan(10_000);
  });

  test('where counts vary much, more is needed', () => {
    const bursty = Array.from({ length: 160 }, (_, i) => view(i % 8 === 0 ? 200 : 100));
    // 113 on average, both.
    expect(toldOf([...steady(113, 160), view(280), view(280)])).toEqual([161]);
    expect(toldOf([...bursty, view(280), view(280)])).toEqual([]);
    expect(toldOf([...bursty, view(5000), view(5000)])).toEqual([161]);
  });

  test('where flows are sampled, two now and then with nothing between never add up: silence speaks against a flood', () => {
    const sampled = { ...LIMITS, least: 0.05, leastLingering: 0.02 };
    const toldAfter = (gap: number): number => {
      const cells = new Float64Array(CONNECTION_CELLS);
      return Array.from({ length: 300 }, (_, i) => connectionFlood(cells, 0, view(i < NEW ? 0 : 2), i === 0 ? 0 : gap, i < NEW, sampled)).filter((one) => one !== null).length;
    };
    expect([toldAfter(2), toldAfter(0) > 0]).toEqual([0, true]);
  });

  test('windows without any are part of what is usual', () => {
    const cells = new Float64Array(CONNECTION_CELLS);
    for (let i = 0; i < 100; i++) connectionFlood(cells, 0, view(900), i === 0 ? 0 : 8, i < NEW, LIMITS);
    expect(cells[1]).toBeLessThan(250);
  });

  test('steady traffic of chance raises no alarm, in five thousand windows', () => {
    const next = seeded(5);
    const drawn = (): number => {
      let count = 0;
      for (let i = 0; i < 200; i++) if (next() < 0.5) count++;
      return count;
    };
    const cells = new Float64Array(CONNECTION_CELLS);
    let most = 0;
    for (let i = 0; i < 5000; i++) {
      connectionFlood(cells, 0, view(drawn()), 0, i < NEW, LIMITS);
      most = Math.max(most, cells[2]);
    }
    expect(most).toBeLessThan(ALARM_NATS);
  });
});

describe('connections', () => {
  const run = (each: (driver: Driver<typeof connections.section>, i: number) => void = () => undefined): Driver<typeof connections.section> => {
    const driver = new Driver(connections, {}, 1);
    crowded().forEach((fed, i) => {
      driver.feed(fed.value, fed);
      each(driver, i);
    });
    driver.commit();
    return driver;
  };
  const told = (driver: Driver<typeof connections.section>): string[] => driver.values<Anomaly>(ANOMALIES).map(({ subject, phase, time }) => `${subject} ${phase} ${(time - HOUR) / HOST_WINDOW_MS}`);

  test('begins, and is over a minute after it has ceased', () => {
    const driver = run();
    expect(told(driver)).toEqual(['192.0.2.80 began 72', '192.0.2.80 over 82']);
    expect(driver.values<Anomaly>(ANOMALIES)[0]).toMatchObject({ kind: 'connection-flood', detector: 'connections', severity: 'warning', value: 90, unit: 'flows/s', began: HOUR + 71 * HOST_WINDOW_MS, evidence: [{ name: 'flows', value: 90, usual: expect.closeTo(5, 1) as number }, {}, {}, {}, {}, {}] });
  });

  test('is over in a silence too', () => {
    const driver = new Driver(connections, {}, 1);
    for (const fed of crowded().slice(0, 74)) driver.feed(fed.value, fed);
    driver.silence(HOUR + 1000 * HOST_WINDOW_MS);
    driver.commit();
    expect(told(driver).map((line) => line.split(' ')[1])).toEqual(['began', 'over']);
  });

  test('longer windows, other subjects and what is no address are passed over', () => {
    const driver = new Driver(connections, {}, 1);
    for (let i = 0; i < 99; i++) driver.feed(hostWindow(i, [{ flows: 1e6 }], 60_000));
    driver.feed(hostWindow(99, [{ subject: 'nobody', flows: 1e6 }]));
    expect(driver.discards()).toEqual({ 'no-address': 1 });
    driver.commit();
    expect(told(driver)).toEqual([]);
  });

  test('a restart changes nothing', () => {
    const anomalies = (driver: Driver<typeof connections.section>): unknown => driver.outputs.filter(({ topic }) => topic === ANOMALIES);
    expect(anomalies(run((driver, i) => {
      if (i % 9 === 1) driver.commit(i % 18 === 1);
      if (i % 13 === 5) driver.restart();
    }))).toEqual(anomalies(run()));
  });
});
