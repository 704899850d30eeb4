package netweaver.rival;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import netweaver.flows.Datagram;
import netweaver.flows.Flow;
import netweaver.flows.FlowBatch;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The processor {@code dedup}: see processors/dedup.ts for what it does. Its stores:
 *
 * <ul>
 *   <li>datagrams, a window store: those of this and of the last stretch of {@link #DATAGRAM_MS}; segments go as a whole
 *   <li>flows, by 5-tuple: owner, since, until, when last reported (seconds), exporters seen (a set)
 *   <li>exporters: a number each
 *   <li>clock: latest time of receipt
 * </ul>
 *
 * Flows that nobody reported for {@link #OWNER_MS} are removed once in {@link #OWNER_MS}.
 */
final class Dedup extends ContextualProcessor<byte[], byte[], Integer, Object> {
  static final String DATAGRAMS = "datagrams", FLOWS = "flows", EXPORTERS = "exporters", CLOCK = "clock";
  static final String TO_AGGREGATE = "aggregate", TO_UNIQUE = "to-unique", TO_OBSERVATIONS = "to-observations";
  static final long DATAGRAM_MS = 120_000, OWNER_MS = 120_000;

  private static final int OWNER_SECONDS = (int) (OWNER_MS / 1000), SKEW_SECONDS = 10;
  private static final int OWNER = 0, SINCE = 4, UNTIL = 8, REPORTED = 12, SEEN = 16, FLOW_BYTES = 24;
  private static final byte[] NOTHING = {};
  private static final byte[] NOW = {0};

  private final Batches batches = new Batches();
  private final Map<ByteBuffer, Integer> numbers = new HashMap<>();
  private WindowStore<byte[], byte[]> datagrams;
  private KeyValueStore<byte[], byte[]> flows, exporters, clock;
  private long now;
  private long purgedAt;
  private int[] exporterOf = new int[64];
  private byte[] observers = new byte[1024];

  @Override
  public void init(ProcessorContext<Integer, Object> context) {
    super.init(context);
    datagrams = context.getStateStore(DATAGRAMS);
    flows = context.getStateStore(FLOWS);
    exporters = context.getStateStore(EXPORTERS);
    clock = context.getStateStore(CLOCK);
    byte[] last = clock.get(NOW);
    now = last == null ? 0 : Cells.getLong(last, 0);
    purgedAt = now;
    numbers.clear();
    try (KeyValueIterator<byte[], byte[]> all = exporters.all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> entry = all.next();
        numbers.put(ByteBuffer.wrap(entry.key, 1, entry.key.length - 1), Cells.getInt(entry.value, 0));
      }
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    FlowBatch batch = batches.decode(record.value());
    advance(batch.getDatagrams());
    List<Flow> rows = batch.getFlows();
    int count = rows.size();
    if (observers.length < count) observers = new byte[2 * count];
    knowDatagrams(batch.getDatagrams());
    for (int row = 0; row < count; row++) {
      Flow flow = rows.get(row);
      int exporter = exporterOf[flow.getDatagram()];
      observers[row] = exporter < 0 ? 0 : observe(flow, exporter);
    }
    int partition = context().recordMetadata().orElseThrow().partition();
    Record<Integer, Object> onward = new Record<>(partition, null, record.timestamp());
    byte[] unique = batches.select(record.value(), observers, count, 1);
    if (unique != null) {
      context().forward(onward.withValue(unique), TO_UNIQUE);
      context().forward(onward.withValue(new Known(batch, observers)), TO_AGGREGATE);
    }
    byte[] observations = batches.select(record.value(), observers, count, -1);
    if (observations != null) context().forward(onward.withValue(observations), TO_OBSERVATIONS);
  }

  private void advance(List<Datagram> received) {
    long before = now;
    for (Datagram datagram : received) now = Math.max(now, datagram.getReceiveTime());
    if (now == before) return;
    byte[] value = new byte[8];
    Cells.putLong(value, 0, now);
    clock.put(NOW, value);
    if (purgedAt == 0) purgedAt = now;
    if (now - purgedAt >= OWNER_MS) purge();
  }

  private void purge() {
    purgedAt = now;
    int oldest = (int) ((now - OWNER_MS) / 1000);
    List<byte[]> silent = new ArrayList<>();
    try (KeyValueIterator<byte[], byte[]> all = flows.all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> entry = all.next();
        if (Cells.getInt(entry.value, REPORTED) < oldest) silent.add(entry.key);
      }
    }
    for (byte[] key : silent) flows.delete(key);
  }

  /** Sets {@link #exporterOf}: the number of the exporter of each datagram, -1 for a datagram that came before. */
  private void knowDatagrams(List<Datagram> received) {
    if (exporterOf.length < received.size()) exporterOf = new int[2 * received.size()];
    long stretch = now - now % DATAGRAM_MS;
    for (int row = 0; row < received.size(); row++) {
      Datagram datagram = received.get(row);
      byte[] key = new byte[datagram.getExporter().remaining() + 20];
      int at = Batches.put(datagram.getExporter(), key, 0);
      Cells.putLong(key, at, datagram.getObservationDomain());
      Cells.putLong(key, at + 8, datagram.getSequence());
      Cells.putInt(key, at + 16, datagram.getContentHash());
      if (datagrams.fetch(key, stretch) != null || datagrams.fetch(key, stretch - DATAGRAM_MS) != null) exporterOf[row] = -1;
      else {
        datagrams.put(key, NOTHING, stretch);
        exporterOf[row] = number(datagram.getExporter());
      }
    }
  }

  private int number(ByteBuffer exporter) {
    Integer known = numbers.get(exporter);
    if (known != null) return known;
    int number = numbers.size();
    // A byte before the address: a key cannot be empty.
    byte[] key = new byte[1 + exporter.remaining()];
    Batches.put(exporter, key, 1);
    byte[] value = new byte[4];
    Cells.putInt(value, 0, number);
    exporters.put(key, value);
    numbers.put(ByteBuffer.wrap(Arrays.copyOfRange(key, 1, key.length)), number);
    return number;
  }

  /** How many exporters have reported the flow, negative where another's record of it stands. */
  private byte observe(Flow flow, int exporter) {
    ByteBuffer source = flow.getSrcAddr(), destination = flow.getDstAddr();
    if (source.remaining() + destination.remaining() == 0) return 1;
    byte[] key = new byte[source.remaining() + destination.remaining() + 5];
    int at = Batches.put(destination, key, Batches.put(source, key, 0));
    Cells.putInt(key, at, (flow.getSrcPort() << 16) | (flow.getDstPort() & 0xffff));
    key[at + 4] = (byte) flow.getProto();
    byte[] old = flows.get(key);
    byte[] value = old == null ? new byte[FLOW_BYTES] : old.clone();
    int start = (int) (flow.getStart() / 1000), end = (int) (flow.getEnd() / 1000);
    int beyond = end - Cells.getInt(value, UNTIL), before = Cells.getInt(value, SINCE) - end;
    long seen = Cells.getLong(value, SEEN);
    boolean isOwner = true;
    if (old == null || beyond > OWNER_SECONDS || before > OWNER_SECONDS) {
      Cells.putInt(value, OWNER, exporter);
      Cells.putInt(value, SINCE, start);
      Cells.putInt(value, UNTIL, end);
      seen = 0;
    } else if (Cells.getInt(value, OWNER) != exporter) {
      if (before > SKEW_SECONDS) return 1;
      isOwner = false;
    } else {
      if (beyond > 0) Cells.putInt(value, UNTIL, end);
      if (Cells.getInt(value, SINCE) - start > 0) Cells.putInt(value, SINCE, start);
    }
    seen |= 1L << (exporter % 63);
    Cells.putLong(value, SEEN, seen);
    Cells.putInt(value, REPORTED, (int) (now / 1000));
    if (!Arrays.equals(old, value)) flows.put(key, value);
    byte exportersKnown = (byte) Long.bitCount(seen);
    return isOwner ? exportersKnown : (byte) -exportersKnown;
  }
}
