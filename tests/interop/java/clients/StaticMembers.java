import java.util.TreeSet;

/** Members with a group.instance.id: one that comes back within the session takes its partitions up again, and nobody else notices. */
public final class StaticMembers {
  public static void main(String[] args) throws Exception {
    for (String protocol : args[1].split(",")) {
      run(new Cluster(args[0], "static-" + protocol), protocol);
    }
  }

  private static Member member(Cluster cluster, String topic, String protocol, String instance) {
    return new Member(cluster.consumer("g", "group.protocol", protocol, "group.instance.id", instance), topic);
  }

  private static void run(Cluster cluster, String protocol) throws Exception {
    String topic = cluster.topic("t", 4);
    Member one = member(cluster, topic, protocol, "one");
    Cluster.await("all four", () -> one.partitions.size() == 4);
    Member two = member(cluster, topic, protocol, "two");
    Cluster.await("two each", () -> one.partitions.size() == 2 && two.partitions.size() == 2);
    TreeSet<Integer> before = new TreeSet<>(two.partitions);
    cluster.fill(topic, 4, 0, 40);
    Cluster.await("20 each", () -> one.records.get() == 20 && two.records.get() == 20);
    int assignments = one.assigned.get();
    two.close();
    cluster.fill(topic, 4, 40, 80);
    Cluster.await("20 more", () -> one.records.get() == 40);
    Member again = member(cluster, topic, protocol, "two");
    Cluster.await("its two", () -> again.partitions.size() == 2);
    Cluster.await("what it missed", () -> again.records.get() == 20);
    Cluster.say("%s: the same partitions %s, rebalances seen by the other %d, records %d and %d", protocol,
        before.equals(again.partitions), one.assigned.get() - assignments, one.records.get(), again.records.get());

    // The same instance a second time: the classic protocol fences the first, the consumer protocol refuses the second.
    Member twin = member(cluster, topic, protocol, "two");
    Cluster.await("one of the twins ends", () -> !again.running() || !twin.running());
    Cluster.say("%s: twin members: older %s, newer %s", protocol, again.running() ? "runs" : again.problems,
        twin.running() ? "runs" : twin.problems);
    cluster.fill(topic, 4, 80, 100);
    Member left = again.running() ? again : twin;
    Cluster.await("ten more", () -> left.values.contains("99") || one.values.contains("99"));
    left.close();
    one.close();
    if (twin.running() || again.running()) {
      throw new AssertionError("a twin does not end");
    }
  }
}
