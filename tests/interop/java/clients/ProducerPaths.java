import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** A producer with callbacks and with get(), with its own partitioner, interceptors and serializer; and what a broker refuses. */
public final class ProducerPaths {
  public static void main(String[] args) throws Exception {
    Cluster cluster = new Cluster(args[0], "producer-paths");
    callbacks(cluster);
    futures(cluster);
    partitioner(cluster);
    interceptors(cluster);
    serializer(cluster);
    Refusals.all(cluster);
  }

  private static void callbacks(Cluster cluster) throws Exception {
    String topic = cluster.topic("callbacks", 3);
    TreeMap<Integer, Long> next = new TreeMap<>();
    AtomicInteger bad = new AtomicInteger();
    try (KafkaProducer<String, String> producer = cluster.producer("linger.ms", "2", "batch.size", "2000")) {
      for (int i = 0; i < 3000; i++) {
        producer.send(new ProducerRecord<>(topic, "key " + i, "value " + i), (metadata, problem) -> {
          if (problem != null || metadata.offset() != next.getOrDefault(metadata.partition(), 0L)) {
            bad.incrementAndGet();
          } else {
            next.merge(metadata.partition(), 1L, Long::sum);
          }
        });
      }
    }
    Cluster.say("callbacks: next offsets %s, out of order or failed %d", next, bad.get());
  }

  private static void futures(Cluster cluster) throws Exception {
    String topic = cluster.topic("futures", 2);
    try (KafkaProducer<String, String> producer = cluster.producer()) {
      for (int i = 0; i < 4; i++) {
        RecordMetadata m = producer.send(new ProducerRecord<>(topic, i % 2, 1_700_000_000_000L + i, "k" + i, "value " + i)).get();
        Cluster.say("get(): %s time %d key %d value %d", m, m.timestamp(), m.serializedKeySize(), m.serializedValueSize());
      }
      String stamped = cluster.topic("append-time", 1, "message.timestamp.type", "LogAppendTime");
      long before = System.currentTimeMillis();
      RecordMetadata m = producer.send(new ProducerRecord<>(stamped, 0, 5L, "k", "v")).get();
      Cluster.say("append time is the broker's: %s", m.timestamp() >= before && m.timestamp() <= System.currentTimeMillis());
    }
    for (String acks : List.of("0", "1", "all")) {
      try (KafkaProducer<String, String> producer = cluster.producer("acks", acks, "enable.idempotence", "false")) {
        RecordMetadata m = producer.send(new ProducerRecord<>(topic, 0, "k", "acks " + acks)).get();
        Cluster.say("acks=%s: %s", acks, m.hasOffset() ? "offset " + m.offset() : "no offset");
        producer.flush();
      }
    }
  }

  /** Puts one customer's records on the last partition, and all others on the rest. */
  public static final class VipPartitioner implements Partitioner {
    private String vip;

    @Override
    public void configure(Map<String, ?> configs) {
      vip = (String) configs.get("vip.key");
    }

    @Override
    public int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes,
        org.apache.kafka.common.Cluster cluster) {
      int last = cluster.partitionsForTopic(topic).size() - 1;
      return vip.equals(key) ? last : Math.floorMod(Arrays.hashCode(keyBytes), last);
    }

    @Override
    public void close() {}
  }

  private static void partitioner(Cluster cluster) throws Exception {
    String topic = cluster.topic("partitioner", 4);
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    try (KafkaProducer<String, String> producer =
        cluster.producer("partitioner.class", VipPartitioner.class.getName(), "vip.key", "gold")) {
      for (int i = 0; i < 200; i++) {
        String key = i % 4 == 0 ? "gold" : "k" + i;
        counts.merge(producer.send(new ProducerRecord<>(topic, key, "v" + i)).get().partition(), 1, Integer::sum);
      }
    }
    Cluster.say("partitioner: %s", counts);
  }

  /** Puts a word before each value. */
  public static final class Prefix implements ProducerInterceptor<String, String> {
    @Override
    public ProducerRecord<String, String> onSend(ProducerRecord<String, String> r) {
      return new ProducerRecord<>(r.topic(), r.partition(), r.timestamp(), r.key(), "prefix " + r.value(), r.headers());
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception problem) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /** Counts what is sent and how it ended, and adds a header. */
  public static final class Count implements ProducerInterceptor<String, String> {
    static final AtomicInteger sent = new AtomicInteger();
    static final AtomicInteger good = new AtomicInteger();
    static final AtomicInteger bad = new AtomicInteger();

    @Override
    public ProducerRecord<String, String> onSend(ProducerRecord<String, String> r) {
      r.headers().add("number", ("" + sent.incrementAndGet()).getBytes(StandardCharsets.UTF_8));
      return r;
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception problem) {
      (problem == null ? good : bad).incrementAndGet();
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /** Counts on the other side. */
  public static final class Watch implements ConsumerInterceptor<String, String> {
    static final AtomicInteger consumed = new AtomicInteger();
    static final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();

    @Override
    public ConsumerRecords<String, String> onConsume(ConsumerRecords<String, String> records) {
      consumed.addAndGet(records.count());
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
      committed.putAll(offsets);
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  private static void interceptors(Cluster cluster) throws Exception {
    String topic = cluster.topic("interceptors", 1, "max.message.bytes", "1000");
    try (KafkaProducer<String, String> producer = cluster.producer(
        "interceptor.classes", Prefix.class.getName() + "," + Count.class.getName())) {
      for (int i = 0; i < 20; i++) {
        producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)).get();
      }
      Cluster.say("too large: %s", Cluster.thrown(() -> producer.send(new ProducerRecord<>(topic, "k", "x".repeat(5000))).get()));
    }
    Cluster.say("interceptors: sent %d, good %d, bad %d", Count.sent.get(), Count.good.get(), Count.bad.get());
    try (KafkaConsumer<String, String> consumer = cluster.consumer("watch", "interceptor.classes", Watch.class.getName())) {
      consumer.subscribe(List.of(topic));
      List<ConsumerRecord<String, String>> all = Cluster.read(consumer, 20);
      consumer.commitSync();
      ConsumerRecord<String, String> last = all.get(19);
      Cluster.say("interceptors: last record %s, number %s", last.value(),
          new String(last.headers().lastHeader("number").value(), StandardCharsets.UTF_8));
    }
    Cluster.say("interceptors: consumed %d, committed %d", Watch.consumed.get(),
        Watch.committed.get(new TopicPartition(topic, 0)).offset());
  }

  record Order(long id, String item, int count) {}

  /** An order as bytes, its layout named in a header. */
  public static final class OrderSerializer implements Serializer<Order> {
    @Override
    public byte[] serialize(String topic, Order order) {
      throw new IllegalStateException("the producer gives headers");
    }

    @Override
    public byte[] serialize(String topic, Headers headers, Order order) {
      headers.add("layout", new byte[] {1});
      byte[] item = order.item().getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(12 + item.length).putLong(order.id()).putInt(order.count()).put(item).array();
    }
  }

  /** Takes the layout from the header; without one the record is poison. */
  public static final class OrderDeserializer implements Deserializer<Order> {
    @Override
    public Order deserialize(String topic, byte[] data) {
      throw new IllegalStateException("the consumer gives headers");
    }

    @Override
    public Order deserialize(String topic, Headers headers, byte[] data) {
      if (headers.lastHeader("layout") == null) {
        throw new IllegalArgumentException("an order without a layout");
      }
      ByteBuffer in = ByteBuffer.wrap(data);
      long id = in.getLong();
      int count = in.getInt();
      return new Order(id, StandardCharsets.UTF_8.decode(in).toString(), count);
    }
  }

  private static void serializer(Cluster cluster) throws Exception {
    String topic = cluster.topic("orders", 1);
    Map<String, Object> settings = cluster.settings("group.id", cluster.name("orders"), "auto.offset.reset", "earliest");
    settings.put("value.serializer", OrderSerializer.class.getName());
    settings.put("value.deserializer", OrderDeserializer.class.getName());
    for (int round = 0; round < 2; round++) {
      try (KafkaProducer<String, Order> producer = new KafkaProducer<>(settings)) {
        for (int i = 0; i < 3; i++) {
          producer.send(new ProducerRecord<>(topic, "o" + i, new Order(round * 3L + i, "kniha č. " + i, i * 7))).get();
        }
      }
      if (round == 0) {
        cluster.fill(topic, 1, 0, 1);  // a plain text, without the header
      }
    }
    try (KafkaConsumer<String, Order> consumer = new KafkaConsumer<>(settings)) {
      consumer.subscribe(List.of(topic));
      for (int seen = 0; seen < 6;) {
        try {
          for (ConsumerRecord<String, Order> r : Cluster.read(consumer, 1)) {
            Cluster.say("order at %d: %s", r.offset(), r.value());
            seen++;
          }
        } catch (RecordDeserializationException poison) {
          Cluster.say("poison at %d: %s", poison.offset(), poison.getCause().getMessage());
          consumer.seek(poison.topicPartition(), poison.offset() + 1);
        }
      }
    }
  }
}
