/** Labelled bidirectional flows of public sets, and what an exporter would have reported of them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { icmpReply } from '../../domain/flow/template-biflow';

/** Flags of TCP. */
export const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
/** Protocols. */
export const ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58;

/** Lines of a gzip file, empty ones left out. */
export const linesOf = (file: string): string[] => gunzipSync(readFileSync(file)).toString('utf8').split(/\r?\n/).filter((line) => line !== '');

/** A conversation as a set has it. Times in milliseconds since the epoch. */
export interface LabelledFlow {
  readonly start: number;
  readonly end: number;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  /** Of ICMP: 256 times the type, and the code. */
  readonly dstPort: number;
  readonly proto: number;
  /** Of the one who began it, and of the other; flags as a union. */
  readonly packets: number;
  readonly bytes: number;
  readonly flags: number;
  readonly backPackets: number;
  readonly backBytes: number;
  readonly backFlags: number;
  /** Class; empty: benign. */
  readonly label: string;
}

/** A set as one course of time. */
export interface LabelledSet {
  readonly name: string;
  readonly flows: readonly LabelledFlow[];
  /** Of each class: which part of its flows is in the set, 0 to 1. */
  readonly rates: Readonly<Record<string, number>>;
}

/** Flows with breaks no longer than this are one stretch; unit: milliseconds. */
const BREAK_MS = 300_000;

/** Flows, in the order of their beginning, cut where nothing goes on for longer than a break. */
export function stretchesOf(flows: readonly LabelledFlow[]): LabelledFlow[][] {
  const stretches: LabelledFlow[][] = [];
  let until = -Infinity;
  for (const flow of flows) {
    if (flow.start - until > BREAK_MS) stretches.push([]);
    stretches[stretches.length - 1].push(flow);
    until = Math.max(until, flow.end);
  }
  return stretches;
}

/** After so long an exporter reports a flow that goes on (the usual active timeout); unit: milliseconds. */
const ACTIVE_MS = 60_000;

/** What is reported of one direction, or of a part of it. */
export interface Reported {
  readonly of: LabelledFlow;
  readonly isBack: boolean;
  /** How it is moved in time, and its place among the copies of the same flow. */
  readonly shift: number;
  readonly copy: number;
  readonly start: number;
  readonly end: number;
  readonly packets: number;
  readonly bytes: number;
}

/** Reports of a flow: each direction that has packets, cut where it lasts longer than the active timeout, its packets spread evenly. */
export function reportsOf(of: LabelledFlow, shift: number, copy: number): Reported[] {
  const parts = Math.max(1, Math.ceil((of.end - of.start) / ACTIVE_MS));
  const reports: Reported[] = [];
  for (const isBack of [false, true]) {
    const [packets, bytes] = isBack ? [of.backPackets, of.backBytes] : [of.packets, of.bytes];
    for (let part = 0; part < parts; part++) {
      const some = Math.floor((packets * (part + 1)) / parts) - Math.floor((packets * part) / parts);
      if (some === 0) continue;
      const start = of.start + part * ACTIVE_MS + shift;
      reports.push({ of, isBack, shift, copy, start, end: Math.min(start + ACTIVE_MS, of.end + shift), packets: some, bytes: Math.round((bytes * some) / packets) });
    }
  }
  return reports;
}

/** Addresses and ports of a report. A copy is another connection of the same hosts to the same port. */
export function endsOf({ of, isBack, copy }: Pick<Reported, 'of' | 'isBack' | 'copy'>): { srcAddr: string; dstAddr: string; srcPort: number; dstPort: number } {
  const srcPort = copy === 0 || of.srcPort === 0 ? of.srcPort : 1024 + ((of.srcPort + 7919 * copy) % 64_512);
  if (!isBack) return { srcAddr: of.src, dstAddr: of.dst, srcPort, dstPort: of.dstPort };
  const isIcmp = of.proto === ICMP || of.proto === ICMP6;
  return { srcAddr: of.dst, dstAddr: of.src, srcPort: isIcmp ? 0 : of.dstPort, dstPort: isIcmp ? icmpReply(of.dstPort) : srcPort };
}
