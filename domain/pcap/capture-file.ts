/**
 * Capture files: classic pcap (both byte orders, micro- and nanoseconds) and the blocks of pcapng that hold packets.
 * Format: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
import { NetWeaverError } from '../../infra/errors';

/** A captured frame. `bytes` is a view of the file's bytes. */
export interface Frame {
  /** Milliseconds since the epoch, with a fraction. */
  readonly timestampMs: number;
  /** LINKTYPE_ number. */
  readonly linkType: number;
  readonly bytes: Buffer;
}

const PCAP_MAGICS = new Map<number, { swapped: boolean; unitsPerMs: number }>([
  [0xa1b2c3d4, { swapped: false, unitsPerMs: 1e3 }],
  [0xd4c3b2a1, { swapped: true, unitsPerMs: 1e3 }],
  [0xa1b23c4d, { swapped: false, unitsPerMs: 1e6 }],
  [0x4d3cb2a1, { swapped: true, unitsPerMs: 1e6 }],
]);
const SECTION_HEADER = 0x0a0d0d0a;

/** Reads integers of either byte order. */
class Reader {
  constructor(
    readonly file: Buffer,
    public little: boolean,
  ) {}
  u16(at: number): number {
    return this.little ? this.file.readUInt16LE(at) : this.file.readUInt16BE(at);
  }
  u32(at: number): number {
    return this.little ? this.file.readUInt32LE(at) : this.file.readUInt32BE(at);
  }
}

const unreadable = (what: string): NetWeaverError => new NetWeaverError('NW_CAPTURE_UNREADABLE', what);

/**
 * The frames of a capture file's bytes, in order.
 * @throws NW_CAPTURE_UNREADABLE where it is no capture, and where it is cut short: after the frames before the cut.
 */
export function* frames(file: Buffer): Generator<Frame> {
  if (file.length < 24) throw unreadable(`${file.length} bytes are too few for a capture file`);
  const magic = file.readUInt32BE(0);
  const pcap = PCAP_MAGICS.get(magic);
  if (pcap) yield* pcapFrames(new Reader(file, pcap.swapped), pcap.unitsPerMs);
  else if (magic === SECTION_HEADER) yield* pcapngFrames(new Reader(file, false));
  else throw unreadable(`it begins with 0x${magic.toString(16).padStart(8, '0')}, which is neither pcap nor pcapng`);
}

function* pcapFrames(reader: Reader, unitsPerMs: number): Generator<Frame> {
  const { file } = reader;
  const linkType = reader.u32(20) & 0x0fffffff;
  let at = 24;
  while (at < file.length) {
    const length = at + 16 <= file.length ? reader.u32(at + 8) : -1;
    if (length < 0 || at + 16 + length > file.length) throw unreadable(`it is cut short in the frame at byte ${at}`);
    const timestampMs = reader.u32(at) * 1e3 + reader.u32(at + 4) / unitsPerMs;
    yield { timestampMs, linkType, bytes: file.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

interface CaptureInterface {
  readonly linkType: number;
  readonly unitsPerSecond: bigint;
  readonly snapLength: number;
}

function* pcapngFrames(reader: Reader): Generator<Frame> {
  const { file } = reader;
  let interfaces: CaptureInterface[] = [];
  let at = 0;
  while (at < file.length) {
    if (at + 12 > file.length) throw unreadable(`it is cut short in the block at byte ${at}`);
    const type = file.readUInt32BE(at);
    if (type === SECTION_HEADER) {
      if (at + 16 > file.length) throw unreadable(`it is cut short in the block at byte ${at}`);
      reader.little = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
      if (!reader.little && file.readUInt32BE(at + 8) !== 0x1a2b3c4d) throw unreadable(`the section header at byte ${at} has no byte-order magic`);
      interfaces = [];
    }
    const length = reader.u32(at + 4);
    if (length < 12 || length % 4 !== 0) throw unreadable(`the block at byte ${at} has the length ${length}`);
    if (at + length > file.length) throw unreadable(`it is cut short in the block at byte ${at}`);
    const block = reader.u32(at);
    if (block === 1 && length >= 20) interfaces.push(interfaceOf(reader, at, length));
    else if (block === 6 || block === 3 || block === 2) yield packetOf(reader, at, length, block, interfaces);
    at += length;
  }
}

function interfaceOf(reader: Reader, at: number, length: number): CaptureInterface {
  let unitsPerSecond = 1_000_000n;
  for (let option = at + 16; option + 4 <= at + length - 4; ) {
    const code = reader.u16(option);
    const size = reader.u16(option + 2);
    if (code === 0) break;
    if (code === 9 && size >= 1) {
      const resolution = reader.file[option + 4]; // if_tsresol: a power of ten, or of two where the top bit is set
      unitsPerSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
    }
    option += 4 + size + (-size & 3);
  }
  return { linkType: reader.u16(at + 8), unitsPerSecond, snapLength: reader.u32(at + 12) };
}

function packetOf(reader: Reader, at: number, length: number, block: number, interfaces: readonly CaptureInterface[]): Frame {
  const simple = block === 3;
  const index = simple ? 0 : block === 6 ? reader.u32(at + 8) : reader.u16(at + 8);
  const from = interfaces[index];
  if (!from) throw unreadable(`the packet at byte ${at} names interface ${index}, which was not described`);
  const head = simple ? 12 : 28;
  if (length < head + 4) throw unreadable(`the packet at byte ${at} is shorter than its header`);
  const room = length - head - 4;
  const captured = simple ? Math.min(reader.u32(at + 8), from.snapLength || room, room) : reader.u32(at + 20);
  if (captured > room) throw unreadable(`the packet at byte ${at} is longer than its block`);
  const timestampMs = simple ? 0 : milliseconds((BigInt(reader.u32(at + 12)) << 32n) | BigInt(reader.u32(at + 16)), from.unitsPerSecond);
  return { timestampMs, linkType: from.linkType, bytes: reader.file.subarray(at + head, at + head + captured) };
}

/** 64-bit times of a nanosecond clock do not fit a double: whole seconds and the rest, apart. */
const milliseconds = (units: bigint, perSecond: bigint): number => Number(units / perSecond) * 1e3 + (Number(units % perSecond) / Number(perSecond)) * 1e3;
