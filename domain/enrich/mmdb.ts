/**
 * Databases in the format of MaxMind (MaxMind DB File Format Specification 2.0). The search tree is read here, without an allocation
 * an address; records are decoded by mmdb-lib, each when it is met for the first time.
 */
import { Reader, type Response } from 'mmdb-lib';
import { formatIpv4, formatIpRow } from '../../schemas/ip';
import { bitAt } from './address';

/** A database; lookups give what `of` made of the record, by its place in the file. */
export class MmdbTable<T> {
  private readonly reader: Reader<Response>;
  private readonly left: Uint32Array;
  private readonly right: Uint32Array;
  private readonly ipv4Root: number;
  private readonly records = new Map<number, T>();

  /** Throws an Error where the bytes are no such database. `of`: what a record means; the same record is asked for once. `damaged`: told of each record that cannot be decoded. */
  constructor(
    bytes: Buffer,
    private readonly of: (record: Response) => T,
    private readonly none: T,
    private readonly damaged: () => void = () => undefined,
  ) {
    this.reader = new Reader<Response>(bytes);
    const { nodeCount, recordSize, ipVersion } = this.reader.metadata;
    if (![24, 28, 32].includes(recordSize) || ![4, 6].includes(ipVersion)) throw new Error(`records of ${recordSize} bits for IP version ${ipVersion}`);
    if ((nodeCount * recordSize) / 4 > bytes.length) throw new Error(`${nodeCount} nodes do not fit ${bytes.length} bytes`);
    this.left = new Uint32Array(nodeCount);
    this.right = new Uint32Array(nodeCount);
    const size = recordSize / 4;
    for (let node = 0, at = 0; node < nodeCount; node++, at += size) {
      if (recordSize === 28) {
        this.left[node] = ((bytes[at + 3] & 0xf0) << 20) | bytes.readUIntBE(at, 3);
        this.right[node] = ((bytes[at + 3] & 0x0f) << 24) | bytes.readUIntBE(at + 4, 3);
      } else {
        this.left[node] = bytes.readUIntBE(at, size >> 1);
        this.right[node] = bytes.readUIntBE(at + (size >> 1), size >> 1);
      }
    }
    let root = 0;
    if (ipVersion === 6) for (let i = 0; i < 96 && root < nodeCount; i++) root = this.left[root];
    this.ipv4Root = root;
  }

  /** What the database says of the address of `length` bytes at `at`; `none` where nothing. */
  find(v: DataView, at: number, length: number): T {
    const nodes = this.left.length;
    if (length === 16 && this.reader.metadata.ipVersion === 4) return this.none;
    let node = length === 4 ? this.ipv4Root : 0;
    for (let i = 0, end = 8 * length; i < end && node < nodes; i++) node = bitAt(v, at, i) === 1 ? this.right[node] : this.left[node];
    if (node <= nodes) return this.none;
    let known = this.records.get(node);
    if (known === undefined) {
      const bytes = new Uint8Array(v.buffer, v.byteOffset + at, length);
      this.records.set(node, (known = this.read(length === 4 ? formatIpv4(bytes) : formatIpRow(bytes))));
    }
    return known;
  }

  /** A record that is damaged says nothing. */
  private read(address: string): T {
    try {
      const record = this.reader.get(address);
      return record === null ? this.none : this.of(record);
    } catch {
      this.damaged();
      return this.none;
    }
  }
}

/** The autonomous system of a record (GeoLite2 ASN and alike); 0 where it has none. */
export function systemOf(record: Response): number {
  const number = (record as { autonomous_system_number?: unknown }).autonomous_system_number ?? (record as { as_number?: unknown }).as_number;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 2 ** 32 ? number : 0;
}

/** The country of a record (GeoLite2 Country and City and alike), ISO 3166-1 alpha-2; '' where it has none. */
export function countryOf(record: Response): string {
  const { country, registered_country: registered, country_code: plain } = record as { country?: { iso_code?: unknown } | string; registered_country?: { iso_code?: unknown }; country_code?: unknown };
  const code = plain ?? (typeof country === 'string' ? country : (country?.iso_code ?? registered?.iso_code));
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : '';
}
