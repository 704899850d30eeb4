package netweaver.rival;

import java.nio.ByteBuffer;
import java.util.EnumMap;
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
 * The flows of a batch are added up on the heap before they go to the stores, which cost ten times as much an update.
 */
final class Aggregate extends ContextualProcessor<Integer, Known, Integer, Object> {
  static final long MINUTE = 60_000, FIVE_MINUTES = 300_000, GRACE = 60_000;
  static final String TIME = "time";
  private static final byte[] TIMES = {0};
  private static final int STREAM = 0, NEXT_MINUTE = 8, NEXT_FIVE = 16;
  private static final Logger LOG = LoggerFactory.getLogger(Aggregate.class);

  private final Encoders encoders;
  private final Map<Breakdown, WindowStore<byte[], byte[]>> minutes = new EnumMap<>(Breakdown.class), fives = new EnumMap<>(Breakdown.class);
  /** Sums of flows of this batch that are in no store yet, all of one window. */
  private final Map<Breakdown, Map<Bytes, long[]>> sums = new EnumMap<>(Breakdown.class);
  private KeyValueStore<byte[], byte[]> times;
  private long streamTime, nextMinute, nextFive;
  private long late;

  Aggregate(Encoders encoders) {
    this.encoders = encoders;
    for (Breakdown breakdown : Breakdown.values()) sums.put(breakdown, new HashMap<>());
  }

  @Override
  public void init(ProcessorContext<Integer, Object> context) {
    super.init(context);
    for (Breakdown breakdown : Breakdown.values()) {
      minutes.put(breakdown, context.getStateStore(breakdown.store(MINUTE)));
      fives.put(breakdown, context.getStateStore(breakdown.store(FIVE_MINUTES)));
    }
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
        add(flow, datagrams.get(flow.getDatagram()));
        flush(fives, five);
        continue;
      }
      if (start != window) {
        flush(window);
        window = start;
      }
      add(flow, datagrams.get(flow.getDatagram()));
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

  private void add(Flow flow, Datagram datagram) {
    long bytes = scaled(flow.getBytes(), flow.getSamplingRate()), packets = scaled(flow.getPackets(), flow.getSamplingRate());
    add(Breakdown.INTERFACE, Breakdown.interfaceKey(datagram.getExporter(), flow.getInIf(), 0), 0, bytes, packets);
    add(Breakdown.INTERFACE, Breakdown.interfaceKey(datagram.getExporter(), flow.getOutIf(), 1), 0, bytes, packets);
    add(Breakdown.PREFIX, Breakdown.prefixKey(flow), 0, bytes, packets);
    add(Breakdown.HOST, Breakdown.hostKey(flow.getSrcAddr()), 0, bytes, packets);
    add(Breakdown.HOST, Breakdown.hostKey(flow.getDstAddr()), 3, bytes, packets);
  }

  private void add(Breakdown breakdown, byte[] key, int at, long bytes, long packets) {
    long[] of = sums.get(breakdown).computeIfAbsent(Bytes.wrap(key), none -> new long[breakdown == Breakdown.HOST ? 6 : 3]);
    of[at] = Breakdown.sum(of[at], bytes);
    of[at + 1] = Breakdown.sum(of[at + 1], packets);
    of[at + 2]++;
  }

  private void flush(long window) {
    if (window >= 0) flush(minutes, window);
  }

  private void flush(Map<Breakdown, WindowStore<byte[], byte[]>> stores, long window) {
    sums.forEach((breakdown, keys) -> {
      WindowStore<byte[], byte[]> store = stores.get(breakdown);
      keys.forEach((key, of) -> {
        byte[] old = store.fetch(key.get(), window);
        byte[] value = new byte[8 * of.length];
        for (int i = 0; i < of.length; i++) Cells.putLong(value, 8 * i, old == null ? of[i] : Breakdown.sum(Cells.getLong(old, 8 * i), of[i]));
        store.put(key.get(), value, window);
      });
      keys.clear();
    });
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
