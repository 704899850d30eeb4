/**
 * The memory that `recvmmsg` fills: for each slot a `struct mmsghdr` with its `struct iovec`, room for the sender's address and
 * for one datagram. Layouts of LP64, little-endian (x64, arm64):
 *
 *     mmsghdr (64)  0 msg_name*   8 msg_namelen   16 msg_iov*   24 msg_iovlen   32 msg_control*   40 msg_controllen   48 msg_flags   56 msg_len
 *     iovec (16)    0 iov_base*   8 iov_len
 */
import type { Libc, Memory } from './libc';
import { SOCKADDR } from './sockaddr';

const HEADER = 64;
const IOVEC = 16;
const NAME = 32;
const LINE = 64;

/** Memory of receivers that were stopped: it is never given back, for a view of it may still be held. */
const unused: { readonly bytes: number; readonly memory: Memory }[] = [];

export class Slots {
  /** Address of the first header. */
  readonly address: bigint;
  readonly buffer: ArrayBuffer;
  readonly words: Int32Array;
  readonly view: DataView;
  /** Byte of the first sender's address, and of the first datagram, in `buffer`. */
  private readonly names: number;
  private readonly data: number;
  private readonly stride: number;
  private readonly memory: Memory;
  /** The last view of each slot's datagram: most are as long as the last one was. */
  private readonly views: Uint8Array[] = [];

  /**
   * `count` slots of `size` bytes each. What no datagram was ever long enough to touch costs address space only.
   */
  constructor(
    libc: Libc,
    readonly count: number,
    size: number,
  ) {
    // An odd number of cache lines from one slot to the next, or all would share a few sets of the caches.
    this.stride = (Math.ceil(size / LINE) | 1) * LINE;
    this.names = count * (HEADER + IOVEC);
    this.data = Math.ceil((this.names + count * NAME) / LINE) * LINE;
    const bytes = this.data + count * this.stride;
    const at = unused.findIndex((entry) => entry.bytes === bytes);
    this.memory = at < 0 ? libc.memory(bytes) : unused.splice(at, 1)[0].memory;
    this.address = this.memory.address;
    this.buffer = this.memory.buffer;
    this.words = new Int32Array(this.buffer, 0, this.data >> 2);
    this.view = new DataView(this.buffer);
    for (let i = 0; i < count; i++) {
      this.lay(i, size);
      this.views.push(new Uint8Array(this.buffer, this.data + i * this.stride, 0));
    }
  }

  private lay(i: number, size: number): void {
    const { view, address } = this;
    const header = i * HEADER;
    const iovec = this.count * HEADER + i * IOVEC;
    view.setBigUint64(header, address + BigInt(this.nameAt(i)), true);
    view.setUint32(header + 8, SOCKADDR, true);
    view.setBigUint64(header + 16, address + BigInt(iovec), true);
    view.setBigUint64(header + 24, 1n, true);
    view.setBigUint64(iovec, address + BigInt(this.data + i * this.stride), true);
    view.setBigUint64(iovec + 8, BigInt(size), true);
  }

  /** Byte of the sender's address of slot `i`. */
  nameAt(i: number): number {
    return this.names + i * NAME;
  }

  /** The datagram in slot `i`: a view, valid until the slot is filled again. The slot is made ready for that. */
  take(i: number): Uint8Array {
    const { words } = this;
    words[(i * HEADER + 8) >> 2] = SOCKADDR; // the kernel wrote the length of the address there
    const length = words[(i * HEADER + 56) >> 2];
    const last = this.views[i];
    return last.length === length ? last : (this.views[i] = new Uint8Array(this.buffer, this.data + i * this.stride, length));
  }

  /** `MSG_*` of slot `i`. */
  flags(i: number): number {
    return this.words[(i * HEADER + 48) >> 2];
  }

  /** Gives the memory to the next who makes slots of the same shape. */
  release(): void {
    unused.push({ bytes: this.memory.buffer.byteLength, memory: this.memory });
  }
}
