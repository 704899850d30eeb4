/**
 * All alerts, and what happens to them: signals open, join and reopen them, people acknowledge, mute and close them, time closes and forgets them.
 *
 * Whatever changes is told at once, whole, to `tell`; nothing else is kept. So the alerts last told, by id, are the state: a book into which they are loaded goes on as
 * this one does. What merely goes on is not told more often than every `updateMs`, and is then not taken in either, unless it is news: graver, or a tenth above the highest score.
 */
import type { Alert, AlertFeedback, AlertRoute } from '../../schemas';
import { byCodeUnits } from '../topology/elements';
import { AlertIndex } from './grouping';
import { absorbed, changed, fired, isOf, isQuiet, MOST_ROUTES, opened, widthOf, withoutSignal, withSignal, type Change, type ClosedBy } from './life';
import type { Places } from './places';
import { isFailure, type Signal } from './signal';
import type { GroupBits } from './subjects';
import { judge, mutedUntil, severityBy, type Trigger } from './trigger';

/** How a book is kept; times in milliseconds. */
export interface BookSettings {
  /** An alert whose cause is over closes when it was quiet for so long; the longer, the more often it came back. */
  readonly quietMs: number;
  /** What comes back within this after it was closed reopens its alert. */
  readonly reopenMs: number;
  readonly updateMs: number;
  /** An anomaly that was not heard of for so long is over. */
  readonly staleMs: number;
  /** How long a closed alert is kept. */
  readonly keepMs: number;
  /** Alerts that are kept; where there are as many, the one closed first gives way. */
  readonly maxAlerts: number;
  readonly groupBits: GroupBits;
}

/** What became of a signal or of feedback. */
export type Outcome = 'told' | 'repeated' | 'below-trigger' | 'no-alert-to-join' | 'below-raised-threshold' | 'closed-by-hand' | 'not-known' | 'out-of-date' | 'too-many-alerts';

/** Where a signal comes from, and how its alerts are made. */
export interface Raised {
  readonly signal: Signal;
  readonly trigger: Trigger;
  /** What feedback multiplies the threshold of its subject and kind with. */
  readonly factor: number;
  /** Record behind it, `topic/partition/offset`. */
  readonly source: string;
  readonly nowMs: number;
}

/** Detectors whose members end when that is said, and never because nothing was heard. */
export const LASTING = new Set(['topology', 'performance']);
/** A flapping alert waits longer before it closes: twice as long each time, so often at most. */
const MOST_DOUBLINGS = 4;
const NOT_OPENED = { join: 'no-alert-to-join', none: 'below-trigger' } as const;
/** A score so far above the highest is news. */
const NEWS = 1.1;

/** See the file's head. */
export class AlertBook {
  readonly alerts = new Map<string, Alert>();
  private readonly index: AlertIndex;
  private dueAt: number | null = Infinity;

  constructor(
    private readonly settings: BookSettings,
    private readonly places: Places,
    /** Called with every alert that is another now; null where it is forgotten. */
    private readonly tell: (id: string, alert: Alert | null, before: Alert | null) => void,
  ) {
    this.index = new AlertIndex(settings.groupBits);
  }

  /** Takes in what was told before. */
  load(alert: Alert): void {
    this.set(alert);
  }

  /** When time has something to do, milliseconds since the epoch. */
  due(): number {
    if (this.dueAt === null) {
      this.dueAt = Infinity;
      for (const alert of this.alerts.values()) this.dueAt = Math.min(this.dueAt, this.dueOf(alert));
    }
    return this.dueAt;
  }

  /** It is that time: mutes end, what is quiet closes, what is old is forgotten, in the order of their times. */
  pass(nowMs: number): void {
    while (this.due() <= nowMs) {
      const due = [...this.alerts.values()].filter((alert) => this.dueOf(alert) <= nowMs).sort((one, other) => this.dueOf(one) - this.dueOf(other) || byCodeUnits(one.id, other.id));
      for (const alert of due) this.late(alert, this.dueOf(alert));
    }
  }

  /** A signal that begins or goes on. */
  raise(raised: Raised): Outcome {
    const { signal, trigger, factor, nowMs } = raised;
    const judgement = judge(trigger, signal.score, factor);
    const candidates = this.index.candidates(signal, trigger.group, this.places, this.alerts).filter(({ closedBy }) => closedBy !== 'merged');
    if (candidates.some((alert) => this.wasClosedByHand(alert, signal))) return 'closed-by-hand';
    const active = candidates.filter(({ closed }) => closed === 0);
    // Where it is part of one already, it stays that; an alert comes before what is only counted.
    const target = active.find((alert) => alert.opened > 0 && alert.members.some((member) => isOf(member, signal))) ?? active.find((alert) => alert.opened > 0) ?? active[0] ?? candidates.filter((alert) => this.mayReopen(alert, nowMs)).at(-1);
    const opens = judgement === 'alert' || judgement === 'suppress';
    if (target === undefined) return opens ? this.open(raised, judgement === 'suppress') : NOT_OPENED[judgement];
    if (target.closed > 0 || target.opened === 0) {
      if (!opens) return NOT_OPENED[judgement];
      return target.closed > 0 ? this.reopen(target, raised, judgement) : this.countOrOpen(target, raised, judgement);
    }
    if (judgement === 'none' && !target.members.some((member) => isOf(member, signal))) return 'below-trigger';
    const outcome = this.join(target, raised);
    this.mergeInto(target.id, active, signal, nowMs);
    return outcome;
  }

  /** A signal that is over. */
  end(signal: Signal, nowMs: number): Outcome {
    let outcome: Outcome = 'not-known';
    for (const alert of this.index.candidates(signal, 'cause', this.places, this.alerts)) {
      const members = alert.closed > 0 ? null : withoutSignal(alert, signal);
      if (members === null) continue;
      outcome = 'told';
      const quiet = isQuiet({ members });
      this.change(alert, quiet ? 'quiet' : 'updated', nowMs, { members, closesAt: quiet ? nowMs + this.quietOf(alert) : 0 });
    }
    return outcome;
  }

  /** What somebody says of an alert; of one that was merged, of that which it was merged into. Thresholds are not its matter. */
  feedback({ alert: id, action, by, text, until }: AlertFeedback, nowMs: number): Outcome {
    const alert = this.followed(id);
    if (alert === undefined) return 'not-known';
    const step = { by, text };
    const is = (change: Change, values: Partial<Alert>): Outcome => (this.change(alert, change, nowMs, values, step), 'told');
    const closing = (closedBy: ClosedBy): Partial<Alert> => (alert.closed > 0 ? {} : { closed: nowMs, closedBy, closesAt: 0 });
    switch (action) {
      case 'note': return is('noted', {});
      case 'acknowledge': return is('acknowledged', { acknowledgedBy: by === '' ? 'somebody' : by });
      case 'mute': return until > nowMs ? is('muted', { mutedUntil: until }) : 'out-of-date';
      case 'unmute': return is('unmuted', { mutedUntil: 0 });
      case 'close': return alert.closed > 0 ? 'out-of-date' : is('closed', closing('hand'));
      case 'false-positive': return is('false-positive', { verdict: 'false-positive', ...closing('false-positive') });
      case 'true-positive': return is('true-positive', { verdict: 'true-positive' });
      default: return 'not-known';
    }
  }

  /** Paths that changed because of a link that has failed. False where no alert is about it. */
  routes(link: string, count: number, examples: readonly AlertRoute[], cutOff: boolean, nowMs: number): boolean {
    const about = (one: Alert): boolean => one.closed === 0 && one.members.some(({ subject, subjectKind, active, kind }) => active && subjectKind === 'link' && subject === link && isFailure(kind));
    const [alert] = [...this.alerts.values()].filter(about).sort((one, other) => byCodeUnits(one.id, other.id));
    if (alert === undefined) return false;
    const graver = cutOff && alert.severity !== 'critical';
    this.change(alert, graver ? 'escalated' : 'updated', nowMs, {
      routesChanged: alert.routesChanged + count, routes: [...alert.routes, ...examples].slice(0, MOST_ROUTES), ...(graver ? { severity: 'critical' } : {}),
    }, graver ? { text: 'a path is cut off' } : {});
    return true;
  }

  private open({ signal, trigger, factor, source, nowMs }: Raised, suppressed: boolean): Outcome {
    if (this.alerts.size >= this.settings.maxAlerts && !this.makeRoom()) return 'too-many-alerts';
    const alert = opened(signal, { id: this.idOf(signal.kind, source), nowMs, trigger, severity: severityBy(trigger, signal), source, factor, mutedUntil: mutedUntil(trigger.mute, nowMs), suppressed });
    this.put(alert, null);
    return suppressed ? 'below-raised-threshold' : 'told';
  }

  private join(alert: Alert, { signal, trigger, factor, nowMs }: Raised): Outcome {
    const { change, values } = withSignal(alert, signal, severityBy(trigger, signal), this.settings.groupBits);
    const resumed = alert.closesAt > 0;
    const isNews = change !== 'updated' || resumed || signal.score > NEWS * alert.score || nowMs - alert.time >= this.settings.updateMs;
    if (!isNews) return 'repeated';
    this.change(alert, change, nowMs, { ...values, factor }, change === 'updated' ? {} : { text: `${signal.kind} on ${signal.subject}` });
    return 'told';
  }

  /** A suppressed alert: counted again, or, above the raised threshold now, opened. */
  private countOrOpen(alert: Alert, raised: Raised, judgement: string): Outcome {
    const { signal, trigger, factor, nowMs } = raised;
    const { change, values } = withSignal(alert, signal, severityBy(trigger, signal), this.settings.groupBits);
    if (judgement === 'alert') {
      this.change(alert, 'opened', nowMs, { ...values, ...fired(signal, severityBy(trigger, signal), raised.source), factor, opened: nowMs, trigger: trigger.name });
      return 'told';
    }
    if (change !== 'updated' || signal.score > NEWS * alert.score || alert.closesAt > 0 || nowMs - alert.time >= this.settings.updateMs) this.change(alert, 'updated', nowMs, { ...values, factor, suppressed: alert.suppressed + 1 });
    return 'below-raised-threshold';
  }

  /** What came back soon after its alert was closed; below a raised threshold it does not. */
  private reopen(alert: Alert, { signal, trigger, factor, source, nowMs }: Raised, judgement: string): Outcome {
    if (judgement === 'suppress') {
      if (nowMs - alert.time >= this.settings.updateMs) this.change(alert, 'updated', nowMs, { factor, suppressed: alert.suppressed + 1 });
      return 'below-raised-threshold';
    }
    const { values } = withSignal(alert, signal, severityBy(trigger, signal), this.settings.groupBits);
    const muted = alert.mutedUntil > nowMs ? alert.mutedUntil : mutedUntil(trigger.mute, nowMs);
    const first = alert.opened === 0;
    this.change(alert, first ? 'opened' : 'reopened', nowMs, {
      ...values, factor, closed: 0, closedBy: '', mutedUntil: muted, acknowledgedBy: '', ...(first ? { opened: nowMs, ...fired(signal, severityBy(trigger, signal), source) } : { reopened: alert.reopened + 1 }),
    }, { text: `${signal.kind} on ${signal.subject}` });
    return 'told';
  }

  /** Where a wider cause turns out to be behind several alerts, they are one from then on. */
  private mergeInto(id: string, others: readonly Alert[], { subjectKind }: Signal, nowMs: number): void {
    for (const { id: otherId } of others) {
      const other = this.alerts.get(otherId)!;
      if (otherId === id || other.closed > 0 || widthOf(other.subjectKind) >= widthOf(subjectKind)) continue;
      this.change(other, 'closed', nowMs, { closed: nowMs, closedBy: 'merged', mergedInto: id, closesAt: 0 }, { text: `part of ${id}` });
      const target = this.alerts.get(id)!;
      this.change(target, 'joined', nowMs, absorbed(target, other), { text: otherId });
    }
  }

  /** Its time came for an alert: then, and not when that was noticed. */
  private late(alert: Alert, nowMs: number): void {
    if (alert.closed > 0) return this.forget(alert);
    if (alert.mutedUntil > 0 && alert.mutedUntil <= nowMs) return this.change(alert, 'unmuted', nowMs, { mutedUntil: 0 }, { text: 'the time is over' });
    const members = alert.members.map((member) => ({ ...member, active: false }));
    const closedBy: ClosedBy = alert.closesAt > 0 ? 'over' : 'stale';
    this.change(alert, 'closed', nowMs, { closed: nowMs, closedBy, closesAt: 0, members }, { text: closedBy });
  }

  private dueOf(alert: Alert): number {
    if (alert.closed > 0) return Math.max(alert.closed + this.settings.keepMs, alert.mutedUntil);
    const stale = alert.members.some(({ active, detector }) => active && LASTING.has(detector)) ? Infinity : alert.time + this.settings.staleMs;
    return Math.min(alert.closesAt > 0 ? alert.closesAt : stale, alert.mutedUntil > 0 ? alert.mutedUntil : Infinity);
  }

  private quietOf({ reopened }: Alert): number {
    return this.settings.quietMs * 2 ** Math.min(reopened, MOST_DOUBLINGS);
  }

  /** True where somebody closed it while this very thing went on. */
  private wasClosedByHand({ closed, closedBy, members }: Alert, signal: Signal): boolean {
    return closed > 0 && (closedBy === 'hand' || closedBy === 'false-positive') && members.some((member) => isOf(member, signal) && member.began === signal.began);
  }

  private mayReopen({ closed, mutedUntil: until, members }: Alert, nowMs: number): boolean {
    return members.length > 0 && (nowMs - closed <= this.settings.reopenMs || until > nowMs);
  }

  private followed(id: string): Alert | undefined {
    let alert = this.alerts.get(id);
    for (let steps = 0; alert !== undefined && alert.closedBy === 'merged' && steps < this.settings.maxAlerts; steps++) alert = this.alerts.get(alert.mergedInto);
    return alert;
  }

  /** Kind and offset, which people can type. */
  private idOf(kind: string, source: string): string {
    const id = `${kind}-${source.slice(source.lastIndexOf('/') + 1)}`;
    let free = id;
    for (let i = 2; this.alerts.has(free); i++) free = `${id}.${i}`;
    return free;
  }

  private makeRoom(): boolean {
    let oldest: Alert | null = null;
    for (const alert of this.alerts.values()) if (alert.closed > 0 && (oldest === null || alert.closed < oldest.closed || (alert.closed === oldest.closed && byCodeUnits(alert.id, oldest.id) < 0))) oldest = alert;
    if (oldest === null) return false;
    this.forget(oldest);
    return true;
  }

  private forget(alert: Alert): void {
    this.index.remove(alert);
    this.alerts.delete(alert.id);
    this.dueAt = null;
    this.tell(alert.id, null, alert);
  }

  private change(alert: Alert, change: Change, nowMs: number, values: Partial<Alert>, step: { readonly by?: string; readonly text?: string } = {}): void {
    this.put(changed(alert, change, nowMs, values, step), alert);
  }

  private put(alert: Alert, before: Alert | null): void {
    this.set(alert);
    this.tell(alert.id, alert, before);
  }

  private set(alert: Alert): void {
    const before = this.alerts.get(alert.id);
    if (before !== undefined) this.index.remove(before);
    this.alerts.set(alert.id, alert);
    this.index.add(alert);
    this.dueAt = null;
  }
}
