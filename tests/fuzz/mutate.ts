/** Mutates datagrams of flows by their structure. */
import { IE } from '../../domain/flow/elements';
import { oneOf, type Below } from './random';
import { structureOf, type Mark, type Meaning, type Structure } from './structure';

/** A datagram to begin with. */
export interface Seed {
  readonly bytes: Buffer;
  readonly structure: Structure;
}

export const seedOf = (bytes: Buffer): Seed => ({ bytes, structure: structureOf(bytes) });

/** What a mutation did; the key of its count. */
export type Operation = 'number' | 'bytes' | 'cut' | 'repeat' | 'leave out' | 'splice' | 'new template' | 'none';

const LISTS = [291, 292, 293];
const ELEMENTS: readonly number[] = [...Object.values(IE), ...LISTS, 82, 94, 95, 96, 130, 131, 144, 149, 210, 304, 335, 0, 4095, 0x7fff, 57472 + 80, 32768];
const ENTERPRISES = [9, 6871, 29305, 35632, 5951, 4242, 0, 0xffffffff];
/** Ether types, IP protocols, and ports of tunnels. */
const PROTOCOLS = [0x0800, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8848, 0x6558, 0x88be, 0x22eb, 0x894f, 4, 41, 43, 44, 47, 51, 59, 60, 0, 6, 17, 115, 132, 137, 4789, 4790, 6081, 2152, 6635, 8472, 500, 1701, 3544, 0x45, 0x60, 0x4f];
const EXTREMES = [0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 255, 256, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

function valueFor(meaning: Meaning, now: number, size: number, below: Below): number {
  switch (meaning) {
    case 'length':
    case 'variable length':
    case 'count':
      return oneOf(below, [now + 1, now - 1, now + 4, now - 4, now * 2, now >> 1, below(64), oneOf(below, EXTREMES)]);
    case 'field length':
      return oneOf(below, [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 255, 65535, 65535, 65534]);
    case 'set id':
    case 'template id':
      return oneOf(below, [0, 1, 2, 3, 4, 255, 256, 257, 258, 259, 260, 65535, now + 1]);
    case 'element':
      return size === 4 ? oneOf(below, ENTERPRISES) : (now & (below(4) === 0 ? 0 : 0x8000)) | oneOf(below, ELEMENTS);
    case 'domain':
      return below(4);
    case 'sequence':
    case 'time':
      return oneOf(below, [now + 1, now - 1, now + 1000, now - 1000, oneOf(below, EXTREMES)]);
    case 'format':
      return oneOf(below, [1, 2, 3, 4, 5, 6, 7, 11, 12, 1001, 1002, 1003, 1004, 1005, 1006, 1012, 1021, 1023, 1029, 1036, 1037, 1038, 1039, 1040, 2000, 2001, 2003, 2004, 2005, 0x1001, oneOf(below, EXTREMES)]);
    case 'protocol':
      return oneOf(below, PROTOCOLS);
    case 'list':
      return oneOf(below, [0, 1, 2, 3, 4, 5, 255]);
  }
}

/** Writes a number at a mark, cut to its size. */
function change(bytes: Buffer, { at, size, meaning }: Mark, below: Below): void {
  const now = bytes.readUIntBE(at, size);
  bytes.writeUIntBE((valueFor(meaning, now, size, below) >>> 0) % 2 ** (8 * size), at, size);
}

/** Mutates one datagram after the other, with pieces of all of them. */
export class Mutator {
  /** How often each operation was done. */
  readonly operations: Record<Operation, number> = { number: 0, bytes: 0, cut: 0, repeat: 0, 'leave out': 0, splice: 0, 'new template': 0, none: 0 };
  private readonly byVersion = new Map<number, Seed[]>();

  constructor(
    private readonly seeds: readonly Seed[],
    private readonly below: Below,
  ) {
    for (const seed of seeds) this.byVersion.set(seed.structure.version, [...(this.byVersion.get(seed.structure.version) ?? []), seed]);
  }

  /** A mutated datagram; one in sixteen is as it was, so that templates are known. */
  next(): Buffer {
    const { below, seeds } = this;
    const seed = seeds[below(seeds.length)];
    if (below(16) === 0) return this.did('none', seed.bytes);
    let bytes: Buffer = Buffer.from(seed.bytes);
    const { marks } = seed.structure;
    if (marks.length > 0 && below(4) !== 0) {
      for (let n = 1 + below(3); n > 0; n--) change(bytes, oneOf(below, marks), below);
      this.operations.number++;
    }
    switch (below(8)) {
      case 0:
        bytes = this.spliced(bytes, seed.structure);
        break;
      case 1:
        bytes = this.repeated(bytes, seed.structure);
        break;
      case 2:
        bytes = this.leftOut(bytes, seed.structure);
        break;
      case 3:
        bytes = this.cut(bytes, seed.structure);
        break;
      case 4:
        bytes = this.noise(bytes);
        break;
      case 5:
        bytes = this.newTemplate(bytes, seed.structure);
        break;
    }
    if (seed.structure.version === 10 && bytes.length >= 16 && below(8) !== 0) bytes.writeUInt16BE(bytes.length & 0xffff, 2);
    return bytes.length > 0 ? bytes.subarray(0, 65_535) : Buffer.alloc(1);
  }

  private did(operation: Operation, bytes: Buffer): Buffer {
    this.operations[operation]++;
    return bytes;
  }

  /** A piece of another datagram of the protocol, at a piece's end or anywhere. */
  private spliced(bytes: Buffer, { version, pieces }: Structure): Buffer {
    const { below } = this;
    const other = oneOf(below, this.byVersion.get(below(8) === 0 ? oneOf(below, [...this.byVersion.keys()]) : version)!);
    const at = pieces.length > 0 ? oneOf(below, pieces).end : below(bytes.length);
    const from = other.structure.pieces.length > 0 ? oneOf(below, other.structure.pieces) : { at: below(other.bytes.length || 1), end: other.bytes.length };
    return this.did('splice', Buffer.concat([bytes.subarray(0, at), other.bytes.subarray(from.at, from.end), bytes.subarray(at)]));
  }

  private repeated(bytes: Buffer, { pieces }: Structure): Buffer {
    if (pieces.length === 0) return bytes;
    const { below } = this;
    const { at, end } = oneOf(below, pieces);
    const times = Math.min(1 + below(below(4) === 0 ? 200 : 4), Math.floor((65_000 - bytes.length) / (end - at)));
    if (times < 1) return bytes;
    const piece = bytes.subarray(at, end);
    return this.did('repeat', Buffer.concat([bytes.subarray(0, end), ...Array.from({ length: times }, () => piece), bytes.subarray(end)]));
  }

  private leftOut(bytes: Buffer, { pieces }: Structure): Buffer {
    if (pieces.length === 0) return bytes;
    const { at, end } = oneOf(this.below, pieces);
    return this.did('leave out', Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]));
  }

  private cut(bytes: Buffer, { pieces }: Structure): Buffer {
    const { below } = this;
    const at = pieces.length > 0 && below(2) === 0 ? oneOf(below, pieces).at + below(6) : below(bytes.length);
    return this.did('cut', bytes.subarray(0, at));
  }

  private noise(bytes: Buffer): Buffer {
    const { below } = this;
    for (let n = 1 + below(6); n > 0 && bytes.length > 0; n--) {
      const at = below(bytes.length);
      if (below(2) === 0) bytes[at] = below(256);
      else bytes[at] ^= 1 << below(8);
    }
    return this.did('bytes', bytes);
  }

  /** A template made of anything, under the id that the datagram's data has: the same bytes read in another way. */
  private newTemplate(bytes: Buffer, { version, pieces }: Structure): Buffer {
    if (version !== 9 && version !== 10) return bytes;
    const { below } = this;
    const ids = pieces.filter(({ at, kind }) => kind === 'set' && at + 4 <= bytes.length && bytes.readUInt16BE(at) >= 256).map(({ at }) => bytes.readUInt16BE(at));
    const options = below(5) === 0;
    const count = 1 + below(below(16) === 0 ? 300 : 12);
    const fields: number[] = [];
    for (let i = 0; i < count; i++) {
      const enterprise = version === 10 && below(6) === 0;
      fields.push(oneOf(below, ELEMENTS) & 0x7fff | (enterprise ? 0x8000 : 0), valueFor('field length', 0, 2, below));
      if (enterprise) {
        const number = oneOf(below, ENTERPRISES);
        fields.push(number >>> 16, number & 0xffff);
      }
    }
    const scopes = 1 + below(count);
    const head = [ids.length > 0 && below(8) !== 0 ? oneOf(below, ids) : 256 + below(4), ...(options ? (version === 9 ? [scopes * 4, (count - scopes) * 4] : [count, scopes]) : [count])];
    const words = [version === 9 ? (options ? 1 : 0) : options ? 3 : 2, 4 + 2 * (head.length + fields.length), ...head, ...fields];
    const set = Buffer.alloc(words.length * 2);
    words.forEach((word, i) => set.writeUInt16BE(word & 0xffff, i * 2));
    const header = version === 9 ? 20 : 16;
    return this.did('new template', Buffer.concat([bytes.subarray(0, header), set, bytes.subarray(header)]));
  }
}
