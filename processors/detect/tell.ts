import { encodeAnomaly, type Anomaly } from '../../schemas';
import { ANOMALIES, type Topic } from '../../topics';
import type { Context, EmitOptions } from '../runtime/processor';

/** Puts out what is said of an anomaly, by its subject and with its time; where a model is only tried, on another topic. */
export function tellAnomaly(anomaly: Anomaly, context: Context, options: Omit<EmitOptions, 'timeMs'> = {}, topic: Topic = ANOMALIES): void {
  context.emit(topic, 0, Buffer.from(anomaly.subject), encodeAnomaly(anomaly, context.schemaId(topic)), { ...options, timeMs: anomaly.time });
  context.sent(1);
}
