/** pmacct's aggregates: sums of packets and bytes by ends, ports and interfaces, where its keys are ours. */
import { Comparison } from './compare';
import { read, type Decoded, type FlowRecord } from './capture';

interface Aggregate {
  readonly ip_src?: string;
  readonly ip_dst?: string;
  readonly port_src?: number;
  readonly port_dst?: number;
  readonly iface_in?: number;
  readonly iface_out?: number;
  readonly packets: number;
  readonly bytes: number;
}

/** Compares where pmacct keeps addresses and ports; a golden file may be that of several captures: keys that this one lacks are left out. */
export function comparePmacct({ file, flows }: Decoded): Comparison | null {
  const wanted = read(file.replace(/pcap$/, 'golden-pmacct.json')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Aggregate);
  if (!wanted.every(({ ip_src, ip_dst, port_src, port_dst }) => ip_src !== undefined && ip_dst !== undefined && port_src !== undefined && port_dst !== undefined)) return null;
  const comparison = new Comparison(file, 'pmacct');
  const ours = sums(flows, (flow) => `${flow.srcAddr} ${flow.dstAddr} ${icmp(flow) ? '0 0' : `${flow.srcPort} ${flow.dstPort}`} ${flow.inIf} ${flow.outIf}`, (flow) => [flow.packets * (flow.samplingRate || 1), flow.bytes * (flow.samplingRate || 1)]);
  const theirs = sums(wanted, (of) => `${of.ip_src} ${of.ip_dst} ${of.port_src} ${of.port_dst} ${of.iface_in ?? 0} ${of.iface_out ?? 0}`, ({ packets, bytes }) => [packets, bytes]);
  for (const [key, [packets, bytes]] of theirs) {
    const got = ours.get(key);
    if (got === undefined) continue;
    comparison.outcome.records++;
    comparison.field(key, 'packets', got[0], packets, {}, null);
    comparison.field(key, 'bytes', got[1], bytes, {}, null);
  }
  return comparison;
}

const icmp = ({ proto }: FlowRecord): boolean => proto === 1 || proto === 58;

function sums<T>(items: readonly T[], key: (item: T) => string, of: (item: T) => [number, number]): Map<string, [number, number]> {
  const by = new Map<string, [number, number]>();
  for (const item of items) {
    const sum = by.get(key(item)) ?? [0, 0];
    const [packets, bytes] = of(item);
    by.set(key(item), [sum[0] + packets, sum[1] + bytes]);
  }
  return by;
}
