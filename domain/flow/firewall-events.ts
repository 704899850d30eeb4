/**
 * Cisco ASA and Firepower export events, not flows (NSEL): created, updated, torn down, denied (IE 233 firewallEvent 1, 5, 2, 3). In an
 * update IE 231 and 232 count what passed since the last; in the teardown they count the whole of the connection again. Long
 * connections end with a last update and a teardown, short ones with a teardown alone ("Cisco Secure Firewall ASA NetFlow Implementation
 * Guide", sections "Flow Update Events" and "Flow Update (at timer) and Flow Update (at teardown) Events"). So the counters of a teardown
 * count where the connection had no update before.
 *
 * The connections with updates are kept in a table of fixed size, made when the first comes; where it is full the longest there make room.
 * They outlive a restart of the collector with the templates of their exporter (`template-snapshot.ts`).
 */
const CREATED = 1;
const TORN_DOWN = 2;
const UPDATED = 5;

const BUCKETS = 1 << 18;
const WAYS = 4;

export class FirewallEvents {
  /** Four entries a bucket, the newest first: the exporter's domain and the connection's number. */
  private domains = new Int32Array(0);
  private connections = new Float64Array(0);
  private readonly numbers = new WeakMap<object, number>();
  private next = 1;

  /** A number for an exporter's domain, for as long as that is known. */
  numberOf(domain: object): number {
    let number = this.numbers.get(domain);
    if (number === undefined) this.numbers.set(domain, (number = this.next++));
    return number;
  }

  /** True once an exporter told of a connection in the midst of it. */
  get isUsed(): boolean {
    return this.domains.length > 0;
  }

  /** The connections with updates, by the number of their domain. */
  open(): ReadonlyMap<number, number[]> {
    const open = new Map<number, number[]>();
    for (let i = 0; i < this.domains.length; i++) {
      const domain = this.domains[i];
      if (domain === 0) continue;
      let list = open.get(domain);
      if (list === undefined) open.set(domain, (list = []));
      list.push(this.connections[i]);
    }
    return open;
  }

  /** Notes an event of a connection (IE 148) of a domain; true where its counters tell of traffic that was not counted yet. */
  counts(domain: number, connection: number, event: number): boolean {
    if (event === UPDATED) {
      this.remove(domain, connection);
      this.insert(domain, connection);
      return true;
    }
    if (event !== TORN_DOWN && event !== CREATED) return true;
    return !this.remove(domain, connection) || event === CREATED;
  }

  private bucket(domain: number, connection: number): number {
    const mixed = Math.imul((connection >>> 0) ^ Math.imul(domain, 0x9e3779b1), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 15)) & (BUCKETS - 1)) * WAYS;
  }

  private insert(domain: number, connection: number): void {
    if (this.domains.length === 0) {
      this.domains = new Int32Array(BUCKETS * WAYS);
      this.connections = new Float64Array(BUCKETS * WAYS);
    }
    const from = this.bucket(domain, connection);
    for (let i = from + WAYS - 1; i > from; i--) {
      this.domains[i] = this.domains[i - 1];
      this.connections[i] = this.connections[i - 1];
    }
    this.domains[from] = domain;
    this.connections[from] = connection;
  }

  private remove(domain: number, connection: number): boolean {
    if (this.domains.length === 0) return false;
    const from = this.bucket(domain, connection);
    for (let i = from; i < from + WAYS; i++) {
      if (this.domains[i] !== domain || this.connections[i] !== connection) continue;
      for (; i < from + WAYS - 1; i++) {
        this.domains[i] = this.domains[i + 1];
        this.connections[i] = this.connections[i + 1];
      }
      this.domains[from + WAYS - 1] = 0;
      return true;
    }
    return false;
  }
}
