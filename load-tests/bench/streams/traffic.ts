/**
 * Flows for the comparison with Kafka Streams: batches of 480 flows in datagrams of 24, whose 5-tuples are numbers drawn
 * uniformly below `keys`, spread over the partitions. At the end of each partition stands a batch far ahead in event time,
 * which lets every window before it go out.
 */
import { seeded } from '../../../domain/simulate/random';
import type { Log } from '../../../infra/log/log';
import { encodeFlowBatchColumns, FLOW_PROTOCOL, FlowBatchColumns } from '../../../schemas';
import { IPV4_MAPPED_WORD } from '../../../schemas/ip';

/** Flows of a batch. */
export const ROWS = 480;
const ROWS_PER_DATAGRAM = 24;
/** Event time of the first flow: a multiple of five minutes. */
const EPOCH = 1_760_000_100_000;
/** How far ahead the last batch is: past a window of five minutes and its grace. */
const AHEAD_MS = 11 * 60_000;
/** Bytes on their way to the log at most. */
const PENDING = 16 * 2 ** 20;
const CHUNK = 64;

/** What to make. */
export interface TrafficOptions {
  readonly keys: number;
  readonly flows: number;
  readonly partitions: number;
  /** Flows a second of event time, of all partitions. */
  readonly rate: number;
}

/** What was made. */
export interface Traffic {
  /** Flows, those of the last batches included. */
  readonly flows: number;
  /** Sums over flows of windows that go out. */
  readonly bytes: number;
  readonly packets: number;
  readonly rows: number;
  /** Windows from here on need not go out. */
  readonly endMs: number;
}

/** Appends the flows to a topic; equal options give equal flows. */
export async function fill(log: Log, topic: string, schemaId: number, { keys, flows, partitions, rate }: TrafficOptions): Promise<Traffic> {
  const producer = await log.producer('bench-streams');
  const next = seeded(keys);
  const columns = new FlowBatchColumns();
  const hosts = Math.max(256, keys >> 3);
  const host = (n: number): number => 10 | (((n >> 16) & 255) << 8) | (((n >> 8) & 255) << 16) | ((n & 255) << 24);
  let sequence = 0;
  let bytes = 0;
  let packets = 0;
  const batch = (partition: number, nowMs: number): Buffer => {
    const { datagrams, flows: rows } = columns;
    datagrams.reserve(ROWS / ROWS_PER_DATAGRAM);
    rows.reserve(ROWS);
    datagrams.length = ROWS / ROWS_PER_DATAGRAM;
    rows.length = ROWS;
    for (let d = 0; d < datagrams.length; d++) {
      datagrams.exporterWords.set([0, 0, IPV4_MAPPED_WORD, 0x0100000a], 4 * d);
      datagrams.observationDomain[d] = 1;
      datagrams.protocol[d] = FLOW_PROTOCOL.NETFLOW_V5;
      datagrams.sequence[d] = sequence++;
      datagrams.contentHash[d] = sequence;
      datagrams.exportTime[d] = datagrams.receiveTime[d] = nowMs;
    }
    for (let i = 0; i < ROWS; i++) {
      const key = partition + partitions * Math.floor((next() * keys) / partitions);
      rows.datagram[i] = Math.floor(i / ROWS_PER_DATAGRAM);
      rows.srcAddrWords.set([0, 0, IPV4_MAPPED_WORD, host(key % hosts)], 4 * i);
      rows.dstAddrWords.set([0, 0, IPV4_MAPPED_WORD, host((Math.imul(key, 2654435761) >>> 0) % hosts)], 4 * i);
      rows.srcPort[i] = 1024 + (key % 60_000);
      rows.dstPort[i] = 443;
      rows.proto[i] = 6;
      rows.tcpFlags[i] = 27;
      packets += rows.packets[i] = 1 + (key & 63);
      bytes += rows.bytes[i] = 40 + 1460 * (key & 63);
      rows.samplingRate[i] = 1;
      rows.end[i] = nowMs - (i & 1023);
      rows.start[i] = rows.end[i] - 5000;
      rows.inIf[i] = 1 + (key & 7);
      rows.outIf[i] = 1 + ((key >> 3) & 7);
      rows.srcAs[i] = 64_512 + (key & 15);
      rows.dstAs[i] = 64_512 + ((key >> 4) & 15);
      rows.srcMask[i] = rows.dstMask[i] = 24;
      rows.observers[i] = 1;
    }
    return encodeFlowBatchColumns(columns, schemaId);
  };
  const batches = Math.ceil(flows / ROWS / partitions) * partitions;
  let appended: Promise<void>[] = [];
  for (let made = 0; made < batches; made++) {
    const value = batch(made % partitions, Math.floor(EPOCH + 1024 + (made * ROWS * 1000) / rate));
    appended.push(producer.append([{ topic, partition: made % partitions, key: null, value }]));
    if (producer.pendingBytes < PENDING && appended.length < CHUNK * 8) continue;
    await Promise.all(appended);
    appended = [];
  }
  const made = { flows: (batches + partitions) * ROWS, bytes, packets, rows: batches * ROWS, endMs: EPOCH + 1024 + (batches * ROWS * 1000) / rate };
  for (let partition = 0; partition < partitions; partition++) {
    appended.push(producer.append([{ topic, partition, key: null, value: batch(partition, Math.floor(made.endMs + AHEAD_MS)) }]));
  }
  await Promise.all(appended);
  await producer.close();
  return made;
}
