/**
 * What exporters taught (templates, sampling rates, boot times, connections of firewalls) as text, to be kept over a restart: a line of JSON for each
 * observation domain. A template is its record as it was sent, in base64; reading it again is what makes its fields.
 */
import type { Domain, TemplateCache } from './template-cache';
import { Template } from './template';
import { TemplateRecord } from './template-record';

/** A domain that nothing came from for this long is not taken back, seconds. */
const KEPT_SECONDS = 30 * 86_400;
/** And its connections not after this: firewalls use their numbers again. */
const CONNECTIONS_SECONDS = 3600;
/** The event of a connection that another one followed or will follow (IE 233). */
const UPDATED = 5;

interface SavedTemplate {
  readonly options: boolean;
  /** Second in which it was sent last. */
  readonly sent: number;
  readonly record: string;
}

interface SavedDomain {
  readonly scope: string;
  readonly exporter: string;
  readonly address: string;
  readonly version: number;
  readonly id: number;
  readonly used: number;
  readonly bootMs: number;
  readonly rate: number;
  readonly samplers: readonly (readonly [number, number])[];
  readonly interfaces: readonly (readonly [number, number])[];
  readonly templates: readonly SavedTemplate[];
  /** Numbers of its connections that had an update and are not torn down, as doubles in base64; left out where it has none. */
  readonly connections?: string;
}

/** A domain's line, without the line's end; `connections`: of `FirewallEvents.open`. */
export function saveDomain(domain: Domain, connections: readonly number[] = []): string {
  const { rates } = domain;
  const { domain: rate, samplers, interfaces } = rates.save();
  return JSON.stringify({
    scope: domain.scope.key,
    exporter: domain.exporter,
    address: Buffer.from(domain.address).toString('hex'),
    version: domain.version,
    id: domain.id,
    used: domain.used,
    bootMs: domain.bootMs,
    rate,
    samplers,
    interfaces,
    templates: [...domain.templates.values()].map(({ options, sent, text }): SavedTemplate => ({ options, sent, record: Buffer.from(text).toString('base64') })),
    connections: connections.length === 0 ? undefined : Buffer.from(Float64Array.from(connections).buffer).toString('base64'),
  } satisfies SavedDomain);
}

/**
 * Takes domains back into an empty cache, those used last first and as many as there is room for; how many templates. Where a domain is
 * there twice, the one used later counts. @throws Error, TypeError where a line is none of {@link saveDomain}
 */
export function restoreDomains(cache: TemplateCache, lines: readonly string[], second: number): number {
  const saved = lines.map((line) => checked(JSON.parse(line) as SavedDomain)).filter(({ used }) => second - used <= KEPT_SECONDS);
  const before = cache.size;
  for (const domain of saved.sort((a, b) => b.used - a.used)) restore(cache, domain, second);
  return cache.size - before;
}

function checked(saved: SavedDomain): SavedDomain {
  const numbers = [saved.version, saved.id, saved.used, saved.bootMs, saved.rate, ...saved.samplers.flat(), ...saved.interfaces.flat(), ...saved.templates.map(({ sent }) => sent)];
  if (typeof saved.scope !== 'string' || typeof saved.exporter !== 'string' || numbers.some((value) => typeof value !== 'number' || !Number.isFinite(value)) || !['string', 'undefined'].includes(typeof saved.connections)) throw new Error('a line is no domain');
  return saved;
}

function restore(cache: TemplateCache, saved: SavedDomain, second: number): void {
  const v9 = saved.version === 9;
  const record = new TemplateRecord();
  const templates = saved.templates.map(({ options, sent, record: text }) => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    if (record.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, v9, options) < 0) throw new Error('a template is cut short');
    const template = new Template(record.id, options, record.fields, bytes);
    if (template.shortest === 0) throw new Error('a template is empty');
    template.restored = true;
    return { template, sent };
  });
  const weight = templates.reduce((sum, { template }) => sum + template.weight, 1024);
  const domain = cache.restore(saved.scope, saved.exporter, new Uint8Array(Buffer.from(saved.address, 'hex')), saved.version, saved.id, saved.used, weight);
  if (domain === null) return;
  domain.bootMs = saved.bootMs;
  domain.rates.restore({ domain: saved.rate, samplers: saved.samplers, interfaces: saved.interfaces });
  cache.charge(domain, 64 * domain.rates.size);
  for (const { template, sent } of templates) cache.learn(domain, template, sent);
  if (saved.connections === undefined || second - saved.used > CONNECTIONS_SECONDS) return;
  const bytes = Buffer.from(saved.connections, 'base64');
  const number = cache.firewall.numberOf(domain);
  for (let at = 0; at + 8 <= bytes.length; at += 8) cache.firewall.counts(number, bytes.readDoubleLE(at), UPDATED);
}
