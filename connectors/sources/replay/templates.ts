import type { FlowDatagram } from './capture';

/** Sets remembered of one stream; the oldest go first. */
const MOST_SETS = 512;
const MOST_PAYLOAD = 1400;

/** What one exporter's stream (address, port, version, domain) has told of its templates and options. */
interface Stream {
  readonly example: FlowDatagram;
  readonly headerLength: number;
  /** Sets by their content, in the order in which they came last. */
  readonly sets: Map<string, Buffer>;
  readonly optionsTemplates: Set<number>;
}

/**
 * Remembers the templates, options templates and options data that datagrams carried. A collector that was restarted has forgotten
 * them; an exporter would send them again in time, but a capture may hold them only once. {@link tell} gives datagrams with
 * those sets alone, and no flow: nothing in them can count twice.
 */
export class TemplateMemory {
  private readonly streams = new Map<string, Stream>();

  /** Takes in a datagram of NetFlow v9 (RFC 3954) or IPFIX (RFC 7011); others have no templates. */
  note(datagram: FlowDatagram): void {
    const { protocol, payload } = datagram;
    if (protocol !== 'v9' && protocol !== 'ipfix') return;
    const headerLength = protocol === 'v9' ? 20 : 16;
    if (payload.length < headerLength) return;
    const templates = protocol === 'v9' ? 0 : 2;
    let stream: Stream | undefined;
    for (let at = headerLength; at + 4 <= payload.length; ) {
      const id = payload.readUInt16BE(at);
      const length = payload.readUInt16BE(at + 2);
      if (length < 4 || at + length > payload.length) return;
      const set = payload.subarray(at, at + length);
      at += length;
      const isTemplate = id === templates || id === templates + 1;
      if (!isTemplate && id < 256) continue;
      stream ??= this.streamOf(datagram, headerLength);
      if (id === templates + 1) for (const template of optionsTemplateIds(set, protocol === 'v9')) stream.optionsTemplates.add(template);
      if (!isTemplate && !stream.optionsTemplates.has(id)) continue;
      const key = set.toString('latin1');
      stream.sets.delete(key);
      stream.sets.set(key, set);
      if (stream.sets.size > MOST_SETS) stream.sets.delete(stream.sets.keys().next().value as string);
    }
  }

  /** Datagrams that tell it all again, each to be sent as its stream's. */
  tell(): FlowDatagram[] {
    const told: FlowDatagram[] = [];
    for (const { example, headerLength, sets } of this.streams.values()) {
      let pending: Buffer[] = [];
      let length = headerLength;
      const send = (): void => {
        if (pending.length > 0) told.push({ ...example, payload: message(example, headerLength, pending) });
        pending = [];
        length = headerLength;
      };
      for (const set of sets.values()) {
        if (length + set.length > MOST_PAYLOAD) send();
        pending.push(set);
        length += set.length;
      }
      send();
    }
    return told;
  }

  private streamOf(datagram: FlowDatagram, headerLength: number): Stream {
    const { exporter, exporterPort, protocol, payload } = datagram;
    const key = `${exporter} ${exporterPort} ${protocol} ${payload.readUInt32BE(headerLength - 4)}`;
    let stream = this.streams.get(key);
    if (stream === undefined) this.streams.set(key, (stream = { example: datagram, headerLength, sets: new Map(), optionsTemplates: new Set() }));
    return stream;
  }
}

/** The header of a datagram of the stream with these sets; v9 counts each as one record, IPFIX gives the length. */
function message({ protocol, payload }: FlowDatagram, headerLength: number, sets: readonly Buffer[]): Buffer {
  const whole = Buffer.concat([payload.subarray(0, headerLength), ...sets]);
  whole.writeUInt16BE(protocol === 'v9' ? sets.length : whole.length, 2);
  return whole;
}

/** Ids of the templates in a set of options templates: lengths in bytes (RFC 3954 section 6.1), or fields with enterprise numbers (RFC 7011 section 3.4.2.2). */
function* optionsTemplateIds(set: Buffer, v9: boolean): Generator<number> {
  let at = 4;
  while (at + 6 <= set.length) {
    const id = set.readUInt16BE(at);
    if (id < 256) return;
    yield id;
    if (v9) {
      at += 6 + set.readUInt16BE(at + 2) + set.readUInt16BE(at + 4);
      continue;
    }
    const fields = set.readUInt16BE(at + 2);
    at += 6;
    for (let field = 0; field < fields && at + 4 <= set.length; field++) at += set[at] & 0x80 ? 8 : 4;
  }
}
