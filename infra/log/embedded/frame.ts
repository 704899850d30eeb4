/**
 * How the embedded log stores a record: a small binary frame, the value last and untouched.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | flags: 1 has a key, 2 has a value, 4 has headers |
 * | 8 | timestamp, milliseconds since the epoch, float64 big-endian |
 * | 4 + n | key length, key (where flagged) |
 * | 2 + … | header count, then for each: name length (2), value length (4), both as UTF-8 (where flagged) |
 * | rest | value (where flagged) |
 */
import type { LogRecord, OutgoingRecord } from '../log';

const HAS_KEY = 1;
const HAS_VALUE = 2;
const HAS_HEADERS = 4;
const FIXED = 9;

/** Encodes a record; the result shares no memory with it. `nowMs` stamps a record that brings no time. */
export function encodeFrame(record: OutgoingRecord, nowMs: number): Buffer {
  const key = record.key?.length ? record.key : null;
  const value = record.value?.length ? record.value : null;
  const headers = record.headers ? Object.entries(record.headers) : [];
  let size = FIXED + (value?.length ?? 0);
  if (key) size += 4 + key.length;
  if (headers.length > 0) size += 2;
  for (const [name, text] of headers) size += 6 + Buffer.byteLength(name) + Buffer.byteLength(text);

  const frame = Buffer.allocUnsafe(size);
  frame[0] = (key ? HAS_KEY : 0) | (value ? HAS_VALUE : 0) | (headers.length > 0 ? HAS_HEADERS : 0);
  let at = frame.writeDoubleBE(record.timestampMs ?? nowMs, 1);
  if (key) {
    at = frame.writeUInt32BE(key.length, at);
    frame.set(key, at);
    at += key.length;
  }
  if (headers.length > 0) {
    at = frame.writeUInt16BE(headers.length, at);
    for (const [name, text] of headers) {
      const lengths = at;
      at += 6;
      const nameLength = frame.write(name, at);
      at += nameLength;
      const textLength = frame.write(text, at);
      at += textLength;
      frame.writeUInt16BE(nameLength, lengths);
      frame.writeUInt32BE(textLength, lengths + 2);
    }
  }
  if (value) frame.set(value, at);
  return frame;
}

/** The timestamp of a frame, milliseconds since the epoch. */
export const frameTimestamp = (frame: Buffer): number => frame.readDoubleBE(1);

/** The key of a frame, a view into it. */
export function frameKey(frame: Buffer): Buffer | null {
  return frame[0] & HAS_KEY ? frame.subarray(FIXED + 4, FIXED + 4 + frame.readUInt32BE(FIXED)) : null;
}

/** True for a frame without a value. */
export const isTombstone = (frame: Buffer): boolean => (frame[0] & HAS_VALUE) === 0;

/** The record in a frame; key and value are views into it. */
export function decodeFrame(topic: string, partition: number, offset: number, frame: Buffer): LogRecord {
  const flags = frame[0];
  const key = frameKey(frame);
  let at = FIXED + (key ? 4 + key.length : 0);
  const headers: Record<string, string> = {};
  if (flags & HAS_HEADERS) {
    const count = frame.readUInt16BE(at);
    at += 2;
    for (let i = 0; i < count; i++) {
      const nameEnd = at + 6 + frame.readUInt16BE(at);
      const textEnd = nameEnd + frame.readUInt32BE(at + 2);
      headers[frame.toString('utf8', at + 6, nameEnd)] = frame.toString('utf8', nameEnd, textEnd);
      at = textEnd;
    }
  }
  const value = flags & HAS_VALUE ? frame.subarray(at) : null;
  return { topic, partition, offset, timestampMs: frameTimestamp(frame), key, value, headers };
}
