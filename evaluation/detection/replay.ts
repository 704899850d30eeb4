/** A labelled set as batches of flows, through the real processors. */
import { seeded } from '../../domain/simulate/random';
import { encodeFlowBatch, type Anomaly, type TrafficFeatures } from '../../schemas';
import { endsOf, reportsOf, stretchesOf, type LabelledFlow, type LabelledSet, type Reported } from './flows';
import { Line } from './line';

/**
 * How flows that were drawn at different rates are put back. `full`: each stands for as many of its class and hosts as the class's rate says, spread evenly between it and its neighbours
 * among these; of benign ones, which are far apart, over ten minutes before and after. So volumes are right, and benign traffic is smoother than it was. A destination port that was drawn
 * once stands for as much that was not drawn (Good, "The population frequencies of species and the estimation of population parameters", 1953): copies of its flow go to ports that
 * its class has anywhere between these hosts. `full, ports as drawn`: they go to its own port too, which is the least that an attack can have had. `thinned`: each class is thinned to the rate
 * of the one that was drawn least, so that all are seen alike, as by an exporter that samples flows.
 */
export type Weighting = 'full' | 'full, ports as drawn' | 'thinned';

/** An anomaly, and when it was told. */
export interface Told {
  readonly anomaly: Anomaly;
  readonly time: number;
}

/** What came of a replay. */
export interface Replayed {
  readonly told: readonly Told[];
  readonly features: readonly TrafficFeatures[];
  /** Flows fed. */
  readonly reports: number;
  /** Hours that the set covers, breaks longer than an hour left out. */
  readonly hours: number;
}

const HOUR_MS = 3_600_000;
/** How far copies of benign flows are moved at most. */
const BENIGN_MS = 600_000;
const BATCH_MS = 1000;
const MOST_ROWS = 480;

/** Copies of each flow with how far they are moved. */
export function* weighted({ flows, rates }: LabelledSet, weighting: Weighting, seed: number): Generator<{ flow: LabelledFlow; shift: number; copy: number }> {
  const next = seeded(seed);
  const least = Math.min(1, ...flows.map(({ label }) => rates[label] ?? 1));
  if (weighting === 'thinned') {
    for (const flow of flows) if (next() < least / (rates[flow.label] ?? 1)) yield { flow, shift: 0, copy: 0 };
    return;
  }
  const streams = new Map<string, LabelledFlow[]>();
  for (const flow of flows) {
    const key = `${flow.label} ${flow.src} ${flow.dst}`;
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, [flow]);
    else stream.push(flow);
  }
  for (const stream of streams.values()) {
    for (const part of stream[0].label === '' ? [stream] : stretchesOf(stream)) {
      const drawn = new Map<number, number>();
      for (const { dstPort } of part) drawn.set(dstPort, (drawn.get(dstPort) ?? 0) + 1);
      for (let i = 0; i < part.length; i++) {
        const flow = part[i];
        const copies = 1 / (rates[flow.label] ?? 1);
        const [back, ahead] = flow.label === '' ? [BENIGN_MS, BENIGN_MS] : [i - 1, i + 1].map((other) => Math.abs((part[other] ?? flow).start - flow.start) / 2);
        const count = Math.floor(copies) + (next() < copies % 1 ? 1 : 0);
        const isLone = weighting === 'full' && drawn.get(flow.dstPort) === 1;
        yield { flow, shift: 0, copy: 0 };
        for (let copy = 1; copy < count; copy++) yield { flow: isLone ? { ...flow, dstPort: stream[Math.floor(next() * stream.length)].dstPort } : flow, shift: Math.round(next() * (back + ahead) - back), copy };
      }
    }
  }
}

/** Goes through a set; `settings` are those of the processors, by section, where they are not the defaults. */
export function replay(set: LabelledSet, weighting: Weighting, seed: number, settings: Readonly<Record<string, Record<string, unknown>>>): Replayed {
  const told: Told[] = [];
  const features: TrafficFeatures[] = [];
  const line = new Line({ anomaly: (anomaly, time) => void told.push({ anomaly, time }), features: (one) => void (one.windowMs === 60_000 && features.push(one)) }, settings);
  const reports: Reported[] = [];
  for (const { flow, shift, copy } of weighted(set, weighting, seed)) reports.push(...reportsOf(flow, shift, copy));
  reports.sort((a, b) => a.end - b.end);
  const sampled = weighting === 'thinned' ? Math.round(1 / Math.min(1, ...Object.values(set.rates))) : 1;
  let hours = 0;
  let since = 0;
  let sequence = 0;
  for (let from = 0, to = 0; from < reports.length; from = to) {
    const second = Math.floor(reports[from].end / BATCH_MS);
    while (to < reports.length && to - from < MOST_ROWS && Math.floor(reports[to].end / BATCH_MS) === second) to++;
    if (from > 0) {
      if (reports[from].end - reports[from - 1].end < HOUR_MS) hours += (reports[from].end - since) / HOUR_MS;
      // Overnight all that is open is over.
      else for (let minute = 1; minute <= 20; minute++) line.silence(reports[from - 1].end + minute * 60_000);
    }
    since = reports[from].end;
    const received = reports[to - 1].end;
    line.feed(batchOf(reports.slice(from, to), received, ++sequence, sampled), received);
  }
  const last = reports[reports.length - 1].end;
  for (let minute = 1; minute <= 20; minute++) line.silence(last + minute * 60_000);
  return { told, features, reports: reports.length, hours };
}

function batchOf(reports: readonly Reported[], received: number, sequence: number, samplingRate: number): Buffer {
  return encodeFlowBatch(
    {
      datagrams: [{ exporter: '192.0.2.1', observationDomain: 1, protocol: 'IPFIX', sequence, contentHash: sequence, exportTime: received, receiveTime: received, thinning: 1, scaled: false }],
      flows: reports.map((report) => {
        const { of, isBack, start, end, packets, bytes } = report;
        return {
          datagram: 0, ...endsOf(report), proto: of.proto, tcpFlags: isBack ? of.backFlags : of.flags, tos: 0, packets, bytes, samplingRate,
          start, end, inIf: 1, outIf: 2, nextHop: '', srcAs: 0, dstAs: 0, srcMask: 0, dstMask: 0, vlan: 0, direction: 0, detail: null, observers: 1,
        };
      }),
    },
    1,
  );
}
