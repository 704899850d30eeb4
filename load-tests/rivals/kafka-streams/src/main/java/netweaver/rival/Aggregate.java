package netweaver.rival;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import netweaver.flows.Datagram;
import netweaver.flows.Flow;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processor {@code aggregate}: see processors/aggregate.ts for what it does. A window store for each breakdown and
 * length; flows go to the minute alone, whose rows are added to their five minutes when it closes. Final results only.
 *
 * Interfaces are few, so a batch is added up on the heap before it goes to the store.
 */
final class Aggregate extends ContextualProcessor<Integer, Known, Integer, Object> {
  static final long MINUTE = 60_000, FIVE_MINUTES = 300_000, GRACE = 60_000;
  static final String TIME = "time";
  private static final byte[] TIMES = {0};
  private static final int STREAM = 0, NEXT_MINUTE = 8, NEXT_FIVE = 16;
  private static final Logger LOG = LoggerFactory.getLogger(Aggregate.class);

  private final Encoders encoders;
  private final Map<Breakdown, WindowStore<byte[], byte[]>> minutes = new HashMap<>(), fives = new HashMap<>();
  private final Map<Bytes, long[]> interfaces = new HashMap<>();
  private WindowStore<byte[], byte[]> prefixes, hosts;
  private KeyValueStore<byte[], byte[]> times;
  private long streamTime, nextMinute, nextFive;
  private long late;

  Aggregate(Encoders encoders) {
    this.encoders = encoders;
  }

  @Override
  public void init(ProcessorContext<Integer, Object> context) {
    super.init(context);
    for (Breakdown breakdown : Breakdown.values()) {
      minutes.put(breakdown, context.getStateStore(breakdown.store(MINUTE)));
      fives.put(breakdown, context.getStateStore(breakdown.store(FIVE_MINUTES)));
    }
    prefixes = minutes.get(Breakdown.PREFIX);
    hosts = minutes.get(Breakdown.HOST);
    times = context.getStateStore(TIME);
    byte[] last = times.get(TIMES);
    streamTime = last == null ? -1 : Cells.getLong(last, STREAM);
    nextMinute = last == null ? -1 : Cells.getLong(last, NEXT_MINUTE);
    nextFive = last == null ? -1 : Cells.getLong(last, NEXT_FIVE);
  }

  @Override
  public void process(Record<Integer, Known> record) {
    List<Flow> flows = record.value().batch().getFlows();
    List<Datagram> datagrams = record.value().batch().getDatagrams();
    byte[] observers = record.value().observers();
    long window = -1;
    for (int row = 0; row < flows.size(); row++) {
      if (observers[row] <= 0) continue;
      Flow flow = flows.get(row);
      long end = flow.getEnd(), start = end - end % MINUTE;
      if (end > streamTime) {
        streamTime = end;
        if (nextMinute < 0) {
          nextMinute = start;
          nextFive = end - end % FIVE_MINUTES;
        }
        if (isDue()) {
          flush(window);
          window = -1;
          close(record.key(), record.timestamp());
        }
      }
      if (start < nextMinute) {
        late++;
        long five = end - end % FIVE_MINUTES;
        if (five < nextFive) continue;
        flush(window);
        window = -1;
        add(flow, datagrams.get(flow.getDatagram()), fives.get(Breakdown.PREFIX), fives.get(Breakdown.HOST), five);
        flush(fives.get(Breakdown.INTERFACE), five);
        continue;
      }
      if (start != window) {
        flush(window);
        window = start;
      }
      add(flow, datagrams.get(flow.getDatagram()), prefixes, hosts, start);
    }
    flush(window);
    byte[] value = new byte[24];
    Cells.putLong(value, STREAM, streamTime);
    Cells.putLong(value, NEXT_MINUTE, nextMinute);
    Cells.putLong(value, NEXT_FIVE, nextFive);
    times.put(TIMES, value);
  }

  @Override
  public void close() {
    if (late > 0) LOG.warn("{} flows were late", late);
  }

  private void add(Flow flow, Datagram datagram, WindowStore<byte[], byte[]> prefixes, WindowStore<byte[], byte[]> hosts, long window) {
    long bytes = scaled(flow.getBytes(), flow.getSamplingRate()), packets = scaled(flow.getPackets(), flow.getSamplingRate());
    addInterface(datagram.getExporter(), flow.getInIf(), 0, bytes, packets);
    addInterface(datagram.getExporter(), flow.getOutIf(), 1, bytes, packets);
    upsert(prefixes, Breakdown.prefixKey(flow), window, Breakdown.SUMS, 0, bytes, packets);
    upsert(hosts, Breakdown.hostKey(flow.getSrcAddr()), window, 2 * Breakdown.SUMS, 0, bytes, packets);
    upsert(hosts, Breakdown.hostKey(flow.getDstAddr()), window, 2 * Breakdown.SUMS, Breakdown.SUMS, bytes, packets);
  }

  private void addInterface(ByteBuffer exporter, long ifIndex, int direction, long bytes, long packets) {
    long[] sums = interfaces.computeIfAbsent(Bytes.wrap(Breakdown.interfaceKey(exporter, ifIndex, direction)), key -> new long[3]);
    sums[0] += bytes;
    sums[1] += packets;
    sums[2]++;
  }

  private void flush(long window) {
    if (window >= 0) flush(minutes.get(Breakdown.INTERFACE), window);
  }

  private void flush(WindowStore<byte[], byte[]> store, long window) {
    interfaces.forEach((key, sums) -> {
      byte[] old = store.fetch(key.get(), window);
      byte[] value = old == null ? new byte[Breakdown.SUMS] : old.clone();
      for (int i = 0; i < 3; i++) Cells.putLong(value, 8 * i, Breakdown.sum(Cells.getLong(value, 8 * i), sums[i]));
      store.put(key.get(), value, window);
    });
    interfaces.clear();
  }

  private static void upsert(WindowStore<byte[], byte[]> store, byte[] key, long window, int width, int at, long bytes, long packets) {
    byte[] old = store.fetch(key, window);
    byte[] value = old == null ? new byte[width] : old.clone();
    Cells.putLong(value, at, Breakdown.sum(Cells.getLong(value, at), bytes));
    Cells.putLong(value, at + 8, Breakdown.sum(Cells.getLong(value, at + 8), packets));
    Cells.putLong(value, at + 16, Cells.getLong(value, at + 16) + 1);
    store.put(key, value, window);
  }

  private boolean isDue() {
    return nextMinute + MINUTE + GRACE <= streamTime || nextFive + FIVE_MINUTES + GRACE <= streamTime;
  }

  private void close(int partition, long timestamp) {
    for (; nextMinute + MINUTE + GRACE <= streamTime; nextMinute += MINUTE) for (Breakdown breakdown : Breakdown.values()) send(breakdown, MINUTE, nextMinute, partition, timestamp);
    for (; nextFive + FIVE_MINUTES + GRACE <= streamTime; nextFive += FIVE_MINUTES) for (Breakdown breakdown : Breakdown.values()) send(breakdown, FIVE_MINUTES, nextFive, partition, timestamp);
  }

  /** Sends a window out; a minute is added to its five minutes. */
  private void send(Breakdown breakdown, long length, long start, int partition, long timestamp) {
    Encoders.Rows rows = encoders.rows(breakdown, start, length, partition);
    WindowStore<byte[], byte[]> five = length == MINUTE ? fives.get(breakdown) : null;
    long fiveStart = start - start % FIVE_MINUTES;
    Record<Integer, Object> out = new Record<>(partition, null, timestamp);
    WindowStore<byte[], byte[]> store = length == MINUTE ? minutes.get(breakdown) : fives.get(breakdown);
    try (KeyValueIterator<Windowed<byte[]>, byte[]> all = store.fetchAll(start, start)) {
      while (all.hasNext()) {
        KeyValue<Windowed<byte[]>, byte[]> entry = all.next();
        byte[] key = entry.key.key();
        rows.add(key, entry.value);
        if (rows.isFull()) context().forward(out.withValue(rows.take()), breakdown.sink());
        if (five == null) continue;
        byte[] old = five.fetch(key, fiveStart);
        byte[] value = entry.value.clone();
        if (old != null) for (int at = 0; at < value.length; at += 8) Cells.putLong(value, at, Breakdown.sum(Cells.getLong(old, at), Cells.getLong(value, at)));
        five.put(key, value, fiveStart);
      }
    }
    if (!rows.isEmpty()) context().forward(out.withValue(rows.take()), breakdown.sink());
  }

  private static long scaled(long count, long samplingRate) {
    if (count <= 0) return 0;
    return samplingRate <= 1 ? count : count > Breakdown.MOST / samplingRate ? Breakdown.MOST : count * samplingRate;
  }
}
