/** The processors of detection as one line in memory, each fed with what those before it put out, as on a log with one partition a topic. Nothing is kept of what has passed. */
import { NO_MODELS } from '../../infra/inference/open';
import type { OutgoingRecord } from '../../infra/log/log';
import { connections } from '../../processors/connections';
import { detect } from '../../processors/detect';
import { features } from '../../processors/features';
import { measure } from '../../processors/measure';
import { pulse } from '../../processors/pulse';
import type { Processor } from '../../processors/runtime/processor';
import { Task, topicsOf } from '../../processors/runtime/task';
import { decodeAnomaly, decodeTrafficFeatures, type Anomaly, type TrafficFeatures } from '../../schemas';
import { ANOMALIES, FLOWS_UNIQUE, TRAFFIC_FEATURES } from '../../topics';

/** In the order of the data. */
const PROCESSORS = [measure, features, connections, pulse, detect] as unknown as readonly Processor[];
/** A partition is silent after so long. */
const SILENT_MS = 1000;

/** What comes out: anomalies, and features. Takes what a stage has said of the time of receipt. */
export interface LineOutput {
  anomaly(anomaly: Anomaly, timestampMs: number): void;
  features(features: TrafficFeatures): void;
}

/** See the file's head. */
export class Line {
  private readonly stages: readonly { readonly input: string; readonly task: Task }[];
  private readonly waiting: OutgoingRecord[] = [];
  private now = 0;

  constructor(private readonly out: LineOutput, settings: Readonly<Record<string, Record<string, unknown>>>) {
    this.stages = PROCESSORS.map((processor) => {
      const defaults = Object.fromEntries(Object.entries(processor.section.keys).map(([name, key]) => [name, key.default]));
      const names = new Map(topicsOf(processor).map((topic) => [topic, { name: topic.name, partitions: 1, schemaId: 1 }]));
      const task = new Task({ processor, settings: { ...defaults, ...settings[processor.section.name] }, configHash: 'evaluation', names, changelog: 'changelog', resources: { models: NO_MODELS } }, 0);
      task.startAt(0);
      return { input: processor.input.name, task };
    });
  }

  /** A batch of flows.unique that was received at that time. */
  feed(value: Buffer, timestampMs: number): void {
    for (let time = this.now + SILENT_MS; this.now > 0 && time < timestampMs; time += SILENT_MS) this.silence(time);
    this.now = timestampMs;
    this.give({ topic: FLOWS_UNIQUE.name, partition: 0, key: null, value, timestampMs, headers: {} });
  }

  /** Nothing has come until then. */
  silence(timeMs: number): void {
    for (const { task } of this.stages) {
      if (task.isDue(timeMs)) task.silence(timeMs, this.output);
      this.drain();
    }
    this.now = timeMs;
  }

  private readonly output = { append: (record: OutgoingRecord): void => void this.waiting.push(record) };

  private give(record: OutgoingRecord): void {
    for (const { input, task } of this.stages) {
      if (input === record.topic) task.process({ ...record, offset: task.next, timestampMs: record.timestampMs!, headers: {} }, this.output);
    }
    this.drain();
  }

  private drain(): void {
    for (let record = this.waiting.shift(); record !== undefined; record = this.waiting.shift()) {
      if (record.topic === ANOMALIES.name) this.out.anomaly(decodeAnomaly(record.value!), record.timestampMs!);
      if (record.topic === TRAFFIC_FEATURES.name) this.out.features(decodeTrafficFeatures(record.value!));
      this.give(record);
    }
  }
}
