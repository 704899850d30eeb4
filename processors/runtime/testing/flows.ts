/** Flow batches for tests, from what a test cares about. */
import { seeded } from '../../../domain/simulate/random';
import { encodeFlowBatch, type Datagram, type Flow } from '../../../schemas';

/** 2026-01-02T03:00:00Z: the start of an hour. */
export const HOUR = Date.UTC(2026, 0, 2, 3);

const DATAGRAM: Datagram = { exporter: '192.0.2.1', observationDomain: 1, protocol: 'NETFLOW_V9', sequence: 0, contentHash: 0, exportTime: HOUR, receiveTime: HOUR, thinning: 1, scaled: false };
const FLOW: Flow = {
  datagram: 0, srcAddr: '10.0.0.1', dstAddr: '10.0.1.1', srcPort: 40_000, dstPort: 443, proto: 6, tcpFlags: 27, tos: 0, packets: 10, bytes: 1000, samplingRate: 1,
  start: HOUR, end: HOUR, inIf: 1, outIf: 2, nextHop: '', srcAs: 0, dstAs: 0, srcMask: 0, dstMask: 0, vlan: 0, direction: 0, detail: null, observers: 1,
};
let sequence = 0;

/** Flows of one datagram of its own, as a value of flows.raw or flows.unique. Received when the last of them ended, where nothing else is said. */
export function batch(flows: readonly Partial<Flow>[], datagram: Partial<Datagram> = {}): Buffer {
  const rows = flows.map((flow) => ({ ...FLOW, ...(flow.end === undefined ? {} : { start: flow.end }), ...flow }));
  const receiveTime = datagram.receiveTime ?? Math.max(HOUR, ...rows.map(({ end }) => end));
  return encodeFlowBatch({ datagrams: [{ ...DATAGRAM, sequence: ++sequence, ...datagram, receiveTime }], flows: rows }, 1);
}

/** A course of traffic: `count` batches of up to 30 flows of three exporters over ten minutes, some datagrams twice, some flows late. The same for the same seed. */
export function course(count: number, seed = 1): Buffer[] {
  const next = seeded(seed);
  const below = (n: number): number => Math.floor(next() * n);
  const values: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const now = HOUR + Math.floor((i * 600_000) / count);
    const flows = Array.from({ length: 1 + below(30) }, () => {
      const six = below(8) === 0;
      const host = (): string => (six ? `2001:db8::${below(20).toString(16)}` : `10.0.${below(4)}.${below(50)}`);
      return { srcAddr: host(), dstAddr: host(), srcPort: 1024 + below(20), packets: 1 + below(100), bytes: 40 + below(100_000), samplingRate: below(3) * 100, end: now - below(30_000) - (below(20) === 0 ? 200_000 : 0), inIf: below(4), outIf: below(4) };
    });
    values.push(batch(flows, { exporter: `192.0.2.${1 + below(3)}`, sequence: i, contentHash: below(2 ** 31), receiveTime: now }));
    if (below(10) === 0) values.push(values[below(values.length)]);
  }
  return values;
}
