/** What a run wrote: rows and sums of the windows that went out before a time. */
import type { Log } from '../../../infra/log/log';
import { HostTrafficColumns, InterfaceTrafficColumns, PrefixTrafficColumns } from '../../../schemas';

/** Of the windows of one and of five minutes. */
export interface Outputs {
  /** Rows by interface, by prefix and by host. */
  readonly rows: { readonly one: readonly number[]; readonly five: readonly number[] };
  /** Sums by interface, both directions. */
  readonly one: Sums;
  readonly five: Sums;
  /** Sums by host, sent and received. */
  readonly hosts: Sums;
  readonly prefixes: Sums;
}

/** Sums. */
export interface Sums {
  bytes: number;
  packets: number;
  flows: number;
}

const MINUTE = 60_000;
const none = (): Sums => ({ bytes: 0, packets: 0, flows: 0 });

/** Every committed record of a topic. */
async function* values(log: Log, topic: string): AsyncGenerator<Buffer> {
  const reader = await log.reader();
  try {
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      for await (const { value } of reader.read({ topic, partition }, begin, end)) yield value!;
    }
  } finally {
    await reader.close();
  }
}

/** Reads the outputs back from three topics: windows that begin before `beforeMs`. */
export async function readOutputs(log: Log, [interfaces, prefixes, hosts]: readonly string[], beforeMs: number): Promise<Outputs> {
  const rows = { one: [0, 0, 0], five: [0, 0, 0] };
  const sums = { one: none(), five: none(), hosts: none(), prefixes: none() };
  const add = (to: Sums, bytes: number, packets: number, flows: number): void => {
    to.bytes += bytes;
    to.packets += packets;
    to.flows += flows;
  };
  const columns = new InterfaceTrafficColumns();
  for await (const value of values(log, interfaces)) {
    columns.decode(value);
    if (columns.windowStart >= beforeMs) continue;
    const of = columns.windowMs === MINUTE ? 'one' : 'five';
    rows[of][0] += columns.rows.length;
    for (let row = 0; row < columns.rows.length; row++) add(sums[of], columns.rows.bytes[row], columns.rows.packets[row], columns.rows.flows[row]);
  }
  const prefixColumns = new PrefixTrafficColumns();
  for await (const value of values(log, prefixes)) {
    prefixColumns.decode(value);
    if (prefixColumns.windowStart >= beforeMs) continue;
    rows[prefixColumns.windowMs === MINUTE ? 'one' : 'five'][1] += prefixColumns.rows.length;
    if (prefixColumns.windowMs !== MINUTE) continue;
    for (let row = 0; row < prefixColumns.rows.length; row++) add(sums.prefixes, prefixColumns.rows.bytes[row], prefixColumns.rows.packets[row], prefixColumns.rows.flows[row]);
  }
  const hostColumns = new HostTrafficColumns();
  for await (const value of values(log, hosts)) {
    hostColumns.decode(value);
    if (hostColumns.windowStart >= beforeMs) continue;
    rows[hostColumns.windowMs === MINUTE ? 'one' : 'five'][2] += hostColumns.rows.length;
    if (hostColumns.windowMs !== MINUTE) continue;
    const { bytesOut, bytesIn, packetsOut, packetsIn, flowsOut, flowsIn, length } = hostColumns.rows;
    for (let row = 0; row < length; row++) add(sums.hosts, bytesOut[row] + bytesIn[row], packetsOut[row] + packetsIn[row], flowsOut[row] + flowsIn[row]);
  }
  return { rows, ...sums };
}
