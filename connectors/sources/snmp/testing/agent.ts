/** A small SNMPv2c agent for tests (RFC 3416): what it holds, how much of an answer fits, and how it misbehaves can be set. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** BER tags. */
const TAG = { integer: 2, octets: 4, null: 5, oid: 6, sequence: 0x30, counter32: 0x41, gauge32: 0x42, timeTicks: 0x43, counter64: 0x46, response: 0xa2, noSuchObject: 0x80, endOfMibView: 0x82 } as const;
const GET = 0xa0;
const GET_BULK = 0xa5;
const TOO_BIG = 1;

/** A value by type; text is octets. */
export type AgentValue = readonly ['integer' | 'counter32' | 'gauge32' | 'timeTicks' | 'counter64', number] | readonly ['counter64', bigint] | readonly ['octets' | 'oid', string];

interface Entry {
  readonly arcs: readonly number[];
  readonly encoded: Buffer;
}

/** A BER element. */
export function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const size = length < 128 ? Buffer.of(length) : length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 255);
  return Buffer.concat([Buffer.of(tag), size, ...content]);
}

function unsigned(value: number | bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt(value); bytes.length === 0 || rest > 0n || bytes[0] > 127; rest >>= 8n) bytes.unshift(Number(rest & 255n));
  return Buffer.from(bytes);
}

function oidBytes(arcs: readonly number[]): Buffer {
  const bytes = [arcs[0] * 40 + arcs[1]];
  for (const arc of arcs.slice(2)) {
    const group = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) group.unshift((rest % 128) | 128);
    bytes.push(...group);
  }
  return Buffer.from(bytes);
}

const arcsOf = (oid: string): number[] => oid.split('.').map(Number);

function readArcs(bytes: Buffer): number[] {
  const arcs = [Math.floor(bytes[0] / 40), bytes[0] % 40];
  let arc = 0;
  for (const byte of bytes.subarray(1)) {
    arc = arc * 128 + (byte & 127);
    if (byte < 128) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

function encode([type, value]: AgentValue): Buffer {
  if (typeof value !== 'string') return element(TAG[type], unsigned(value));
  return type === 'octets' ? element(TAG.octets, Buffer.from(value)) : element(TAG.oid, oidBytes(arcsOf(value)));
}

/** Elements of a sequence. */
export function children(bytes: Buffer): { tag: number; content: Buffer }[] {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    const long = bytes[at + 1] & 127;
    const isLong = bytes[at + 1] > 127;
    const start = at + 2 + (isLong ? long : 0);
    const length = isLong ? bytes.readUIntBE(at + 2, long) : bytes[at + 1];
    found.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

/** An agent on loopback. */
export class TestAgent {
  community = 'public';
  /** Most bytes of the values of an answer: it is cut there (RFC 3416 section 4.2.3). */
  room = 1400;
  /** Answers `tooBig` where more rows are asked for than this. */
  tooBigAbove = Infinity;
  /** Changes an answer; null sends none. */
  spoil: (answer: Buffer) => Buffer | null = (answer) => answer;
  requests = 0;
  private entries: Entry[] = [];
  private readonly socket: Socket = createSocket('udp4');

  private constructor() {}

  static async start(port = 0): Promise<TestAgent> {
    const agent = new TestAgent();
    agent.socket.on('message', (datagram, from) => agent.serve(datagram, from));
    agent.socket.bind(port, '127.0.0.1');
    await once(agent.socket, 'listening');
    return agent;
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** What it holds, by object identifier. */
  hold(values: Readonly<Record<string, AgentValue>>): void {
    this.entries = Object.entries(values)
      .map(([oid, value]) => ({ arcs: arcsOf(oid), encoded: element(TAG.sequence, element(TAG.oid, oidBytes(arcsOf(oid))), encode(value)) }))
      .sort((a, b) => compare(a.arcs, b.arcs));
  }

  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.socket.close(() => closed()));
  }

  private serve(datagram: Buffer, from: RemoteInfo): void {
    this.requests++;
    const [{ content }] = children(datagram);
    const [version, community, pdu] = children(content);
    if (community.content.toString() !== this.community) return;
    const [id, nonRepeaters, repetitions, list] = children(pdu.content);
    const oids = children(list.content).map((varbind) => readArcs(children(varbind.content)[0].content));
    const rows = repetitions.content.readIntBE(0, repetitions.content.length);
    const tooBig = pdu.tag === GET_BULK && rows > this.tooBigAbove;
    const varbinds = tooBig ? [] : pdu.tag === GET ? oids.map((oid) => this.exact(oid)) : this.bulk(oids, nonRepeaters.content[0], rows);
    const number = (value: number): Buffer => element(TAG.integer, Buffer.of(value));
    const body = element(TAG.response, element(TAG.integer, id.content), number(tooBig ? TOO_BIG : 0), number(0), element(TAG.sequence, ...varbinds));
    const answer = this.spoil(element(TAG.sequence, element(TAG.integer, version.content), element(TAG.octets, community.content), body));
    if (answer !== null) this.socket.send(answer, from.port, from.address);
  }

  /** Index of the first entry after an object identifier. */
  private after(oid: readonly number[]): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.entries[middle].arcs, oid) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private exact(oid: readonly number[]): Buffer {
    const before = this.entries[this.after(oid) - 1];
    return before !== undefined && compare(before.arcs, oid) === 0 ? before.encoded : element(TAG.sequence, element(TAG.oid, oidBytes(oid)), element(TAG.noSuchObject));
  }

  private bulk(oids: readonly (readonly number[])[], nonRepeaters: number, repetitions: number): Buffer[] {
    const starts = oids.map((oid) => this.after(oid));
    const varbinds: Buffer[] = [];
    let bytes = 0;
    for (let row = 0; row < (nonRepeaters > 0 ? 1 : repetitions); row++) {
      for (let i = 0; i < oids.length; i++) {
        const entry = this.entries[starts[i] + row];
        const varbind = entry?.encoded ?? element(TAG.sequence, element(TAG.oid, oidBytes(oids[i])), element(TAG.endOfMibView));
        bytes += varbind.length;
        if (bytes > this.room) return varbinds;
        varbinds.push(varbind);
      }
    }
    return varbinds;
  }
}

/** What a device of `interfaces` holds; `name` of an interface by its index. 64-bit counters are 2^40 + ifIndex. */
export function deviceWith(interfaces: readonly number[], options: { readonly uptime?: number; readonly name?: (ifIndex: number) => string; readonly high?: boolean; readonly sysName?: string } = {}): Record<string, AgentValue> {
  const { uptime = 100, name = (ifIndex) => `eth${ifIndex}`, high = true, sysName = 'test-device' } = options;
  const values: Record<string, AgentValue> = {
    '1.3.6.1.2.1.1.1.0': ['octets', 'A test device'],
    '1.3.6.1.2.1.1.2.0': ['oid', '1.3.6.1.4.1.99999.1'],
    '1.3.6.1.2.1.1.3.0': ['timeTicks', uptime * 100],
    '1.3.6.1.2.1.1.5.0': ['octets', sysName],
  };
  for (const i of interfaces) {
    const [entry, x] = ['1.3.6.1.2.1.2.2.1', '1.3.6.1.2.1.31.1.1.1'];
    values[`${entry}.2.${i}`] = ['octets', `GigabitEthernet0/${i}`];
    values[`${entry}.5.${i}`] = ['gauge32', 1_000_000_000];
    values[`${entry}.7.${i}`] = ['integer', 1];
    values[`${entry}.8.${i}`] = ['integer', i % 2 === 0 ? 1 : 2];
    for (const [column, value] of [[10, 1000], [11, 1100], [12, 1200], [13, 1300], [14, 1400], [15, 1500], [16, 1600], [17, 1700], [18, 1800], [19, 1900], [20, 2000]]) values[`${entry}.${column}.${i}`] = ['counter32', value + i];
    if (!high) continue;
    values[`${x}.1.${i}`] = ['octets', name(i)];
    for (let column = 6; column <= 13; column++) values[`${x}.${column}.${i}`] = ['counter64', 2 ** 40 + column * 1000 + i];
    values[`${x}.15.${i}`] = ['gauge32', 1000];
    values[`${x}.18.${i}`] = ['octets', `to customer ${i}`];
    values[`${x}.19.${i}`] = ['timeTicks', 0];
  }
  return values;
}
