import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeleteRecordsOptions;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;

/** What an Admin can ask and change of partitions on their brokers: their records, files, leaders and places; and which resources have settings. */
final class PartitionWalk {
  private final Cluster cluster;
  private final Admin admin;

  PartitionWalk(Cluster cluster, Admin admin) {
    this.cluster = cluster;
    this.admin = admin;
  }

  void all() throws Exception {
    String topic = cluster.topic("records", 2);
    cluster.fill(topic, 2, 0, 40);
    files(topic);
    records(topic);
    leaders(topic);
    places(topic);
    resources();
  }

  private String range(TopicPartition place) throws Exception {
    return admin.listOffsets(Map.of(place, OffsetSpec.earliest())).all().get().get(place).offset() + " to "
        + admin.listOffsets(Map.of(place, OffsetSpec.latest())).all().get().get(place).offset();
  }

  private long delete(TopicPartition place, long before) throws Exception {
    return admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(before)), new DeleteRecordsOptions().timeoutMs(1000)).lowWatermarks().get(place).get().lowWatermark();
  }

  private void records(String topic) throws Exception {
    TopicPartition zero = new TopicPartition(topic, 0);
    AdminWalk.step("delete records", () -> delete(zero, 5) + ", left " + range(zero));
    AdminWalk.step("delete those before them", () -> delete(zero, 2) + ", left " + range(zero));
    AdminWalk.step("delete beyond the end", () -> delete(zero, 21));
    AdminWalk.step("delete before a negative offset", () -> delete(zero, -2));
    AdminWalk.step("delete all records", () -> delete(zero, -1) + ", left " + range(zero));
    AdminWalk.step("delete records of a partition that is not there", () -> delete(new TopicPartition(topic, 9), 1));
    String compacted = cluster.topic("records-compacted", 1, "cleanup.policy", "compact");
    AdminWalk.step("delete records of a compacted topic", () -> delete(new TopicPartition(compacted, 0), 0));
    AdminWalk.step("the other partition", () -> range(new TopicPartition(topic, 1)));
    cluster.fill(topic, 2, 40, 42);
    AdminWalk.step("produce after deleting all", () -> range(zero));
  }

  private void files(String topic) throws Exception {
    AdminWalk.step("log directories", () -> {
      var all = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
      TreeMap<String, String> ours = new TreeMap<>();
      all.values().forEach(dir -> dir.replicaInfos().forEach((place, info) -> {
        if (place.topic().equals(topic)) {
          ours.put(place.toString(), (info.size() > 0) + " lag " + info.offsetLag() + " future " + info.isFuture());
        }
      }));
      var one = all.values().iterator().next();
      return all.size() + " error " + one.error() + " sizes " + (one.totalBytes().getAsLong() > one.usableBytes().getAsLong()) + " " + ours;
    });
    AdminWalk.step("a replica's directory", () -> {
      var replica = new TopicPartitionReplica(topic, 0, 1);
      var info = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
      return (info.getCurrentReplicaLogDir() != null) + " lag " + info.getCurrentReplicaOffsetLag() + " future " + info.getFutureReplicaLogDir();
    });
  }

  private String elected(ElectionType type, Set<TopicPartition> places) throws Exception {
    TreeMap<String, String> all = new TreeMap<>();
    admin.electLeaders(type, places).partitions().get().forEach((place, problem) -> all.put(place.toString(),
        problem.map(p -> p.getClass().getSimpleName()).orElse("elected")));
    return all.toString();
  }

  private void leaders(String topic) throws Exception {
    TopicPartition zero = new TopicPartition(topic, 0);
    for (ElectionType type : ElectionType.values()) {
      AdminWalk.step(type + " election", () -> elected(type, Set.of(zero)));
      AdminWalk.step(type + " election of many", () -> elected(type, Set.of(zero, new TopicPartition(topic, 9),
          new TopicPartition(cluster.name("none"), 0))));
      AdminWalk.step(type + " election of all", () -> elected(type, null));
      AdminWalk.step(type + " election of none", () -> elected(type, Set.of()));
    }
  }

  private String moved(TopicPartition place, Integer... brokers) throws Exception {
    Optional<NewPartitionReassignment> to = brokers.length == 0 ? Optional.empty()
        : Optional.of(new NewPartitionReassignment(List.of(brokers)));
    return "" + admin.alterPartitionReassignments(Map.of(place, to)).all().get();
  }

  private void places(String topic) throws Exception {
    TopicPartition zero = new TopicPartition(topic, 0);
    AdminWalk.step("move to where it is", () -> moved(zero, 1));
    AdminWalk.step("move to a broker that is not there", () -> moved(zero, 2));
    AdminWalk.step("move to one broker twice", () -> moved(zero, 1, 1));
    AdminWalk.step("move to a negative broker", () -> moved(zero, -1));
    AdminWalk.step("cancel a move that is not", () -> moved(zero));
    AdminWalk.step("move a partition that is not there", () -> moved(new TopicPartition(topic, 9), 1));
    AdminWalk.step("move a topic that is not there", () -> moved(new TopicPartition(cluster.name("none"), 0), 1));
    AdminWalk.step("moves of all", () -> admin.listPartitionReassignments().reassignments().get());
    AdminWalk.step("moves of some", () -> admin.listPartitionReassignments(Set.of(zero)).reassignments().get());
    AdminWalk.step("moves of what is not there", () -> admin.listPartitionReassignments(Set.of(new TopicPartition(cluster.name("none"), 0)))
        .reassignments().get());
  }

  private TreeSet<String> listed(ConfigResource.Type... types) throws Exception {
    TreeSet<String> all = new TreeSet<>();
    admin.listConfigResources(new HashSet<>(List.of(types)), new ListConfigResourcesOptions()).all().get().stream()
        .filter(r -> r.type() != ConfigResource.Type.TOPIC && r.type() != ConfigResource.Type.GROUP
            || List.of(cluster.name("records"), cluster.name("g")).contains(r.name()))
        .forEach(r -> all.add(r.type() + " " + r.name()));
    return all;
  }

  private void resources() throws Exception {
    AdminWalk.step("resources", () -> listed());
    for (ConfigResource.Type type : ConfigResource.Type.values()) {
      AdminWalk.step("resources: " + type, () -> listed(type));
    }
    AdminWalk.step("resources of two types", () -> listed(ConfigResource.Type.TOPIC, ConfigResource.Type.BROKER));
  }
}
