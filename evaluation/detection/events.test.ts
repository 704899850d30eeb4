import type { Anomaly, TrafficFeatures } from '../../schemas';
import { anomaly } from '../../processors/runtime/testing/anomalies';
import { alarmsOf, baselineAlarms, eventsOf, judge, type Classes } from './events';
import { endsOf, reportsOf, type LabelledFlow } from './flows';
import { replay, weighted, type Told, type Weighting } from './replay';

const MINUTE = 60_000;
const FLOW: LabelledFlow = { start: 0, end: 0, src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1000, dstPort: 80, proto: 6, packets: 5, bytes: 500, flags: 2, backPackets: 0, backBytes: 0, backFlags: 0, label: 'DoS' };
const flow = (of: Partial<LabelledFlow>): LabelledFlow => ({ ...FLOW, end: of.start ?? 0, ...of });
const told = (of: Partial<Anomaly>): Told => ({ anomaly: anomaly({ subject: '10.0.0.2', ...of }), time: of.time ?? 0 });
const CLASSES: Classes = { groupOf: (label) => label, isClaimed: (group) => group === 'DoS' };
const events = eventsOf({ name: '', rates: {}, flows: [flow({ start: 0 }), flow({ start: MINUTE }), flow({ start: 2 * MINUTE, label: '' }), flow({ start: 60 * MINUTE })] }, false);

test('attacks are stretches of a class', () => {
  expect(events.map(({ start, end }) => [start, end])).toEqual([[0, MINUTE], [60 * MINUTE, 60 * MINUTE]]);
});

test('what is told of their hosts in their time finds them; all else is a false alarm, information is none', () => {
  const alarms = alarmsOf([
    told({ phase: 'began', began: 10_000, time: 20_000 }),
    told({ phase: 'goes-on', began: 10_000, time: 30_000 }),
    told({ phase: 'over', began: 10_000, time: 40_000 }),
    told({ phase: 'began', began: 30 * MINUTE, time: 30 * MINUTE }),
    told({ subject: '10.9.9.9', began: 5000, time: 5000 }),
    told({ subject: '10.9.9.8', severity: 'info', began: 5000, time: 5000 }),
  ]);
  expect(alarms).toHaveLength(3);
  expect(judge(alarms, events, 12, CLASSES, { set: 's', weighting: 'w', detector: 'd' })).toMatchObject([{ attack: 'DoS', claimed: true, events: 2, found: 1, recall: 0.5, secondsToDetect: 20, falseAlarms: 2, falseAlarmsADay: 4, precision: expect.closeTo(1 / 3, 12) as number }]);
});

test('a set without attacks has a line too, for its false alarms', () => {
  expect(judge(alarmsOf([told({ phase: 'began', began: 0 })]), [], 12, CLASSES, { set: 's', weighting: 'w', detector: 'd' })).toMatchObject([{ attack: 'none', claimed: false, events: 0, recall: null, falseAlarms: 1, falseAlarmsADay: 2, precision: 0 }]);
});

test('what was left out is put back: a port that was drawn once stands for others of its class, one that was drawn twice for itself', () => {
  const drawn = [80, 80, 21, 22].map((dstPort, i) => flow({ start: 1000 * i, dstPort, label: 'scan', packets: 1, bytes: 40 }));
  const others = Array.from({ length: 400 }, (_, i) => flow({ start: 20 * MINUTE + 100 * i, dstPort: 1000 + i, label: 'scan', packets: 1, bytes: 40 }));
  const portsOf = (weighting: Weighting): Map<number, number> => {
    const counts = new Map<number, number>();
    const set = { name: '', rates: { scan: 0.01 }, flows: [...drawn, ...others] };
    for (const { flow: { start, dstPort } } of weighted(set, weighting, 7)) if (start < MINUTE) counts.set(dstPort, (counts.get(dstPort) ?? 0) + 1);
    return counts;
  };
  const full = portsOf('full');
  expect([...full.values()].reduce((sum, count) => sum + count, 0)).toBe(400);
  expect(full.get(80)).toBeGreaterThanOrEqual(200);
  // Two hundred copies among four hundred ports.
  expect(full.size).toBeGreaterThan(120);
  expect(portsOf('full, ports as drawn')).toEqual(new Map([[80, 200], [21, 100], [22, 100]]));
});

test('an answer comes from where the question went; that to a ping is an answer by its type', () => {
  expect(endsOf({ of: flow({}), isBack: true, copy: 0 })).toEqual({ srcAddr: '10.0.0.2', dstAddr: '10.0.0.1', srcPort: 80, dstPort: 1000 });
  expect(endsOf({ of: flow({ proto: 1, srcPort: 0, dstPort: 0x0800 }), isBack: true, copy: 0 })).toEqual({ srcAddr: '10.0.0.2', dstAddr: '10.0.0.1', srcPort: 0, dstPort: 0 });
  expect(endsOf({ of: flow({}), isBack: false, copy: 3 })).toEqual({ srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 1024 + 1000 + 3 * 7919, dstPort: 80 });
});

test('the baseline speaks where a host gets more than any did before', () => {
  const minute = (at: number, flows: number): TrafficFeatures => ({ windowStart: at * MINUTE, windowMs: MINUTE, kind: 'host', rows: [{ subject: 'a', flows } as TrafficFeatures['rows'][number]] });
  expect(baselineAlarms([minute(0, 9), minute(1, 7), minute(2, 10), minute(3, 11), minute(5, 12), minute(9, 12)], 2 * MINUTE)).toMatchObject([{ from: 2 * MINUTE, until: 6 * MINUTE, told: 3 * MINUTE }, { from: 9 * MINUTE }]);
});

test('flows are reported in parts, as exporters do, and nothing of them is lost', () => {
  const reports = reportsOf(flow({ end: 150_000, packets: 10, bytes: 1000, backPackets: 1, backBytes: 7 }), 5, 0);
  expect(reports.map(({ isBack, start, end, packets, bytes }) => [isBack, start, end, packets, bytes])).toEqual([[false, 5, 60_005, 3, 300], [false, 60_005, 120_005, 3, 300], [false, 120_005, 150_005, 4, 400], [true, 120_005, 150_005, 1, 7]]);
});

test('a set goes through the real processors: a scan is found, honest traffic is not', () => {
  const honest = Array.from({ length: 300 }, (_, i) => flow({ start: i * 2000, end: i * 2000 + 100, src: `10.0.1.${i % 9}`, flags: 27, backPackets: 5, backBytes: 900, backFlags: 27, label: '' }));
  const scan = Array.from({ length: 300 }, (_, i) => flow({ start: 300_000 + i * 100, src: '10.7.7.7', dst: `10.0.2.${i % 250}`, packets: 1, label: 'scan' }));
  const { told: all, reports, hours } = replay({ name: '', rates: {}, flows: [...honest, ...scan].sort((a, b) => a.start - b.start) }, 'full', 1, {});
  expect(new Set(all.map(({ anomaly: { subject, kind } }) => `${subject} ${kind}`))).toEqual(new Set(['10.7.7.7 horizontal-scan']));
  expect([reports, Math.round(hours * 60)]).toEqual([900, 10]);
});
