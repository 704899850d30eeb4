/** NetFlow v9 (RFC 3954) and IPFIX (RFC 7011) messages: sets of templates, of options templates, and of records. */
import type { FlowPartitions } from './batch-builder';
import type { Source, Sink } from './decoder';
import type { Elements } from './elements/registry';
import { finish, round } from './hash';
import { OptionsRecord } from './options';
import { MAX_VALUES } from './lists';
import { MAX_RECORDS, Protocol, type Fault } from './protocol';
import { sameBytes } from './same-bytes';
import type { Scratch } from './scratch';
import type { Stream } from './streams';
import { MAX_FIELDS, Template, type SharedTranscoders } from './template';
import type { Domain, TemplateCache } from './template-cache';
import { TemplateRecord } from './template-record';
import type { TranscodeContext } from './transcoder';
import type { Waiting, WaitingData } from './waiting';

const V9_HEADER = 20;
const IPFIX_HEADER = 16;

/** Decodes both. What it learns is in the template cache, data that came before its template in `waiting`. */
export class TemplateProtocols {
  private readonly record: OptionsRecord;
  private readonly read = new TemplateRecord();
  /** Of the message being decoded. */
  private v9 = false;
  private source!: Source;
  private stream!: Stream;
  private second = 0;
  private receiveMs = 0;
  private sequence = 0;
  private domain: Domain | undefined;
  /** Data records in it; -1 where that is not known. */
  private records = 0;
  private optionsRecords = 0;
  private setIndex = 0;
  private held: Waiting | null = null;
  private learnt = false;

  constructor(
    private readonly scratch: Scratch,
    private readonly cache: TemplateCache,
    private readonly transcoders: SharedTranscoders,
    elements: Elements,
    private readonly waiting: WaitingData,
    private readonly context: TranscodeContext,
    private readonly out: FlowPartitions,
    private readonly sink: Sink,
  ) {
    this.record = new OptionsRecord(elements);
  }

  /** A datagram of `length` bytes in the scratch, of that version (9 or 10). */
  decode(version: number, length: number, source: Source, receiveMs: number, serial: number): void {
    const { view } = this.scratch;
    this.v9 = version === 9;
    this.source = source;
    const header = this.v9 ? V9_HEADER : IPFIX_HEADER;
    if (length < header) return this.sink.fault(source, 'truncated');
    const exportMs = view.getUint32(this.v9 ? 8 : 4) * 1000;
    const uptime = this.v9 ? view.getUint32(4) : -1;
    const sequence = view.getUint32(header - 8);
    const domainId = view.getUint32(header - 4);
    this.second = Math.floor(receiveMs / 1000);
    this.receiveMs = receiveMs;
    this.sequence = sequence;
    this.stream = this.sink.begin(source, this.v9 ? Protocol.NETFLOW_V9 : Protocol.IPFIX, domainId, sequence, exportMs, receiveMs, serial, length);
    this.domain = this.cache.find(this.stream, version, this.second);
    this.context.exportMs = exportMs;
    this.context.uptime = uptime;
    this.context.extraBytes = 0;
    this.context.values = MAX_VALUES;
    this.records = this.optionsRecords = 0;
    this.setIndex = 0;
    this.held = null;
    this.learnt = false;
    let end = length;
    if (!this.v9) {
      const stated = view.getUint16(2);
      if (stated > length || stated < IPFIX_HEADER) this.sink.fault(source, 'bad_length');
      else end = stated;
    }
    this.sets(header, end, length);
    if (this.out.rows > 0) {
      if (this.domain) this.cache.prove(this.domain);
      const held = this.held as Waiting | null;
      if (held) held.emitted = true;
    }
    if (this.v9) this.stream.sequence.track(sequence, 1, this.records, exportMs - uptime, receiveMs);
    else this.stream.sequence.track(sequence, this.records, 1, -1, receiveMs, this.records - this.optionsRecords);
  }

  /** True where the message just decoded brought a template that data waits for. */
  get brought(): boolean {
    return this.learnt && this.stream.waiting !== null;
  }

  /** Decodes what waited for the templates of the message just decoded, as datagrams of their own; `serial` is that message's. */
  late(serial: number): number {
    let rows = 0;
    const { stream, domain } = this;
    if (!domain) return 0;
    for (const waiting of [...(stream.waiting ?? [])]) {
      const left = waiting.sets.filter(({ id }) => !domain.templates.has(id));
      if (left.length === waiting.sets.length) continue;
      rows += this.lateSets(waiting, domain, serial);
      if (left.length > 0) this.waiting.shrink(waiting, left);
      else {
        this.waiting.close(waiting);
        this.waiting.decoded++;
      }
    }
    if (rows > 0) this.cache.prove(domain);
    return rows;
  }

  /**
   * The sets of a datagram whose templates have come. The rows' datagram is the one they came in; where flows of it were written
   * already, its content hash is one of the rest alone, for a datagram's flows stand together.
   */
  private lateSets(waiting: Waiting, domain: Domain, serial: number): number {
    const { context, scratch } = this;
    const ready = waiting.sets.filter(({ id }) => domain.templates.has(id));
    const contentHash = waiting.emitted ? finish(round(waiting.contentHash, ready[0].index), 4) : waiting.contentHash;
    this.sink.again(waiting, contentHash, serial);
    context.exportMs = waiting.exportMs;
    context.uptime = waiting.uptime;
    context.extraBytes = 0;
    context.values = MAX_VALUES;
    for (const { id, body } of ready) {
      scratch.load(body);
      this.data(id, 0, body.length);
    }
    const { rows } = this.out;
    if (rows > 0) waiting.emitted = true;
    return rows;
  }

  /** Sets from `at`; the message ends at `end`, the datagram at `limit`: a set may run over the one, never over the other. */
  private sets(at: number, end: number, limit: number): void {
    const { view } = this.scratch;
    while (at + 4 <= end) {
      const id = view.getUint16(at);
      const length = view.getUint16(at + 2);
      if (length < 4) return this.damaged('bad_length');
      let next = at + length;
      if (next > end) {
        this.damaged('bad_length');
        next = Math.min(next, limit);
      }
      this.setIndex++;
      if (id >= 256) this.data(id, at + 4, next);
      else if (id === (this.v9 ? 0 : 2)) this.templates(at + 4, next, false);
      else if (id === (this.v9 ? 1 : 3)) this.templates(at + 4, next, true);
      else this.sink.fault(this.source, 'reserved_set');
      at = next;
    }
    if (at < end && !this.padding(at, end)) this.sink.fault(this.source, 'truncated');
  }

  /** True where the last bytes, too few for a set, are zeros: exporters pad behind a set without saying so in its length. */
  private padding(at: number, end: number): boolean {
    const { bytes } = this.scratch;
    for (; at < end; at++) if (bytes[at] !== 0) return false;
    return true;
  }

  /** A fault after which it is not known how many records there were. */
  private damaged(fault: Fault): void {
    this.records = -1;
    this.sink.fault(this.source, fault);
  }

  private templates(at: number, end: number, options: boolean): void {
    const { read } = this;
    const { view, bytes } = this.scratch;
    while (at + 4 <= end) {
      if (view.getUint16(at) === 0) return; // padding
      const next = read.read(view, at, end, this.v9, options);
      if (next < 0) return this.sink.fault(this.source, 'truncated');
      if (read.count === 0 && !this.v9) this.withdraw(read.id);
      else this.learn(options, bytes.subarray(at, next));
      at = next;
    }
  }

  private learn(options: boolean, text: Uint8Array): void {
    const { id, fields } = this.read;
    this.sink.template(options);
    const known = this.domain?.templates.get(id);
    if (known && known.options === options && sameBytes(known.text, text)) {
      known.sent = this.second;
      known.restored = false;
      return;
    }
    if (id < 256 || fields.length === 0 || fields.length > MAX_FIELDS) return this.sink.fault(this.source, 'bad_template');
    const template = new Template(id, options, fields, text.slice());
    if (template.shortest === 0) return this.sink.fault(this.source, 'bad_template');
    this.domain ??= this.cache.open(this.stream, this.v9 ? 9 : 10, this.second);
    const learnt = this.cache.learn(this.domain, template, this.second);
    if (learnt === 'refused') return this.sink.fault(this.source, 'template_limit');
    this.learnt = true;
    if (learnt === 'new') return;
    this.stream.templatesChanged++;
    this.sink.fault(this.source, learnt === 'turns' ? 'template_collision' : 'template_changed');
  }

  /** RFC 7011 section 8.1: one template, or with a set's own id all of that kind. */
  private withdraw(id: number): void {
    if (!this.domain) return;
    if (id >= 256) return this.cache.forget(this.domain, id);
    for (const template of [...this.domain.templates.values()]) if (template.options === (id === 3)) this.cache.forget(this.domain, template.id);
  }

  private data(id: number, at: number, end: number): void {
    const { domain } = this;
    const template = domain && this.cache.template(domain, id, this.second);
    if (!domain || !template) return this.missing(id, at, end);
    if (template.restored && !template.explains(end - at)) {
      this.cache.forget(domain, id); // it changed while the collector was away
      return this.missing(id, at, end);
    }
    if (template.options) return this.options(domain, template, at, end);
    const { context, out, scratch } = this;
    const room = MAX_RECORDS - out.rows;
    context.rates = domain.rates;
    domain.rates.thin(this.sink.present.thinning);
    context.bootMs = this.v9 ? context.exportMs - context.uptime : domain.bootMs;
    context.templates = domain.templates;
    context.domain = domain;
    context.overrun = false;
    const { records, lies, unknown } = context;
    const stop = template.transcoder(this.transcoders)(scratch.bytes, scratch.view, at, end, room, context, out);
    if (this.records >= 0) this.records += context.records - records;
    if (context.lies > lies) this.sink.fault(this.source, 'bad_list');
    if (context.unknown > unknown) this.sink.fault(this.source, 'list_template_missing');
    if (context.overrun) this.damaged('truncated');
    else if (stop + template.shortest <= end) this.damaged('record_limit');
  }

  /** Data without a template: kept until it comes. */
  private missing(id: number, at: number, end: number): void {
    const { context, stream, waiting } = this;
    this.records = -1;
    this.sink.fault(this.source, 'template_missing', id);
    const { contentHash, thinning } = this.sink.present;
    this.held ??= waiting.open(stream, { v9: this.v9, sequence: this.sequence, contentHash, exportMs: context.exportMs, receiveMs: this.receiveMs, uptime: context.uptime, thinning });
    if (this.held === null) return;
    waiting.add(this.held, id, this.scratch.bytes.subarray(at, end), this.setIndex);
  }

  private options(domain: Domain, template: Template, at: number, end: number): void {
    const { bytes } = this.scratch;
    const { changes, size } = domain.rates;
    const { bootMs } = domain;
    for (let n = 0; at + template.shortest <= end; n++) {
      if (n === MAX_RECORDS || (this.context.values -= template.fields.length) < 0) return this.damaged('record_limit');
      const next = this.record.locate(template, bytes, at, end);
      if (next < 0) {
        this.damaged('truncated');
        break;
      }
      this.record.learn(domain, bytes, this.v9);
      this.sink.options(this.record, bytes, this.v9);
      if (this.records >= 0) this.records++;
      this.optionsRecords++;
      at = next;
    }
    if (domain.rates.size !== size) this.cache.charge(domain, 64 * (domain.rates.size - size));
    if (domain.rates.changes !== changes || domain.bootMs !== bootMs) this.cache.changes++;
  }
}
