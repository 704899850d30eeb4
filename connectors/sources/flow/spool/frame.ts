/**
 * A frame of the spool: the records of one append, as they lie on disk. Little-endian:
 *
 *     magic u32 · length of the payload u32 · CRC-32 of what follows u32 · flows u32 · records u32 · payload (raw DEFLATE)
 *
 * The payload, inflated, has for each record: length u32 and JSON of its place, time and headers · length i32 and key ·
 * length i32 and value; -1 is none. Deflating at its fastest level halves flow batches; it runs in libuv's threads.
 */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Headers, OutgoingRecord } from '../../../../infra/log/log';
import { crc32 } from '../../../../infra/crc32';

const deflated = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw);
const inflated = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);

const MAGIC = 0x3153_574e;
/** Length of a frame's header. */
export const FRAME_HEADER = 20;
/** No payload is longer: what says otherwise is damage. */
const LONGEST = 2 ** 30;

/** A record on its way to the log, with the flows in it, so that what is lost can be counted. */
export interface CountedRecord extends OutgoingRecord {
  readonly flows?: number;
}

/** What the header of a frame says. */
export interface FrameHeader {
  /** Bytes of header and payload. */
  readonly size: number;
  readonly crc: number;
  readonly flows: number;
  readonly records: number;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly timestampMs?: number;
  readonly headers?: Headers;
}

const lengthOf = (bytes: Buffer | null): number => 4 + (bytes?.length ?? 0);

/** The records of one append as a frame. */
export async function encodeFrame(records: readonly CountedRecord[]): Promise<Buffer> {
  const places = records.map(({ topic, partition, timestampMs, headers }) => Buffer.from(JSON.stringify({ topic, partition, timestampMs, headers } satisfies Place)));
  const plain = Buffer.allocUnsafe(records.reduce((sum, { key, value }, i) => sum + lengthOf(places[i]) + lengthOf(key) + lengthOf(value), 0));
  let at = 0;
  const put = (bytes: Buffer | null): void => {
    at = plain.writeInt32LE(bytes?.length ?? -1, at);
    if (bytes) at += bytes.copy(plain, at);
  };
  records.forEach(({ key, value }, i) => {
    put(places[i]);
    put(key);
    put(value);
  });
  const payload = await deflated(plain, { level: 1 });
  const frame = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(payload.length, 4);
  frame.writeUInt32LE(records.reduce((sum, { flows = 0 }) => sum + flows, 0), 12);
  frame.writeUInt32LE(records.length, 16);
  payload.copy(frame, FRAME_HEADER);
  frame.writeUInt32LE(crc32(frame.subarray(12)), 8);
  return frame;
}

/** What the first {@link FRAME_HEADER} bytes of `bytes` say; null where no frame begins there. */
export function readFrameHeader(bytes: Buffer): FrameHeader | null {
  if (bytes.length < FRAME_HEADER || bytes.readUInt32LE(0) !== MAGIC) return null;
  const length = bytes.readUInt32LE(4);
  return length > LONGEST ? null : { size: FRAME_HEADER + length, crc: bytes.readUInt32LE(8), flows: bytes.readUInt32LE(12), records: bytes.readUInt32LE(16) };
}

/** True where a frame is what was written. */
export const isWhole = (frame: Buffer, header: FrameHeader): boolean => frame.length === header.size && crc32(frame.subarray(12)) === header.crc;

/** The records of a frame that is whole. */
export async function decodeFrame(frame: Buffer): Promise<CountedRecord[]> {
  const plain = await inflated(frame.subarray(FRAME_HEADER), { maxOutputLength: LONGEST });
  const records: CountedRecord[] = [];
  let at = 0;
  const take = (): Buffer | null => {
    const length = plain.readInt32LE(at);
    at += 4;
    return length < 0 ? null : plain.subarray(at, (at += length));
  };
  while (at < plain.length) {
    const place = JSON.parse(String(take())) as Place;
    records.push({ ...place, key: take(), value: take() });
  }
  return records;
}
