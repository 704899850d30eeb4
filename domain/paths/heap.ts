/**
 * Nodes in the order of a key, four children a parent: shallower than a binary heap and the children share a cache line
 * (LaMarca and Ladner, 1996). A node is in it at most once; pushed again with a smaller key, it moves up.
 */
export class FourAryHeap {
  private readonly keys: Float64Array;
  private readonly nodes: Int32Array;
  /** Place of each node + 1; 0: not in it. */
  private readonly place: Int32Array;
  private count = 0;

  /** For nodes 0 to `nodes` - 1. */
  constructor(nodes: number) {
    this.keys = new Float64Array(nodes);
    this.nodes = new Int32Array(nodes);
    this.place = new Int32Array(nodes);
  }

  get size(): number {
    return this.count;
  }

  /** Smallest key; Infinity where there is none. */
  get least(): number {
    return this.count > 0 ? this.keys[0] : Infinity;
  }

  /** Adds a node or lowers its key; a larger key than it has is not taken. */
  push(node: number, key: number): void {
    const { keys, nodes, place } = this;
    let at = place[node] - 1;
    if (at < 0) at = this.count++;
    else if (key >= keys[at]) return;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      place[(nodes[at] = nodes[parent])] = at + 1;
      at = parent;
    }
    keys[at] = key;
    nodes[at] = node;
    place[node] = at + 1;
  }

  /** Takes out the node with the smallest key; only where {@link size} is not 0. */
  pop(): number {
    const { keys, nodes, place } = this;
    const top = nodes[0];
    place[top] = 0;
    const last = --this.count;
    if (last === 0) return top;
    const key = keys[last];
    const node = nodes[last];
    let at = 0;
    for (let child = 1; child < last; child = 4 * at + 1) {
      let least = child;
      const end = Math.min(child + 4, last);
      for (let other = child + 1; other < end; other++) if (keys[other] < keys[least]) least = other;
      if (keys[least] >= key) break;
      keys[at] = keys[least];
      place[(nodes[at] = nodes[least])] = at + 1;
      at = least;
    }
    keys[at] = key;
    nodes[at] = node;
    place[node] = at + 1;
    return top;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.place[this.nodes[i]] = 0;
    this.count = 0;
  }
}
