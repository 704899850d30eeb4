import type { CollectorHealth } from '../../../schemas';
import type { CopyBuffer } from './copy-buffer';
import { appendAddress, appendOrNull } from './metric-rows';
import { storableTime } from './traffic-rows';

/** Columns of collector_health, in the order in which they are written. */
export const HEALTH_COLUMNS = [
  'time', 'window_start', 'last_seen', 'collector', 'worker', 'exporter', 'protocol', 'domain', 'datagrams', 'flows', 'bytes', 'lost', 'loss_unit', 'loss_ratio', 'reordered', 'duplicates', 'restarts', 'samples_lost', 'samples_dropped',
  'refused', 'kernel_drops', 'queue_drops', 'spool_drops', 'waiting', 'given_up', 'templates', 'templates_changed', 'sampling_rate', 'sampling_origin', 'faults',
] as const;

/** Appends a row of collector_health. @throws NW_SINK_VALUE_REFUSED, NW_SCHEMA_MALFORMED */
export function appendHealth(out: CopyBuffer, value: CollectorHealth): void {
  const [time, start] = [storableTime(value.windowEnd), storableTime(value.windowStart)];
  out.row(HEALTH_COLUMNS.length);
  out.timestamp(time);
  out.timestamp(start);
  if (value.lastSeen > 0) out.timestamp(storableTime(value.lastSeen));
  else out.null();
  out.text(value.collector);
  out.integer(value.worker);
  appendAddress(out, value.exporter);
  appendOrNull(out, value.protocol);
  for (const count of [value.domain, value.datagrams, value.flows, value.receivedBytes, value.lost]) out.bigint(count);
  out.text(value.lossUnit);
  out.double(value.lossRatio);
  for (const count of [
    value.reordered, value.duplicates, value.restarts, value.samplesLost, value.samplesDropped, value.refused, value.kernelDrops, value.queueDrops, value.spoolDrops, value.waiting, value.givenUp,
    value.templates, value.templatesChanged, value.samplingRate,
  ]) {
    out.bigint(count);
  }
  out.text(value.samplingOrigin);
  if (value.faults.length === 0) out.null();
  else out.jsonb(JSON.stringify(Object.fromEntries(value.faults.map(({ code, count }) => [code, count]))));
}
