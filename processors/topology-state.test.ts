import { eventOf, snapshot } from '../domain/topology/differences';
import { device, link, NOTHING_SAID, type Element } from '../domain/topology/elements';
import { decodeTopologyState, encodeTopologyEvent, type TopologyEvent } from '../schemas';
import { TOPOLOGY_STATE } from '../topics';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';
import { topologyState } from './topology-state';

type TopologyDriver = Driver<typeof topologyState.section>;
const make = (settings = {}): TopologyDriver => new Driver(topologyState, settings, 1);
const feed = (driver: TopologyDriver, ...events: TopologyEvent[]): void => {
  for (const event of events) driver.feed(encodeTopologyEvent(event, DRIVER_SCHEMA_ID), { timestampMs: event.time, key: Buffer.from(`${event.element}/${event.id}`) });
};
const event = (change: string, element: Element, time: number, source = 'file:lab'): TopologyEvent => ({ ...eventOf({ change: 'added', element }, source, time), change });
const end = (of: string): { device: string; interface: null } => ({ device: of, interface: null });
const a = device('a', { site: 'x' });
const b = device('b');
const ab = link('a--b', end('a'), end('b'), { metric: 5, attributes: { colour: 'red' } });

/** What came out, in short: key, then the fields that say something. */
const said = (driver: TopologyDriver): string[] => {
  driver.commit();
  return driver.outputs.splice(0).map(({ topic, key, value }) => {
    if (topic !== TOPOLOGY_STATE) return topic.name;
    if ((value as Buffer | null) === null) return `${key!.toString()} gone`;
    const { element, id, time, source, ...rest } = decodeTopologyState(value);
    const told = Object.entries(rest).filter(([name, field]) => JSON.stringify(field) !== JSON.stringify(NOTHING_SAID[name as keyof typeof NOTHING_SAID]));
    return `${element}/${id} ${source}@${time}${told.map(([name, field]) => ` ${name}=${typeof field === 'object' ? JSON.stringify(field) : String(field)}`).join('')}`;
  });
};

describe('topology-state', () => {
  test('is what was said last, and a tombstone where nothing is left', () => {
    const driver = make();
    feed(driver, event('added', a, 1), event('added', b, 2), event('added', ab, 3));
    expect(said(driver)).toEqual(['device/a file:lab@1 site=x', 'device/b file:lab@2', 'link/a--b file:lab@3 a=a b=b metric=5 attributes={"colour":"red"}']);
    feed(driver, event('down', link('a--b', end('zzz'), end('yyy')), 4));
    expect(said(driver)).toEqual(['link/a--b file:lab@4 up=false a=a b=b metric=5 attributes={"colour":"red"}']);
    feed(driver, event('up', ab, 5), event('changed', { ...ab, metric: null, attributes: {} }, 6));
    expect(said(driver)).toEqual(['link/a--b file:lab@5 up=true a=a b=b metric=5 attributes={"colour":"red"}', 'link/a--b file:lab@6 a=a b=b']);
    feed(driver, event('removed', ab, 7));
    expect(said(driver)).toEqual(['link/a--b gone']);
    expect(driver.discards()).toEqual({});
  });

  test('says nothing where nothing is other', () => {
    const driver = make();
    feed(driver, event('added', ab, 1), event('changed', ab, 2), event('present', ab, 3));
    expect(said(driver)).toEqual(['link/a--b file:lab@1 a=a b=b metric=5 attributes={"colour":"red"}']);
  });

  test('a snapshot takes back what its source named before and does not name now, links before devices', () => {
    const driver = make();
    feed(driver, ...snapshot([a, b, ab], 'file:lab', 10), event('added', device('other'), 11, 'lldp:x'));
    said(driver);
    feed(driver, event('added', device('c'), 12), ...snapshot([a], 'file:lab', 20));
    expect(said(driver)).toEqual(['device/c file:lab@12', 'link/a--b gone', 'device/c gone', 'device/b gone']);
    feed(driver, ...snapshot([], 'file:lab', 30));
    expect(said(driver)).toEqual(['device/a gone']);
  });

  test('of a snapshot that broke off nothing is taken back, nor by an end of another time', () => {
    const driver = make();
    feed(driver, ...snapshot([a, b], 'file:lab', 10), event('present', a, 20), ...snapshot([a, b, ab], 'file:lab', 30), event('present', a, 40), ...snapshot([], 'file:lab', 41));
    driver.commit(false);
    expect(said(driver)).toEqual(['device/a file:lab@10 site=x', 'device/b file:lab@10', 'link/a--b file:lab@30 a=a b=b metric=5 attributes={"colour":"red"}']);
  });

  test('counts a torn snapshot', () => {
    const driver = make();
    feed(driver, event('present', a, 40), ...snapshot([], 'file:lab', 41));
    expect(driver.discards()).toEqual({ 'snapshot-torn': 1 });
  });

  test('what is older than what the same source said is counted and left', () => {
    const driver = make();
    feed(driver, event('added', a, 10), event('changed', { ...a, site: 'old' }, 9), event('changed', { ...a, site: 'other' }, 9, 'lldp:x'));
    feed(driver, event('removed', a, 12), event('changed', { ...a, site: 'old' }, 11), ...snapshot([b], 'file:lab', 20), event('added', ab, 19), event('present', ab, 19), ...snapshot([ab], 'file:lab', 19));
    expect(driver.discards()).toEqual({ 'out-of-date': 6 });
    expect(said(driver)).toEqual(['device/a file:lab@10 site=x', 'device/a lldp:x@9 site=other', 'device/b file:lab@20']);
  });

  test('an element is there as long as one source names it, and is as was said last of every field', () => {
    const driver = make();
    feed(driver, event('added', link('a--b', end('a'), end('b'), { metric: 5, metricBack: 6, bitsPerSecond: 10 }), 1), event('added', a, 1), event('added', b, 1));
    said(driver);
    feed(driver, event('added', link('a--b', end('b'), end('a'), { latencyMs: 3, attributes: { by: 'lldp' } }), 2, 'lldp:x'));
    // The ends are those of lldp:x, the metrics those of file:lab, turned.
    expect(said(driver)).toEqual(['link/a--b lldp:x@2 bitsPerSecond=10 a=b b=a latencyMs=3 metric=6 metricBack=5 attributes={"by":"lldp"}']);
    feed(driver, event('removed', ab, 3));
    expect(said(driver)).toEqual(['link/a--b lldp:x@2 a=b b=a latencyMs=3 attributes={"by":"lldp"}']);
    feed(driver, event('down', ab, 4, 'snmp:y'));
    expect(said(driver)).toEqual(['link/a--b snmp:y@4 up=false a=b b=a latencyMs=3 attributes={"by":"lldp"}']);
    // Who only says how it does does not make it be there.
    feed(driver, event('removed', ab, 5, 'lldp:x'), event('up', ab, 6, 'snmp:y'));
    expect(said(driver)).toEqual(['link/a--b gone']);
    expect(driver.discards()).toEqual({ 'device-not-in-topology': 2, 'element-not-known': 1 });
  });

  test('kinds that are not known are kept, counted, and never the end', () => {
    const driver = make();
    feed(driver, event('added', { ...a, element: 'tunnel', id: 't' }, 1), event('added', a, 1), event('maintenance', { ...a, attributes: { until: 'noon' } }, 2), event('maintenance', device('nobody'), 2));
    expect(driver.discards()).toEqual({ 'element-kind-not-known': 1, 'change-not-known': 2 });
    expect(said(driver)).toEqual(['tunnel/t file:lab@1 site=x', 'device/a file:lab@1 site=x', 'device/a file:lab@2 site=x attributes={"until":"noon","change":"maintenance"}']);
  });

  test('what cannot be is counted and left; a link to a device that nobody named is kept', () => {
    const driver = make();
    feed(driver, event('added', { ...ab, a: null }, 1), event('added', device(''), 1), event('added', { ...a, latitude: 91, longitude: 1 }, 1), event('down', b, 1), event('removed', b, 1), event('added', ab, 2));
    expect(driver.discards()).toEqual({ 'link-without-ends': 1, 'element-without-name': 1, 'impossible-number': 1, 'element-not-known': 2, 'device-not-in-topology': 1 });
    expect(said(driver)).toEqual(['device/a file:lab@1 site=x', 'link/a--b file:lab@2 a=a b=b metric=5 attributes={"colour":"red"}']);
  });

  test('nonsense and a time far ahead go to dead-letters, and the network stays', () => {
    const driver = make();
    feed(driver, event('added', a, 1));
    driver.feed(Buffer.from('no event'));
    driver.feed(encodeTopologyEvent(event('removed', a, 10_000_000), DRIVER_SCHEMA_ID), { timestampMs: 2 });
    feed(driver, event('down', a, 3));
    expect(said(driver)).toEqual(['device/a file:lab@1 site=x', 'dead-letters', 'dead-letters', 'device/a file:lab@3 up=false site=x']);
  });

  test('sources of one element beyond the bound are counted and left', () => {
    const driver = make({ maxSources: 1 });
    feed(driver, event('added', a, 1), event('added', { ...a, site: 'y' }, 2, 'lldp:x'), event('changed', { ...a, site: 'z' }, 3));
    expect(driver.discards()).toEqual({ 'too-many-sources': 1 });
    expect(said(driver)).toEqual(['device/a file:lab@1 site=x', 'device/a file:lab@3 site=z']);
  });

  test('elements that do not fit go to dead-letters, those beside them stay', () => {
    const driver = make({ maxStateMiB: 1 });
    for (let i = 0; i < 8000; i++) feed(driver, event('added', device(`device-${i}`, { attributes: { text: 'x'.repeat(200) } }), i));
    const out = said(driver);
    expect(out.filter((line) => line === 'dead-letters').length).toBeGreaterThan(100);
    expect(out.filter((line) => line.startsWith('device/')).length).toBeGreaterThan(1000);
  });

  test('puts out the same bytes however often it is restarted', () => {
    const run = (restartEvery: number): string[] => {
      const driver = make();
      const elements = [a, b, device('c'), ab, link('b--c', end('b'), end('c')), { ...a, element: 'tunnel' }];
      let time = 0;
      for (let i = 0; i < 400; i++) {
        const source = ['file:lab', 'lldp:x', 'websocket:y'][i % 3];
        time += i % 7;
        if (i % 29 === 0) feed(driver, ...snapshot(elements.filter((_, n) => (i * 31 + n * 7) % 3 > 0), source, time));
        else feed(driver, event(['added', 'changed', 'removed', 'up', 'down', 'odd'][(i * 17) % 6], { ...elements[(i * 13) % 6], site: `s${(i * 11) % 4}` }, time - (i % 5 === 0 ? 30 : 0), source));
        if (restartEvery > 0 && i % restartEvery === 0) {
          driver.commit(i % (2 * restartEvery) === 0);
          driver.restart();
        }
      }
      driver.commit();
      return driver.outputs.map(({ key, value, headers }) => `${key!.toString()} ${(value as Buffer | null)?.toString('hex') ?? 'gone'} ${JSON.stringify(headers)}`);
    };
    const calm = run(0);
    expect(calm.length).toBeGreaterThan(100);
    expect(run(1)).toEqual(calm);
    expect(run(7)).toEqual(calm);
  });
});
