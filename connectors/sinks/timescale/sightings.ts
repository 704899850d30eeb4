import type { PoolClient } from 'pg';
import type { InterfaceCounters } from '../../../schemas';

interface Seen {
  first: number;
  last: number;
}

interface SeenInterface extends Seen {
  readonly device: string;
  readonly ifIndex: number;
  newest: InterfaceCounters;
}

/** Devices, interfaces and links that the rows of a batch name, with first and last event time. Bounded by the rows of a batch. */
export class Sightings {
  private readonly devices = new Map<string, Seen>();
  private readonly interfaces = new Map<string, SeenInterface>();
  private readonly links = new Map<string, Seen>();

  /** @param address text form; none is passed over */
  device(address: string, time: number): void {
    if (address !== '') note(this.devices, address, time);
  }

  link(name: string, time: number): void {
    note(this.links, name, time);
  }

  /** The device with it. */
  interface(counters: InterfaceCounters): void {
    const { device, ifIndex, time } = counters;
    if (device === '') return;
    this.device(device, time);
    const key = `${device}/${ifIndex}`;
    const seen = this.interfaces.get(key);
    if (seen === undefined) {
      this.interfaces.set(key, { device, ifIndex, newest: counters, first: time, last: time });
      return;
    }
    seen.first = Math.min(seen.first, time);
    if (time >= seen.last) {
      seen.last = time;
      seen.newest = counters;
    }
  }

  clear(): void {
    this.devices.clear();
    this.interfaces.clear();
    this.links.clear();
  }

  /** Writes what is new, in the order of the keys, so that two sinks do not wait for each other in a ring. */
  async store(client: PoolClient): Promise<void> {
    if (this.devices.size > 0) await client.query(DEVICES, columns(sorted(this.devices), ([address]) => address, ([, seen]) => seen.first, ([, seen]) => seen.last));
    if (this.links.size > 0) await client.query(LINKS, columns(sorted(this.links), ([name]) => name.replaceAll('\0', ''), ([, seen]) => seen.first, ([, seen]) => seen.last));
    if (this.interfaces.size > 0) {
      const rows = sorted(this.interfaces).map(([, seen]) => seen);
      await client.query(INTERFACES, columns(rows, (r) => r.device, (r) => r.ifIndex, (r) => r.newest.ifName.replaceAll('\0', ''), (r) => r.newest.speed, (r) => r.newest.adminUp, (r) => r.newest.operUp, (r) => r.first, (r) => r.last));
    }
  }
}

function note(map: Map<string, Seen>, key: string, time: number): void {
  const seen = map.get(key);
  if (seen === undefined) map.set(key, { first: time, last: time });
  else if (time > seen.last) seen.last = time;
  else if (time < seen.first) seen.first = time;
}

const sorted = <T>(map: Map<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
const columns = <T>(rows: readonly T[], ...of: ((row: T) => unknown)[]): unknown[][] => of.map((column) => rows.map(column));

const time = (name: string): string => `to_timestamp(${name} / 1000.0)`;
/** An exporter seen again within ten seconds is no news: the row is left alone. */
const NEWS = (table: string): string => `excluded.last_seen > ${table}.last_seen + interval '10 seconds' OR excluded.first_seen < ${table}.first_seen`;

const DEVICES = `INSERT INTO devices (address, first_seen, last_seen)
  SELECT a, ${time('f')}, ${time('l')} FROM unnest($1::inet[], $2::float8[], $3::float8[]) AS u(a, f, l)
  ON CONFLICT (address) DO UPDATE SET first_seen = least(devices.first_seen, excluded.first_seen), last_seen = greatest(devices.last_seen, excluded.last_seen) WHERE ${NEWS('devices')}`;

const LINKS = `INSERT INTO links (name, first_seen, last_seen)
  SELECT n, ${time('f')}, ${time('l')} FROM unnest($1::text[], $2::float8[], $3::float8[]) AS u(n, f, l)
  ON CONFLICT (name) DO UPDATE SET first_seen = least(links.first_seen, excluded.first_seen), last_seen = greatest(links.last_seen, excluded.last_seen) WHERE ${NEWS('links')}`;

const INTERFACES = `INSERT INTO interfaces (device, if_index, name, speed, admin_up, oper_up, first_seen, last_seen)
  SELECT d, i, nullif(n, ''), s, a, o, ${time('f')}, ${time('l')}
  FROM unnest($1::inet[], $2::bigint[], $3::text[], $4::bigint[], $5::boolean[], $6::boolean[], $7::float8[], $8::float8[]) AS u(d, i, n, s, a, o, f, l)
  ON CONFLICT (device, if_index) DO UPDATE SET
    name = coalesce(excluded.name, interfaces.name), speed = excluded.speed, admin_up = excluded.admin_up, oper_up = excluded.oper_up,
    first_seen = least(interfaces.first_seen, excluded.first_seen), last_seen = excluded.last_seen
  WHERE excluded.last_seen >= interfaces.last_seen`;
