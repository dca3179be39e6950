import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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
import org.apache.flink.streaming.api.functions.sink.SinkFunction;
import org.apache.flink.streaming.connectors.kafka.FlinkKafkaConsumer;
import org.apache.flink.streaming.connectors.kafka.FlinkKafkaProducer;
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
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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
          jobs.olderClasses("flink-older", 400, FlinkKafkaProducer.Semantic.AT_LEAST_ONCE);
        }
        case "exactly-once" -> {
          jobs.exactlyOnce();
          jobs.olderClasses("flink-older-once", 2000, FlinkKafkaProducer.Semantic.EXACTLY_ONCE);
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

  /** Keeps what comes, under the name of its job; the mini cluster runs in this process. */
  private static final class Collect implements SinkFunction<String> {
    static final Map<String, Queue<String>> all = new ConcurrentHashMap<>();
    private final String job;

    Collect(String job) {
      this.job = job;
      all.put(job, new ConcurrentLinkedQueue<>());
    }

    @Override
    public void invoke(String value, Context context) {
      all.get(job).add(value);
    }
  }

  private void collect(String job, KafkaSourceBuilder<String> source) throws Exception {
    StreamExecutionEnvironment env = environment();
    env.fromSource(source.setBounded(OffsetsInitializer.latest()).build(), WatermarkStrategy.noWatermarks(), "source").addSink(new Collect(job));
    env.execute();
    System.out.println(job + ": " + told(Collect.all.get(job)));
  }

  private void sources() throws Exception {
    topic("flink-in", 2);
    fill("flink-in", 2, 0, 100);
    collect("earliest", source("flink-in", "flink-a").setStartingOffsets(OffsetsInitializer.earliest()));
    collect("latest", source("flink-in", "flink-a").setStartingOffsets(OffsetsInitializer.latest()));
    collect("timestamp", source("flink-in", "flink-a").setStartingOffsets(OffsetsInitializer.timestamp(60_000)));
    admin.alterConsumerGroupOffsets("flink-b", Map.of(new TopicPartition("flink-in", 0), new OffsetAndMetadata(45))).all().get();
    collect("committed, or earliest", source("flink-in", "flink-b")
        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST)));
  }

  private void discovery() throws Exception {
    topic("flink-grows", 1);
    fill("flink-grows", 1, 0, 20);
    KafkaSource<String> source = source("flink-grows", "flink-c").setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("partition.discovery.interval.ms", "200").build();
    StreamExecutionEnvironment env = environment();
    env.fromSource(source, WatermarkStrategy.noWatermarks(), "source").addSink(new Collect("discovery"));
    var job = env.executeAsync();
    Queue<String> seen = Collect.all.get("discovery");
    await(() -> seen.size() == 20);
    admin.createPartitions(Map.of("flink-grows", NewPartitions.increaseTo(3))).all().get();
    fill("flink-grows", 3, 20, 50);
    await(() -> seen.size() == 50);
    job.cancel().get();
    System.out.println("discovery: " + told(seen));
  }

  private static void await(Callable<Boolean> holds) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.call() && System.nanoTime() < deadline) {
      Thread.sleep(20);
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
    env.fromSource(source("flink-in", "flink-d").setStartingOffsets(OffsetsInitializer.earliest()).build(),
        WatermarkStrategy.noWatermarks(), "source").map(v -> "" + (1000 + Integer.parseInt(v))).sinkTo(sinkTo("flink-out", DeliveryGuarantee.AT_LEAST_ONCE));
    // Not bounded: the end of a job does not wait for the commit of its source's last offsets.
    var job = env.executeAsync();
    List<String> all = committed("flink-out", 100);
    await(() -> groupOffsets("flink-d").equals(Set.of(50L)));
    System.out.println("sink: " + told(all) + ", offsets of the source's group " + groupOffsets("flink-d"));
    job.cancel().get();
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
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      for (long quiet = 0; quiet < 3 && System.nanoTime() < deadline;) {
        var got = consumer.poll(Duration.ofMillis(100));
        got.forEach(r -> all.add(r.value()));
        quiet = got.isEmpty() && all.size() >= count ? quiet + 1 : 0;
      }
    }
    return all;
  }

  /**
   * Fails once, some way after a checkpoint, so that what was written since then must not be seen twice. Until then it takes its time
   * over the second half of its records, so that they do not run out before the first checkpoint.
   */
  private static final class FailOnce extends RichMapFunction<String, String> implements CheckpointListener {
    static final Set<String> failed = ConcurrentHashMap.newKeySet();
    private final String job;
    private final int half;
    private boolean checkpointed;
    private int count;
    private int since;

    FailOnce(String job, int half) {
      this.job = job;
      this.half = half;
    }

    @Override
    public String map(String value) throws Exception {
      Thread.sleep(++count < half || failed.contains(job) ? 1 : 20);
      if (checkpointed && ++since > 50 && failed.add(job)) {
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
    fill("flink-many", 2, 0, 3000);
    StreamExecutionEnvironment env = environment();
    env.setRestartStrategy(RestartStrategies.fixedDelayRestart(3, 100));
    env.enableCheckpointing(250);
    env.fromSource(source("flink-many", "flink-e").setStartingOffsets(OffsetsInitializer.earliest()).setBounded(OffsetsInitializer.latest()).build(),
        WatermarkStrategy.noWatermarks(), "source").map(new FailOnce("sink", 750)).sinkTo(sinkTo("flink-once", DeliveryGuarantee.EXACTLY_ONCE));
    env.execute();
    List<String> all = committed("flink-once", 3000);
    System.out.println("exactly once: failed " + FailOnce.failed.contains("sink") + ", " + told(all) + ", different " + new TreeSet<>(all).size());
  }

  @SuppressWarnings("deprecation")
  private void olderClasses(String topic, int count, FlinkKafkaProducer.Semantic semantic) throws Exception {
    topic(topic + "-in", 2);
    topic(topic + "-out", 2);
    fill(topic + "-in", 2, 0, count);
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("group.id", topic);
    settings.put("transaction.timeout.ms", "600000");
    StreamExecutionEnvironment env = environment();
    env.enableCheckpointing(200);
    FlinkKafkaConsumer<String> from = new FlinkKafkaConsumer<>(topic + "-in", new SimpleStringSchema(), settings);
    from.setStartFromEarliest();
    DataStream<String> stream = env.addSource(from);
    if (semantic == FlinkKafkaProducer.Semantic.EXACTLY_ONCE) {
      env.setRestartStrategy(RestartStrategies.fixedDelayRestart(3, 100));
      stream = stream.map(new FailOnce(topic, count / 4));
    }
    stream.addSink(new FlinkKafkaProducer<>(topic + "-out",
        (value, time) -> new ProducerRecord<>(topic + "-out", value.getBytes(java.nio.charset.StandardCharsets.UTF_8)), settings, semantic));
    var job = env.executeAsync();
    List<String> all = committed(topic + "-out", count);
    job.cancel().get();
    System.out.println("older classes, " + semantic + ": failed " + FailOnce.failed.contains(topic) + ", " + told(all) + ", different " + new TreeSet<>(all).size());
  }
}
