/** Flows of known content for the chaos harness: captures of four exporters, no two flows alike. */
import { bytes, ip4, ipfix, netflow5, set, template, type FixtureField } from '../../domain/flow/fixtures';
import { pcapOf, type TestDatagram } from '../../connectors/sources/replay/testing';

/** What is to be found of one flow. */
export interface KnownFlow {
  /** Source address and port: no two flows have the same. */
  readonly key: string;
  readonly bytes: number;
  readonly packets: number;
  /** Exporters that report it: 1 or 2. */
  readonly observers: number;
}

/** A capture and what is in it. */
export interface Load {
  readonly pcap: Buffer;
  readonly datagrams: number;
  readonly flows: readonly KnownFlow[];
}

const FLOWS_A_DATAGRAM = 20;
const SECONDS = 1_760_000_000;
const FIELDS: readonly FixtureField[] = [[8, 4], [12, 4], [10, 4], [14, 4], [2, 8], [1, 8], [152, 8], [153, 8], [7, 2], [11, 2], [4, 1], [6, 2], [5, 1]];

interface Flow {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly bytes: number;
  readonly packets: number;
}

/** The capture of a round: `datagrams` of NetFlow v5 and IPFIX by turns; every tenth is reported again by another exporter. Rounds have no flow in common; their event time goes on. */
export function loadOf(round: number, datagrams: number): Load {
  const out: TestDatagram[] = [];
  const flows: KnownFlow[] = [];
  const sequences = new Map<string, number>();
  const next = (exporter: string, by: number): number => {
    const sequence = sequences.get(exporter) ?? round * 1_000_000;
    sequences.set(exporter, sequence + by);
    return sequence;
  };
  for (let d = 0; d < datagrams; d++) {
    const seconds = SECONDS + round * 60 + Math.floor((60 * d) / datagrams);
    const timeMs = seconds * 1000;
    const here = Array.from({ length: FLOWS_A_DATAGRAM }, (_, i) => flowOf(round, d * FLOWS_A_DATAGRAM + i));
    const twice = d % 10 === 9;
    const exporter = d % 2 === 0 ? '10.77.0.1' : '10.77.0.2';
    if (d % 2 === 0) out.push({ timeMs, src: exporter, dstPort: 2055, payload: v5(here, seconds, next(exporter, FLOWS_A_DATAGRAM)) });
    else out.push({ timeMs, src: exporter, dstPort: 4739, payload: tenth(here, seconds, next(exporter, FLOWS_A_DATAGRAM)) });
    if (twice) out.push({ timeMs, src: '10.77.0.3', dstPort: 2055, payload: v5(here, seconds, next('10.77.0.3', FLOWS_A_DATAGRAM)) });
    for (const flow of here) flows.push({ key: `${flow.src} ${flow.srcPort}`, bytes: flow.bytes, packets: flow.packets, observers: twice ? 2 : 1 });
  }
  return { pcap: pcapOf(out), datagrams: out.length, flows };
}

function flowOf(round: number, i: number): Flow {
  const n = round * 100_000 + i;
  return { src: `10.${(n >> 24) & 255}.${(n >> 16) & 255}.${(n >> 8) & 255}`, dst: `192.168.0.${n % 200}`, srcPort: 1024 + (n & 255), bytes: 40 + ((n * 977) % 100_000), packets: 1 + (n % 50) };
}

const v5 = (flows: readonly Flow[], seconds: number, sequence: number): Buffer =>
  netflow5(flows.map((flow) => ({ ...flow, dstPort: 443, first: 3_599_000, last: 3_600_000, inIf: 1, outIf: 2 })), { sequence, seconds });

/** With its template, so that no restart leaves it unread. */
const tenth = (flows: readonly Flow[], seconds: number, sequence: number): Buffer => {
  const ms = seconds * 1000;
  const records = flows.map((f) => bytes(ip4(f.src), ip4(f.dst), [3, 4], [4, 4], [f.packets, 8], [f.bytes, 8], [ms - 1000, 8], [ms, 8], [f.srcPort, 2], [443, 2], [6, 1], [0x1b, 2], [0, 1]));
  return ipfix([set(2, template(256, FIELDS)), set(256, Buffer.concat(records))], { sequence, seconds, domain: 5 });
};
