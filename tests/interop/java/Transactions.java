import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Does with transactional producers what the lines of its input say, and answers each with a line:
 *
 * <pre>
 * init ID                          begin ID
 * send ID TOPIC PARTITION VALUE    offsets ID GROUP TOPIC PARTITION OFFSET
 * commit ID                        abort ID
 * read TOPIC ISOLATION             the values of all partitions
 * group GROUP TOPIC PARTITION      the offset that is committed and stable
 * </pre>
 */
public final class Transactions {
  private static final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        System.out.println(("ok " + answer(args[0], line.split(" "))).strip());
      } catch (Exception problem) {
        System.out.println("error " + problem.getClass().getSimpleName() + " " + problem.getMessage());
      }
    }
    System.exit(0);
  }

  @SuppressWarnings("removal") // the group of a client that is in none
  private static String answer(String bootstrap, String[] words) throws Exception {
    KafkaProducer<String, String> producer = producers.get(words[1]);
    switch (words[0]) {
      case "init":
        if (producer != null) producer.close(Duration.ZERO);
        producer = new KafkaProducer<>(producerConfig(bootstrap, words[1]));
        producers.put(words[1], producer);
        producer.initTransactions();
        return "";
      case "begin":
        producer.beginTransaction();
        return "";
      case "send":
        ProducerRecord<String, String> record =
            new ProducerRecord<>(words[2], Integer.parseInt(words[3]), null, words[4]);
        return String.valueOf(producer.send(record).get().offset());
      case "offsets":
        TopicPartition place = new TopicPartition(words[3], Integer.parseInt(words[4]));
        producer.sendOffsetsToTransaction(
            Map.of(place, new OffsetAndMetadata(Long.parseLong(words[5]), Optional.empty(), "")),
            new ConsumerGroupMetadata(words[2]));
        return "";
      case "commit":
        producer.commitTransaction();
        return "";
      case "abort":
        producer.abortTransaction();
        return "";
      case "read":
        return String.join(" ", read(bootstrap, words[1], words[2]));
      case "group":
        return committed(bootstrap, words[1], new TopicPartition(words[2], Integer.parseInt(words[3])));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private static Map<String, Object> producerConfig(String bootstrap, String id) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("transactional.id", id);
    config.put("transaction.timeout.ms", 600_000);
    config.put("key.serializer", StringSerializer.class.getName());
    config.put("value.serializer", StringSerializer.class.getName());
    return config;
  }

  private static List<String> read(String bootstrap, String topic, String isolation) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("isolation.level", isolation);
    config.put("enable.auto.commit", false);
    config.put("key.deserializer", StringDeserializer.class.getName());
    config.put("value.deserializer", StringDeserializer.class.getName());
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(config)) {
      List<TopicPartition> places = new ArrayList<>();
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        places.add(new TopicPartition(topic, info.partition()));
      }
      consumer.assign(places);
      consumer.seekToBeginning(places);
      Map<TopicPartition, Long> ends = consumer.endOffsets(places);
      while (places.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  private static String committed(String bootstrap, String group, TopicPartition place)
      throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets(
                  Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(place))),
                  new ListConsumerGroupOffsetsOptions().requireStable(true).timeoutMs(5_000))
              .partitionsToOffsetAndMetadata(group)
              .get()
              .get(place);
      return offset == null ? "none" : String.valueOf(offset.offset());
    }
  }
}
