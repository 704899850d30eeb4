package netweaver.rival;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import netweaver.traffic.HostTraffic;
import netweaver.traffic.HostTrafficRow;
import netweaver.traffic.InterfaceTraffic;
import netweaver.traffic.InterfaceTrafficRow;
import netweaver.traffic.PrefixTraffic;
import netweaver.traffic.PrefixTrafficRow;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/** Windows as records of their topics; one instance a processor. */
final class Encoders {
  private static final int RECORD_ROWS = 1000;

  private final Map<Breakdown, Integer> schemaIds;
  private final Map<Breakdown, SpecificDatumWriter<SpecificRecordBase>> writers = new EnumMap<>(Breakdown.class);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
  private BinaryEncoder encoder;

  Encoders(Map<Breakdown, Integer> schemaIds) {
    this.schemaIds = schemaIds;
    writers.put(Breakdown.INTERFACE, new SpecificDatumWriter<>(InterfaceTraffic.getClassSchema(), new InterfaceTraffic().getSpecificData()));
    writers.put(Breakdown.PREFIX, new SpecificDatumWriter<>(PrefixTraffic.getClassSchema(), new PrefixTraffic().getSpecificData()));
    writers.put(Breakdown.HOST, new SpecificDatumWriter<>(HostTraffic.getClassSchema(), new HostTraffic().getSpecificData()));
  }

  Rows rows(Breakdown breakdown, long start, long length, int partition) {
    return new Rows(breakdown, Instant.ofEpochMilli(start), length, partition);
  }

  private byte[] encode(Breakdown breakdown, SpecificRecordBase record) {
    try {
      out.reset();
      byte[] prefix = new byte[Batches.PREFIX];
      Cells.putInt(prefix, 1, schemaIds.get(breakdown));
      out.write(prefix);
      encoder = EncoderFactory.get().binaryEncoder(out, encoder);
      writers.get(breakdown).write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Rows of a window that wait to be sent. */
  final class Rows {
    private final Breakdown breakdown;
    private final Instant start;
    private final long length;
    private final int partition;
    private final List<InterfaceTrafficRow> interfaces = new ArrayList<>();
    private final List<PrefixTrafficRow> prefixes = new ArrayList<>();
    private final List<HostTrafficRow> hosts = new ArrayList<>();
    private int count;

    private Rows(Breakdown breakdown, Instant start, long length, int partition) {
      this.breakdown = breakdown;
      this.start = start;
      this.length = length;
      this.partition = partition;
    }

    boolean isEmpty() {
      return count == 0;
    }

    boolean isFull() {
      return count == RECORD_ROWS;
    }

    void add(byte[] key, byte[] sums) {
      count++;
      long bytes = Cells.getLong(sums, 0), packets = Cells.getLong(sums, 8), flows = Cells.getLong(sums, 16);
      switch (breakdown) {
        case INTERFACE -> interfaces.add(new InterfaceTrafficRow(ByteBuffer.wrap(key, 5, key.length - 5), Cells.getInt(key, 0) & 0xffffffffL, (int) key[4], bytes, packets, flows));
        case PREFIX -> {
          int source = key[10];
          prefixes.add(new PrefixTrafficRow(ByteBuffer.wrap(key, 11, source), key[8] & 255, ByteBuffer.wrap(key, 11 + source, key.length - 11 - source), key[9] & 255,
              Cells.getInt(key, 0) & 0xffffffffL, Cells.getInt(key, 4) & 0xffffffffL, bytes, packets, flows));
        }
        case HOST -> hosts.add(new HostTrafficRow(ByteBuffer.wrap(key, 1, key.length - 1), bytes, packets, flows, Cells.getLong(sums, 24), Cells.getLong(sums, 32), Cells.getLong(sums, 40)));
      }
    }

    /** What was added since, as a value. */
    byte[] take() {
      SpecificRecordBase record = switch (breakdown) {
        case INTERFACE -> new InterfaceTraffic(start, length, partition, interfaces);
        case PREFIX -> new PrefixTraffic(start, length, partition, prefixes);
        case HOST -> new HostTraffic(start, length, partition, hosts);
      };
      byte[] value = encode(breakdown, record);
      interfaces.clear();
      prefixes.clear();
      hosts.clear();
      count = 0;
      return value;
    }
  }
}
