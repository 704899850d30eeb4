/**
 * Memory of finished batches, used again once they are durable. A hundred megabytes of it a second, made anew and let go of, would
 * keep the garbage collector marking all the time.
 */

/** Blocks have whole multiples of this, so that one fits where another was. */
const GRAIN = 65_536;
/** What is kept at most, bytes. */
const KEPT = 32 << 20;

export class BatchMemory {
  private readonly free = new Map<number, ArrayBuffer[]>();
  private kept = 0;

  /** `bytes` of memory with anything in it. */
  take(bytes: number): Buffer {
    const size = Math.ceil(bytes / GRAIN) * GRAIN;
    const block = this.free.get(size)?.pop();
    if (block !== undefined) this.kept -= size;
    return Buffer.from(block ?? (Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer), 0, bytes);
  }

  /** Gives back what {@link take} gave, or a part of it; it is not to be looked at any more. */
  give({ buffer }: Buffer): void {
    const size = buffer.byteLength;
    if (this.kept + size > KEPT) return;
    this.kept += size;
    const blocks = this.free.get(size);
    if (blocks) blocks.push(buffer as ArrayBuffer);
    else this.free.set(size, [buffer as ArrayBuffer]);
  }
}
