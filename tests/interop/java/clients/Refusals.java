import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What a broker does not take from a producer, by the exception that its user sees. */
final class Refusals {
  private Refusals() {}

  static void all(Cluster cluster) throws Exception {
    String plain = cluster.topic("plain", 3);
    String small = cluster.topic("small", 1, "max.message.bytes", "1000");
    String compact = cluster.topic("compact", 1, "cleanup.policy", "compact");
    String punctual = cluster.topic("punctual", 1, "message.timestamp.after.max.ms", "1000",
        "message.timestamp.before.max.ms", "1000");
    String guarded = cluster.topic("guarded", 1, "min.insync.replicas", "2");
    long now = System.currentTimeMillis();
    try (KafkaProducer<String, String> producer = cluster.producer("max.block.ms", "1500", "retries", "0",
        "enable.idempotence", "false", "acks", "all")) {
      refused(producer, "a record over max.message.bytes", new ProducerRecord<>(small, "k", "x".repeat(5000)));
      refused(producer, "a topic's name with a blank", new ProducerRecord<>("bad name", "k", "v"));
      refused(producer, "a partition that is not there", new ProducerRecord<>(plain, 7, "k", "v"));
      refused(producer, "no key in a compacted topic", new ProducerRecord<>(compact, null, "v"));
      refused(producer, "a time to come", new ProducerRecord<>(punctual, 0, now + 3_600_000, "k", "v"));
      refused(producer, "a time gone by", new ProducerRecord<>(punctual, 0, now - 3_600_000, "k", "v"));
      refused(producer, "too few replicas", new ProducerRecord<>(guarded, "k", "v"));
      Cluster.say("partitions of a topic made by asking for it: %d", producer.partitionsFor(cluster.name("made")).size());
    }
    batchWithOneBadRecord(cluster, compact);
    compressed(cluster);
  }

  private static void refused(KafkaProducer<String, String> producer, String what, ProducerRecord<String, String> record) {
    Cluster.say("refused %s: %s", what, Cluster.thrown(() -> producer.send(record).get()));
  }

  /** KIP-467: the bad record of a batch is named, and the good ones beside it are told that they were not the reason. */
  private static void batchWithOneBadRecord(Cluster cluster, String compact) throws Exception {
    try (KafkaProducer<String, String> producer = cluster.producer("linger.ms", "200")) {
      var sends = List.of(producer.send(new ProducerRecord<>(compact, "k1", "v")), producer.send(new ProducerRecord<>(compact, null, "v")),
          producer.send(new ProducerRecord<>(compact, "k2", "v")));
      producer.flush();
      for (int i = 0; i < 3; i++) {
        var send = sends.get(i);
        Cluster.say("record %d of a batch with a bad one: %s", i, Cluster.thrown(send::get));
      }
    }
  }

  private static void compressed(Cluster cluster) throws Exception {
    for (String codec : List.of("gzip", "snappy", "lz4", "zstd", "uncompressed", "producer")) {
      String topic = cluster.topic("codec-" + codec, 1, "compression.type", codec);
      try (KafkaProducer<String, String> producer = cluster.producer("compression.type", "lz4", "linger.ms", "20")) {
        for (int i = 0; i < 50; i++) {
          producer.send(new ProducerRecord<>(topic, "k" + i, "a value that repeats, repeats, repeats " + i));
        }
      }
      try (var consumer = cluster.consumer("codec-" + codec)) {
        consumer.subscribe(List.of(topic));
        var last = Cluster.read(consumer, 50).get(49);
        Cluster.say("recompressed to %s: %d %s", codec, last.offset(), last.value());
      }
    }
  }
}
