/**
 * Templates and what else options data tell, kept by exporter address, version and observation domain (RFC 7011 section 8,
 * RFC 3954 section 9). Memory is bounded twice: an exporter has a share, and all together have a limit, beyond which the domains
 * that never delivered a flow are forgotten first, the longest silent before the others. So a flood of templates from made-up
 * addresses cannot displace an exporter at work.
 */
import { VARIABLE, type Field } from './elements';
import type { ConfiguredRates, SamplingRates } from './sampling';
import { compileTranscoder, shortestRecord, type Transcoder } from './transcoder';

/** A template has no more fields than this. */
export const MAX_FIELDS = 1024;

/** A learnt template. */
export class Template {
  /** Length of the shortest record in bytes. */
  readonly shortest: number;
  private compiled: Transcoder | null = null;

  constructor(
    readonly id: number,
    /** True for options templates. */
    readonly options: boolean,
    readonly fields: readonly Field[],
    /** The template record as sent, to know it again. */
    readonly text: Uint8Array,
  ) {
    this.shortest = shortestRecord(fields);
  }

  /** Bytes of memory, about. */
  get weight(): number {
    return 256 + 64 * this.fields.length;
  }

  /** Made when first needed; equal templates share one. */
  transcoder(shared: SharedTranscoders): Transcoder {
    return (this.compiled ??= shared.of(this.fields));
  }
}

/** Compiled transcoders by the fields they are for; the longest unused is dropped where there are too many. */
export class SharedTranscoders {
  private readonly byFields = new Map<string, Transcoder>();

  constructor(private readonly limit = 1024) {}

  get size(): number {
    return this.byFields.size;
  }

  of(fields: readonly Field[]): Transcoder {
    const key = fields.map(({ id, enterprise, length }) => `${enterprise ? `${enterprise}.` : ''}${id}:${length === VARIABLE ? '*' : length}`).join(' ');
    const known = this.byFields.get(key);
    if (known) this.byFields.delete(key);
    else if (this.byFields.size >= this.limit) this.byFields.delete(this.byFields.keys().next().value!);
    const transcoder = known ?? compileTranscoder(fields);
    this.byFields.set(key, transcoder);
    return transcoder;
  }
}

/** An observation domain of an exporter. */
export class Domain {
  readonly templates = new Map<number, Template>();
  /** IE 160, in milliseconds since the epoch; -1 where options data did not tell. */
  bootMs = -1;
  /** True once a flow was decoded. */
  proven = false;
  /** Second of its last use. */
  used = -1;
  weight = 0;

  constructor(
    readonly key: string,
    readonly exporter: string,
    readonly rates: SamplingRates,
  ) {}
}

/** Limits in bytes, see {@link TemplateCache}. */
export interface TemplateLimits {
  readonly perExporter: number;
  readonly total: number;
}

/** All domains of all exporters. */
export class TemplateCache {
  readonly shared = new SharedTranscoders();
  /** Templates held. */
  size = 0;
  weight = 0;
  /** In order of last use. */
  private readonly unproven = new Map<string, Domain>();
  private readonly proven = new Map<string, Domain>();
  private readonly exporters = new Map<string, number>();

  constructor(
    private readonly limits: TemplateLimits,
    private readonly configured: ConfiguredRates,
    /** Called with the exporter whose templates were forgotten for want of room. */
    private readonly evicted: (exporter: string) => void,
  ) {}

  /** The domain, where a template or rate was learnt for it. `second` is the time of its use. */
  find(exporter: string, version: number, domain: number, second: number): Domain | undefined {
    const key = `${exporter} ${version} ${domain}`;
    const found = this.proven.get(key) ?? this.unproven.get(key);
    if (found && found.used !== second) {
      found.used = second;
      const order = found.proven ? this.proven : this.unproven;
      order.delete(key);
      order.set(key, found);
    }
    return found;
  }

  /** As {@link find}; made where there is none. */
  open(exporter: string, address: Uint8Array, version: number, domain: number, second: number): Domain {
    const found = this.find(exporter, version, domain, second);
    if (found) return found;
    const made = new Domain(`${exporter} ${version} ${domain}`, exporter, this.configured.ratesOf(address));
    made.used = second;
    this.unproven.set(made.key, made);
    this.charge(made, 512);
    return made;
  }

  /** A flow was decoded. */
  prove(domain: Domain): void {
    if (domain.proven) return;
    domain.proven = true;
    this.unproven.delete(domain.key);
    this.proven.set(domain.key, domain);
  }

  /** Learns a template in place of what had its id. False where the exporter's share is used up. */
  learn(domain: Domain, template: Template): boolean {
    const before = domain.templates.get(template.id);
    const growth = template.weight - (before?.weight ?? 0);
    if (growth > 0 && (this.exporters.get(domain.exporter) ?? 0) + growth > this.limits.perExporter) return false;
    domain.templates.set(template.id, template);
    if (!before) this.size++;
    this.charge(domain, growth);
    return true;
  }

  forget(domain: Domain, id: number): void {
    const before = domain.templates.get(id);
    if (!before) return;
    domain.templates.delete(id);
    this.size--;
    this.charge(domain, -before.weight);
  }

  /** Accounts for bytes that a domain takes up, and makes room where all together hold too many. */
  charge(domain: Domain, bytes: number): void {
    domain.weight += bytes;
    this.weight += bytes;
    this.exporters.set(domain.exporter, (this.exporters.get(domain.exporter) ?? 0) + bytes);
    while (this.weight > this.limits.total) {
      const victim = first(this.unproven, domain) ?? first(this.proven, domain);
      if (!victim) return;
      this.drop(victim);
      this.evicted(victim.exporter);
    }
  }

  private drop(domain: Domain): void {
    this.unproven.delete(domain.key);
    this.proven.delete(domain.key);
    this.size -= domain.templates.size;
    this.weight -= domain.weight;
    const left = (this.exporters.get(domain.exporter) ?? 0) - domain.weight;
    if (left > 0) this.exporters.set(domain.exporter, left);
    else this.exporters.delete(domain.exporter);
  }
}

function first(domains: Map<string, Domain>, except: Domain): Domain | undefined {
  for (const domain of domains.values()) if (domain !== except) return domain;
  return undefined;
}
