import { Cells } from '../runtime/state/cells';

/** Hosts that are remembered at most. */
const MOST = 16;

/** Hosts that were flooded with SYNs in the last slot: few. Forged sources that ask one of them are no scanners, and would leave no room for those who are. */
export class Flooded {
  /** How many, then four words of each. */
  readonly store = new Cells('flooded', 1 + 4 * MOST);

  has(words: Int32Array, at: number): boolean {
    const { values } = this.store;
    for (let i = 0, from = 1; i < values[0]; i++, from += 4) if (values[from + 3] === words[at + 3] && values[from + 2] === words[at + 2] && values[from + 1] === words[at + 1] && values[from] === words[at]) return true;
    return false;
  }

  clear(): void {
    if (this.store.values[0] > 0) this.store.set(0, 0);
  }

  add(words: Int32Array, at: number): void {
    const count = this.store.values[0];
    if (count === MOST) return;
    for (let word = 0; word < 4; word++) this.store.set(1 + 4 * count + word, words[at + word]);
    this.store.set(0, count + 1);
  }
}
