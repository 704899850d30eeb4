import type { Anomaly, TrafficFeatures } from '../../schemas';
import { anomaly } from '../../processors/runtime/testing/anomalies';
import { alarmsOf, baselineAlarms, eventsOf, judge } from './events';
import { reportsOf, type LabelledFlow } from './flows';
import { replay, type Told } from './replay';

const MINUTE = 60_000;
const FLOW: LabelledFlow = { start: 0, end: 0, src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1000, dstPort: 80, proto: 6, packets: 5, bytes: 500, flags: 2, backPackets: 0, backBytes: 0, backFlags: 0, label: 'DoS' };
const flow = (of: Partial<LabelledFlow>): LabelledFlow => ({ ...FLOW, end: of.start ?? 0, ...of });
const told = (of: Partial<Anomaly>): Told => ({ anomaly: anomaly({ subject: '10.0.0.2', ...of }), time: of.time ?? 0 });
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
  expect(judge(alarms, events, 12, (label) => label, { set: 's', weighting: 'w', detector: 'd' })).toMatchObject([{ attack: 'DoS', events: 2, found: 1, recall: 0.5, secondsToDetect: 20, falseAlarms: 2, falseAlarmsADay: 4, precision: expect.closeTo(1 / 3, 12) as number }]);
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
