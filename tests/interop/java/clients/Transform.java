import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Consume, transform, produce, in transactions; the process that does it is killed again and again. Each record must come out once. */
public final class Transform {
  private static final int RECORDS = 2400;
  private static final int KILLS = 5;

  private Transform() {}

  public static void main(String[] args) throws Exception {
    Cluster cluster = new Cluster(args[0], "transform");
    String in = cluster.topic("in", 2);
    String out = cluster.topic("out", 2);
    cluster.fill(in, 2, 0, RECORDS);
    Random random = new Random(8812);
    for (int life = 0; life < KILLS; life++) {
      Process worker = worker(args[0], in, out, 1 + random.nextInt(35));
      Thread.sleep(random.nextInt(20));
      worker.destroyForcibly().waitFor();
    }
    Process last = worker(args[0], in, out, 1);
    try (KafkaConsumer<String, String> consumer = cluster.consumer("check", "isolation.level", "read_committed")) {
      consumer.assign(List.of(new TopicPartition(out, 0), new TopicPartition(out, 1)));
      List<ConsumerRecord<String, String>> all = Cluster.read(consumer, RECORDS);
      int strays = Cluster.strays(consumer, Duration.ofMillis(500));
      TreeSet<String> different = new TreeSet<>();
      TreeMap<Integer, Integer> previous = new TreeMap<>();
      int disorder = 0;
      for (ConsumerRecord<String, String> r : all) {
        different.add(r.value());
        int number = Integer.parseInt(r.value().split(" ")[1]);
        Integer before = previous.put(r.partition(), number);
        disorder += before != null && before >= number ? 1 : 0;
      }
      Cluster.say("after %d kills: %d records, %d different, %d more, %d out of order", KILLS, all.size(), different.size(), strays, disorder);
    }
    last.destroyForcibly().waitFor();
    try (Admin admin = cluster.admin()) {
      admin.fenceProducers(List.of("transform")).all().get();
      Cluster.say("committed: %s", new TreeMap<>(offsets(admin, cluster.name("g"))));
      Cluster.say("read_committed readers see the end: %s", end(admin, out, IsolationLevel.READ_COMMITTED)
          == end(admin, out, IsolationLevel.READ_UNCOMMITTED));
    }
  }

  private static Map<Integer, Long> offsets(Admin admin, String group) throws Exception {
    Map<Integer, Long> all = new HashMap<>();
    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((place, o) -> all.put(place.partition(), o.offset()));
    return all;
  }

  private static long end(Admin admin, String topic, IsolationLevel level) throws Exception {
    TopicPartition place = new TopicPartition(topic, 0);
    return admin.listOffsets(Map.of(place, OffsetSpec.latest()), new ListOffsetsOptions(level)).all().get().get(place).offset();
  }

  /** Starts one, and waits until it is in the given round: however fast the broker is, records are left for the next. */
  private static Process worker(String bootstrap, String in, String out, int rounds) throws Exception {
    Process started = new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
        "-Xmx128m", "-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"), "-cp",
        System.getProperty("java.class.path"), "Transform$Worker", bootstrap, in, out)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader said = new BufferedReader(new InputStreamReader(started.getInputStream(), java.nio.charset.StandardCharsets.UTF_8));
    for (int round = 0; round < rounds; round++) {
      if (said.readLine() == null) {
        throw new AssertionError("the worker ended early");
      }
    }
    return started;
  }

  /** The loop itself, as the documentation of the producer has it. */
  public static final class Worker {
    public static void main(String[] args) throws Exception {
      Cluster cluster = new Cluster(args[0], "transform");
      try (KafkaProducer<String, String> producer = cluster.producer("transactional.id", "transform", "linger.ms", "0");
          KafkaConsumer<String, String> consumer = cluster.consumer("g", "isolation.level", "read_committed", "max.poll.records", "10",
              "group.instance.id", "worker")) {
        producer.initTransactions();
        consumer.subscribe(List.of(args[1]));
        for (int round = 1;; round++) {
          ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
          if (records.isEmpty()) {
            continue;
          }
          System.out.println("round " + round);
          producer.beginTransaction();
          for (ConsumerRecord<String, String> r : records) {
            producer.send(new ProducerRecord<>(args[2], r.partition(), r.key(), "transformed " + r.value()));
          }
          Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
          for (TopicPartition place : records.partitions()) {
            List<ConsumerRecord<String, String>> of = records.records(place);
            next.put(place, new OffsetAndMetadata(of.get(of.size() - 1).offset() + 1));
          }
          producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
          if (round % 7 == 0) {  // sometimes it thinks better of it
            producer.abortTransaction();
            consumer.committed(consumer.assignment()).forEach((place, o) -> consumer.seek(place, o == null ? 0 : o.offset()));
          } else {
            producer.commitTransaction();
          }
        }
      }
    }
  }
}
