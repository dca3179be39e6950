import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** One consumer of a group on a thread of its own, which notes what it was given. */
final class Member implements ConsumerRebalanceListener, AutoCloseable {
  final Set<Integer> partitions = ConcurrentHashMap.newKeySet();
  final Set<String> values = ConcurrentHashMap.newKeySet();
  final AtomicInteger records = new AtomicInteger();
  final AtomicInteger assigned = new AtomicInteger();
  final AtomicInteger revoked = new AtomicInteger();
  final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
  private final KafkaConsumer<String, String> consumer;
  private final Thread thread;
  private volatile boolean stopping;

  Member(KafkaConsumer<String, String> consumer, String topic) {
    this.consumer = consumer;
    consumer.subscribe(List.of(topic), this);
    thread = new Thread(this::run);
    thread.start();
  }

  private void run() {
    try (consumer) {
      while (!stopping) {
        consumer.poll(Duration.ofMillis(100)).forEach(r -> {
          records.incrementAndGet();
          values.add(r.value());
        });
        consumer.commitAsync();
      }
      consumer.commitSync();
    } catch (WakeupException stop) {
      problems.add("woken up");
    } catch (RuntimeException problem) {
      problems.add(Cluster.problem(problem));
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> added) {
    assigned.incrementAndGet();
    added.forEach(place -> partitions.add(place.partition()));
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> gone) {
    revoked.incrementAndGet();
    gone.forEach(place -> partitions.remove(place.partition()));
  }

  boolean running() {
    return thread.isAlive();
  }

  @Override
  public void close() throws Exception {
    stopping = true;
    thread.join(20_000);
    if (thread.isAlive()) {
      throw new AssertionError("a member does not close");
    }
  }
}
