import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Transactions as their users meet them: commit, abort, fencing, offsets in a transaction, a timeout, and what an Admin sees of them. */
public final class TransactionPaths {
  private final Cluster cluster;
  private final Admin admin;

  private TransactionPaths(Cluster cluster, Admin admin) {
    this.cluster = cluster;
    this.admin = admin;
  }

  public static void main(String[] args) throws Exception {
    Cluster cluster = new Cluster(args[0], "txn");
    try (Admin admin = cluster.admin()) {
      TransactionPaths paths = new TransactionPaths(cluster, admin);
      paths.visibility();
      paths.fencing();
      paths.offsets();
      paths.timeout();
      paths.seenByAdmin();
    }
  }

  private KafkaProducer<String, String> producer(String id, String... more) {
    String[] all = java.util.stream.Stream.concat(java.util.stream.Stream.of("transactional.id", cluster.name(id)),
        java.util.Arrays.stream(more)).toArray(String[]::new);
    KafkaProducer<String, String> made = cluster.producer(all);
    made.initTransactions();
    return made;
  }

  private void send(KafkaProducer<String, String> producer, String topic, int from, int to) {
    for (int i = from; i < to; i++) {
      producer.send(new ProducerRecord<>(topic, i % 2, "k", "" + i));
    }
  }

  private String seen(String topic, String level, int count) {
    try (KafkaConsumer<String, String> consumer = cluster.consumer("seen", "isolation.level", level)) {
      List<TopicPartition> both = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(both);
      consumer.seekToBeginning(both);
      TreeSet<Integer> values = new TreeSet<>();
      Cluster.read(consumer, count).forEach(r -> values.add(Integer.valueOf(r.value())));
      int strays = Cluster.strays(consumer, Duration.ofMillis(150));
      return values.size() + (values.isEmpty() ? "" : " from " + values.first() + " to " + values.last()) + ", strays " + strays
          + ", ends " + new TreeSet<>(consumer.endOffsets(both).values());
    }
  }

  private void visibility() throws Exception {
    String topic = cluster.topic("seen", 2);
    try (KafkaProducer<String, String> producer = producer("seen")) {
      producer.beginTransaction();
      send(producer, topic, 0, 10);
      producer.flush();
      Cluster.say("open: committed %s; all %s", seen(topic, "read_committed", 0), seen(topic, "read_uncommitted", 10));
      producer.commitTransaction();
      Cluster.say("committed: %s", seen(topic, "read_committed", 10));
      producer.beginTransaction();
      send(producer, topic, 100, 110);
      producer.flush();
      producer.abortTransaction();
      Cluster.say("aborted: committed %s; all %s", seen(topic, "read_committed", 10), seen(topic, "read_uncommitted", 20));
      producer.beginTransaction();
      send(producer, topic, 10, 20);
      producer.commitTransaction();
      Cluster.say("committed again: %s", seen(topic, "read_committed", 20));
      producer.beginTransaction();
      producer.commitTransaction();
      producer.beginTransaction();
      producer.abortTransaction();
      Cluster.say("empty ones: %s", seen(topic, "read_committed", 20));
    }
    try (KafkaProducer<String, String> producer = cluster.producer("transactional.id", cluster.name("lazy"))) {
      Cluster.say("begin before init: %s", Cluster.thrown(() -> {
        producer.beginTransaction();
        return null;
      }));
    }
    try (KafkaProducer<String, String> producer = cluster.producer("transactional.id", cluster.name("long"), "transaction.timeout.ms", "900001")) {
      Cluster.say("a timeout over the broker's: %s", Cluster.thrown(() -> {
        producer.initTransactions();
        return null;
      }));
    }
  }

  private void fencing() throws Exception {
    String topic = cluster.topic("fenced", 2);
    try (KafkaProducer<String, String> older = producer("fenced")) {
      older.beginTransaction();
      send(older, topic, 0, 4);
      older.flush();
      try (KafkaProducer<String, String> newer = producer("fenced")) {
        Cluster.say("the older one commits: %s", Cluster.thrown(() -> {
          older.commitTransaction();
          return null;
        }));
        newer.beginTransaction();
        send(newer, topic, 4, 8);
        newer.commitTransaction();
        Cluster.say("fenced: %s", seen(topic, "read_committed", 4));
        admin.fenceProducers(List.of(cluster.name("fenced"))).all().get();
        newer.beginTransaction();
        Cluster.say("fenced by an admin: %s", Cluster.thrown(() -> {
          newer.send(new ProducerRecord<>(topic, "k", "0")).get();
          return null;
        }));
      }
    }
  }

  private void offsets() throws Exception {
    String topic = cluster.topic("offsets", 2);
    TopicPartition zero = new TopicPartition(topic, 0);
    cluster.fill(topic, 2, 0, 20);
    try (KafkaProducer<String, String> producer = producer("offsets"); KafkaConsumer<String, String> consumer = cluster.consumer("g")) {
      consumer.subscribe(List.of(topic));
      Cluster.read(consumer, 20);
      for (boolean commit : new boolean[] {true, false}) {
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(zero, new OffsetAndMetadata(commit ? 5 : 7, "in a transaction")), consumer.groupMetadata());
        if (commit) {
          Cluster.say("while it is open: %s", Cluster.thrown(() -> consumer.committed(java.util.Set.of(zero), Duration.ofMillis(300))));
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
        Cluster.await("the marker", () -> consumer.committed(java.util.Set.of(zero)).get(zero) != null);
        Cluster.say("offsets after %s: %s", commit ? "commit" : "abort", consumer.committed(java.util.Set.of(zero)).get(zero));
      }
      producer.beginTransaction();
      Cluster.say("of a generation gone by: %s", Cluster.thrown(() -> {
        ConsumerGroupMetadata now = consumer.groupMetadata();
        producer.sendOffsetsToTransaction(Map.of(zero, new OffsetAndMetadata(9)),
            new ConsumerGroupMetadata(now.groupId(), now.generationId() - 1, now.memberId(), now.groupInstanceId()));
        return null;
      }));
      producer.abortTransaction();
    }
  }

  private void timeout() throws Exception {
    String topic = cluster.topic("timeout", 2);
    try (KafkaProducer<String, String> producer = producer("timeout", "transaction.timeout.ms", "1000")) {
      producer.beginTransaction();
      send(producer, topic, 0, 4);
      producer.flush();
      TopicPartition zero = new TopicPartition(topic, 0);
      Cluster.await("the coordinator aborts it", () -> admin.listOffsets(Map.of(zero, OffsetSpec.latest()),
          new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get().get(zero).offset() == 3);
      Cluster.say("timed out: %s", seen(topic, "read_committed", 0));
      Cluster.say("a late commit: %s", Cluster.thrown(() -> {
        producer.commitTransaction();
        return null;
      }));
    }
  }

  private void seenByAdmin() throws Exception {
    String topic = cluster.topic("watched", 2);
    String id = cluster.name("watched");
    try (KafkaProducer<String, String> producer = producer("watched")) {
      producer.beginTransaction();
      send(producer, topic, 0, 3);
      producer.flush();
      AdminWalk.step("transactions of that id", () -> admin.listTransactions().all().get().stream()
          .filter(t -> t.transactionalId().equals(id)).map(t -> t.state()).toList());
      AdminWalk.step("ongoing ones", () -> admin.listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
          .all().get().stream().map(t -> t.transactionalId()).filter(t -> t.startsWith("txn-")).toList());
      AdminWalk.step("describe", () -> {
        var t = admin.describeTransactions(List.of(id)).all().get().get(id);
        return t.state() + " " + t.coordinatorId() + " timeout " + t.transactionTimeoutMs() + " since " + t.transactionStartTimeMs().isPresent() + " "
            + new TreeSet<>(t.topicPartitions().stream().map(Object::toString).toList());
      });
      AdminWalk.step("describe what is not there", () -> admin.describeTransactions(List.of("no such id")).all().get());
      AdminWalk.step("those open for an hour", () -> admin.listTransactions(new ListTransactionsOptions().filterOnDuration(3_600_000)).all().get().stream()
          .map(t -> t.transactionalId() + " " + t.state()).filter(t -> t.startsWith("txn-")).sorted().toList());
      AdminWalk.step("those whose ids fit", () -> admin.listTransactions(new ListTransactionsOptions().filterOnTransactionalIdPattern("txn-wat.*"))
          .all().get().stream().map(t -> t.transactionalId()).toList());
      AdminWalk.step("those of a bad pattern", () -> admin.listTransactions(new ListTransactionsOptions().filterOnTransactionalIdPattern("(["))
          .all().get());
      AdminWalk.step("those of another producer", () -> admin.listTransactions(new ListTransactionsOptions().filterProducerIds(List.of(1L << 40)))
          .all().get());
      AdminWalk.step("producers of a partition that is not there", () -> admin.describeProducers(List.of(new TopicPartition(topic, 9)),
          new DescribeProducersOptions().timeoutMs(1000)).partitionResult(new TopicPartition(topic, 9)).get());
      TopicPartition zero = new TopicPartition(topic, 0);
      AdminWalk.step("producers", () -> admin.describeProducers(List.of(zero)).partitionResult(zero).get().activeProducers().stream()
          .map(p -> p.lastSequence() + " open at " + p.currentTransactionStartOffset().orElse(-1)).toList());
      AdminWalk.step("abort by an admin", () -> {
        var state = admin.describeProducers(List.of(zero)).partitionResult(zero).get().activeProducers().get(0);
        return admin.abortTransaction(new AbortTransactionSpec(zero, state.producerId(), (short) state.producerEpoch(),
            state.coordinatorEpoch().orElse(0))).all().get();
      });
      AdminWalk.step("producers after", () -> admin.describeProducers(List.of(zero)).partitionResult(zero).get().activeProducers().stream()
          .map(p -> p.lastSequence() + " open at " + p.currentTransactionStartOffset().orElse(-1)).toList());
    }
  }
}
