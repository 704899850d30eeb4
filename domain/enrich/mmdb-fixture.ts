/** Writes small databases in MaxMind's format (MaxMind DB File Format Specification 2.0), for tests. */
import { addressBytes } from '../flow/prefix';

/** A prefix and its record: texts, numbers and maps of these. */
export type MmdbEntry = readonly [prefix: string, record: Readonly<Record<string, unknown>>];

/** The bytes of a database for IPv6 with IPv4 in its first 32 bits of zeros, or for IPv4 alone. `recordSize`: 24, 28 or 32 bits. */
export function mmdbOf(entries: readonly MmdbEntry[], { recordSize = 24, ipVersion = 6 }: { recordSize?: 24 | 28 | 32; ipVersion?: 4 | 6 } = {}): Buffer {
  const tree: [number | string | null, number | string | null][] = [[null, null]];
  const data: Buffer[] = [];
  const offsets = new Map<string, number>();
  let length = 0;
  for (const [prefix, record] of entries) {
    const [text, bitsText] = prefix.split('/');
    const raw = addressBytes(text);
    const mapped = raw.length === 4 && ipVersion === 6;
    const address = mapped ? Buffer.concat([Buffer.alloc(12), raw]) : raw;
    const bits = Number(bitsText) + (mapped ? 96 : 0);
    const key = JSON.stringify(record);
    if (!offsets.has(key)) {
      offsets.set(key, length);
      data.push(encode(record));
      length += data.at(-1)!.length;
    }
    let node = 0;
    for (let i = 0; i < bits; i++) {
      const bit = (address[i >> 3] >> (7 - (i & 7))) & 1;
      if (i === bits - 1) tree[node][bit] = key;
      else {
        if (typeof tree[node][bit] !== 'number') {
          const above = tree[node][bit];
          tree[node][bit] = tree.push([above, above]) - 1;
        }
        node = tree[node][bit] as number;
      }
    }
  }
  const value = (of: number | string | null): number => (of === null ? tree.length : typeof of === 'number' ? of : tree.length + 16 + offsets.get(of)!);
  const nodes = tree.map(([left, right]) => nodeOf(value(left), value(right), recordSize));
  const metadata = { node_count: tree.length, record_size: recordSize, ip_version: ipVersion, database_type: 'Test', languages: 'en', binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1, description: 'made for tests' };
  return Buffer.concat([...nodes, Buffer.alloc(16), ...data, Buffer.from('abcdef4d61784d696e642e636f6d', 'hex'), encode(metadata)]);
}

function nodeOf(left: number, right: number, size: number): Buffer {
  const node = Buffer.alloc(size / 4);
  if (size === 28) {
    node.writeUIntBE(left & 0xffffff, 0, 3);
    node[3] = ((left >>> 24) << 4) | (right >>> 24);
    node.writeUIntBE(right & 0xffffff, 4, 3);
  } else {
    node.writeUIntBE(left, 0, size / 8);
    node.writeUIntBE(right, size / 8, size / 8);
  }
  return node;
}

/** Types 2 (UTF-8), 6 (unsigned 32 bits), 7 (map). */
function encode(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return Buffer.concat([control(6, 4), Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])]);
  const entries = Object.entries(value as object);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([name, inner]) => [encode(name), encode(inner)])]);
}

const control = (type: number, size: number): Buffer => Buffer.from([(type << 5) | size]);
