/** What people say of alerts, on its way to the log: checked, and written by whoever may write there. */
import { NetWeaverError } from '../infra/errors';
import type { Configuration } from '../infra/config/configuration';
import type { Log, LogProducer } from '../infra/log/log';
import type { SchemaRegistry } from '../infra/registry/registry';
import type { Route } from '../infra/role';
import type { AlertFeedback } from '../schemas';
import { ALERTS_FEEDBACK } from './catalogue';
import { TopicCodec } from './codec';
import { eventHeaders } from './headers';
import { topicName } from './names';

/** What can be said. */
export const FEEDBACK_ACTIONS = ['acknowledge', 'mute', 'unmute', 'close', 'false-positive', 'true-positive', 'note'] as const;
/** Where a role takes it over HTTP, as JSON. */
export const FEEDBACK_PATH = '/alerts/feedback';
const MOST_TARGETS = 64;

/** What a writer needs. */
interface FeedbackContext {
  readonly config: Configuration;
  readonly log: Log;
  readonly registry: SchemaRegistry;
}

/**
 * Writes to alerts.feedback.
 *
 * Delivery: at least once; what was said twice is said twice.
 */
export class FeedbackWriter {
  private said = 0;

  private constructor(
    private readonly producer: LogProducer,
    private readonly codec: TopicCodec<AlertFeedback>,
    private readonly topic: string,
  ) {}

  /** @throws NW_TOPIC_MISSING, NW_LOG_LOCKED, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE */
  static async open({ config, log, registry }: FeedbackContext): Promise<FeedbackWriter> {
    const topic = topicName(ALERTS_FEEDBACK, config);
    if (!(await log.admin.listTopics()).some(({ name }) => name === topic)) throw new NetWeaverError('NW_TOPIC_MISSING', `${topic} is not on the log.`);
    const producer = await log.producer('feedback');
    try {
      return new FeedbackWriter(producer, await TopicCodec.open(ALERTS_FEEDBACK, topic, registry), topic);
    } catch (error) {
      await producer.close();
      throw error;
    }
  }

  /** Resolves when it is durable. */
  async write(feedback: AlertFeedback): Promise<void> {
    const { alert, action, time } = feedback;
    const headers = eventHeaders({ id: `${alert}/${action}/${time}-${this.said++}`, source: '/netweaver/feedback', type: ALERTS_FEEDBACK.record.name, timeMs: time });
    await this.producer.append([{ topic: this.topic, partition: 0, key: Buffer.from(alert), value: this.codec.encode(feedback), timestampMs: time, headers }]);
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}

/** Takes feedback over HTTP for a process that may not write itself. */
export class FeedbackRoute {
  private writer: Promise<FeedbackWriter> | null = null;

  constructor(private readonly context: FeedbackContext) {}

  /** `POST` of {@link FEEDBACK_PATH}; refused where `allowed` is false. */
  routes(allowed: boolean): Readonly<Record<string, Route>> {
    return {
      [`POST ${FEEDBACK_PATH}`]: async ({ body }) => {
        if (!allowed) return { status: 403, body: { error: 'this server is not on loopback, or processing.control forbids it' } };
        let feedback: AlertFeedback;
        try {
          feedback = feedbackFrom(body);
        } catch (error) {
          return { status: 400, body: { error: (error as Error).message } };
        }
        await (await this.open()).write(feedback);
        return { status: 200, body: { written: ALERTS_FEEDBACK.name } };
      },
    };
  }

  async close(): Promise<void> {
    const writer = await this.writer?.catch(() => null);
    this.writer = null;
    await writer?.close();
  }

  /** Opened by the first who says something; tried again where that fails. */
  private open(): Promise<FeedbackWriter> {
    this.writer ??= FeedbackWriter.open(this.context).catch((error: unknown) => {
      this.writer = null;
      throw error;
    });
    return this.writer;
  }
}

/** Feedback from JSON. Its time is that of its arrival. @throws Error that says what is wrong */
export function feedbackFrom(json: string, nowMs: number = Date.now()): AlertFeedback {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new Error('the body is no JSON');
  }
  const of = (value: unknown): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('feedback, and each of its targets, is an object');
    return value as Record<string, unknown>;
  };
  const { alert, action, by = '', text = '', until = 0, targets = [] } = of(given);
  const words = (value: unknown, name: string): string => {
    if (typeof value !== 'string') throw new Error(`${name} is a text`);
    return value;
  };
  if (!FEEDBACK_ACTIONS.some((one) => one === action)) throw new Error(`action is one of ${FEEDBACK_ACTIONS.join(', ')}`);
  if (words(alert, 'alert') === '') throw new Error('alert is an id');
  if (typeof until !== 'number' || !Number.isInteger(until) || until < 0) throw new Error('until is a time in milliseconds since the epoch');
  if (!Array.isArray(targets) || targets.length > MOST_TARGETS) throw new Error(`targets is a list of at most ${MOST_TARGETS}`);
  return {
    alert: alert as string, action: action as string, time: nowMs, by: words(by, 'by'), text: words(text, 'text'), until,
    targets: targets.map((target) => {
      const { subject, kind, score = 0 } = of(target);
      if (typeof score !== 'number') throw new Error('score is a number');
      return { subject: words(subject, 'subject'), kind: words(kind, 'kind'), score };
    }),
  };
}
