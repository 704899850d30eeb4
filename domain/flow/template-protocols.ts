/** NetFlow v9 (RFC 3954) and IPFIX (RFC 7011) messages: sets of templates, of options templates, and of records. */
import type { FlowPartitions } from './batch-builder';
import type { Source, Sink } from './decoder';
import { type Field } from './elements';
import { OptionsRecord } from './options';
import { MAX_RECORDS, Protocol } from './protocol';
import { sameBytes } from './same-bytes';
import type { Scratch } from './scratch';
import { MAX_FIELDS, Template, type Domain, type TemplateCache } from './template-cache';
import type { TranscodeContext } from './transcoder';

const V9_HEADER = 20;
const IPFIX_HEADER = 16;

/** Decodes both; keeps nothing but the template cache. */
export class TemplateProtocols {
  private readonly record = new OptionsRecord();
  /** Of the message being decoded. */
  private v9 = false;
  private source!: Source;
  private domainId = 0;
  private second = 0;
  private domain: Domain | undefined;

  constructor(
    private readonly scratch: Scratch,
    private readonly cache: TemplateCache,
    private readonly context: TranscodeContext,
    private readonly out: FlowPartitions,
    private readonly sink: Sink,
  ) {}

  /** A datagram of `length` bytes in the scratch, of that version (9 or 10). */
  decode(version: number, length: number, source: Source, receiveMs: number, serial: number): void {
    const { view } = this.scratch;
    this.v9 = version === 9;
    this.source = source;
    const header = this.v9 ? V9_HEADER : IPFIX_HEADER;
    if (length < header) return this.sink.fault(source, 'truncated');
    const exportMs = view.getUint32(this.v9 ? 8 : 4) * 1000;
    this.domainId = view.getUint32(header - 4);
    this.second = Math.floor(receiveMs / 1000);
    this.domain = this.cache.find(source.address, version, this.domainId, this.second);
    this.context.exportMs = exportMs;
    this.context.uptime = this.v9 ? view.getUint32(4) : -1;
    this.sink.begin(source, this.v9 ? Protocol.NETFLOW_V9 : Protocol.IPFIX, this.domainId, view.getUint32(header - 8), exportMs, receiveMs, serial, length);
    let end = length;
    if (!this.v9) {
      const stated = view.getUint16(2);
      if (stated > length || stated < IPFIX_HEADER) this.sink.fault(source, 'bad_length');
      else end = stated;
    }
    this.sets(header, end, length);
    if (this.domain && this.out.rows > 0) this.cache.prove(this.domain);
  }

  /** Sets from `at`; the message ends at `end`, the datagram at `limit`: a set may run over the one, never over the other. */
  private sets(at: number, end: number, limit: number): void {
    const { view } = this.scratch;
    while (at + 4 <= end) {
      const id = view.getUint16(at);
      const length = view.getUint16(at + 2);
      if (length < 4) return this.sink.fault(this.source, 'bad_length');
      let next = at + length;
      if (next > end) {
        this.sink.fault(this.source, 'bad_length');
        next = Math.min(next, limit);
      }
      if (id >= 256) this.data(id, at + 4, next);
      else if (id === (this.v9 ? 0 : 2)) this.templates(at + 4, next, false);
      else if (id === (this.v9 ? 1 : 3)) this.templates(at + 4, next, true);
      else this.sink.fault(this.source, 'reserved_set');
      at = next;
    }
    if (at < end) this.sink.fault(this.source, 'truncated');
  }

  private templates(at: number, end: number, options: boolean): void {
    const { view, bytes } = this.scratch;
    while (at + 4 <= end) {
      const id = view.getUint16(at);
      if (id === 0) return; // padding
      const from = at;
      let count = view.getUint16(at + 2);
      if (count === 0 && !this.v9) {
        this.withdraw(id);
        at += 4;
        continue;
      }
      at += 4;
      let scopes = 0;
      if (options) {
        if (at + 2 > end) return this.sink.fault(this.source, 'truncated');
        scopes = view.getUint16(at);
        at += 2;
        if (this.v9) [scopes, count] = [count >> 2, (count >> 2) + (scopes >> 2)]; // lengths in bytes: of the scopes, then of the options
      }
      const fields: Field[] = [];
      for (let i = 0; i < count; i++) {
        const enterprise = !this.v9 && at + 8 <= end && (bytes[at] & 0x80) !== 0;
        if (at + (enterprise ? 8 : 4) > end) return this.sink.fault(this.source, 'truncated');
        const element = view.getUint16(at);
        fields.push({ id: this.v9 ? element : element & 0x7fff, enterprise: enterprise ? view.getUint32(at + 4) : 0, length: view.getUint16(at + 2), scope: i < scopes });
        at += enterprise ? 8 : 4;
      }
      this.learn(id, options, fields, bytes.subarray(from, at));
    }
  }

  private learn(id: number, options: boolean, fields: readonly Field[], text: Uint8Array): void {
    this.sink.template(options);
    const known = this.domain?.templates.get(id);
    if (known && known.options === options && sameBytes(known.text, text)) return;
    if (id < 256 || fields.length === 0 || fields.length > MAX_FIELDS) return this.sink.fault(this.source, 'bad_template');
    const template = new Template(id, options, fields, text.slice());
    if (template.shortest === 0) return this.sink.fault(this.source, 'bad_template');
    this.domain ??= this.cache.open(this.source.address, this.source.bytes, this.v9 ? 9 : 10, this.domainId, this.second);
    if (!this.cache.learn(this.domain, template)) this.sink.fault(this.source, 'template_limit');
  }

  /** RFC 7011 section 8.1: one template, or with a set's own id all of that kind. */
  private withdraw(id: number): void {
    if (!this.domain) return;
    if (id >= 256) return this.cache.forget(this.domain, id);
    for (const template of [...this.domain.templates.values()]) if (template.options === (id === 3)) this.cache.forget(this.domain, template.id);
  }

  private data(id: number, at: number, end: number): void {
    const template = this.domain?.templates.get(id);
    if (!this.domain || !template) return this.sink.fault(this.source, 'template_missing');
    if (template.options) return this.options(this.domain, template, at, end);
    const { context, out, cache, scratch } = this;
    const room = MAX_RECORDS - out.rows;
    context.rates = this.domain.rates;
    context.bootMs = this.v9 ? context.exportMs - context.uptime : this.domain.bootMs;
    context.overrun = false;
    const rows = out.rows;
    const stop = template.transcoder(cache.shared)(scratch.bytes, scratch.view, at, end, room, context, out);
    if (context.overrun) this.sink.fault(this.source, 'truncated');
    else if (out.rows - rows === room && stop + template.shortest <= end) this.sink.fault(this.source, 'record_limit');
  }

  private options(domain: Domain, template: Template, at: number, end: number): void {
    const { bytes } = this.scratch;
    const size = domain.rates.size;
    for (let n = 0; at + template.shortest <= end; n++) {
      if (n === MAX_RECORDS) return this.sink.fault(this.source, 'record_limit');
      const next = this.record.locate(template, bytes, at, end);
      if (next < 0) {
        this.sink.fault(this.source, 'truncated');
        break;
      }
      this.record.learn(domain, bytes, this.v9);
      this.sink.options(this.record, bytes, this.v9);
      at = next;
    }
    if (domain.rates.size !== size) this.cache.charge(domain, 64 * (domain.rates.size - size));
  }
}
