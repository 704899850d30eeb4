/** What people say of alerts, on its way to the log: checked, and written by whoever may write there. */
import type { Route } from '../infra/role';
import type { AlertFeedback } from '../schemas';
import { jsonFrom, writeByHand, writingRoute, type WritingContext } from './by-hand';
import { ALERTS_FEEDBACK } from './catalogue';

/** What can be said. */
export const FEEDBACK_ACTIONS = ['acknowledge', 'mute', 'unmute', 'close', 'false-positive', 'true-positive', 'note'] as const;
/** Where a role takes it over HTTP, as JSON. */
export const FEEDBACK_PATH = '/alerts/feedback';
const MOST_TARGETS = 64;

/** Writes to alerts.feedback. @throws as {@link writeByHand} */
export const writeFeedback = (context: WritingContext, feedback: AlertFeedback): Promise<number> =>
  writeByHand(context, ALERTS_FEEDBACK, 'feedback', [{ key: feedback.alert, value: feedback }], { timeMs: feedback.time });

/** `POST` of {@link FEEDBACK_PATH}, for a process that may not write itself; refused where `allowed` is false. */
export const feedbackRoutes = (context: WritingContext, allowed: boolean): Readonly<Record<string, Route>> =>
  writingRoute(FEEDBACK_PATH, allowed, feedbackFrom, async (feedback) => ({ partitions: await writeFeedback(context, feedback) }));

/** Feedback from JSON. Its time is that of its arrival. @throws Error that says what is wrong */
export function feedbackFrom(json: string, nowMs: number = Date.now()): AlertFeedback {
  const of = (value: unknown): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('feedback, and each of its targets, is an object');
    return value as Record<string, unknown>;
  };
  const { alert, action, by = '', text = '', until = 0, targets = [] } = of(jsonFrom(json));
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
