import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.restartstrategy.RestartStrategies;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kafka.FlinkKafkaConsumer;
import org.apache.flink.streaming.connectors.kafka.FlinkKafkaProducer;
import org.apache.flink.util.CloseableIterator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Jobs in Flink's mini cluster: KafkaSource from every kind of place, KafkaSink, the older classes, and a failure between checkpoints. */
public final class FlinkJobs {
  private final String bootstrap;
  private final Admin admin;

  private FlinkJobs(String bootstrap, Admin admin) {
    this.bootstrap = bootstrap;
    this.admin = admin;
  }

  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", args[0]))) {
      FlinkJobs jobs = new FlinkJobs(args[0], admin);
      switch (args[1]) {
        case "plain" -> {
          jobs.sources();
          jobs.discovery();
          jobs.sink();
          jobs.olderClasses("flink-older", FlinkKafkaProducer.Semantic.AT_LEAST_ONCE);
        }
        case "exactly-once" -> {
          jobs.exactlyOnce();
          jobs.olderClasses("flink-older-once", FlinkKafkaProducer.Semantic.EXACTLY_ONCE);
        }
        default -> throw new IllegalArgumentException(args[1]);
      }
    }
  }

  private void topic(String name, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
  }

  /** Values "FROM", "FROM + 1", …, in turn to each partition, a second of their own time apart. */
  private void fill(String topic, int partitions, int from, int to) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = from; i < to; i++) {
        producer.send(new ProducerRecord<>(topic, i % partitions, 1000L * i, null, "" + i));
      }
    }
  }

  private KafkaSourceBuilder<String> source(String topic, String group) {
    return KafkaSource.<String>builder().setBootstrapServers(bootstrap).setTopics(topic).setGroupId(group)
        .setValueOnlyDeserializer(new SimpleStringSchema());
  }

  private static StreamExecutionEnvironment environment() {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    env.setRestartStrategy(RestartStrategies.noRestart());
    return env;
  }

  private static String told(Collection<String> values) {
    TreeSet<Integer> sorted = new TreeSet<>();
    values.forEach(v -> sorted.add(Integer.valueOf(v)));
    return values.size() + " records" + (sorted.isEmpty() ? "" : " from " + sorted.first() + " to " + sorted.last());
  }

  private List<String> collected(KafkaSource<String> source) throws Exception {
    DataStream<String> stream = environment().fromSource(source, WatermarkStrategy.noWatermarks(), "source");
    List<String> all = new ArrayList<>();
    try (CloseableIterator<String> results = stream.executeAndCollect()) {
      results.forEachRemaining(all::add);
    }
    return all;
  }

  private void sources() throws Exception {
    topic("flink-in", 2);
    fill("flink-in", 2, 0, 100);
    OffsetsInitializer end = OffsetsInitializer.latest();
    System.out.println("earliest: " + told(collected(source("flink-in", "flink-a").setStartingOffsets(OffsetsInitializer.earliest()).setBounded(end).build())));
    System.out.println("latest: " + told(collected(source("flink-in", "flink-a").setStartingOffsets(end).setBounded(end).build())));
    System.out.println("timestamp: " + told(collected(source("flink-in", "flink-a").setStartingOffsets(OffsetsInitializer.timestamp(60_000)).setBounded(end).build())));
    admin.alterConsumerGroupOffsets("flink-b", Map.of(new TopicPartition("flink-in", 0), new OffsetAndMetadata(45))).all().get();
    System.out.println("committed, or earliest: " + told(collected(source("flink-in", "flink-b")
        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST)).setBounded(end).build())));
  }

  private void discovery() throws Exception {
    topic("flink-grows", 1);
    fill("flink-grows", 1, 0, 20);
    KafkaSource<String> source = source("flink-grows", "flink-c").setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("partition.discovery.interval.ms", "200").build();
    DataStream<String> stream = environment().fromSource(source, WatermarkStrategy.noWatermarks(), "source");
    try (CloseableIterator<String> results = stream.executeAndCollect()) {
      List<String> all = new ArrayList<>();
      while (all.size() < 20) {
        all.add(results.next());
      }
      admin.createPartitions(Map.of("flink-grows", NewPartitions.increaseTo(3))).all().get();
      fill("flink-grows", 3, 20, 50);
      while (all.size() < 50) {
        all.add(results.next());
      }
      System.out.println("discovery: " + told(all));
    }
  }

  private KafkaSink<String> sinkTo(String topic, DeliveryGuarantee guarantee) {
    return KafkaSink.<String>builder().setBootstrapServers(bootstrap).setDeliveryGuarantee(guarantee).setTransactionalIdPrefix(topic)
        .setProperty("transaction.timeout.ms", "600000")
        .setRecordSerializer(KafkaRecordSerializationSchema.builder().setTopic(topic).setValueSerializationSchema(new SimpleStringSchema()).build())
        .build();
  }

  private void sink() throws Exception {
    topic("flink-out", 2);
    StreamExecutionEnvironment env = environment();
    env.enableCheckpointing(200);
    env.fromSource(source("flink-in", "flink-d").setStartingOffsets(OffsetsInitializer.earliest()).setBounded(OffsetsInitializer.latest()).build(),
        WatermarkStrategy.noWatermarks(), "source").map(v -> "" + (1000 + Integer.parseInt(v))).sinkTo(sinkTo("flink-out", DeliveryGuarantee.AT_LEAST_ONCE));
    env.execute();
    System.out.println("sink: " + told(committed("flink-out", 100)) + ", offsets of the source's group " + groupOffsets("flink-d"));
  }

  private TreeSet<Long> groupOffsets(String group) throws Exception {
    TreeSet<Long> all = new TreeSet<>();
    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().forEach(o -> all.add(o.offset()));
    return all;
  }

  private List<String> committed(String topic, int count) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed", "auto.offset.reset", "earliest",
        "enable.auto.commit", "false", "group.id", "flink-reader");
    List<String> all = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1)));
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      for (long quiet = 0; quiet < 3 && System.nanoTime() < deadline;) {
        var got = consumer.poll(Duration.ofMillis(100));
        got.forEach(r -> all.add(r.value()));
        quiet = got.isEmpty() && all.size() >= count ? quiet + 1 : 0;
      }
    }
    return all;
  }

  /** Fails once, some way after a checkpoint, so that what was written since then must not be seen twice. */
  private static final class FailOnce extends RichMapFunction<String, String> implements CheckpointListener {
    static final AtomicBoolean failed = new AtomicBoolean();
    private boolean checkpointed;
    private int since;

    @Override
    public String map(String value) throws Exception {
      Thread.sleep(1);
      if (checkpointed && ++since > 50 && failed.compareAndSet(false, true)) {
        throw new IllegalStateException("a failure between checkpoints");
      }
      return value;
    }

    @Override
    public void notifyCheckpointComplete(long id) {
      checkpointed = true;
    }
  }

  private void exactlyOnce() throws Exception {
    topic("flink-many", 2);
    topic("flink-once", 2);
    fill("flink-many", 2, 0, 4000);
    StreamExecutionEnvironment env = environment();
    env.setRestartStrategy(RestartStrategies.fixedDelayRestart(3, 100));
    env.enableCheckpointing(250);
    env.fromSource(source("flink-many", "flink-e").setStartingOffsets(OffsetsInitializer.earliest()).setBounded(OffsetsInitializer.latest()).build(),
        WatermarkStrategy.noWatermarks(), "source").map(new FailOnce()).sinkTo(sinkTo("flink-once", DeliveryGuarantee.EXACTLY_ONCE));
    env.execute();
    List<String> all = committed("flink-once", 4000);
    System.out.println("exactly once: failed " + FailOnce.failed.get() + ", " + told(all) + ", different " + new TreeSet<>(all).size());
  }

  @SuppressWarnings("deprecation")
  private void olderClasses(String topic, FlinkKafkaProducer.Semantic semantic) throws Exception {
    topic(topic + "-in", 2);
    topic(topic + "-out", 2);
    fill(topic + "-in", 2, 0, 400);
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("group.id", topic);
    settings.put("transaction.timeout.ms", "600000");
    StreamExecutionEnvironment env = environment();
    env.enableCheckpointing(200);
    FlinkKafkaConsumer<String> from = new FlinkKafkaConsumer<>(topic + "-in", new SimpleStringSchema(), settings);
    from.setStartFromEarliest();
    env.addSource(from).addSink(new FlinkKafkaProducer<>(topic + "-out",
        (value, time) -> new ProducerRecord<>(topic + "-out", value.getBytes(java.nio.charset.StandardCharsets.UTF_8)), settings, semantic));
    var job = env.executeAsync();
    List<String> all = committed(topic + "-out", 400);
    job.cancel().get();
    System.out.println("older classes, " + semantic + ": " + told(all) + ", different " + new TreeSet<>(all).size());
  }
}
