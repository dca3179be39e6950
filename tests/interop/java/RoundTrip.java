import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Produces COUNT records with each codec and reads them back: every field must be equal. */
public final class RoundTrip {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    int count = Integer.parseInt(args[1]);
    String prefix = args[2];
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      String topic = prefix + "-" + codec;
      createTopic(bootstrap, topic);
      produce(bootstrap, topic, codec, count);
      consume(bootstrap, topic, count);
      System.out.println("ok " + codec + " " + count);
    }
  }

  private static void createTopic(String bootstrap, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String value(int i) {
    return "value " + i + " " + Integer.toHexString(i * 0x9e3779b9) + " of a record that compresses";
  }

  private static void produce(String bootstrap, String topic, String codec, int count)
      throws Exception {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("key.serializer", ByteArraySerializer.class.getName());
    p.put("value.serializer", ByteArraySerializer.class.getName());
    p.put("compression.type", codec);
    p.put("linger.ms", "5");
    p.put("batch.size", "65536");
    AtomicLong failed = new AtomicLong();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(p)) {
      for (int i = 0; i < count; i++) {
        byte[] key = i % 7 == 0 ? null : bytes("k" + i);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, i % 2, 1_700_000_000_000L + i, key, bytes(value(i)));
        if (i % 5 == 0) {
          record.headers().add("h", bytes("" + i)).add("null", null);
        }
        producer.send(record, (metadata, problem) -> {
          if (problem != null && failed.getAndIncrement() == 0) {
            problem.printStackTrace();
          }
        });
      }
    }
    if (failed.get() != 0) {
      throw new AssertionError(failed.get() + " sends failed");
    }
  }

  private static void consume(String bootstrap, String topic, int count) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("key.deserializer", ByteArrayDeserializer.class.getName());
    p.put("value.deserializer", ByteArrayDeserializer.class.getName());
    List<TopicPartition> partitions =
        List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(p)) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      int seen = 0;
      int[] next = {0, 1};
      long deadline = System.currentTimeMillis() + 120_000;
      while (seen < count) {
        if (System.currentTimeMillis() > deadline) {
          throw new AssertionError("only " + seen + " of " + count + " records came back");
        }
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(500))) {
          check(r, next[r.partition()]);
          next[r.partition()] += 2;
          seen++;
        }
      }
    }
  }

  private static void check(ConsumerRecord<byte[], byte[]> r, int i) {
    String key = i % 7 == 0 ? null : "k" + i;
    String got = r.key() == null ? null : new String(r.key(), StandardCharsets.UTF_8);
    Header[] headers = r.headers().toArray();
    boolean equal =
        java.util.Objects.equals(key, got)
            && value(i).equals(new String(r.value(), StandardCharsets.UTF_8))
            && r.timestamp() == 1_700_000_000_000L + i
            && r.offset() == i / 2
            && headers.length == (i % 5 == 0 ? 2 : 0)
            && (headers.length == 0
                || ("" + i).equals(new String(headers[0].value(), StandardCharsets.UTF_8))
                    && headers[1].value() == null);
    if (!equal) {
      throw new AssertionError("record " + i + " came back as " + r);
    }
  }
}
