/** Datagrams made for tests and benchmarks: small writers of the four export protocols. */

/** A template's field: element, length (65535: variable), private enterprise number. */
export type FixtureField = readonly [id: number, length: number, enterprise?: number];

/** Big-endian bytes: `[value, length]` pairs, or bytes as they are. */
export function bytes(...parts: readonly (readonly [value: number | bigint, length: number] | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const [value, length] = part;
      const hex = BigInt(value).toString(16).padStart(length * 2, '0');
      return Buffer.from(hex, 'hex');
    }),
  );
}

/** Bytes of a dotted IPv4 address. */
export const ip4 = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

/** A NetFlow v5 record's fields; what is not given is 0. */
export interface V5Flow {
  readonly src: string;
  readonly dst: string;
  readonly nextHop?: string;
  readonly inIf?: number;
  readonly outIf?: number;
  readonly packets?: number;
  readonly bytes?: number;
  readonly first?: number;
  readonly last?: number;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly flags?: number;
  readonly proto?: number;
  readonly tos?: number;
  readonly srcAs?: number;
  readonly dstAs?: number;
  readonly srcMask?: number;
  readonly dstMask?: number;
}

/** Header of NetFlow v5. */
export interface V5Header {
  readonly count?: number;
  readonly uptime?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  readonly sequence?: number;
  readonly engine?: number;
  readonly sampling?: number;
}

export function netflow5(flows: readonly V5Flow[], header: V5Header = {}): Buffer {
  const records = flows.map((f) =>
    bytes(
      ip4(f.src), ip4(f.dst), ip4(f.nextHop ?? '0.0.0.0'), [f.inIf ?? 0, 2], [f.outIf ?? 0, 2], [f.packets ?? 1, 4], [f.bytes ?? 100, 4], [f.first ?? 0, 4], [f.last ?? 0, 4],
      [f.srcPort ?? 0, 2], [f.dstPort ?? 0, 2], [0, 1], [f.flags ?? 0, 1], [f.proto ?? 6, 1], [f.tos ?? 0, 1], [f.srcAs ?? 0, 2], [f.dstAs ?? 0, 2], [f.srcMask ?? 0, 1], [f.dstMask ?? 0, 1], [0, 2],
    ),
  );
  const { count = flows.length, uptime = 3_600_000, seconds = 1_700_000_000, nanoseconds = 0, sequence = 1, engine = 0, sampling = 0 } = header;
  return bytes([5, 2], [count, 2], [uptime, 4], [seconds, 4], [nanoseconds, 4], [sequence, 4], [engine, 2], [sampling, 2], ...records);
}

/** A set, padded to four bytes where asked for. */
export function set(id: number, body: Uint8Array, padding = 0): Buffer {
  return bytes([id, 2], [body.length + 4 + padding, 2], body, Buffer.alloc(padding));
}

const fieldBytes = ([id, length, enterprise]: FixtureField): Buffer =>
  enterprise === undefined ? bytes([id, 2], [length, 2]) : bytes([id | 0x8000, 2], [length, 2], [enterprise, 4]);

/** A template record, for NetFlow v9 and IPFIX alike. */
export const template = (id: number, fields: readonly FixtureField[]): Buffer => bytes([id, 2], [fields.length, 2], ...fields.map(fieldBytes));

/** An options template record of NetFlow v9. */
export const optionsTemplate9 = (id: number, scopes: readonly FixtureField[], fields: readonly FixtureField[]): Buffer =>
  bytes([id, 2], [scopes.length * 4, 2], [fields.length * 4, 2], ...[...scopes, ...fields].map(fieldBytes));

/** An options template record of IPFIX. */
export const optionsTemplate10 = (id: number, scopes: readonly FixtureField[], fields: readonly FixtureField[]): Buffer =>
  bytes([id, 2], [scopes.length + fields.length, 2], [scopes.length, 2], ...[...scopes, ...fields].map(fieldBytes));

/** Header of NetFlow v9 or IPFIX. */
export interface TemplateHeader {
  readonly count?: number;
  readonly uptime?: number;
  readonly seconds?: number;
  readonly sequence?: number;
  readonly domain?: number;
  /** IPFIX: the length that the header states. */
  readonly length?: number;
}

export function netflow9(sets: readonly Uint8Array[], { count = sets.length, uptime = 3_600_000, seconds = 1_700_000_000, sequence = 1, domain = 0 }: TemplateHeader = {}): Buffer {
  return bytes([9, 2], [count, 2], [uptime, 4], [seconds, 4], [sequence, 4], [domain, 4], ...sets);
}

export function ipfix(sets: readonly Uint8Array[], { length, seconds = 1_700_000_000, sequence = 1, domain = 0 }: TemplateHeader = {}): Buffer {
  const body = Buffer.concat(sets);
  return bytes([10, 2], [length ?? body.length + 16, 2], [seconds, 4], [sequence, 4], [domain, 4], body);
}

/** A record or sample of sFlow: format, length, body. */
export const sflowPart = (format: number, body: Uint8Array): Buffer => bytes([format, 4], [body.length, 4], body);

/** A flow sample of sFlow (format 1). */
export function flowSample(records: readonly Uint8Array[], { rate = 1000, input = 1, output = 2, sequence = 1 } = {}): Buffer {
  return sflowPart(1, bytes([sequence, 4], [1, 4], [rate, 4], [5000, 4], [0, 4], [input, 4], [output, 4], [records.length, 4], ...records));
}

/** A sampled header record: the frame's first bytes. */
export function sampledHeader(frame: Uint8Array, { length = frame.length, protocol = 1 } = {}): Buffer {
  return sflowPart(1, bytes([protocol, 4], [length, 4], [0, 4], [frame.length, 4], frame, Buffer.alloc(-frame.length & 3)));
}

export function sflow5(samples: readonly Uint8Array[], { agent = '192.0.2.1', subAgent = 0, sequence = 1, count = samples.length } = {}): Buffer {
  return bytes([5, 4], [1, 4], ip4(agent), [subAgent, 4], [sequence, 4], [3_600_000, 4], [count, 4], ...samples);
}

/** Counters of one interface, as a generic interface counters record in a counter sample. */
export function counterSample(ifIndex: number, inOctets: number, outOctets: number): Buffer {
  const record = bytes([ifIndex, 4], [6, 4], [1_000_000_000, 8], [1, 4], [3, 4], [inOctets, 8], [11, 4], [12, 4], [13, 4], [14, 4], [15, 4], [0, 4], [outOctets, 8], [21, 4], [22, 4], [23, 4], [24, 4], [25, 4], [0, 4]);
  return sflowPart(2, bytes([1, 4], [ifIndex, 4], [1, 4], sflowPart(1, record)));
}

/** An IPv4 packet with the first bytes of its payload. */
export function ipv4Packet(src: string, dst: string, proto: number, payload: Uint8Array, { tos = 0, length = 20 + payload.length, fragment = 0 } = {}): Buffer {
  return bytes([0x45, 1], [tos, 1], [length, 2], [0, 2], [fragment, 2], [64, 1], [proto, 1], [0, 2], ip4(src), ip4(dst), payload);
}

/** An IPv6 packet; `src` and `dst` of 16 bytes. */
export function ipv6Packet(src: Uint8Array, dst: Uint8Array, next: number, payload: Uint8Array, trafficClass = 0): Buffer {
  return bytes([0x60000000 + trafficClass * 0x100000, 4], [payload.length, 2], [next, 1], [64, 1], src, dst, payload);
}

/** Ports, then enough of TCP's header for its flags. */
export const tcp = (srcPort: number, dstPort: number, flags = 0x10): Buffer => bytes([srcPort, 2], [dstPort, 2], [1, 4], [1, 4], [0x50, 1], [flags, 1], [0, 2], [0, 4]);

/** An Ethernet frame with the tags given. */
export const ethernet = (etherType: number, payload: Uint8Array, ...tags: readonly Uint8Array[]): Buffer => bytes(Buffer.alloc(12, 2), ...tags, [etherType, 2], payload);

/** A VLAN tag. */
export const vlan = (id: number, type = 0x8100): Buffer => bytes([type, 2], [id, 2]);
