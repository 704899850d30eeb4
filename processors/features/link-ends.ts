import { parseIpRow } from '../../schemas/ip';
import { decodeTopologyState } from '../../schemas';
import { Elements } from '../paths/elements';
import type { JoinTable } from '../runtime/joins/join-table';
import type { JoinedCauses, RecordSteps } from '../runtime/processor';
import type { Store } from '../runtime/state/store';
import { watched } from '../runtime/state/watched';
import { hashWords } from '../../domain/sketch/hash';

/** A link and the interfaces at its ends, as words of a row's key without the direction: address, ifIndex. Null: not known. */
export interface LinkEnds {
  readonly link: string;
  /** Words that stand for the link where there is a history of subjects, without the direction. */
  readonly words: Int32Array;
  readonly a: Int32Array | null;
  readonly b: Int32Array | null;
}

/** Words of an interface without its direction. */
const WORDS = 5;
/** Stands where addresses of interfaces have their first word, and no address begins so (RFC 4291: multicast). */
const LINK_MARK = 0xffff_ffff | 0;

/** The links of topology.state with the interfaces that they end at, in the order of their names: worked out anew when the topology has changed. */
export class LinkEndsTable {
  /** The store of the table, to be declared. */
  readonly store: Store;
  readonly steps: RecordSteps;
  private readonly elements: Elements;
  private links: LinkEnds[] | null = null;
  /** Offsets of the elements that say so. */
  private range: { first: number; last: number } | null = null;

  constructor(private readonly table: JoinTable) {
    this.elements = new Elements(table);
    const forget = (): void => void (this.links = null);
    this.store = watched(this.elements.watched(table.store), forget);
    this.steps = table.steps((key) => void this.elements.leave(key.toString()), (key) => {
      this.elements.enter(key.toString());
      forget();
    });
  }

  /** All links of which the topology knows an end's interface. */
  all(): readonly LinkEnds[] {
    return (this.links ??= this.workOut());
  }

  /** Where the topology lies that {@link all} comes from. */
  causes(topic: JoinedCauses['topic']): readonly JoinedCauses[] {
    return this.range === null ? [] : [{ topic, ...this.range }];
  }

  private workOut(): LinkEnds[] {
    const names: string[] = [];
    this.range = null;
    this.table.store.forEach((key) => {
      const text = key.toString();
      if (text.startsWith('link/')) names.push(text);
    });
    return names.sort().flatMap((name) => {
      const value = this.table.get(Buffer.from(name))!;
      const { offset } = this.table;
      this.range = { first: Math.min(this.range?.first ?? offset, offset), last: Math.max(this.range?.last ?? offset, offset) };
      const { id, a, aInterface, b, bInterface } = decodeTopologyState(Buffer.from(value));
      const ends = { a: a === null ? null : wordsOf(this.elements.end(a, aInterface).key), b: b === null ? null : wordsOf(this.elements.end(b, bInterface).key) };
      return ends.a === null && ends.b === null ? [] : [{ link: id, words: wordsOfName(id), ...ends }];
    });
  }
}

/** Words of `<address>/<ifIndex>`; null where it is none. */
function wordsOf(key: string | null): Int32Array | null {
  if (key === null) return null;
  const words = new Int32Array(WORDS);
  const slash = key.lastIndexOf('/');
  if (!parseIpRow(key.slice(0, slash), new Uint8Array(words.buffer))) return null;
  words[4] = Number(key.slice(slash + 1));
  return words;
}

/** Hashes of a name, 128 bits, where the words of an interface would be. */
function wordsOfName(name: string): Int32Array {
  const bytes = Buffer.from(name);
  const text = Int32Array.from({ length: bytes.length + 1 }, (_, i) => bytes[i] ?? 0);
  const words = Int32Array.of(LINK_MARK, 0, 0, 0, 0);
  for (let word = 1; word < WORDS; word++) {
    text[bytes.length] = word;
    words[word] = hashWords(text, 0, text.length);
  }
  return words;
}
