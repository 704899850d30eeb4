/** Cisco ASA: what its events count, by its guide; see `firewall-events.ts`. */
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { FirewallEvents } from './firewall-events';
import { bytes, ip4, netflow9, set, template, type FixtureField } from './fixtures';

const CREATED = 1;
const TORN_DOWN = 2;
const DENIED = 3;
const UPDATED = 5;
const FIELDS: readonly FixtureField[] = [[148, 4], [8, 4], [7, 2], [12, 4], [11, 2], [4, 1], [233, 1], [33002, 2], [323, 8], [231, 4], [232, 4]];

/** Decodes events, one a datagram; the bytes that come of them by direction. */
class Firewall {
  private readonly decoder = new CaptureDecoder();
  private sequence = 0;
  readonly bytes = { forward: 0, back: 0 };
  rows = 0;

  constructor() {
    this.send('192.0.2.1', set(0, template(256, FIELDS)));
  }

  event(event: number, connection: number, forward = 0, back = 0, from = '192.0.2.1'): this {
    if (from !== '192.0.2.1') this.send(from, set(0, template(256, FIELDS)));
    return this.send(from, set(256, bytes([connection, 4], ip4('10.0.0.1'), [1024, 2], ip4('10.0.0.2'), [443, 2], [6, 1], [event, 1], [0, 2], [1_700_000_000_000, 8], [forward, 4], [back, 4])));
  }

  private send(srcAddr: string, content: Buffer): this {
    const records: CaptureRecord[] = this.decoder.decode({ srcAddr, payload: netflow9([content], { sequence: this.sequence++ }), timestampMs: 1_700_000_000_000 });
    for (const record of records) {
      if (record.kind !== 'flow') continue;
      this.rows++;
      this.bytes[record.srcAddr === '10.0.0.1' ? 'forward' : 'back'] += record.bytes;
    }
    return this;
  }
}

describe('the events of a connection add up to its traffic once', () => {
  test('a long one: updates since the last, and a teardown with the whole again', () => {
    const { bytes: sum, rows } = new Firewall().event(CREATED, 7).event(UPDATED, 7, 2557, 1117).event(UPDATED, 7, 31, 0).event(UPDATED, 7, 12, 40).event(TORN_DOWN, 7, 2600, 1157);
    expect([sum, rows]).toEqual([{ forward: 2600, back: 1157 }, 7]);
  });

  test('a short one: a teardown alone, with or without a created', () => {
    expect(new Firewall().event(CREATED, 7).event(TORN_DOWN, 7, 300, 400).bytes).toEqual({ forward: 300, back: 400 });
    expect(new Firewall().event(TORN_DOWN, 7, 300, 400).bytes).toEqual({ forward: 300, back: 400 });
  });

  test('a number used again is another connection', () => {
    const firewall = new Firewall().event(UPDATED, 7, 10, 0).event(TORN_DOWN, 7, 10, 0);
    expect(firewall.event(TORN_DOWN, 7, 5, 0).bytes).toEqual({ forward: 15, back: 0 });
    expect(new Firewall().event(UPDATED, 7, 10, 0).event(CREATED, 7).event(TORN_DOWN, 7, 5, 0).bytes).toEqual({ forward: 15, back: 0 });
  });

  test('the same number of another firewall is another connection', () => {
    expect(new Firewall().event(UPDATED, 7, 10, 0).event(TORN_DOWN, 7, 20, 0, '192.0.2.2').bytes).toEqual({ forward: 30, back: 0 });
  });

  test('what was denied is a row without traffic', () => {
    const { bytes: sum, rows } = new Firewall().event(DENIED, 0);
    expect([sum, rows]).toEqual([{ forward: 0, back: 0 }, 1]);
  });
});

test('other exporters of firewall events (no extended event) count as they say', () => {
  const decoder = new CaptureDecoder();
  const fields: FixtureField[] = [[148, 4], [8, 4], [12, 4], [233, 1], [231, 4]];
  const event = (kind: number): Buffer => bytes([7, 4], ip4('10.0.0.1'), ip4('10.0.0.2'), [kind, 1], [100, 4]);
  const records = decoder.decode({ srcAddr: '192.0.2.1', payload: netflow9([set(0, template(256, fields)), set(256, bytes(event(UPDATED), event(TORN_DOWN)))]), timestampMs: 0 });
  expect(records).toMatchObject([{ bytes: 100 }, { bytes: 100 }]);
});

test('memory is bounded: of more connections than there is room for the newest are known', () => {
  const events = new FirewallEvents();
  const domain = events.numberOf({});
  const count = 3_000_000;
  for (let i = 0; i < count; i++) events.counts(domain, i, UPDATED);
  expect(events.counts(domain, count - 1, TORN_DOWN)).toBe(false);
  let forgotten = 0;
  for (let i = 0; i < 1000; i++) if (events.counts(domain, i, TORN_DOWN)) forgotten++;
  expect(forgotten).toBeGreaterThan(900);
});
