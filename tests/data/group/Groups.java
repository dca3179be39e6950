import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.serialization.*;

/** Groups of each kind on a running Kafka; what it writes to __consumer_offsets is kept, see README.md. */
public class Groups {
    static String at;

    static KafkaConsumer<byte[], byte[]> consumer(String group, String... settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", at, "group.id", group,
            "enable.auto.commit", "false", "auto.offset.reset", "earliest"));
        for (int i = 0; i < settings.length; i += 2) all.put(settings[i], settings[i + 1]);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static void poll(int rounds, List<KafkaConsumer<byte[], byte[]>> consumers) {
        for (int i = 0; i < rounds; i++) for (var c : consumers) c.poll(Duration.ofMillis(250));
    }

    public static void main(String[] args) throws Exception {
        at = args[0];
        TopicPartition p0 = new TopicPartition("orders", 0);
        try (var alone = consumer("alone")) {
            alone.commitSync(Map.of(p0, new OffsetAndMetadata(5, Optional.of(0), "note")));
        }
        var a = consumer("classic", "group.instance.id", "one");
        var b = consumer("classic");
        a.subscribe(List.of("orders"));
        b.subscribe(List.of("orders"));
        poll(12, List.of(a, b));
        a.commitSync(Map.of(a.assignment().iterator().next(), new OffsetAndMetadata(7)));
        b.close();
        poll(6, List.of(a));
        var c = consumer("modern", "group.protocol", "consumer", "client.rack", "r1");
        var d = consumer("modern", "group.protocol", "consumer", "group.instance.id", "two", "group.remote.assignor", "range");
        c.subscribe(List.of("orders"));
        d.subscribe(List.of("orders"));
        poll(40, List.of(c, d));
        c.commitSync(Map.of(c.assignment().iterator().next(), new OffsetAndMetadata(9)));
        var e = consumer("pattern", "group.protocol", "consumer");
        e.subscribe(new SubscriptionPattern("or.*"));
        poll(20, List.of(e));
        var f = consumer("mixed");
        f.subscribe(List.of("orders"));
        poll(12, List.of(f));
        var g = consumer("mixed", "group.protocol", "consumer");
        g.subscribe(List.of("orders"));
        poll(30, List.of(f, g));
        g.close();
        poll(12, List.of(f));
        try (var producer = new KafkaProducer<byte[], byte[]>(Map.of("bootstrap.servers", at, "transactional.id", "tx"),
            new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(p0, new OffsetAndMetadata(11)), new ConsumerGroupMetadata("tx"));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(p0, new OffsetAndMetadata(12)), new ConsumerGroupMetadata("tx"));
            producer.abortTransaction();
        }
        try (var gone = consumer("gone")) {
            gone.commitSync(Map.of(p0, new OffsetAndMetadata(1)));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", at))) {
            admin.deleteConsumerGroups(List.of("gone")).all().get();
            System.out.println(admin.describeConsumerGroups(List.of("classic", "modern", "pattern", "mixed")).all().get());
        }
        Runtime.getRuntime().halt(0);
    }
}
