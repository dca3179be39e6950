import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/** What an Admin can ask and change of groups and their offsets. */
final class GroupWalk {
  private final Cluster cluster;
  private final Admin admin;

  GroupWalk(Cluster cluster, Admin admin) {
    this.cluster = cluster;
    this.admin = admin;
  }

  void all() throws Exception {
    String topic = cluster.topic("groups", 2);
    cluster.fill(topic, 2, 0, 20);
    for (String protocol : List.of("classic", "consumer")) {
      live(topic, protocol);
      offsets(topic, protocol);
    }
    nothing();
  }

  private String described(String group) throws Exception {
    var g = admin.describeConsumerGroups(List.of(cluster.name(group))).all().get().get(cluster.name(group));
    TreeMap<String, String> members = new TreeMap<>();
    g.members().forEach(m -> members.put(m.groupInstanceId().orElse("-"),
        new TreeSet<>(m.assignment().topicPartitions().stream().map(TopicPartition::partition).toList()) + " client " + m.clientId()
            + " host " + m.host() + " upgraded " + m.upgraded()));
    return g.type() + " " + g.groupState() + " " + g.partitionAssignor() + " simple=" + g.isSimpleConsumerGroup() + " coordinator "
        + g.coordinator().id() + " " + members;
  }

  private TreeSet<String> listed(ListGroupsOptions options) throws Exception {
    TreeSet<String> all = new TreeSet<>();
    admin.listGroups(options).all().get().stream().filter(g -> g.groupId().startsWith("walk-"))
        .forEach(g -> all.add(g.groupId() + " " + g.type() + " " + g.protocol() + " " + g.groupState().map(Object::toString).orElse("-")));
    return all;
  }

  private void live(String topic, String protocol) throws Exception {
    KafkaConsumer<String, String> consumer = cluster.consumer(protocol, "group.protocol", protocol, "group.instance.id", "inst",
        "client.id", "walker");
    try (consumer) {
      consumer.subscribe(List.of(topic));
      Cluster.read(consumer, 20);
      consumer.commitSync();
      AdminWalk.step(protocol + ": describe", () -> described(protocol));
      AdminWalk.step(protocol + ": list", () -> listed(new ListGroupsOptions()));
      AdminWalk.step(protocol + ": list stable ones", () -> listed(new ListGroupsOptions().inGroupStates(Set.of(GroupState.STABLE))));
      AdminWalk.step(protocol + ": list those of a type",
          () -> listed(new ListGroupsOptions().withTypes(Set.of(GroupType.parse(protocol)))));
      AdminWalk.step(protocol + ": delete while it lives", () -> admin.deleteConsumerGroups(List.of(cluster.name(protocol))).all().get());
      AdminWalk.step(protocol + ": change offsets while it lives", () -> admin.alterConsumerGroupOffsets(cluster.name(protocol),
          Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(3))).all().get());
      AdminWalk.step(protocol + ": delete offsets while it lives", () -> admin.deleteConsumerGroupOffsets(cluster.name(protocol),
          Set.of(new TopicPartition(topic, 0))).all().get());
    }
    AdminWalk.step(protocol + ": remove the static member", () -> admin.removeMembersFromConsumerGroup(cluster.name(protocol),
        new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("inst")))).all().get());
    AdminWalk.step(protocol + ": remove it again", () -> admin.removeMembersFromConsumerGroup(cluster.name(protocol),
        new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("inst")))).all().get());
    AdminWalk.step(protocol + ": describe the empty one", () -> described(protocol));
  }

  private TreeMap<String, String> committed(String group) throws Exception {
    TreeMap<String, String> all = new TreeMap<>();
    admin.listConsumerGroupOffsets(Map.of(cluster.name(group), new ListConsumerGroupOffsetsSpec())).all().get()
        .get(cluster.name(group)).forEach((place, o) -> all.put(place.toString(), o.offset() + "/" + o.metadata() + "/" + o.leaderEpoch()));
    return all;
  }

  private void offsets(String topic, String protocol) throws Exception {
    TopicPartition zero = new TopicPartition(topic, 0);
    String group = cluster.name(protocol);
    AdminWalk.step(protocol + ": offsets", () -> committed(protocol));
    AdminWalk.step(protocol + ": change offsets", () -> admin.alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(4, "moved"))).all().get());
    AdminWalk.step(protocol + ": change offsets of a partition that is not there", () -> admin.alterConsumerGroupOffsets(group,
        Map.of(new TopicPartition(topic, 9), new OffsetAndMetadata(4))).all().get());
    AdminWalk.step(protocol + ": offsets after that", () -> committed(protocol));
    AdminWalk.step(protocol + ": delete offsets", () -> admin.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get());
    AdminWalk.step(protocol + ": delete them again", () -> admin.deleteConsumerGroupOffsets(group, Set.of(zero)).all().get());
    AdminWalk.step(protocol + ": offsets at last", () -> committed(protocol));
    AdminWalk.step(protocol + ": delete", () -> admin.deleteConsumerGroups(List.of(group)).all().get());
    AdminWalk.step(protocol + ": delete again", () -> admin.deleteConsumerGroups(List.of(group)).all().get());
    AdminWalk.step(protocol + ": list after deleting", () -> listed(new ListGroupsOptions()));
  }

  private void nothing() throws Exception {
    AdminWalk.step("describe no group", () -> described("none"));
    AdminWalk.step("offsets of no group", () -> committed("none"));
    AdminWalk.step("offsets made for a new group", () -> admin.alterConsumerGroupOffsets(cluster.name("simple"),
        Map.of(new TopicPartition(cluster.name("groups"), 1), new OffsetAndMetadata(2))).all().get());
    AdminWalk.step("a group of offsets alone", () -> described("simple"));
    AdminWalk.step("list empty ones", () -> listed(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY))));
    AdminWalk.step("a topic's deletion takes offsets with it", () -> {
      String topic = cluster.topic("fleeting", 1);
      admin.alterConsumerGroupOffsets(cluster.name("simple"), Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(2))).all().get();
      int before = committed("simple").size();
      admin.deleteTopics(List.of(topic)).all().get();
      Cluster.await("its offsets gone", () -> committed("simple").size() == before - 1);
      return before + " then " + committed("simple");
    });
    AdminWalk.step("delete it", () -> admin.deleteConsumerGroups(List.of(cluster.name("simple"))).all().get());
  }
}
