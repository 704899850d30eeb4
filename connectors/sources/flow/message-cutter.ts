/** Length of an IPFIX message header (RFC 7011 section 3.1): version u16, length of the whole message u16, and 12 bytes more. */
const HEADER = 16;
const VERSION = 10;

/** Cuts a stream of bytes into IPFIX messages. Keeps one unfinished message at most: 65,535 bytes. */
export class MessageCutter {
  private readonly kept: Buffer[] = [];
  private keptLength = 0;
  /** Bytes from which on something can be done with what is kept. */
  private wanted = 0;

  /** `message` is memory of the stream: valid during the call. */
  constructor(private readonly onMessage: (message: Uint8Array) => void) {}

  /** Takes what came; false where it cannot be an IPFIX message: then nothing after it can be told apart, and no more is to be given. */
  take(chunk: Buffer): boolean {
    let bytes = chunk;
    if (this.keptLength > 0) {
      this.kept.push(chunk);
      this.keptLength += chunk.length;
      // Joined only when a message is whole, or its length is about to be known.
      if (this.keptLength < this.wanted) return true;
      bytes = Buffer.concat(this.kept, this.keptLength);
      this.kept.length = this.keptLength = 0;
    }
    let at = 0;
    for (; bytes.length - at >= 4; ) {
      const length = bytes.readUInt16BE(at + 2);
      if (bytes.readUInt16BE(at) !== VERSION || length < HEADER) return false;
      if (bytes.length - at < length) break;
      this.onMessage(bytes.subarray(at, (at += length)));
    }
    if (at < bytes.length) {
      // A copy: what is kept must not hold on to the whole of what came.
      const rest = Buffer.from(bytes.subarray(at));
      this.kept.push(rest);
      this.keptLength = rest.length;
      this.wanted = rest.length >= 4 ? rest.readUInt16BE(2) : 4;
    }
    return true;
  }
}
