import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The node that a program talks to, and clients for it with the settings that all programs want. What a program says with say() is
 * compared with what it said against Apache Kafka, so it holds nothing that differs from run to run.
 */
final class Cluster {
  static final Duration PATIENCE = Duration.ofSeconds(25);

  final String bootstrap;
  private final String prefix;

  Cluster(String bootstrap, String prefix) {
    this.bootstrap = bootstrap;
    this.prefix = prefix;
  }

  static void say(String text, Object... values) {
    System.out.println(values.length == 0 ? text : String.format(text, values));
  }

  /** What went wrong, without the wrapping that get() adds. */
  static String problem(Throwable problem) {
    Throwable inner = problem instanceof ExecutionException ? problem.getCause() : problem;
    return inner.getClass().getSimpleName();
  }

  /** The name of what `action` throws, or "nothing". */
  static String thrown(Callable<?> action) {
    try {
      action.call();
      return "nothing";
    } catch (Exception refused) {
      return problem(refused);
    }
  }

  static void await(String what, Callable<Boolean> holds) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("in vain: " + what);
      }
      Thread.sleep(20);
    }
  }

  /**
   * A controller answers before every broker has seen what it changed. Metadata comes in order: once a broker shows a topic that was
   * made now, it has seen everything before.
   */
  static void settle(Admin admin) throws Exception {
    String fence = "fence-" + System.nanoTime();
    admin.createTopics(List.of(new NewTopic(fence, 1, (short) 1))).all().get();
    await("the fence", () -> admin.listTopics().names().get().contains(fence));
  }

  String name(String what) {
    return prefix + "-" + what;
  }

  Admin admin() {
    return Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap));
  }

  String topic(String what, int partitions, String... config) throws Exception {
    try (Admin admin = admin()) {
      NewTopic topic = new NewTopic(name(what), partitions, (short) 1).configs(map(config));
      admin.createTopics(List.of(topic)).all().get();
      await("the topic", () -> admin.listTopics().names().get().contains(name(what)));
    }
    return name(what);
  }

  static Map<String, String> map(String... pairs) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      all.put(pairs[i], pairs[i + 1]);
    }
    return all;
  }

  Map<String, Object> settings(String... pairs) {
    Map<String, Object> all = new HashMap<>();
    all.put("bootstrap.servers", bootstrap);
    all.put("key.serializer", StringSerializer.class.getName());
    all.put("value.serializer", StringSerializer.class.getName());
    all.put("key.deserializer", StringDeserializer.class.getName());
    all.put("value.deserializer", StringDeserializer.class.getName());
    all.putAll(map(pairs));
    return all;
  }

  KafkaProducer<String, String> producer(String... pairs) {
    return new KafkaProducer<>(settings(pairs));
  }

  /** A member of a group that begins with the oldest record. */
  KafkaConsumer<String, String> consumer(String group, String... pairs) {
    Map<String, Object> all = new HashMap<>();
    all.put("auto.offset.reset", "earliest");
    all.put("enable.auto.commit", "false");
    if ("consumer".equals(map(pairs).get("group.protocol"))) {
      all.put("group.id", name(group));
    } else {
      all.put("group.id", name(group));
      all.put("session.timeout.ms", "10000");
      all.put("heartbeat.interval.ms", "250");
    }
    all.putAll(settings(pairs));
    return new KafkaConsumer<>(all);
  }

  /** Records "FROM", "FROM + 1", … up to, not with, `to`, in turn to each of the partitions. */
  void fill(String topic, int partitions, int from, int to) throws Exception {
    try (KafkaProducer<String, String> producer = producer("linger.ms", "5")) {
      for (int i = from; i < to; i++) {
        producer.send(new ProducerRecord<>(topic, i % partitions, "k" + i, "" + i));
      }
    }
  }

  /** Polls until `count` records came, and fails when they do not. */
  static <K, V> List<ConsumerRecord<K, V>> read(Consumer<K, V> consumer, int count) {
    List<ConsumerRecord<K, V>> all = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (all.size() < count) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("only " + all.size() + " of " + count + " records came");
      }
      consumer.poll(Duration.ofMillis(100)).forEach(all::add);
    }
    return all;
  }

  /** What comes within the time; for what should not come. */
  static <K, V> int strays(Consumer<K, V> consumer, Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    int count = 0;
    while (System.nanoTime() < deadline) {
      count += consumer.poll(Duration.ofMillis(50)).count();
    }
    return count;
  }
}
