import type { PoolClient } from 'pg';
import { STATE_SOURCE, type DeviceMetrics, type ExporterName, type InterfaceCounters, type InterfaceState } from '../../../schemas';

interface Seen {
  first: number;
  last: number;
}

interface SeenDevice extends Seen {
  /** The newest of what it is called. */
  named: { readonly name: string; readonly description: string; readonly objectId: string; readonly time: number } | null;
}

interface SeenInterface extends Seen {
  readonly device: string;
  readonly ifIndex: number;
  newest: InterfaceCounters;
}

interface StatedInterface extends Seen {
  best: InterfaceState;
}

interface SeenName extends Seen {
  newest: ExporterName;
}

/** Devices, interfaces, links and names that the rows of a batch name, with first and last event time. Bounded by the records of a batch. */
export class Sightings {
  private readonly devices = new Map<string, SeenDevice>();
  private readonly interfaces = new Map<string, SeenInterface>();
  private readonly states = new Map<string, StatedInterface>();
  private readonly links = new Map<string, Seen>();
  private readonly names = new Map<string, SeenName>();
  /** States and names taken. */
  stated = 0;

  /** @param address text form; none is passed over */
  device(address: string, time: number): void {
    if (address !== '') seenDevice(this.devices, address, time);
  }

  /** A device that tells what it is called. */
  named({ device, time, name, description, objectId }: Pick<DeviceMetrics, 'device' | 'time' | 'name' | 'description' | 'objectId'>): void {
    if (device === '') return;
    const seen = seenDevice(this.devices, device, time);
    if ((name !== '' || description !== '' || objectId !== '') && (seen.named === null || time >= seen.named.time)) seen.named = { name, description, objectId, time };
  }

  link(name: string, time: number): void {
    note(this.links, name, time, () => ({ first: time, last: time }));
  }

  /** The device with it. */
  interface(counters: InterfaceCounters): void {
    const { device, ifIndex, time } = counters;
    if (device === '') return;
    this.device(device, time);
    const seen = note(this.interfaces, `${device}/${ifIndex}`, time, (): SeenInterface => ({ device, ifIndex, newest: counters, first: time, last: time }));
    if (time >= seen.newest.time) seen.newest = counters;
  }

  /** What an interface is called; the device with it. Of several in a batch the best source holds, and of the same the newest. */
  state(state: InterfaceState): void {
    const { device, ifIndex, time, deviceName } = state;
    this.stated++;
    if (device === '') return;
    this.named({ device, time, name: deviceName, description: '', objectId: '' });
    const seen = note(this.states, `${device}/${ifIndex}`, time, (): StatedInterface => ({ best: state, first: time, last: time }));
    const [before, now] = [STATE_SOURCE[seen.best.source], STATE_SOURCE[state.source]];
    if (now < before || (now === before && time >= seen.best.time)) seen.best = state;
  }

  /** What an exporter calls a sampler, VRF or application. */
  name(name: ExporterName): void {
    const { device, kind, id, time } = name;
    if (device === '') return;
    this.stated++;
    this.device(device, time);
    const seen = note(this.names, `${device}/${kind}/${id}`, time, (): SeenName => ({ newest: name, first: time, last: time }));
    if (time >= seen.newest.time) seen.newest = name;
  }

  clear(): void {
    this.devices.clear();
    this.interfaces.clear();
    this.states.clear();
    this.links.clear();
    this.names.clear();
    this.stated = 0;
  }

  /** Writes what is new, in the order of the keys, so that two sinks do not wait for each other in a ring. */
  async store(client: PoolClient): Promise<void> {
    if (this.devices.size > 0) {
      const rows = sorted(this.devices);
      await client.query(DEVICES, columns(rows, ([address]) => address, ([, seen]) => clean(seen.named?.name), ([, seen]) => clean(seen.named?.description), ([, seen]) => clean(seen.named?.objectId), ([, seen]) => seen.first, ([, seen]) => seen.last));
    }
    if (this.links.size > 0) await client.query(LINKS, columns(sorted(this.links), ([name]) => clean(name), ([, seen]) => seen.first, ([, seen]) => seen.last));
    if (this.interfaces.size > 0) {
      const rows = sorted(this.interfaces).map(([, seen]) => seen);
      await client.query(INTERFACES, columns(rows, (r) => r.device, (r) => r.ifIndex, (r) => clean(r.newest.ifName), (r) => r.newest.speed, (r) => r.newest.adminUp, (r) => r.newest.operUp, (r) => r.first, (r) => r.last));
    }
    if (this.names.size > 0) {
      const rows = sorted(this.names).map(([, seen]) => seen);
      await client.query(NAMES, columns(rows, (r) => r.newest.device, (r) => r.newest.kind, (r) => clean(r.newest.id) ?? '', (r) => clean(r.newest.name) ?? '', (r) => clean(r.newest.description), (r) => r.first, (r) => r.last));
    }
    if (this.states.size > 0) {
      const rows = sorted(this.states).map(([, seen]) => seen);
      await client.query(
        STATES,
        columns(rows, (r) => r.best.device, (r) => r.best.ifIndex, (r) => clean(r.best.name), (r) => clean(r.best.alias), (r) => clean(r.best.description), (r) => r.best.speed, (r) => r.best.adminUp, (r) => r.best.operUp, (r) => r.best.source, (r) => r.best.time, (r) => r.first, (r) => r.last),
      );
    }
  }
}

/** The entry of a key, made where there is none, with first and last time brought up to date. */
function note<T extends Seen>(map: Map<string, T>, key: string, time: number, make: () => T): T {
  let seen = map.get(key);
  if (seen === undefined) map.set(key, (seen = make()));
  else if (time > seen.last) seen.last = time;
  else if (time < seen.first) seen.first = time;
  return seen;
}

const seenDevice = (map: Map<string, SeenDevice>, address: string, time: number): SeenDevice => note(map, address, time, () => ({ first: time, last: time, named: null }));
/** Text as PostgreSQL keeps it; null for none. */
const clean = (text: string | undefined): string | null => text?.replaceAll('\0', '') || null;
const sorted = <T>(map: Map<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
const columns = <T>(rows: readonly T[], ...of: ((row: T) => unknown)[]): unknown[][] => of.map((column) => rows.map(column));

const time = (name: string): string => `to_timestamp(${name} / 1000.0)`;
/** An exporter seen again within ten seconds is no news: the row is left alone. */
const NEWS = (table: string): string => `excluded.last_seen > ${table}.last_seen + interval '10 seconds' OR excluded.first_seen < ${table}.first_seen`;
/** One of the columns is told and differs. */
const TOLD = (table: string, names: readonly string[]): string => names.map((name) => `excluded.${name} <> coalesce(${table}.${name}, '')`).join(' OR ');

const DEVICES = `INSERT INTO devices (address, name, description, object_id, first_seen, last_seen)
  SELECT a, n, d, o, ${time('f')}, ${time('l')} FROM unnest($1::inet[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[]) AS u(a, n, d, o, f, l)
  ON CONFLICT (address) DO UPDATE SET
    ${['name', 'description', 'object_id'].map((name) => `${name} = CASE WHEN excluded.last_seen >= devices.last_seen THEN coalesce(excluded.${name}, devices.${name}) ELSE coalesce(devices.${name}, excluded.${name}) END`).join(', ')},
    first_seen = least(devices.first_seen, excluded.first_seen), last_seen = greatest(devices.last_seen, excluded.last_seen)
  WHERE ${NEWS('devices')} OR (excluded.last_seen >= devices.last_seen AND (${TOLD('devices', ['name', 'description', 'object_id'])}))`;

const LINKS = `INSERT INTO links (name, first_seen, last_seen)
  SELECT n, ${time('f')}, ${time('l')} FROM unnest($1::text[], $2::float8[], $3::float8[]) AS u(n, f, l)
  ON CONFLICT (name) DO UPDATE SET first_seen = least(links.first_seen, excluded.first_seen), last_seen = greatest(links.last_seen, excluded.last_seen) WHERE ${NEWS('links')}`;

const NAMES = `INSERT INTO exporter_names (device, kind, id, name, description, first_seen, last_seen)
  SELECT d, k, i, n, e, ${time('f')}, ${time('l')}
  FROM unnest($1::inet[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[]) AS u(d, k, i, n, e, f, l)
  ON CONFLICT (device, kind, id) DO UPDATE SET name = excluded.name, description = excluded.description, first_seen = least(exporter_names.first_seen, excluded.first_seen), last_seen = excluded.last_seen
  WHERE excluded.last_seen >= exporter_names.last_seen`;

const INTERFACES = `INSERT INTO interfaces (device, if_index, name, speed, admin_up, oper_up, first_seen, last_seen)
  SELECT d, i, n, s, a, o, ${time('f')}, ${time('l')}
  FROM unnest($1::inet[], $2::bigint[], $3::text[], $4::bigint[], $5::boolean[], $6::boolean[], $7::float8[], $8::float8[]) AS u(d, i, n, s, a, o, f, l)
  ON CONFLICT (device, if_index) DO UPDATE SET
    name = CASE WHEN interfaces.named_by IS NULL THEN coalesce(excluded.name, interfaces.name) ELSE interfaces.name END,
    speed = CASE WHEN interfaces.named_by IS NULL THEN excluded.speed ELSE coalesce(interfaces.speed, excluded.speed) END,
    admin_up = excluded.admin_up, oper_up = excluded.oper_up,
    first_seen = least(interfaces.first_seen, excluded.first_seen), last_seen = excluded.last_seen
  WHERE excluded.last_seen >= interfaces.last_seen`;

const RANK = (row: string): string => `coalesce(array_position(ARRAY['SFLOW', 'OPTIONS', 'SNMP'], ${row}.named_by), 0)`;
/** Its names hold: a better source, the same one later, or any after a day of silence of the one before. */
const HOLDS = `(${RANK('excluded')} > ${RANK('interfaces')} OR (${RANK('excluded')} = ${RANK('interfaces')} AND excluded.named_at >= interfaces.named_at) OR excluded.named_at > interfaces.named_at + interval '1 day')`;
const NEWER = 'excluded.last_seen >= interfaces.last_seen';

const STATES = `INSERT INTO interfaces (device, if_index, name, alias, description, speed, admin_up, oper_up, named_by, named_at, first_seen, last_seen)
  SELECT d, i, n, al, de, s, a, o, b, ${time('t')}, ${time('f')}, ${time('l')}
  FROM unnest($1::inet[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::boolean[], $8::boolean[], $9::text[], $10::float8[], $11::float8[], $12::float8[]) AS u(d, i, n, al, de, s, a, o, b, t, f, l)
  ON CONFLICT (device, if_index) DO UPDATE SET
    ${['name', 'alias', 'description', 'named_by', 'named_at'].map((column) => `${column} = CASE WHEN ${HOLDS} THEN excluded.${column} ELSE interfaces.${column} END`).join(', ')},
    speed = CASE WHEN ${HOLDS} THEN coalesce(excluded.speed, interfaces.speed) ELSE interfaces.speed END,
    ${['admin_up', 'oper_up'].map((column) => `${column} = CASE WHEN ${NEWER} THEN coalesce(excluded.${column}, interfaces.${column}) ELSE interfaces.${column} END`).join(', ')},
    first_seen = least(interfaces.first_seen, excluded.first_seen), last_seen = greatest(interfaces.last_seen, excluded.last_seen)`;
