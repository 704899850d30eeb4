/**
 * Templates and what else options data tell, kept by scope (exporter address; with its port, or a session of TCP, where that is
 * configured), version and observation domain (RFC 7011 section 8, RFC 3954 section 9). Memory is bounded twice: an exporter has a
 * share, and all together have a limit, beyond which the domains that never delivered a flow are forgotten first, the longest
 * silent before the others. So a flood of templates from made-up addresses cannot displace an exporter at work.
 */
import { FirewallEvents } from './firewall-events';
import { SharedRates, type ConfiguredRates, type SamplingRates } from './sampling';
import { sameBytes } from './same-bytes';
import type { Source } from './sources';
import type { Stream } from './streams';
import type { Template } from './template';
import { UseOrder } from './use-order';

/** An observation domain of an exporter. */
export class Domain {
  readonly templates = new Map<number, Template>();
  /** IE 160, in milliseconds since the epoch; -1 where options data did not tell. */
  bootMs = -1;
  /** True once a flow was decoded. */
  proven = false;
  /** False once it was forgotten. */
  alive = true;
  /** Second of its last use. */
  used = -1;
  weight = 0;

  constructor(
    readonly key: string,
    readonly scope: Scope,
    /** Address in text and as 4 or 16 bytes. */
    readonly exporter: string,
    readonly address: Uint8Array,
    /** 9 or 10. */
    readonly version: number,
    readonly id: number,
    readonly rates: SamplingRates,
  ) {}
}

/** What an exporter's domains of one version share. */
class Scope {
  readonly rates = new SharedRates();
  readonly domains = new Set<Domain>();

  constructor(
    readonly key: string,
    /** False for sessions, whose templates end with them (RFC 7011 section 8.4). */
    readonly lasting: boolean,
  ) {}
}

/** Limits in bytes, see {@link TemplateCache}. */
export interface TemplateLimits {
  readonly perExporter: number;
  readonly total: number;
  /** Seconds after which a template that was not sent again is forgotten; 0 or left out: never. Templates of sessions stay. */
  readonly ttlSeconds?: number;
}

/** What came of a template: refused where the exporter's share is used up; `turns` where two definitions take each other's place again and again. */
export type Learnt = 'new' | 'changed' | 'turns' | 'refused';

/** Definitions that took each other's place this often are of two exporters behind one address. */
const TURNS = 2;

/** All domains of all exporters. */
export class TemplateCache {
  /** Templates held. */
  size = 0;
  weight = 0;
  /** Templates that had another definition before; templates forgotten because they were not sent again. */
  changed = 0;
  expired = 0;
  /** Raised with everything learnt that is worth keeping over a restart. */
  changes = 0;
  /** Connections of firewalls, by {@link Domain}; they are kept over a restart with the templates. */
  readonly firewall = new FirewallEvents();
  /** In order of last use. */
  private readonly unproven = new UseOrder<string, Domain>();
  private readonly proven = new UseOrder<string, Domain>();
  private readonly scopes = new Map<string, Scope>();
  private readonly exporters = new Map<string, number>();

  constructor(
    private readonly limits: TemplateLimits,
    private readonly configured: ConfiguredRates,
    /** Called with the exporter whose templates were forgotten for want of room. */
    private readonly evicted: (exporter: string) => void,
  ) {}

  /** The stream's domain, where a template or rate was learnt for it. `second` is the time of its use. */
  find(stream: Stream, version: number, second: number): Domain | undefined {
    let { domain } = stream;
    if (domain === null || !domain.alive) {
      const key = keyOf(stream.source.scope, version, stream.domainId);
      domain = this.proven.get(key) ?? this.unproven.get(key) ?? null;
      stream.domain = domain;
      if (domain === null) return undefined;
      stream.rates = domain.rates;
    }
    if (domain.used !== second) {
      domain.used = second;
      (domain.proven ? this.proven : this.unproven).put(domain.key, domain);
    }
    return domain;
  }

  /** As {@link find}; made where there is none. */
  open(stream: Stream, version: number, second: number): Domain {
    const found = this.find(stream, version, second);
    if (found) return found;
    const { source, domainId } = stream;
    const made = this.make(source.scope, source.session, source.address, source.bytes, version, domainId);
    made.used = second;
    stream.domain = made;
    stream.rates = made.rates;
    this.unproven.put(made.key, made);
    this.charge(made, 512);
    return made;
  }

  private make(scopeKey: string, session: boolean, exporter: string, address: Uint8Array, version: number, id: number): Domain {
    const key = `${scopeKey} ${version}`;
    let scope = this.scopes.get(key);
    if (!scope) this.scopes.set(key, (scope = new Scope(scopeKey, !session)));
    const rates = this.configured.ratesOf(address, id, scope.rates);
    const made = new Domain(keyOf(scopeKey, version, id), scope, exporter, address, version, id, rates);
    scope.domains.add(made);
    scope.rates.join(rates);
    return made;
  }

  /** A flow was decoded. */
  prove(domain: Domain): void {
    if (domain.proven) return;
    domain.proven = true;
    this.changes++;
    this.unproven.delete(domain.key);
    this.proven.put(domain.key, domain);
  }

  /** A template by its id; forgotten where it was not sent for too long. */
  template(domain: Domain, id: number, second: number): Template | undefined {
    const template = domain.templates.get(id);
    const { ttlSeconds = 0 } = this.limits;
    if (template === undefined || ttlSeconds === 0 || second - template.sent <= ttlSeconds || !domain.scope.lasting) return template;
    this.forget(domain, id);
    this.expired++;
    return undefined;
  }

  /** Learns a template, sent in `second`, in place of what had its id. */
  learn(domain: Domain, template: Template, second: number): Learnt {
    const before = domain.templates.get(template.id);
    const growth = template.weight - (before?.weight ?? 0);
    if (growth > 0 && (this.exporters.get(domain.exporter) ?? 0) + growth > this.limits.perExporter) return 'refused';
    template.sent = second;
    domain.templates.set(template.id, template);
    if (!before) this.size++;
    if (domain.proven) this.changes++;
    this.charge(domain, growth);
    if (!before) return 'new';
    this.changed++;
    template.before = before.text;
    template.turns = before.before !== null && sameBytes(before.before, template.text) ? before.turns + 1 : 0;
    return template.turns >= TURNS ? 'turns' : 'changed';
  }

  forget(domain: Domain, id: number): void {
    const before = domain.templates.get(id);
    if (!before) return;
    domain.templates.delete(id);
    this.size--;
    if (domain.proven) this.changes++;
    this.charge(domain, -before.weight);
  }

  /** Forgets what was learnt in a session that has ended. */
  end(source: Source): void {
    for (const version of [9, 10]) {
      const scope = this.scopes.get(`${source.scope} ${version}`);
      if (scope) for (const domain of [...scope.domains]) this.drop(domain);
    }
  }

  /** Accounts for bytes that a domain takes up, and makes room where all together hold too many. */
  charge(domain: Domain, bytes: number): void {
    domain.weight += bytes;
    this.weight += bytes;
    this.exporters.set(domain.exporter, (this.exporters.get(domain.exporter) ?? 0) + bytes);
    while (this.weight > this.limits.total) {
      const victim = this.unproven.takeOldest(domain) ?? this.proven.takeOldest(domain);
      if (!victim) return;
      this.drop(victim);
      this.evicted(victim.exporter);
    }
  }

  private drop(domain: Domain): void {
    const { scope } = domain;
    domain.alive = false;
    this.unproven.delete(domain.key);
    this.proven.delete(domain.key);
    scope.domains.delete(domain);
    scope.rates.leave(domain.rates);
    if (scope.domains.size === 0) this.scopes.delete(`${scope.key} ${domain.version}`);
    this.size -= domain.templates.size;
    this.weight -= domain.weight;
    const left = (this.exporters.get(domain.exporter) ?? 0) - domain.weight;
    if (left > 0) this.exporters.set(domain.exporter, left);
    else this.exporters.delete(domain.exporter);
  }

  /** The domains that delivered flows, those of sessions left out: what is worth keeping over a restart. */
  *lasting(): Generator<Domain> {
    for (const domain of this.proven.values()) if (domain.scope.lasting) yield domain;
  }

  /** A domain from before a restart, to be filled; null where it is known already or there is no room for `bytes`. */
  restore(scope: string, exporter: string, address: Uint8Array, version: number, id: number, used: number, bytes: number): Domain | null {
    const key = keyOf(scope, version, id);
    if (this.proven.has(key) || this.unproven.has(key) || this.weight + bytes > this.limits.total || (this.exporters.get(exporter) ?? 0) + bytes > this.limits.perExporter) return null;
    const domain = this.make(scope, false, exporter, address, version, id);
    domain.used = used;
    domain.proven = true;
    this.proven.put(key, domain);
    this.charge(domain, 512);
    return domain;
  }
}

const keyOf = (scope: string, version: number, id: number): string => `${scope} ${version} ${id}`;
