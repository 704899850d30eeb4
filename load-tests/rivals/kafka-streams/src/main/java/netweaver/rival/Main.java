package netweaver.rival;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Runs dedup and aggregate on one topic until it is ended. Arguments {@code name=value}: brokers, application, input, output
 * (prefix of the topics), ids (schema numbers of interface, prefix and host traffic), state (folder), store (memory or
 * rocksdb), threads, commitMs, cacheMiB (0: no record caching).
 */
public final class Main {
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    // Packages whose classes Avro may make.
    System.setProperty("org.apache.avro.SERIALIZABLE_PACKAGES", "netweaver.flows,netweaver.traffic");
    Map<String, String> options = new HashMap<>();
    for (String argument : arguments) options.put(argument.substring(0, argument.indexOf('=')), argument.substring(argument.indexOf('=') + 1));
    KafkaStreams streams = new KafkaStreams(topology(options), settings(options));
    CountDownLatch ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      new Thread(() -> System.exit(1)).start();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close(Duration.ofSeconds(30));
      ended.countDown();
    }));
    streams.start();
    ended.await();
  }

  static Topology topology(Map<String, String> options) {
    String[] ids = options.get("ids").split(",");
    Map<Breakdown, Integer> schemaIds = new EnumMap<>(Breakdown.class);
    for (Breakdown breakdown : Breakdown.values()) schemaIds.put(breakdown, Integer.valueOf(ids[breakdown.ordinal()]));
    boolean inMemory = options.get("store").equals("memory");
    boolean isCached = !options.get("cacheMiB").equals("0");
    String output = options.get("output");

    Deserializer<byte[]> bytes = BYTES.deserializer();
    // Keys within the topology are partitions; records have none.
    Serializer<Integer> noKey = (topic, partition) -> null;
    Serializer<Object> asIs = (topic, value) -> (byte[]) value;
    StreamPartitioner<Integer, Object> asInput = (topic, partition, value, partitions) -> Optional.of(Set.of(partition));

    Topology topology = new Topology()
        .addSource("raw", bytes, bytes, options.get("input"))
        .addProcessor("dedup", Dedup::new, "raw")
        .addStateStore(window(Dedup.DATAGRAMS, Dedup.DATAGRAM_MS, 2 * Dedup.DATAGRAM_MS, inMemory, isCached), "dedup")
        .addStateStore(keyValue(Dedup.FLOWS, inMemory, isCached), "dedup")
        .addStateStore(keyValue(Dedup.EXPORTERS, inMemory, isCached), "dedup")
        .addStateStore(keyValue(Dedup.CLOCK, inMemory, isCached), "dedup")
        .addSink(Dedup.TO_UNIQUE, output + "flows.unique", noKey, asIs, asInput, "dedup")
        .addSink(Dedup.TO_OBSERVATIONS, output + "flows.observations", noKey, asIs, asInput, "dedup")
        .addProcessor(Dedup.TO_AGGREGATE, () -> new Aggregate(new Encoders(schemaIds)), "dedup")
        .addStateStore(keyValue(Aggregate.TIME, inMemory, isCached), Dedup.TO_AGGREGATE);
    for (Breakdown breakdown : Breakdown.values()) {
      for (long length : new long[] {Aggregate.MINUTE, Aggregate.FIVE_MINUTES}) {
        topology.addStateStore(window(breakdown.store(length), length, 2 * length + Aggregate.GRACE, inMemory, isCached), Dedup.TO_AGGREGATE);
      }
      topology.addSink(breakdown.sink(), output + "traffic.by-" + breakdown.name().toLowerCase(), noKey, asIs, asInput, Dedup.TO_AGGREGATE);
    }
    return topology;
  }

  private static StoreBuilder<KeyValueStore<byte[], byte[]>> keyValue(String name, boolean inMemory, boolean isCached) {
    StoreBuilder<KeyValueStore<byte[], byte[]>> builder = Stores.keyValueStoreBuilder(inMemory ? Stores.inMemoryKeyValueStore(name) : Stores.persistentKeyValueStore(name), BYTES, BYTES).withLoggingEnabled(Map.of());
    return isCached ? builder.withCachingEnabled() : builder.withCachingDisabled();
  }

  private static StoreBuilder<WindowStore<byte[], byte[]>> window(String name, long lengthMs, long retentionMs, boolean inMemory, boolean isCached) {
    Duration length = Duration.ofMillis(lengthMs), retention = Duration.ofMillis(retentionMs);
    StoreBuilder<WindowStore<byte[], byte[]>> builder = Stores.windowStoreBuilder(inMemory ? Stores.inMemoryWindowStore(name, retention, length, false) : Stores.persistentWindowStore(name, retention, length, false), BYTES, BYTES).withLoggingEnabled(Map.of());
    return isCached ? builder.withCachingEnabled() : builder.withCachingDisabled();
  }

  private static Properties settings(Map<String, String> options) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.get("application"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("brokers"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, options.get("state"));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.get("threads"));
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.get("commitMs"));
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.parseLong(options.get("cacheMiB")) << 20);
    // A record is a batch of 30 kB.
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 200);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 500);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 << 10);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128 << 20);
    return settings;
  }
}
