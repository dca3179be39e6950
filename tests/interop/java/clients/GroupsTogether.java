import java.util.TreeSet;
import java.util.ArrayList;
import java.util.List;

/** Two consumers in one group and a third in another, with each assignor of both protocols; then one of the two leaves. */
public final class GroupsTogether {
  private static final String CLASSES = "org.apache.kafka.clients.consumer.";

  public static void main(String[] args) throws Exception {
    for (String assignor : List.of("RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor")) {
      run(new Cluster(args[0], "together-" + assignor), assignor, "group.protocol", "classic",
          "partition.assignment.strategy", CLASSES + assignor);
    }
    for (String assignor : List.of("uniform", "range")) {
      run(new Cluster(args[0], "together-" + assignor), assignor, "group.protocol", "consumer", "group.remote.assignor", assignor);
    }
  }

  private static void run(Cluster cluster, String assignor, String... settings) throws Exception {
    String topic = cluster.topic("t", 6);
    try (Member alone = new Member(cluster.consumer("beta", settings), topic)) {
      Member first = new Member(cluster.consumer("alpha", settings), topic);
      Member second = new Member(cluster.consumer("alpha", settings), topic);
      Cluster.await("three each", () -> first.partitions.size() == 3 && second.partitions.size() == 3);
      Cluster.await("all six", () -> alone.partitions.size() == 6);
      TreeSet<Integer> both = new TreeSet<>(first.partitions);
      both.addAll(second.partitions);
      cluster.fill(topic, 6, 0, 300);
      Cluster.await("300 records for each group",
          () -> first.values.size() + second.values.size() == 300 && alone.values.size() == 300);
      Cluster.say("%s: together %s, records %d and %d and %d", assignor, both, first.records.get(), second.records.get(),
          alone.records.get());
      second.close();
      Cluster.await("the other takes over", () -> first.partitions.size() == 6);
      cluster.fill(topic, 6, 300, 360);
      Cluster.await("all new records", () -> first.values.size() == 150 + 60 && alone.values.size() == 360);
      first.close();
      List<String> problems = new ArrayList<>(first.problems);
      problems.addAll(second.problems);
      Cluster.say("%s: after one left %d records, problems %s", assignor, first.records.get(), problems);
    }
  }
}
