import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class LogVectors {
  static final long T0 = 1700000000000L;
  static String servers;
  static KafkaProducer<byte[], byte[]> producer(Object... kv) {
    Properties p = new Properties();
    p.put("bootstrap.servers", servers);
    p.put("linger.ms", "60000");
    p.put("batch.size", "1000000");
    p.put("acks", "all");
    p.put("enable.idempotence", "false");
    for (int i = 0; i < kv.length; i += 2) p.put((String) kv[i], kv[i + 1]);
    return new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer());
  }
  static byte[] value(int seed, int size) {
    byte[] v = new byte[size];
    Random r = new Random(seed);
    for (int i = 0; i < size; i++) v[i] = (byte) ('a' + r.nextInt(26));
    return v;
  }
  static void send(KafkaProducer<byte[], byte[]> p, String topic, int seed, long ts, int size) {
    p.send(new ProducerRecord<>(topic, 0, ts, ("k" + seed).getBytes(StandardCharsets.UTF_8), value(seed, size)));
  }
  static void topic(Admin admin, String name, String... kv) throws Exception {
    Map<String, String> c = new HashMap<>();
    for (int i = 0; i < kv.length; i += 2) c.put(kv[i], kv[i + 1]);
    admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(c))).all().get();
  }
  public static void main(String[] a) throws Exception {
    servers = a[0];
    String phase = a[1];
    Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) servers));
    if (phase.equals("one")) {
      topic(admin, "plain");
      topic(admin, "empty");
      topic(admin, "idem");
      topic(admin, "roll", "internal.segment.bytes", "12000");
      topic(admin, "time", "segment.ms", "10000");
      topic(admin, "txn", "internal.segment.bytes", "9000");
      topic(admin, "full", "segment.index.bytes", "36", "index.interval.bytes", "100");
      topic(admin, "codecs");
      topic(admin, "started");
      Thread.sleep(2000);
      try (var p = producer()) {
        for (int b = 0; b < 30; b++) {  // timestamps rise, sometimes fall back
          for (int i = 0; i <= b % 3; i++) send(p, "plain", b * 10 + i, T0 + b * 1000 - (b % 5 == 4 ? 7000 : 0), 300 + 17 * b);
          p.flush();
        }
        for (int b = 0; b < 60; b++) { send(p, "roll", b, T0 + b * 10, 700); p.flush(); }
        for (int b = 0; b < 40; b++) { send(p, "time", b, T0 + b * 900, 400); p.flush(); }
        for (int b = 0; b < 40; b++) { send(p, "full", b, T0 + b * 3, 90); p.flush(); }
        for (int b = 0; b < 10; b++) { send(p, "started", b, T0 + b * 3, 90); p.flush(); }
      }
      admin.deleteRecords(Map.of(new org.apache.kafka.common.TopicPartition("started", 0), RecordsToDelete.beforeOffset(4))).all().get();
      for (int n = 0; n < 20; n++)
        try (var p = producer("enable.idempotence", "true")) {
          for (int b = 0; b < 3 + n % 4; b++) { send(p, "idem", n * 100 + b, T0 + n * 1000 + b, 50); p.flush(); }
        }
      for (String c : List.of("none", "gzip", "snappy", "lz4", "zstd"))
        try (var p = producer("compression.type", c)) {
          for (int b = 0; b < 4; b++) { for (int i = 0; i < 5; i++) send(p, "codecs", b * 7 + i, T0 + b * 50 + i, 200); p.flush(); }
        }
      try (var p = producer("enable.idempotence", "true", "transactional.id", "t1");
           var q = producer("enable.idempotence", "true", "transactional.id", "t2")) {
        p.initTransactions(); q.initTransactions();
        for (int n = 0; n < 12; n++) {
          p.beginTransaction();
          send(p, "txn", n * 3, T0 + n * 100, 500); p.flush();
          if (n % 2 == 0) { q.beginTransaction(); send(q, "txn", n * 3 + 1, T0 + n * 100 + 5, 300); q.flush(); }
          send(p, "txn", n * 3 + 2, T0 + n * 100 + 9, 400); p.flush();
          if (n % 3 == 1) p.abortTransaction(); else p.commitTransaction();
          if (n % 2 == 0) { if (n % 4 == 0) q.abortTransaction(); else q.commitTransaction(); }
        }
        p.beginTransaction(); send(p, "txn", 999, T0 + 99999, 100); p.flush();  // stays open
        Runtime.getRuntime().halt(0);
      }
    }
    if (phase.equals("two")) {  // after a clean restart: leader epoch goes up
      try (var p = producer()) {
        for (int b = 100; b < 120; b++) { send(p, "plain", b, T0 + b * 1000, 500); p.flush(); }
        for (int b = 100; b < 120; b++) { send(p, "roll", b, T0 + b * 10, 700); p.flush(); }
      }
      try (var p = producer("enable.idempotence", "true")) { send(p, "idem", 5000, T0 + 500000, 60); p.flush(); }
    }
    admin.close();
  }
}
