package netweaver.rival;

import java.nio.ByteBuffer;
import netweaver.flows.Flow;

/** What traffic is added up by, and the keys of the stores. */
enum Breakdown {
  INTERFACE, PREFIX, HOST;

  /** Where sums stay. */
  static final long MOST = (1L << 53) - 1;

  String store(long windowMs) {
    return name().toLowerCase() + "-" + windowMs / 60_000;
  }

  String sink() {
    return "to-" + name().toLowerCase();
  }

  static long sum(long a, long b) {
    return Math.min(MOST, a + b);
  }

  static byte[] interfaceKey(ByteBuffer exporter, long ifIndex, int direction) {
    byte[] key = new byte[5 + exporter.remaining()];
    Cells.putInt(key, 0, (int) ifIndex);
    key[4] = (byte) direction;
    Batches.put(exporter, key, 5);
    return key;
  }

  /** A byte before the address: a key cannot be empty. */
  static byte[] hostKey(ByteBuffer address) {
    byte[] key = new byte[1 + address.remaining()];
    Batches.put(address, key, 1);
    return key;
  }

  /** Autonomous systems, lengths of the prefixes, length of the source's address, the two prefixes. */
  static byte[] prefixKey(Flow flow) {
    ByteBuffer source = flow.getSrcAddr(), destination = flow.getDstAddr();
    byte[] key = new byte[11 + source.remaining() + destination.remaining()];
    Cells.putInt(key, 0, (int) flow.getSrcAs());
    Cells.putInt(key, 4, (int) flow.getDstAs());
    key[8] = (byte) prefixLength(source, flow.getSrcMask());
    key[9] = (byte) prefixLength(destination, flow.getDstMask());
    key[10] = (byte) source.remaining();
    int at = Batches.put(source, key, 11);
    cut(key, 11, source.remaining(), key[8] & 255);
    Batches.put(destination, key, at);
    cut(key, at, destination.remaining(), key[9] & 255);
    return key;
  }

  private static int prefixLength(ByteBuffer address, int mask) {
    int bits = 8 * address.remaining();
    return bits == 0 ? 0 : mask >= 1 && mask <= bits ? mask : bits == 32 ? 24 : 48;
  }

  private static void cut(byte[] key, int at, int bytes, int length) {
    int whole = length >> 3;
    if (whole < bytes) key[at + whole] &= (byte) (0xff00 >> (length & 7));
    for (int i = whole + 1; i < bytes; i++) key[at + i] = 0;
  }
}
