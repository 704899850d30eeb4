/**
 * What must last before it is an alert: devices, interfaces and links that are down, links beyond a limit. Each is a condition from when it begins until it ends; when it has
 * lasted as long as its trigger says, it is raised. What lies behind a device that is down waits for the device, so that the device is the alert.
 *
 * How long something lasts is counted from when it was met, not from the times in the records: what is read of the past does not last.
 */
import type { AlertRoute, LinkState, RouteChange } from '../../schemas';
import { byCodeUnits } from '../topology/elements';
import { MOST_ROUTES } from './life';
import { deviceIn, type PlacedElement, type Places } from './places';
import type { Signal } from './signal';
import type { PerformanceTrigger, TopologyTrigger, Trigger } from './trigger';

/** A condition; times in milliseconds since the epoch. */
export interface Condition {
  readonly kind: string;
  readonly subject: string;
  readonly subjectKind: 'device' | 'interface' | 'link';
  /** Name of the trigger. */
  readonly trigger: string;
  /** When it was met, by the times of records on the log. */
  readonly since: number;
  /** When it began, and the last it was heard of, by what the records say. */
  readonly began: number;
  readonly time: number;
  readonly value: number;
  /** Record in which it was met, `topic/partition/offset`. */
  readonly source: string;
  /** True where it has lasted long enough. */
  readonly matured: boolean;
  /** Paths that changed because of it and are not told yet, the first of them, whether one was cut off, and when such were told last. */
  readonly routesChanged: number;
  readonly routes: readonly AlertRoute[];
  readonly cutOff: boolean;
  readonly routesTold: number;
}

/** Who is told. */
export interface ConditionListener {
  /** A condition that has lasted, or goes on after that. */
  raise(signal: Signal, trigger: Trigger, source: string): void;
  /** One that was raised is over. */
  end(signal: Signal): void;
  routes(link: string, count: number, examples: readonly AlertRoute[], cutOff: boolean): void;
  /** A condition is another now; null: it is none any more. */
  kept(key: string, condition: Condition | null): void;
}

const RANK = { device: 0, link: 1, interface: 2 } as const;
const UNITS = { utilisation: '', latency: 'ms', loss: '' } as const;
const MOST_ELEMENTS = 16;

const keyOf = ({ kind, subject }: Pick<Condition, 'kind' | 'subject'>): string => `${kind} ${subject}`;

/** See the file's head. */
export class Conditions {
  readonly entries = new Map<string, Condition>();
  private dueAt: number | null = Infinity;

  constructor(
    private readonly triggers: readonly Trigger[],
    private readonly places: Places,
    private readonly listener: ConditionListener,
    /** Route changes of one failure are told together, so often; unit: milliseconds. */
    private readonly updateMs: number,
    /** Conditions that are kept; others are not met. */
    private readonly most: number,
  ) {}

  /** Takes in what was kept before. */
  load(condition: Condition): void {
    this.entries.set(keyOf(condition), condition);
    this.dueAt = null;
  }

  /** A device or an interface as it is now; the places know it already. False where there was no room. */
  element({ element, id, up, time }: PlacedElement & { readonly time: number }, nowMs: number, source: string): boolean {
    if (element !== 'device' && element !== 'interface') return true;
    return this.failure(element, id, up === false, time, nowMs, source);
  }

  /** An element that is there no more. */
  gone(key: string): void {
    const [element, id] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
    for (const kind of element === 'link' ? ['link-down', 'utilisation', 'latency', 'loss'] : [`${element}-down`]) this.over(keyOf({ kind, subject: id }), null);
  }

  /** A link as it is now. False where there was no room. */
  link({ link, up, time, utilisationAhead, utilisationBack, latencyMs, lossRatio }: LinkState, nowMs: number, source: string): boolean {
    let room = this.failure('link', link, !up, time, nowMs, source);
    const values = { utilisation: highest(utilisationAhead, utilisationBack), latency: latencyMs, loss: lossRatio };
    for (const measure of ['utilisation', 'latency', 'loss'] as const) {
      const trigger = this.triggers.find((one): one is PerformanceTrigger => one.when === 'performance' && one.measure === measure && (one.subjects?.(link) ?? true));
      const value = up ? values[measure] : null;
      const key = keyOf({ kind: measure, subject: link });
      const before = this.entries.get(key);
      if (trigger === undefined || trigger.ignore || value === null || value <= (before?.matured === true ? trigger.clear : trigger.above)) this.over(key, time);
      else if (before !== undefined) this.goesOn({ ...before, time, value }, trigger);
      else room = this.met({ kind: measure, subject: link, subjectKind: 'link', trigger: trigger.name, began: time, time, value }, nowMs, source) && room;
    }
    return room;
  }

  /** A path that changed because of a link. */
  route({ source: from, target: to, reason, link, time }: RouteChange): void {
    const condition = this.entries.get(keyOf({ kind: 'link-down', subject: link }));
    if (condition === undefined) return;
    const routes = condition.routes.length < MOST_ROUTES ? [...condition.routes, { from, to, reason, time }] : condition.routes;
    this.put({ ...condition, routes, routesChanged: condition.routesChanged + 1, cutOff: condition.cutOff || reason === 'cut-off' });
  }

  /** When time has something to do. */
  due(): number {
    if (this.dueAt === null) {
      this.dueAt = Infinity;
      for (const condition of this.entries.values()) this.dueAt = Math.min(this.dueAt, this.dueOf(condition));
    }
    return this.dueAt;
  }

  /** It is that time: what has lasted is raised, devices before links before interfaces. */
  pass(nowMs: number): void {
    while (this.due() <= nowMs) {
      const [first] = [...this.entries.values()].filter((one) => this.dueOf(one) <= nowMs).sort((one, other) => RANK[one.subjectKind] - RANK[other.subjectKind] || this.dueOf(one) - this.dueOf(other) || byCodeUnits(keyOf(one), keyOf(other)));
      if (first.matured) this.tellRoutes(first, nowMs);
      else this.mature(first, nowMs);
    }
  }

  private failure(element: 'device' | 'interface' | 'link', id: string, down: boolean, time: number, nowMs: number, source: string): boolean {
    const key = keyOf({ kind: `${element}-down`, subject: id });
    const before = this.entries.get(key);
    if (!down) this.over(key, time);
    if (!down || before !== undefined) return true;
    const trigger = this.triggers.find((one): one is TopologyTrigger => one.when === 'topology' && one.element === element && (one.subjects?.(id) ?? true));
    if (trigger === undefined || trigger.ignore) return true;
    return this.met({ kind: `${element}-down`, subject: id, subjectKind: element, trigger: trigger.name, began: time, time, value: trigger.downForMs / 1000 }, nowMs, source);
  }

  private met(condition: Pick<Condition, 'kind' | 'subject' | 'subjectKind' | 'trigger' | 'began' | 'time' | 'value'>, nowMs: number, source: string): boolean {
    if (this.entries.size >= this.most) return false;
    this.put({ ...condition, since: nowMs, source, matured: false, routesChanged: 0, routes: [], cutOff: false, routesTold: 0 });
    return true;
  }

  private goesOn(condition: Condition, trigger: Trigger): void {
    this.put(condition);
    if (condition.matured) this.listener.raise(this.signalOf(condition, trigger), trigger, condition.source);
  }

  private over(key: string, time: number | null): void {
    const condition = this.entries.get(key);
    if (condition === undefined) return;
    const trigger = this.triggerOf(condition);
    this.entries.delete(key);
    this.dueAt = null;
    this.listener.kept(key, null);
    if (!condition.matured || trigger === undefined) return;
    if (condition.routesChanged > 0) this.listener.routes(condition.subject, condition.routesChanged, condition.routes, condition.cutOff);
    this.listener.end({ ...this.signalOf({ ...condition, time: time ?? condition.time }, trigger), phase: 'over' });
  }

  private mature(condition: Condition, nowMs: number): void {
    const trigger = this.triggerOf(condition);
    if (trigger === undefined) return this.over(keyOf(condition), null);
    this.put({ ...condition, matured: true });
    this.listener.raise(this.signalOf(condition, trigger), trigger, condition.source);
    if (condition.routesChanged > 0) this.tellRoutes(this.entries.get(keyOf(condition))!, nowMs);
    if (condition.kind !== 'device-down') return;
    for (const link of this.places.linksAt(condition.subject)) {
      const behind = this.entries.get(keyOf({ kind: 'link-down', subject: link }));
      if (behind?.matured === false) this.mature(behind, nowMs);
    }
  }

  private tellRoutes(condition: Condition, nowMs: number): void {
    this.put({ ...condition, routesChanged: 0, routes: [], cutOff: false, routesTold: nowMs });
    this.listener.routes(condition.subject, condition.routesChanged, condition.routes, condition.cutOff);
  }

  private dueOf(condition: Condition): number {
    if (condition.matured) return condition.routesChanged > 0 ? condition.routesTold + this.updateMs : Infinity;
    const own = condition.since + lastsMs(this.triggerOf(condition));
    return Math.max(own, ...this.behind(condition).map((device) => device.since + lastsMs(this.triggerOf(device))));
  }

  /** Devices that are down, not yet for long enough, and behind which this lies. */
  private behind({ subjectKind, subject }: Condition): Condition[] {
    const devices = subjectKind === 'link' ? this.places.ends(subject).map(({ device }) => device) : subjectKind === 'interface' ? [deviceIn(subject)] : [];
    return devices.map((device) => this.entries.get(keyOf({ kind: 'device-down', subject: device }))).filter((one) => one?.matured === false) as Condition[];
  }

  private triggerOf({ trigger, kind }: Condition): Trigger | undefined {
    return this.triggers.find((one) => one.name === trigger && ((one.when === 'topology' && `${one.element}-down` === kind) || (one.when === 'performance' && one.measure === kind)));
  }

  private signalOf({ kind, subject, subjectKind, matured, began, time, value }: Condition, trigger: Trigger): Signal {
    const common = { subject, subjectKind, kind, phase: matured ? 'goes-on' : 'began', began, time, severity: 'warning', value, model: '', modelHash: '' } as const;
    if (trigger.when === 'performance') {
      const elements = this.places.ends(subject).map(({ device }) => ({ kind: 'device', id: device, share: NaN }));
      return { ...common, detector: 'performance', score: trigger.above > 0 ? value / trigger.above : 1, threshold: trigger.above, unit: UNITS[trigger.measure], evidence: [{ name: `${kind} beyond its limit for`, value: trigger.forMs / 1000, usual: NaN, unit: 's' }], elements };
    }
    const elements = this.failedWith(subjectKind, subject);
    const evidence = [{ name: 'down for', value, usual: NaN, unit: 's' }, ...(subjectKind === 'device' ? [{ name: 'links at it', value: this.places.linksAt(subject).length, usual: NaN, unit: '' }] : [])];
    return { ...common, detector: 'topology', score: 1, threshold: value, unit: 's', evidence, elements };
  }

  /** Of a device its links and the interfaces that are down; of a link its devices and those of its interfaces that are down. */
  private failedWith(subjectKind: string, subject: string): Signal['elements'] {
    const { places } = this;
    const down = (ids: readonly string[]): string[] => ids.filter((id) => !places.isUp('interface', id));
    const of = (kind: string, ids: readonly string[]): Signal['elements'] => ids.map((id) => ({ kind, id, share: NaN }));
    if (subjectKind === 'interface') return of('link', places.linksOf(subject)).slice(0, MOST_ELEMENTS);
    if (subjectKind === 'device') return [...of('link', places.linksAt(subject)), ...of('interface', down(places.interfacesOf(subject)))].slice(0, MOST_ELEMENTS);
    const ends = places.ends(subject);
    return [...of('device', ends.map(({ device }) => device)), ...of('interface', down(ends.flatMap((end) => (end.interface === null ? [] : [`${end.device}/${end.interface}`]))))];
  }

  private put(condition: Condition): void {
    const key = keyOf(condition);
    this.entries.set(key, condition);
    this.dueAt = null;
    this.listener.kept(key, condition);
  }
}

const lastsMs = (trigger: Trigger | undefined): number => (trigger === undefined ? 0 : trigger.when === 'topology' ? trigger.downForMs : trigger.when === 'performance' ? trigger.forMs : 0);

function highest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
