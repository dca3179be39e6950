import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** A consumer with auto commit, commitSync, commitAsync, and offsets that it keeps itself; under both group protocols. */
public final class ConsumerCommits {
  private final Cluster cluster;
  private final String protocol;

  private ConsumerCommits(Cluster cluster, String protocol) {
    this.cluster = cluster;
    this.protocol = protocol;
  }

  public static void main(String[] args) throws Exception {
    for (String protocol : args[1].split(",")) {
      Cluster.say("-- %s", protocol);
      ConsumerCommits all = new ConsumerCommits(new Cluster(args[0], "commits-" + protocol), protocol);
      all.autoCommit();
      all.commitSync();
      all.commitAsync();
      all.ownOffsets();
      all.places();
      all.resets();
    }
  }

  private KafkaConsumer<String, String> member(String group, String... more) {
    List<String> all = new ArrayList<>(List.of("group.protocol", protocol));
    all.addAll(List.of(more));
    return cluster.consumer(group, all.toArray(String[]::new));
  }

  private TreeMap<Integer, Long> committed(String group) throws Exception {
    TreeMap<Integer, Long> all = new TreeMap<>();
    try (Admin admin = cluster.admin()) {
      admin.listConsumerGroupOffsets(cluster.name(group)).partitionsToOffsetAndMetadata().get()
          .forEach((partition, offset) -> all.put(partition.partition(), offset.offset()));
    }
    return all;
  }

  private void autoCommit() throws Exception {
    String topic = cluster.topic("auto", 2);
    cluster.fill(topic, 2, 0, 200);
    try (KafkaConsumer<String, String> consumer = member("auto", "enable.auto.commit", "true", "auto.commit.interval.ms", "100")) {
      consumer.subscribe(List.of(topic));
      Cluster.read(consumer, 200);
      Cluster.await("the interval's commit", () -> {
        consumer.poll(Duration.ofMillis(50));
        return committed("auto").equals(Map.of(0, 100L, 1, 100L));
      });
      Cluster.say("auto commit while it runs: %s", committed("auto"));
      cluster.fill(topic, 2, 200, 210);
      Cluster.read(consumer, 10);
    }
    Cluster.say("auto commit at close: %s", committed("auto"));
    cluster.fill(topic, 2, 210, 220);
    try (KafkaConsumer<String, String> consumer = member("auto", "enable.auto.commit", "true")) {
      consumer.subscribe(List.of(topic));
      TreeSet<Integer> values = new TreeSet<>();
      Cluster.read(consumer, 10).forEach(r -> values.add(Integer.valueOf(r.value())));
      Cluster.say("the next one goes on with %s, strays %d", values, Cluster.strays(consumer, Duration.ofMillis(200)));
    }
  }

  private void commitSync() throws Exception {
    String topic = cluster.topic("sync", 1);
    cluster.fill(topic, 1, 0, 100);
    TopicPartition place = new TopicPartition(topic, 0);
    try (KafkaConsumer<String, String> consumer = member("sync", "max.poll.records", "30")) {
      consumer.subscribe(List.of(topic));
      for (int round = 0; round < 3; round++) {
        List<ConsumerRecord<String, String>> got = Cluster.read(consumer, 30);
        long next = got.get(got.size() - 1).offset() + 1;
        consumer.commitSync(Map.of(place, new OffsetAndMetadata(next, "after round " + round)));
        Cluster.say("commitSync: %s", consumer.committed(java.util.Set.of(place)).get(place));
      }
      Cluster.read(consumer, 10);
      consumer.commitSync();
      Cluster.say("commitSync of the position: %s", consumer.committed(java.util.Set.of(place)).get(place));
      consumer.commitSync(Map.of(place, new OffsetAndMetadata(12)));
      Cluster.say("commitSync backwards: %s, position %d", committed("sync"), consumer.position(place));
      Cluster.say("a note too long: %s", Cluster.thrown(() -> {
        consumer.commitSync(Map.of(place, new OffsetAndMetadata(13, "x".repeat(5000))));
        return null;
      }));
      Cluster.say("a partition that is not there: %s", Cluster.thrown(() -> {
        consumer.commitSync(Map.of(new TopicPartition(topic, 9), new OffsetAndMetadata(1)), Duration.ofMillis(700));
        return null;
      }));
    }
    try (KafkaConsumer<String, String> consumer = member("sync")) {
      consumer.subscribe(List.of(topic));
      Cluster.say("the next one begins at %d", Cluster.read(consumer, 88).get(0).offset());
    }
  }

  private void commitAsync() throws Exception {
    String topic = cluster.topic("async", 1);
    cluster.fill(topic, 1, 0, 50);
    TopicPartition place = new TopicPartition(topic, 0);
    List<String> done = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = member("async", "max.poll.records", "10")) {
      consumer.subscribe(List.of(topic));
      for (int round = 1; round <= 5; round++) {
        Cluster.read(consumer, 10);
        consumer.commitAsync((offsets, problem) -> done.add(offsets.get(place).offset() + " " + problem));
      }
      Cluster.await("the callbacks", () -> {
        consumer.poll(Duration.ofMillis(20));
        return done.size() == 5;
      });
      consumer.commitAsync(Map.of(place, new OffsetAndMetadata(7, "x".repeat(5000))),
          (offsets, problem) -> done.add(Cluster.problem(problem)));  // 4.3 gives no offsets here under the consumer protocol
      Cluster.await("the last callback", () -> {
        consumer.poll(Duration.ofMillis(20));
        return done.size() == 6;
      });
    }
    Cluster.say("commitAsync: %s, committed %s", done, committed("async"));
  }

  /** What a database would keep: the next offset of each partition, written with the record itself. */
  private static final class Ledger implements ConsumerRebalanceListener {
    final Map<TopicPartition, Long> next = new HashMap<>();
    final List<String> rows = new ArrayList<>();
    KafkaConsumer<String, String> consumer;

    void write(ConsumerRecord<String, String> r) {
      rows.add(r.partition() + ":" + r.value());
      next.put(new TopicPartition(r.topic(), r.partition()), r.offset() + 1);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      partitions.forEach(place -> consumer.seek(place, next.getOrDefault(place, 0L)));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }

  private void ownOffsets() throws Exception {
    String topic = cluster.topic("own", 3);
    cluster.fill(topic, 3, 0, 300);
    Ledger ledger = new Ledger();
    for (int life = 0; ledger.rows.size() < 300 && life < 50; life++) {
      try (KafkaConsumer<String, String> consumer = member("own", "max.poll.records", "40", "auto.offset.reset", "latest")) {
        ledger.consumer = consumer;
        consumer.subscribe(List.of(topic), ledger);
        // Each life keeps some of what it is given, and forgets the rest unwritten.
        List<ConsumerRecord<String, String>> got = Cluster.read(consumer, 1);
        got.subList(0, Math.max(1, got.size() * 3 / 4)).forEach(ledger::write);
        if (life > 2) {
          got.subList(Math.max(1, got.size() * 3 / 4), got.size()).forEach(ledger::write);
          while (ledger.rows.size() < 300) {
            Cluster.read(consumer, 1).forEach(ledger::write);
          }
        }
      }
    }
    Cluster.say("own offsets: %d rows, %d different, next %s, committed %s", ledger.rows.size(),
        new TreeSet<>(ledger.rows).size(), new TreeSet<>(ledger.next.values()), committed("own"));
  }

  private void places() throws Exception {
    String topic = cluster.topic("places", 1);
    TopicPartition place = new TopicPartition(topic, 0);
    try (var producer = cluster.producer()) {
      for (int i = 0; i < 10; i++) {
        producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, 0, 1000L * i, "k", "v" + i)).get();
      }
    }
    try (KafkaConsumer<String, String> consumer = member("places", "max.poll.records", "3")) {
      consumer.assign(List.of(place));
      Cluster.say("beginning %s, end %s", consumer.beginningOffsets(List.of(place)), consumer.endOffsets(List.of(place)));
      Cluster.say("for time 4500: %s", consumer.offsetsForTimes(Map.of(place, 4500L)));
      Cluster.say("for a time after all: %s", consumer.offsetsForTimes(Map.of(place, 99_000L)));
      consumer.seek(place, 8);
      Cluster.say("seek: %s, lag %s", Cluster.read(consumer, 1).get(0).value(), consumer.currentLag(place));
      consumer.pause(List.of(place));
      consumer.seekToBeginning(List.of(place));
      Cluster.say("paused: %d records", Cluster.strays(consumer, Duration.ofMillis(200)));
      consumer.resume(List.of(place));
      Cluster.say("resumed: %s", Cluster.read(consumer, 3).get(2).value());
      consumer.seekToEnd(List.of(place));
      Cluster.say("position at the end: %d", consumer.position(place));
      consumer.seek(place, new OffsetAndMetadata(4, java.util.Optional.of(0), ""));
      Cluster.say("seek with a leader epoch: %s", Cluster.read(consumer, 1).get(0).value());
    }
  }

  private void resets() throws Exception {
    String topic = cluster.topic("resets", 1);
    cluster.fill(topic, 1, 0, 10);
    TopicPartition place = new TopicPartition(topic, 0);
    try (KafkaConsumer<String, String> consumer = member("resets", "auto.offset.reset", "none")) {
      consumer.subscribe(List.of(topic));
      Cluster.say("no offset, no reset: %s", Cluster.thrown(() -> Cluster.read(consumer, 1)));
    }
    // Another consumer: the one of the consumer protocol may throw the first problem twice.
    try (KafkaConsumer<String, String> consumer = member("resets-beyond", "auto.offset.reset", "none")) {
      consumer.assign(List.of(place));
      consumer.seek(place, 77);
      Cluster.say("an offset beyond the end: %s", Cluster.thrown(() -> Cluster.read(consumer, 1)));
    }
    try (KafkaConsumer<String, String> consumer = member("resets-late", "auto.offset.reset", "latest")) {
      consumer.subscribe(List.of(topic));
      Cluster.await("an assignment", () -> {
        consumer.poll(Duration.ofMillis(50));
        return !consumer.assignment().isEmpty();
      });
      Cluster.say("latest begins at %d", consumer.position(place));
      cluster.fill(topic, 1, 10, 12);
      Cluster.say("latest reads %s", Cluster.read(consumer, 2).get(0).value());
    }
    try (KafkaConsumer<String, String> consumer = member("resets-far", "auto.offset.reset", "by_duration:PT1H")) {
      consumer.subscribe(List.of(topic));
      Cluster.say("an hour back reads %s", Cluster.read(consumer, 12).get(0).value());
    }
  }
}
