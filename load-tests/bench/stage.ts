/** What the benches of processors have in common: batches of flows, tasks of processors without a log beneath, CPU time. */
import { NO_MODELS } from '../../infra/inference/open';
import type { OutgoingRecord } from '../../infra/log/log';
import type { Processor } from '../../processors/runtime/processor';
import { Task, topicsOf, type Output } from '../../processors/runtime/task';
import { encodeFlowBatchColumns, FLOW_PROTOCOL, FlowBatchColumns } from '../../schemas';
import { IPV4_MAPPED_WORD } from '../../schemas/ip';

/** Flows of a batch. */
export const ROWS = 480;
const ROWS_PER_DATAGRAM = 24;
/** Flows a second of event time: how fast the windows go by. */
export const RATE = 200_000;

/** Hosts that so many keys are spread over. */
export const hostsOf = (keys: number): number => Math.max(256, keys >> 3);

/** Batches of flows whose 5-tuples are numbers from `draw`, below `keys`, one exporter with eight interfaces. */
export function* batches(keys: number, flows: number, draw: () => number, clock: { ms: number; sequence: number }): Generator<Buffer> {
  const columns = new FlowBatchColumns();
  const { datagrams, flows: rows } = columns;
  datagrams.reserve(ROWS / ROWS_PER_DATAGRAM);
  rows.reserve(ROWS);
  datagrams.length = ROWS / ROWS_PER_DATAGRAM;
  rows.length = ROWS;
  const hosts = hostsOf(keys);
  const host = (n: number): number => 10 | (((n >> 16) & 255) << 8) | (((n >> 8) & 255) << 16) | ((n & 255) << 24);
  for (let made = 0; made < flows; made += ROWS) {
    for (let d = 0; d < datagrams.length; d++) {
      datagrams.exporterWords.set([0, 0, IPV4_MAPPED_WORD, 0x0100000a], 4 * d);
      datagrams.observationDomain[d] = 1;
      datagrams.protocol[d] = FLOW_PROTOCOL.NETFLOW_V5;
      datagrams.sequence[d] = clock.sequence++;
      datagrams.contentHash[d] = clock.sequence;
      datagrams.exportTime[d] = datagrams.receiveTime[d] = Math.floor(clock.ms);
    }
    for (let i = 0; i < ROWS; i++) {
      const key = draw();
      rows.datagram[i] = Math.floor(i / ROWS_PER_DATAGRAM);
      rows.srcAddrWords.set([0, 0, IPV4_MAPPED_WORD, host(key % hosts)], 4 * i);
      rows.dstAddrWords.set([0, 0, IPV4_MAPPED_WORD, host((Math.imul(key, 2654435761) >>> 0) % hosts)], 4 * i);
      rows.srcPort[i] = 1024 + (key % 60_000);
      rows.dstPort[i] = 443;
      rows.proto[i] = 6;
      rows.tcpFlags[i] = 27;
      rows.packets[i] = 1 + (key & 63);
      rows.bytes[i] = 40 + 1460 * (key & 63);
      rows.samplingRate[i] = 1;
      rows.end[i] = Math.floor(clock.ms) - (i & 1023);
      rows.start[i] = rows.end[i] - 5000;
      rows.inIf[i] = 1 + (key & 7);
      rows.outIf[i] = 1 + ((key >> 3) & 7);
      rows.srcAs[i] = 64_512 + (key & 15);
      rows.dstAs[i] = 64_512 + ((key >> 4) & 15);
      rows.srcMask[i] = rows.dstMask[i] = 24;
      rows.observers[i] = 1;
    }
    clock.ms += (ROWS / RATE) * 1000;
    yield encodeFlowBatchColumns(columns, 1);
  }
}

/** A task of one processor, its outputs counted and handed on. */
export class Stage implements Output {
  readonly task: Task;
  bytes = 0;
  pages = 0;
  constructor(
    processor: Processor,
    settings: Record<string, unknown>,
    private readonly onward: (record: OutgoingRecord) => void,
  ) {
    const defaults = Object.fromEntries(Object.entries(processor.section.keys).map(([name, key]) => [name, key.default]));
    const names = new Map(topicsOf(processor).map((topic) => [topic, { name: topic.name, partitions: topic.partitions === 'one' ? 1 : 4, schemaId: 1 }]));
    this.task = new Task({ processor, settings: { ...defaults, ...settings }, configHash: 'bench', names, changelog: 'changelog', resources: { models: NO_MODELS } }, 0);
    this.task.startAt(0);
  }

  append(record: OutgoingRecord): void {
    this.bytes += record.value?.length ?? 0;
    this.onward(record);
  }

  give(value: Buffer, timestampMs = 0): void {
    const { task } = this;
    task.process({ topic: '', partition: 0, offset: task.next, timestampMs, key: null, value, headers: {} }, this);
  }

  commit(checkpoint: boolean): void {
    this.pages += this.task.commit(checkpoint, this);
  }
}

/** User and system time of the process, its threads included; milliseconds. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
