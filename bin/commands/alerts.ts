import { userInfo } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { Thresholds } from '../../domain/alerts/thresholds';
import { NetWeaverError } from '../../infra/errors';
import { alertsSection, thresholdSettings } from '../../processors/alerts/settings';
import type { Alert, AlertFeedback } from '../../schemas';
import { ALERTS, ALERTS_FEEDBACK, FEEDBACK_PATH, TopicCodec, topicName, writeFeedback, type Topic } from '../../topics';
import { alertLines, titleOf } from '../alerts-text';
import { withContext, type CommandContext } from '../context';
import { jsonLine, printRows } from '../output';
import { writeOrAsk } from '../role-client';

/** An alert, and where its last record lies. */
interface StoredAlert {
  readonly alert: Alert;
  readonly place: string;
}

const SPANS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2h` → milliseconds. */
export function parseMute(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match === null || Number(match[1]) === 0) throw new InvalidArgumentError('It must be a number with s, m, h or d, e.g. 2h.');
  return Number(match[1]) * SPANS[match[2]];
}

interface SayOptions {
  readonly by: string;
  readonly url?: string;
  readonly note?: string;
  readonly for?: number;
}

/** `netweaver alerts`: the alerts as they are, and what people say of them. */
export function register(program: Command): void {
  const alerts = program.command('alerts').description('Alerts: what there is, each with what speaks for it, and what you say of them.');
  alerts
    .command('list')
    .description('The alerts that are open, the gravest first.')
    .option('--all', 'closed and suppressed ones too')
    .option('--json', 'each as a whole, one JSON object a line')
    .action((options: { readonly all?: boolean; readonly json?: boolean }, command: Command) => withContext(command, (context) => list(context, options)));
  alerts
    .command('show <id>')
    .description('Everything of one alert: when it fired, now, what it consists of, its life.')
    .option('--json', 'one JSON object')
    .action((id: string, { json = false }: { readonly json?: boolean }, command: Command) =>
      withContext(command, async (context) => {
        const { alert, place } = await alertNamed(context, id);
        process.stdout.write(json ? `${jsonLine({ ...alert, place })}\n` : alertLines(alert, place).map((line) => line + '\n').join(''));
      }),
    );
  const say = (name: string, action: string, description: string): Command =>
    alerts
      .command(`${name} <id>${action === 'note' ? ' <text>' : ''}`)
      .description(description)
      .option('--by <name>', 'who says so', login())
      .option('--url <url>', 'address of the role that writes, where another process has the embedded log; by default on this machine');
  const saying = (command: Command, action: string): Command => command.action((id: string, ...rest: unknown[]) => {
    const [options, self] = rest.slice(-2) as [SayOptions, Command];
    const text = action === 'note' ? String(rest[0]) : (options.note ?? '');
    return withContext(self, (context) => tell(context, self, id, action, text, options));
  });
  const note = ['--note <text>', 'words to it'] as const;
  saying(say('ack', 'acknowledge', 'Says that somebody has seen it.').option(...note), 'acknowledge');
  saying(say('mute', 'mute', 'Mutes it: it lives on, and is not listed as open until then.').requiredOption('--for <span>', 'how long, e.g. 30m, 2h, 7d', parseMute).option(...note), 'mute');
  saying(say('unmute', 'unmute', 'Ends its being muted.').option(...note), 'unmute');
  saying(say('close', 'close', 'Closes it. While the same goes on it stays closed.').option(...note), 'close');
  saying(say('false-positive', 'false-positive', 'Says that it was none: closes it, and raises the threshold of its subjects and kinds.').option(...note), 'false-positive');
  saying(say('true-positive', 'true-positive', 'Says that it was one: lowers the threshold of its subjects and kinds.').option(...note), 'true-positive');
  saying(say('note', 'note', 'Adds words to it.'), 'note');
  alerts
    .command('thresholds')
    .description('Thresholds that feedback has moved, as they are now: in per cent of what the detectors have, and how much is suppressed.')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { readonly json?: boolean }, command: Command) => withContext(command, (context) => thresholds(context, json)));
}

/** The records of a topic of one partition, decoded, with their keys and places. @throws NW_TOPIC_MISSING */
async function* recordsOf<T>({ config, log, registry }: CommandContext, topic: Topic<T>): AsyncGenerator<{ readonly key: string; readonly value: T | null; readonly place: string }> {
  const name = topicName(topic, config);
  if (!(await log.admin.listTopics()).some((there) => there.name === name)) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
  const codec = TopicCodec.forReading(topic, registry);
  const reader = await log.reader();
  try {
    for (const { partition, begin, end } of await reader.bounds(name)) {
      for await (const { key, value, offset } of reader.read({ topic: name, partition }, begin, end)) yield { key: key?.toString() ?? '', value: value === null ? null : await codec.decode(value), place: `${name}/${partition}/${offset}` };
    }
  } finally {
    await reader.close();
  }
}

/** The alerts as they are: the last record of each key. @throws NW_TOPIC_MISSING */
export async function presentAlerts(context: CommandContext): Promise<Map<string, StoredAlert>> {
  const alerts = new Map<string, StoredAlert>();
  for await (const { key, value, place } of recordsOf(context, ALERTS)) {
    if (value === null) alerts.delete(key);
    else alerts.set(key, { alert: value, place });
  }
  return alerts;
}

async function alertNamed(context: CommandContext, id: string): Promise<StoredAlert> {
  const found = (await presentAlerts(context)).get(id);
  if (found === undefined) throw new NetWeaverError('NW_ALERT_UNKNOWN', `'${id}' is none.`);
  return found;
}

const SEVERITY_ORDER = ['critical', 'warning', 'info'];
const STATE_ORDER = ['open', 'acknowledged', 'muted', 'suppressed', 'closed'];
const isOver = ({ state }: Alert): number => Number(state === 'closed' || state === 'suppressed');

async function list(context: CommandContext, { all = false, json = false }: { readonly all?: boolean; readonly json?: boolean }): Promise<void> {
  const alerts = [...(await presentAlerts(context)).values()]
    .filter(({ alert }) => all || alert.state === 'open' || alert.state === 'acknowledged')
    .sort(({ alert: one }, { alert: other }) => isOver(one) - isOver(other) || SEVERITY_ORDER.indexOf(one.severity) - SEVERITY_ORDER.indexOf(other.severity) || STATE_ORDER.indexOf(one.state) - STATE_ORDER.indexOf(other.state) || other.time - one.time);
  if (json) for (const { alert, place } of alerts) process.stdout.write(`${jsonLine({ ...alert, place })}\n`);
  else if (alerts.length === 0) process.stdout.write(all ? 'There are none.\n' : 'None is open.\n');
  else printRows(alerts.map(({ alert }) => ({ id: alert.id, state: alert.state, severity: alert.severity, since: new Date(alert.began).toISOString().slice(0, 19), parts: alert.memberCount, what: titleOf(alert) })), { json: false });
}

async function tell(context: CommandContext, command: Command, id: string, action: string, text: string, { by, url, for: forMs }: SayOptions): Promise<void> {
  const { alert } = await alertNamed(context, id);
  const time = Date.now();
  const isVerdict = action === 'false-positive' || action === 'true-positive';
  const feedback: AlertFeedback = {
    alert: id, action, time, by, text, until: forMs === undefined ? 0 : time + forMs,
    targets: isVerdict ? alert.members.map(({ subject, kind, score }) => ({ subject, kind, score })) : [],
  };
  await writeOrAsk(() => writeFeedback(context, feedback), FEEDBACK_PATH, { url, bodies: [feedback] }, command);
  process.stdout.write(`${id}: ${action}${forMs === undefined ? '' : ` until ${new Date(feedback.until).toISOString().slice(0, 19)}`}, by ${by}.\n`);
}

async function thresholds(context: CommandContext, json: boolean): Promise<void> {
  const moved = new Thresholds(thresholdSettings(context.config.get(alertsSection)));
  for await (const { value } of recordsOf(context, ALERTS_FEEDBACK)) if (value !== null) moved.take(value);
  const suppressed = new Map<string, number>();
  for (const { alert } of (await presentAlerts(context)).values()) {
    for (const { subject, kind } of alert.suppressed > 0 ? alert.members : []) suppressed.set(`${subject} ${kind}`, (suppressed.get(`${subject} ${kind}`) ?? 0) + alert.suppressed);
  }
  const rows = moved.moved(Date.now()).map(({ subject, kind, factor, falsePositives, truePositives, by, atMs }) => ({
    subject, kind, 'threshold %': Math.round(100 * factor), 'false positives': falsePositives, 'true positives': truePositives, suppressed: suppressed.get(`${subject} ${kind}`) ?? 0, 'last by': by, at: new Date(atMs).toISOString().slice(0, 19),
  }));
  if (rows.length === 0 && !json) process.stdout.write('None is moved.\n');
  else printRows(rows, { json });
}

function login(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
