import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * Kafka Streams with exactly_once_v2 in two processes that are killed in turn: counts, sums, extremes, joins of tables, windows and a
 * repartition. What comes out must be right at the end; and each count of each key must come out once, in its order.
 */
public final class Smoke {
  private static final int KEYS = 8;
  private static final int VALUES = 150;
  private static final int ROUNDS = 3;
  private static final long WINDOW = 10_000;
  private static final List<String> OUT = List.of("echo", "count", "sum", "min", "max", "difference", "average", "window", "digit");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Smoke() {}

  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", args[0]))) {
      List<NewTopic> topics = new ArrayList<>(List.of(new NewTopic("smoke-data", 3, (short) 1)));
      OUT.forEach(name -> topics.add(new NewTopic("smoke-" + name, 1, (short) 1)));
      admin.createTopics(topics).all().get();
    }
    List<ProducerRecord<String, Integer>> all = data();
    Map<String, Process> clients = new HashMap<>();
    try {
      for (String name : List.of("a", "b")) {
        clients.put(name, client(args[0], args[1], name));
      }
      for (int round = 0; round < ROUNDS; round++) {
        produce(args[0], all.subList(all.size() * round / ROUNDS, all.size() * (round + 1) / ROUNDS));
        if (round < ROUNDS - 1) {
          Thread.sleep(150 * round);
          String name = round % 2 == 0 ? "a" : "b";
          clients.get(name).destroyForcibly().waitFor();
          clients.put(name, client(args[0], args[1], name));
        }
      }
      check(args[0], all);
    } finally {
      clients.values().forEach(Process::destroyForcibly);
    }
  }

  /** The values of each key once, in an order that is the same in every run. */
  private static List<ProducerRecord<String, Integer>> data() {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < KEYS * VALUES; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, new Random(771));
    List<ProducerRecord<String, Integer>> all = new ArrayList<>();
    // The changelog of the windows has a retention of its own, so that times of long ago will not do.
    long start = (System.currentTimeMillis() - 60_000) / WINDOW * WINDOW;
    for (int i = 0; i < numbers.size(); i++) {
      int n = numbers.get(i);
      all.add(new ProducerRecord<>("smoke-data", (n % KEYS) % 3, start + 40L * i, "key " + n % KEYS, n / KEYS));
    }
    return all;
  }

  private static void produce(String bootstrap, List<ProducerRecord<String, Integer>> records) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "batch.size", "200");
    try (KafkaProducer<String, Integer> producer = new KafkaProducer<>(settings, new StringSerializer(), new IntegerSerializer())) {
      for (var sent : records.stream().map(producer::send).toList()) {
        sent.get();
      }
    }
  }

  /** Starts a process, and waits until it runs. */
  private static Process client(String bootstrap, String folder, String name) throws Exception {
    Process started = new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
        "-Xmx192m", "-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"), "-cp",
        System.getProperty("java.class.path"), "Smoke$Client", bootstrap, folder, name)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader said = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
    if (!"running".equals(said.readLine())) {
      throw new AssertionError("the client ended early");
    }
    return started;
  }

  private static TreeMap<String, List<String>> wanted(List<ProducerRecord<String, Integer>> all) {
    TreeMap<String, List<String>> last = new TreeMap<>();
    OUT.forEach(name -> last.put(name, new ArrayList<>()));
    for (int k = 0; k < KEYS; k++) {
      long sum = VALUES * (VALUES - 1L) / 2;
      last.get("count").add("key " + k + "=" + VALUES);
      last.get("sum").add("key " + k + "=" + sum);
      last.get("min").add("key " + k + "=0");
      last.get("max").add("key " + k + "=" + (VALUES - 1));
      last.get("difference").add("key " + k + "=" + (VALUES - 1));
      last.get("average").add("key " + k + "=" + (double) sum / VALUES);
    }
    TreeMap<String, Long> windows = new TreeMap<>();
    TreeMap<String, Long> digits = new TreeMap<>();
    all.forEach(r -> {
      windows.merge(r.key() + "@" + r.timestamp() / WINDOW * WINDOW, 1L, Long::sum);
      digits.merge("" + r.value() % 10, 1L, Long::sum);
    });
    windows.forEach((key, value) -> last.get("window").add(key + "=" + value));
    digits.forEach((key, value) -> last.get("digit").add(key + "=" + value));
    return last;
  }

  private static void check(String bootstrap, List<ProducerRecord<String, Integer>> all) {
    TreeMap<String, List<String>> wanted = wanted(all);
    for (String name : OUT) {
      boolean ordered = name.equals("count") || name.equals("echo");
      List<ConsumerRecord<String, String>> seen = new ArrayList<>();
      TreeMap<String, String> last = new TreeMap<>();
      HashSet<String> different = new HashSet<>();
      Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "group.id", "smoke-reader-" + name, "auto.offset.reset",
          "earliest", "isolation.level", "read_committed", "enable.auto.commit", "false");
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
        consumer.subscribe(List.of("smoke-" + name));
        for (int quiet = 0; quiet < 2 && System.nanoTime() < deadline;) {
          var got = consumer.poll(Duration.ofMillis(100));
          got.forEach(r -> {
            seen.add(r);
            last.put(r.key(), r.value());
            different.add(r.key() + "=" + r.value());
          });
          boolean whole = ordered ? seen.size() >= all.size() : said(last).equals(wanted.get(name));
          quiet = whole && got.isEmpty() ? quiet + 1 : 0;
        }
      }
      if (ordered) {
        System.out.printf("%s: %d records, %d different%s%n", name, seen.size(), different.size(),
            name.equals("count") ? ", in order " + countsInOrder(seen) : "");
      } else {
        System.out.printf("%s: right at the end %s%n", name, said(last).equals(wanted.get(name)) ? "true" : said(last));
      }
    }
  }

  private static List<String> said(TreeMap<String, String> last) {
    List<String> all = new ArrayList<>();
    last.forEach((key, value) -> all.add(key + "=" + value));
    return all;
  }

  private static boolean countsInOrder(List<ConsumerRecord<String, String>> seen) {
    Map<String, Integer> next = new HashMap<>();
    return seen.stream().allMatch(r -> Integer.parseInt(r.value()) == next.merge(r.key(), 1, Integer::sum));
  }

  /** One of the processes. */
  public static final class Client {
    public static void main(String[] args) {
      Properties p = new Properties();
      p.put("application.id", "smoke");
      p.put("bootstrap.servers", args[0]);
      p.put("state.dir", Path.of(args[1], args[2]).toString());
      p.put("processing.guarantee", "exactly_once_v2");
      p.put("commit.interval.ms", "100");
      p.put("default.key.serde", Serdes.StringSerde.class.getName());
      p.put("default.value.serde", Serdes.StringSerde.class.getName());
      p.put("auto.offset.reset", "earliest");
      p.put("statestore.cache.max.bytes", "0");
      p.put("consumer.group.instance.id", args[2]);
      p.put("consumer.heartbeat.interval.ms", "300");
      p.put("consumer.session.timeout.ms", "10000");
      p.put("producer.transaction.timeout.ms", "5000");
      KafkaStreams streams = new KafkaStreams(topology().build(), p);
      streams.setStateListener((now, before) -> {
        if (now == KafkaStreams.State.RUNNING) {
          System.out.println("running");
        }
      });
      streams.start();
    }

    private static StreamsBuilder topology() {
      StreamsBuilder builder = new StreamsBuilder();
      KStream<String, Integer> data = builder.stream("smoke-data", Consumed.with(Serdes.String(), Serdes.Integer()));
      data.mapValues(Object::toString).to("smoke-echo");
      KGroupedStream<String, Integer> grouped = data.groupByKey(Grouped.with(Serdes.String(), Serdes.Integer()));
      KTable<String, Long> count = grouped.count(Materialized.as("count"));
      KTable<String, Long> sum = grouped.aggregate(() -> 0L, (key, value, all) -> all + value, Materialized.with(Serdes.String(), Serdes.Long()));
      KTable<String, Integer> min = grouped.reduce(Math::min);
      KTable<String, Integer> max = grouped.reduce(Math::max);
      told(count, "count");
      told(sum, "sum");
      told(min, "min");
      told(max, "max");
      told(max.join(min, (high, low) -> high - low), "difference");
      told(sum.join(count, (total, n) -> (double) total / n), "average");
      grouped.windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(WINDOW))).count()
          .toStream((window, n) -> window.key() + "@" + window.window().start()).mapValues(Object::toString).to("smoke-window");
      told(data.groupBy((key, value) -> "" + value % 10, Grouped.with(Serdes.String(), Serdes.Integer())).count(), "digit");
      return builder;
    }

    private static void told(KTable<String, ?> table, String name) {
      table.toStream().mapValues(Object::toString).to("smoke-" + name);
    }
  }
}
