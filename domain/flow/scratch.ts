/** The one place where datagrams are decoded: each is copied here, so that decoders work on memory that never changes. */
export class Scratch {
  /** Largest payload of a UDP datagram, rounded up. */
  static readonly SIZE = 65536;
  private readonly memory = new ArrayBuffer(Scratch.SIZE + 8192);
  readonly bytes = new Uint8Array(this.memory);
  readonly view = new DataView(this.memory);
  readonly words = new Int32Array(this.memory);

  /** Copies a payload of at most {@link SIZE} bytes and fills its last word with zeros. */
  load(payload: Uint8Array): void {
    this.bytes.set(payload);
    for (let i = payload.length, end = (i + 3) & ~3; i < end; i++) this.bytes[i] = 0;
  }
}
