/** Seeded values of a schema, for tests and benchmarks: small and large numbers, every symbol, addresses of each kind, empty and long arrays. */
import type { FieldType, RecordModel } from './generator/model';
import { formatIpRow, IP_ROW } from './ip';

/** A generator of numbers from 0 up to but not including 1 (xorshift32). */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const TEXTS = ['', 'eth0', 'Straße', '接口', '🛰️ up', 'a'.repeat(200)];

/** Random values of models. `rows` is the most rows of an array. */
export class RandomValues {
  constructor(
    private readonly random: () => number,
    private readonly rows = 20,
  ) {}

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** A whole number of up to `bits` bits, of either sign: every length of varint is as likely as another. */
  private whole(bits: number): number {
    const magnitude = Math.floor(this.random() * 2 ** this.below(bits + 1));
    return this.random() < 0.3 ? -1 - magnitude : magnitude;
  }

  private address(): string {
    const row = new Uint8Array(IP_ROW);
    const kind = this.random();
    if (kind < 0.2) return '';
    if (kind < 0.6) return Array.from({ length: 4 }, () => this.below(256)).join('.');
    for (let i = 0; i < IP_ROW; i++) row[i] = this.random() < 0.4 ? 0 : this.below(256);
    return formatIpRow(row);
  }

  private value(type: FieldType): unknown {
    switch (type.kind) {
      case 'int':
        return this.whole(31);
      case 'long':
        // avsc takes longs up to 2^53 - 10, and gets those below -2^52 wrong.
        return Math.max(-(2 ** 52), Math.min(2 ** 53 - 10, this.whole(53)));
      case 'double':
        return this.random() < 0.2 ? this.whole(20) : (this.random() - 0.5) * 10 ** this.below(300);
      case 'boolean':
        return this.random() < 0.5;
      case 'string':
        return TEXTS[this.below(TEXTS.length)];
      case 'bytes':
        return Buffer.from(Array.from({ length: this.below(50) }, () => this.below(256)));
      case 'ip':
        return this.address();
      case 'enum':
        return type.symbols[this.below(type.symbols.length)];
      case 'map':
        return Object.fromEntries(Array.from({ length: this.below(4) }, (_, i) => [`${TEXTS[this.below(TEXTS.length)]}${i}`, TEXTS[this.below(TEXTS.length)]]));
      case 'part':
        return this.random() < 0.5 ? null : this.record(type.of);
      case 'optional':
        return this.random() < 0.4 ? null : this.value(type.of);
      case 'array':
        return Array.from({ length: this.below(this.rows + 1) }, () => this.record(type.of));
    }
  }

  /** A value of a record. */
  record(model: RecordModel): Record<string, unknown> {
    return Object.fromEntries(model.fields.map(({ name, type }) => [name, this.value(type)]));
  }
}
