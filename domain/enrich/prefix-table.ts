import { bitAt } from './address';

/** Longest prefix match: a binary trie for IPv4 and one for IPv6, in typed arrays. Values are numbers of at least 0. */
export class PrefixTable {
  /** Two children a node, then its value + 1; 0 is none. */
  private nodes = new Int32Array(3 * 64);
  private used = 2;
  /** Root of IPv4 and of IPv6. */
  private static readonly ROOTS = { 4: 0, 16: 1 } as const;

  /** Sets the value of a prefix; `bytes` are 4 or 16. A prefix given again takes the later value. */
  add(bytes: Uint8Array, bits: number, value: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let node: number = PrefixTable.ROOTS[bytes.length as 4 | 16];
    for (let i = 0; i < bits; i++) {
      const slot = 3 * node + bitAt(view, 0, i);
      if (this.nodes[slot] === 0) {
        if (3 * (this.used + 1) > this.nodes.length) {
          const larger = new Int32Array(2 * this.nodes.length);
          larger.set(this.nodes);
          this.nodes = larger;
        }
        this.nodes[slot] = this.used++;
      }
      node = this.nodes[slot];
    }
    this.nodes[3 * node + 2] = value + 1;
  }

  /** Value of the longest prefix that holds the address of `length` bytes at `at`; -1 where there is none. {@link bits} then says how long it is. */
  find(v: DataView, at: number, length: number): number {
    const { nodes } = this;
    let node = length === 4 ? 0 : 1;
    let value = nodes[3 * node + 2];
    this.bits = 0;
    for (let i = 0, end = 8 * length; i < end; i++) {
      node = nodes[3 * node + bitAt(v, at, i)];
      if (node === 0) break;
      if (nodes[3 * node + 2] !== 0) {
        value = nodes[3 * node + 2];
        this.bits = i + 1;
      }
    }
    return value - 1;
  }

  /** Length of the prefix last found. */
  bits = 0;
}
