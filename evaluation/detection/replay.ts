/** A labelled set as batches of flows, through the real processors. */
import { seeded } from '../../domain/simulate/random';
import { encodeFlowBatch, type Anomaly, type TrafficFeatures } from '../../schemas';
import { reportsOf, type LabelledFlow, type LabelledSet, type Reported } from './flows';
import { Line } from './line';

/**
 * How flows that were drawn at different rates are put back. `full`: each stands for as many as its class's rate says, with destination ports of flows of the same class and hosts,
 * spread evenly between it and its neighbours among these; of benign ones, which are far apart, over ten minutes before and after. So volumes are right, and benign traffic is smoother than it was. `thinned`: each class is thinned to the rate of the one that was
 * drawn least, so that all are seen alike, as by an exporter that samples flows.
 */
export type Weighting = 'full' | 'thinned';

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
function* weighted({ flows, rates }: LabelledSet, weighting: Weighting, seed: number): Generator<{ flow: LabelledFlow; shift: number; copy: number }> {
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
    for (let i = 0; i < stream.length; i++) {
      const flow = stream[i];
      const copies = 1 / (rates[flow.label] ?? 1);
      const [back, ahead] = flow.label === '' ? [BENIGN_MS, BENIGN_MS] : [i - 1, i + 1].map((other) => Math.min(BENIGN_MS, Math.abs((stream[other] ?? flow).start - flow.start) / 2));
      const count = Math.floor(copies) + (next() < copies % 1 ? 1 : 0);
      yield { flow, shift: 0, copy: 0 };
      for (let copy = 1; copy < count; copy++) yield { flow: { ...flow, dstPort: stream[Math.floor(next() * stream.length)].dstPort }, shift: Math.round(next() * (back + ahead) - back), copy };
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
      flows: reports.map(({ of, isBack, copy, start, end, packets, bytes }) => {
        // A copy is another connection of the same hosts to the same port.
        const srcPort = copy === 0 || of.srcPort === 0 ? of.srcPort : 1024 + ((of.srcPort + 7919 * copy) % 64_512);
        const [src, dst, from, to] = isBack ? [of.dst, of.src, of.dstPort, srcPort] : [of.src, of.dst, srcPort, of.dstPort];
        return {
          datagram: 0, srcAddr: src, dstAddr: dst, srcPort: from, dstPort: to, proto: of.proto, tcpFlags: isBack ? of.backFlags : of.flags, tos: 0, packets, bytes, samplingRate,
          start, end, inIf: 1, outIf: 2, nextHop: '', srcAs: 0, dstAs: 0, srcMask: 0, dstMask: 0, vlan: 0, direction: 0, detail: null, observers: 1,
        };
      }),
    },
    1,
  );
}
