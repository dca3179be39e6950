import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/** Kafka Streams counts words; its second life finds the counts of the first in the changelog, as its own state is gone. */
public final class WordCount {
  private static final List<String> LINES = List.of("the river runs through the city", "the city sleeps", "a river of records runs");
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final String bootstrap;
  private final String name;
  private final String guarantee;

  private WordCount(String bootstrap, String guarantee) {
    this.bootstrap = bootstrap;
    this.guarantee = guarantee;
    this.name = "words-" + guarantee.replace('_', '-');
  }

  public static void main(String[] args) throws Exception {
    WordCount count = new WordCount(args[0], args[2]);
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", args[0]))) {
      admin.createTopics(List.of(new NewTopic(count.name + "-in", 2, (short) 1), new NewTopic(count.name + "-out", 2, (short) 1))).all().get();
      for (int life = 1; life <= 2; life++) {
        try (KafkaStreams streams = count.streams(Path.of(args[1], "life-" + life))) {
          streams.start();
          count.produce(50);
          System.out.println("life " + life + ": " + count.counts(50 * life));
        }
      }
      System.out.println("internal topics: " + admin.listTopics().names().get().stream().filter(t -> t.startsWith(count.name + "-app")).sorted().toList());
    }
  }

  private KafkaStreams streams(Path state) {
    Properties p = new Properties();
    p.put("application.id", name + "-app");
    p.put("bootstrap.servers", bootstrap);
    p.put("state.dir", state.toString());
    p.put("processing.guarantee", guarantee);
    p.put("commit.interval.ms", "100");
    p.put("num.stream.threads", "2");
    p.put("default.key.serde", Serdes.StringSerde.class.getName());
    p.put("default.value.serde", Serdes.StringSerde.class.getName());
    p.put("auto.offset.reset", "earliest");
    p.put("heartbeat.interval.ms", "300");
    p.put("session.timeout.ms", "10000");
    p.put("statestore.cache.max.bytes", "0");
    StreamsBuilder builder = new StreamsBuilder();
    KeyValueMapper<String, String, String> word = (key, value) -> value;
    builder.<String, String>stream(name + "-in")
        .flatMapValues(line -> Arrays.asList(line.split(" ")))
        .groupBy(word, Grouped.with(Serdes.String(), Serdes.String()))
        .count(Materialized.as("counts"))
        .toStream()
        .to(name + "-out", Produced.with(Serdes.String(), Serdes.Long()));
    return new KafkaStreams(builder.build(), p);
  }

  private void produce(int rounds) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < rounds; i++) {
        for (String line : LINES) {
          producer.send(new ProducerRecord<>(name + "-in", i % 2, null, line));
        }
      }
    }
  }

  /** The last count of each word, once "the" was seen `rounds` times three. */
  private TreeMap<String, Long> counts(int rounds) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "group.id", name + "-reader-" + rounds, "auto.offset.reset", "earliest",
        "isolation.level", "read_committed", "enable.auto.commit", "false");
    TreeMap<String, Long> last = new TreeMap<>();
    long total = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (KafkaConsumer<String, Long> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer())) {
      consumer.subscribe(List.of(name + "-out"));
      while (total < rounds * 14L) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("only " + last);
        }
        for (ConsumerRecord<String, Long> r : consumer.poll(Duration.ofMillis(100))) {
          last.put(r.key(), r.value());
        }
        total = last.values().stream().mapToLong(Long::longValue).sum();
      }
    }
    return last;
  }
}
