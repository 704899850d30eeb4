/** Which alerts have the cause of a signal: of the same subject, of the prefix that a host lies in, of the link, interface or device behind a failure. */
import type { Alert } from '../../schemas';
import { byCodeUnits } from '../topology/elements';
import { isOf } from './life';
import { familyOf, groupsByPrefix, isFailure, type Group, type Signal } from './signal';
import type { Places } from './places';
import { groupPrefix, holds, prefixOf, type GroupBits } from './subjects';

/** A subject whose alerts have the same cause; `failed`: only where it has failed itself. */
interface Related {
  readonly subject: string;
  readonly failed: boolean;
}

/** Subjects to whose alerts a signal belongs by topology, the nearest first. What lies behind a device that is down belongs to it; a device that is down takes over what lies behind it. */
function related({ subject, subjectKind, kind }: Signal, places: Places): Related[] {
  const any = (of: string): Related => ({ subject: of, failed: false });
  const failed = (of: string): Related => ({ subject: of, failed: true });
  if (subjectKind === 'interface') {
    const id = places.interface(subject);
    const links = places.linksOf(id);
    return [any(subject), ...places.interfaceNames(id).map(any), ...links.map(any), ...places.deviceNames(id.slice(0, id.indexOf('/'))).map(failed)];
  }
  if (subjectKind === 'link') {
    const ends = places.ends(subject);
    const interfaces = ends.flatMap(({ device, interface: name }) => (name === null ? [] : places.interfaceNames(`${device}/${name}`)));
    return [any(subject), ...interfaces.map(any), ...ends.flatMap(({ device }) => places.deviceNames(device)).map(failed)];
  }
  if (subjectKind === 'device') {
    const device = places.device(subject);
    const behind = kind !== 'device-down' ? [] : [...places.linksAt(device), ...places.interfacesOf(device).flatMap((id) => places.interfaceNames(id))];
    return [any(subject), ...places.deviceNames(device).map(any), ...behind.map(failed)];
  }
  return [any(subject)];
}

/** Alerts by what they are about. */
export class AlertIndex {
  /** Ids by family and subject of a member. */
  private readonly bySubject = new Map<string, Set<string>>();
  /** Ids by family and prefix that a host lies in, of attacks on hosts and prefixes. */
  private readonly byPrefix = new Map<string, Set<string>>();

  constructor(private readonly bits: GroupBits) {}

  add(alert: Alert): void {
    for (const [map, key] of this.keys(alert)) {
      const ids = map.get(key);
      if (ids === undefined) map.set(key, new Set([alert.id]));
      else ids.add(alert.id);
    }
  }

  remove(alert: Alert): void {
    for (const [map, key] of this.keys(alert)) {
      const ids = map.get(key);
      if (ids?.delete(alert.id) === true && ids.size === 0) map.delete(key);
    }
  }

  private keys({ family, subject, members }: Alert): [Map<string, Set<string>>, string][] {
    const keys: [Map<string, Set<string>>, string][] = [[this.bySubject, `${family} ${subject}`]];
    for (const member of members) {
      keys.push([this.bySubject, `${family} ${member.subject}`]);
      if (member.subjectKind === 'prefix') keys.push([this.byPrefix, `${family} prefix`]);
      else if (member.subjectKind === 'host' && groupsByPrefix(member.kind)) {
        const prefix = groupPrefix(member.subject, this.bits);
        if (prefix !== null) keys.push([this.byPrefix, `${family} ${prefix}`]);
      }
    }
    return keys;
  }

  /** Ids of the alerts of the same subject; and, where causes are joined, of the same cause. */
  candidates(signal: Signal, group: Group, places: Places, alerts: ReadonlyMap<string, Alert>): readonly Alert[] {
    const family = familyOf(signal);
    const found = new Map<string, Alert>();
    const take = (ids: ReadonlySet<string> | undefined, holdsFor: (alert: Alert) => boolean): void => {
      for (const id of ids ?? []) {
        const alert = alerts.get(id)!;
        if (holdsFor(alert)) found.set(id, alert);
      }
    };
    const both = (alert: Alert): Group => narrower(group, alert.group as Group);
    for (const { subject, failed } of related(signal, places)) {
      take(this.bySubject.get(`${family} ${subject}`), (alert) => {
        const shared = both(alert);
        if (shared === 'none') return alert.members.some((member) => isOf(member, signal));
        if (shared === 'subject' && subject !== signal.subject) return false;
        return !failed || alert.members.some((member) => member.subject === subject && member.active && isFailure(member.kind));
      });
    }
    if (family !== 'network' && groupsByPrefix(signal.kind)) this.byAddress(family, signal, take, (alert) => both(alert) === 'cause');
    return [...found.values()].sort((one, other) => one.began - other.began || byCodeUnits(one.id, other.id));
  }

  private byAddress(family: string, { subject, subjectKind }: Signal, take: (ids: ReadonlySet<string> | undefined, holdsFor: (alert: Alert) => boolean) => void, joins: (alert: Alert) => boolean): void {
    const of = prefixOf(subject);
    if (of === null) return;
    const group = groupPrefix(subject, this.bits);
    if (group !== null) take(this.byPrefix.get(`${family} ${group}`), joins);
    const inside = (alert: Alert): boolean => alert.members.some((member) => {
      const other = prefixOf(member.subject);
      return other !== null && (member.subjectKind === 'prefix' || subjectKind === 'prefix') && (holds(other, of) || holds(of, other));
    });
    take(this.byPrefix.get(`${family} prefix`), (alert) => joins(alert) && inside(alert));
    // A prefix that is wider than those that hosts are grouped by: all of its family are looked at, which is rare.
    if (subjectKind === 'prefix' && group === null) for (const [key, ids] of this.byPrefix) if (key.startsWith(`${family} `)) take(ids, (alert) => joins(alert) && inside(alert));
  }
}

const narrower = (one: Group, other: Group): Group => (one === 'none' || other === 'none' ? 'none' : one === 'subject' || other === 'subject' ? 'subject' : 'cause');
