import type { Datagram, Flow, FlowBatch, FlowDetail } from '../../../../schemas';

/** A datagram for tests. */
export const datagram = (over: Partial<Datagram> = {}): Datagram => ({
  exporter: '192.0.2.10',
  observationDomain: 7,
  protocol: 'IPFIX',
  sequence: 1,
  contentHash: 0,
  exportTime: Date.UTC(2026, 0, 2, 3, 4, 30),
  receiveTime: Date.UTC(2026, 0, 2, 3, 4, 31),
  thinning: 1,
  scaled: false,
  ...over,
});

/** A detail that says nothing. */
export const NO_DETAIL: FlowDetail = {
  srcCountry: '', dstCountry: '', srcSite: '', dstSite: '', tunnel: 'NONE', tunnelId: 0, innerSrcAddr: '', innerDstAddr: '', innerSrcPort: 0, innerDstPort: 0, innerProto: 0, extra: {},
};

/** A flow for tests. */
export const flow = (over: Partial<Flow> = {}): Flow => ({
  datagram: 0,
  srcAddr: '10.0.0.1',
  dstAddr: '10.0.0.2',
  srcPort: 40_000,
  dstPort: 443,
  proto: 6,
  tcpFlags: 0x1b,
  tos: 0,
  packets: 10,
  bytes: 1_000,
  samplingRate: 1,
  start: Date.UTC(2026, 0, 2, 3, 4, 0),
  end: Date.UTC(2026, 0, 2, 3, 4, 5),
  inIf: 1,
  outIf: 2,
  nextHop: '',
  srcAs: 0,
  dstAs: 0,
  srcMask: 24,
  dstMask: 24,
  vlan: 0,
  direction: 0,
  detail: null,
  observers: 1,
  ...over,
});

/** A batch of flows of one datagram. */
export const batchOf = (flows: Flow[], datagrams: Datagram[] = [datagram()]): FlowBatch => ({ datagrams, flows });

/** Many flows that differ, from a seed; their bytes are 1, 2, 3 …, from `first` on. */
export function manyFlows(count: number, first = 1, over: Partial<Flow> = {}): FlowBatch {
  const flows = Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return flow({ srcAddr: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`, dstAddr: `172.16.${(n >> 5) & 255}.${n & 31}`, srcPort: n & 65_535, bytes: n, packets: 1, ...over });
  });
  return batchOf(flows);
}
