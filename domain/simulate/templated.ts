import { Exporter, MAX_PAYLOAD, type ExporterIdentity } from './exporter';
import { recordLength, templateRecord, type Field } from './fields';
import type { Flow } from './flow';

/** Template ids of the data records. */
export const TEMPLATE_V4 = 256;
export const TEMPLATE_V6 = 257;
/** Template id of the sampling rate's options. */
export const TEMPLATE_SAMPLING = 258;
/** Template id of the interface table's options (IPFIX). */
export const TEMPLATE_INTERFACES = 259;

/** A set (RFC 7011 section 3.3) or FlowSet (RFC 3954 section 5): its id, its records, how many; padded to four bytes. */
export interface RecordSet {
  readonly id: number;
  readonly records: readonly Uint8Array[];
  readonly count: number;
}

/** Most bytes of options data that go into one set. */
const MOST_OPTIONS = 1024;

const lengthOf = ({ records }: RecordSet): number => 4 + ((records.reduce((sum, record) => sum + record.length, 0) + 3) & ~3);

/** Options data of many records as several sets; templates stay whole. */
function inParts(set: RecordSet): RecordSet[] {
  if (lengthOf(set) <= MOST_OPTIONS) return [set];
  const parts: Uint8Array[][] = [[]];
  let used = 0;
  for (const record of set.records) {
    if (used + record.length > MOST_OPTIONS) {
      parts.push([]);
      used = 0;
    }
    parts[parts.length - 1].push(record);
    used += record.length;
  }
  return parts.map((records) => ({ id: set.id, records, count: records.length }));
}

/** Records of one template that wait for their datagram. */
class Pending {
  readonly length: number;
  readonly bytes = Buffer.alloc(MAX_PAYLOAD);
  used = 0;
  count = 0;

  constructor(
    readonly id: number,
    private readonly fields: readonly Field[],
  ) {
    this.length = recordLength(fields);
  }

  add(flow: Flow, bootMs: number): void {
    for (const field of this.fields) {
      field.write(this.bytes, this.used, flow, bootMs);
      this.used += field.length;
    }
    this.count++;
  }

  /** Bytes of the set that holds the records: its header, the records, the padding. */
  get setLength(): number {
    return this.count === 0 ? 0 : 4 + ((this.used + 3) & ~3);
  }

  take(): RecordSet[] {
    if (this.count === 0) return [];
    const set = { id: this.id, records: [this.bytes.subarray(0, this.used)], count: this.count };
    this.used = this.count = 0;
    return [set];
  }
}

/**
 * What NetFlow v9 and IPFIX have in common: records by template, one data set a family in a datagram; the templates, the
 * options templates and the options data (sampling rate, interface table) in a datagram of their own, or several where the table
 * is long, before the first records and again every `templateEvery` datagrams.
 */
export abstract class TemplatedExporter extends Exporter {
  private readonly v4: Pending;
  private readonly v6: Pending;
  private readonly templates: readonly Uint8Array[];
  private untilTemplates = 0;

  constructor(
    identity: ExporterIdentity,
    startMs: number,
    emit: (datagram: Buffer) => void,
    private readonly templateEvery: number,
    v4: readonly Field[],
    v6: readonly Field[],
    private readonly headerLength: number,
  ) {
    super(identity, startMs, emit);
    this.v4 = new Pending(TEMPLATE_V4, v4);
    this.v6 = new Pending(TEMPLATE_V6, v6);
    this.templates = [templateRecord(TEMPLATE_V4, v4), templateRecord(TEMPLATE_V6, v6)];
  }

  /** Id of a template set: 0 in NetFlow v9, 2 in IPFIX. */
  protected abstract readonly templateSet: number;
  /** Options templates and options data. */
  protected abstract optionSets(): RecordSet[];
  /** Writes the header of a datagram with these sets and moves the sequence on. */
  protected abstract writeHeader(datagram: Buffer, sets: readonly RecordSet[], nowMs: number): void;

  override report(flow: Flow, nowMs: number): void {
    const pending = flow.ipv6 ? this.v6 : this.v4;
    const opened = pending.count === 0 ? 8 : 0;
    if (this.headerLength + this.v4.setLength + this.v6.setLength + opened + pending.length > MAX_PAYLOAD) this.flush(nowMs);
    pending.add(flow, this.bootMs);
    this.held(flow.packets, flow.bytes, nowMs);
  }

  override flush(nowMs: number): void {
    const sets = [...this.v4.take(), ...this.v6.take()];
    if (sets.length === 0) return;
    if (this.untilTemplates === 0) {
      this.untilTemplates = this.templateEvery;
      this.announce(nowMs);
    }
    this.untilTemplates--;
    this.sendHeld(this.datagram(sets, nowMs));
  }

  private announce(nowMs: number): void {
    let sets: RecordSet[] = [];
    let room = 0;
    for (const set of [{ id: this.templateSet, records: this.templates, count: this.templates.length }, ...this.optionSets()].flatMap(inParts)) {
      const length = lengthOf(set);
      if (sets.length > 0 && length > room) {
        this.sendOther(this.datagram(sets, nowMs));
        sets = [];
      }
      if (sets.length === 0) room = MAX_PAYLOAD - this.headerLength;
      sets.push(set);
      room -= length;
    }
    this.sendOther(this.datagram(sets, nowMs));
  }

  private datagram(sets: readonly RecordSet[], nowMs: number): Buffer {
    const lengths = sets.map(lengthOf);
    const datagram = Buffer.alloc(lengths.reduce((sum, length) => sum + length, this.headerLength));
    this.writeHeader(datagram, sets, nowMs);
    let at = this.headerLength;
    sets.forEach(({ id, records }, i) => {
      datagram.writeUInt16BE(id, at);
      datagram.writeUInt16BE(lengths[i], at + 2);
      let position = at + 4;
      for (const record of records) {
        datagram.set(record, position);
        position += record.length;
      }
      at += lengths[i];
    });
    return datagram;
  }
}
