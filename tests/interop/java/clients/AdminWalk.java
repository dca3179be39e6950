import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Walks through what an Admin can ask and change: topics, configurations, offsets, the cluster; more of partitions in PartitionWalk, groups in GroupWalk. */
public final class AdminWalk {
  private final Cluster cluster;
  private final Admin admin;

  private AdminWalk(Cluster cluster, Admin admin) {
    this.cluster = cluster;
    this.admin = admin;
  }

  public static void main(String[] args) throws Exception {
    Cluster cluster = new Cluster(args[0], "walk");
    try (Admin admin = cluster.admin()) {
      // The first group makes the internal topic that some steps ask about.
      TopicPartition first = new TopicPartition(new Cluster(args[0], "before-walk").topic("t", 1), 0);
      admin.alterConsumerGroupOffsets("before-walk-g", Map.of(first, new OffsetAndMetadata(0))).all().get();
      AdminWalk walk = new AdminWalk(cluster, admin);
      walk.topics();
      walk.partitions();
      walk.configs();
      walk.offsets();
      new PartitionWalk(cluster, admin).all();
      walk.cluster();
      new GroupWalk(cluster, admin).all();
    }
  }

  /** Says what a step gives, or the name of what it throws. */
  static void step(String name, Callable<?> action) throws InterruptedException {
    Object seen;
    try {
      seen = action.call();
    } catch (Exception refused) {
      seen = Cluster.problem(refused);
    }
    Cluster.say("%s: %s", name, seen);
  }

  private String name(String what) {
    return cluster.name(what);
  }

  private Object described(TopicDescription t) {
    return t.name() + " internal=" + t.isInternal() + " " + t.partitions().stream()
        .map(p -> p.partition() + "/" + p.leader().id() + "/" + p.replicas().size() + "/" + p.isr().size()).toList();
  }

  private void topics() throws Exception {
    step("create", () -> {
      var made = admin.createTopics(List.of(new NewTopic(name("a"), 3, (short) 1).configs(Map.of("retention.ms", "60000"))));
      made.all().get();
      ConfigEntry retention = made.config(name("a")).get().get("retention.ms");
      return made.numPartitions(name("a")).get() + " " + made.replicationFactor(name("a")).get() + " " + retention.value()
          + " " + retention.source() + " " + made.topicId(name("a")).get().toString().length();
    });
    step("create again", () -> admin.createTopics(List.of(new NewTopic(name("a"), 3, (short) 1))).all().get());
    step("create with defaults", () -> {
      var made = admin.createTopics(List.of(new NewTopic(name("b"), java.util.Optional.empty(), java.util.Optional.empty())));
      made.all().get();
      return made.numPartitions(name("b")).get() + " " + made.replicationFactor(name("b")).get();
    });
    step("create with places", () -> admin.createTopics(List.of(new NewTopic(name("c"), Map.of(0, List.of(1), 1, List.of(1))))).all().get());
    step("create on brokers that are not there",
        () -> admin.createTopics(List.of(new NewTopic(name("d"), Map.of(0, List.of(7))))).all().get());
    step("create with three replicas", () -> admin.createTopics(List.of(new NewTopic(name("d"), 1, (short) 3))).all().get());
    step("create with no partition", () -> admin.createTopics(List.of(new NewTopic(name("d"), 0, (short) 1))).all().get());
    step("create with a bad name", () -> admin.createTopics(List.of(new NewTopic("a/b", 1, (short) 1))).all().get());
    step("create with a bad value", () -> admin.createTopics(List.of(new NewTopic(name("d"), 1, (short) 1)
        .configs(Map.of("cleanup.policy", "burn")))).all().get());
    step("create with an unknown key", () -> admin.createTopics(List.of(new NewTopic(name("d"), 1, (short) 1)
        .configs(Map.of("no.such.key", "1")))).all().get());
    step("create, only validated", () -> admin.createTopics(List.of(new NewTopic(name("v"), 5, (short) 1)),
        new CreateTopicsOptions().validateOnly(true)).numPartitions(name("v")).get());
    Cluster.settle(admin);
    step("list", () -> new TreeSet<>(admin.listTopics().names().get().stream().filter(t -> t.startsWith("walk-")).toList()));
    step("list with internal ones", () -> admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get().stream()
        .filter(t -> t.isInternal()).filter(t -> t.name().equals("__consumer_offsets")).count());
    step("describe", () -> described(admin.describeTopics(List.of(name("a"))).allTopicNames().get().get(name("a"))));
    step("describe by id", () -> {
      var id = admin.describeTopics(List.of(name("a"))).allTopicNames().get().get(name("a")).topicId();
      return described(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get().get(id));
    });
    step("describe what is not there", () -> admin.describeTopics(List.of(name("none"))).allTopicNames().get());
    step("describe an unknown id", () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(
        org.apache.kafka.common.Uuid.fromString("4L6g3nShT-eMCtK--X86sw")))).allTopicIds().get());
    step("describe with operations", () -> admin.describeTopics(List.of(name("a")),
        new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get().get(name("a")).authorizedOperations().size());
    step("delete", () -> admin.deleteTopics(List.of(name("c"))).all().get());
    step("delete again", () -> admin.deleteTopics(List.of(name("c"))).all().get());
    step("delete by id", () -> {
      var id = admin.describeTopics(List.of(name("b"))).allTopicNames().get().get(name("b")).topicId();
      return admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
    });
    Cluster.settle(admin);
    step("list after deleting", () -> new TreeSet<>(admin.listTopics().names().get().stream().filter(t -> t.startsWith("walk-")).toList()));
  }

  private void partitions() throws Exception {
    step("more partitions", () -> admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(5))).all().get());
    step("as many partitions", () -> admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(5))).all().get());
    step("fewer partitions", () -> admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(2))).all().get());
    step("partitions of nothing", () -> admin.createPartitions(Map.of(name("none"), NewPartitions.increaseTo(2))).all().get());
    step("partitions with places", () -> admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(6, List.of(List.of(1))))).all().get());
    step("partitions with bad places", () -> admin.createPartitions(Map.of(name("a"), NewPartitions.increaseTo(7, List.of(List.of(1, 1))))).all().get());
    Cluster.settle(admin);
    step("describe them", () -> described(admin.describeTopics(List.of(name("a"))).allTopicNames().get().get(name("a"))));
  }

  private Object entry(ConfigResource resource, String key) throws Exception {
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    ConfigEntry e = config.get(key);
    return e == null ? "no " + key : e.value() + " " + e.source() + " default=" + e.isDefault() + " readonly=" + e.isReadOnly()
        + " sensitive=" + e.isSensitive();
  }

  private Object change(ConfigResource resource, OpType type, String key, String value) throws Exception {
    return admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), type)))).all().get();
  }

  private void configs() throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name("a"));
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
    ConfigResource all = new ConfigResource(ConfigResource.Type.BROKER, "");
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, name("g"));
    step("a topic's own setting", () -> entry(topic, "retention.ms"));
    step("a topic's default setting", () -> entry(topic, "segment.bytes"));
    step("set", () -> change(topic, OpType.SET, "segment.bytes", "2097152"));
    step("append", () -> change(topic, OpType.APPEND, "cleanup.policy", "compact"));
    Cluster.settle(admin);
    step("after setting", () -> entry(topic, "segment.bytes") + "; " + entry(topic, "cleanup.policy"));
    step("subtract", () -> change(topic, OpType.SUBTRACT, "cleanup.policy", "delete"));
    step("append to what is no list", () -> change(topic, OpType.APPEND, "segment.bytes", "1"));
    step("delete", () -> change(topic, OpType.DELETE, "segment.bytes", null));
    Cluster.settle(admin);
    step("after deleting", () -> entry(topic, "segment.bytes") + "; " + entry(topic, "cleanup.policy"));
    step("a bad value", () -> change(topic, OpType.SET, "segment.bytes", "many"));
    step("an unknown key", () -> change(topic, OpType.SET, "no.such.key", "1"));
    step("an unknown topic", () -> change(new ConfigResource(ConfigResource.Type.TOPIC, name("none")), OpType.SET, "retention.ms", "1"));
    step("a broker's read-only setting", () -> entry(broker, "node.id"));
    step("set what is read-only", () -> change(broker, OpType.SET, "node.id", "2"));
    step("set for one broker", () -> change(broker, OpType.SET, "log.cleaner.threads", "2"));
    step("set for all brokers", () -> change(all, OpType.SET, "log.retention.ms", "9900000000000"));
    Cluster.settle(admin);
    step("after both", () -> entry(broker, "log.cleaner.threads") + "; " + entry(broker, "log.retention.ms"));
    step("what a topic inherits", () -> entry(new ConfigResource(ConfigResource.Type.TOPIC, "__consumer_offsets"), "retention.ms"));
    step("delete for all", () -> change(all, OpType.DELETE, "log.retention.ms", null));
    step("delete for one", () -> change(broker, OpType.DELETE, "log.cleaner.threads", null));
    step("set for a group", () -> change(group, OpType.SET, "consumer.session.timeout.ms", "50000"));
    Cluster.settle(admin);
    step("a group's setting", () -> entry(group, "consumer.session.timeout.ms") + "; " + entry(group, "consumer.heartbeat.interval.ms"));
    step("a group's bad value", () -> change(group, OpType.SET, "consumer.session.timeout.ms", "1"));
    step("only validated", () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(
        new ConfigEntry("retention.ms", "1"), OpType.SET))), new org.apache.kafka.clients.admin.AlterConfigsOptions().validateOnly(true)).all().get());
    Cluster.settle(admin);
    step("after validating", () -> entry(topic, "retention.ms"));
  }

  private void offsets() throws Exception {
    String topic = cluster.topic("offsets", 2);
    try (var producer = cluster.producer()) {
      for (int i = 0; i < 10; i++) {
        producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, 0, 1000L * (i == 5 ? 50 : i), "k", "v")).get();
      }
    }
    TopicPartition zero = new TopicPartition(topic, 0);
    Map<String, OffsetSpec> specs = new TreeMap<>(Map.of("earliest", OffsetSpec.earliest(), "latest", OffsetSpec.latest(),
        "max timestamp", OffsetSpec.maxTimestamp(), "timestamp", OffsetSpec.forTimestamp(7500), "late timestamp", OffsetSpec.forTimestamp(1L << 50),
        "earliest local", OffsetSpec.earliestLocal(), "latest tiered", OffsetSpec.latestTiered()));
    for (var spec : specs.entrySet()) {
      step("offsets: " + spec.getKey(), () -> {
        var found = admin.listOffsets(Map.of(zero, spec.getValue())).all().get().get(zero);
        return found.offset() + " " + found.timestamp() + " " + found.leaderEpoch();
      });
    }
    step("offsets of an empty partition", () -> admin.listOffsets(Map.of(new TopicPartition(topic, 1), OffsetSpec.maxTimestamp()))
        .all().get().values().iterator().next().offset());
    step("offsets for a read_committed reader", () -> admin.listOffsets(Map.of(zero, OffsetSpec.latest()),
        new org.apache.kafka.clients.admin.ListOffsetsOptions(org.apache.kafka.common.IsolationLevel.READ_COMMITTED)).all().get().get(zero).offset());
  }

  private void cluster() throws Exception {
    step("cluster", () -> {
      var all = admin.describeCluster();
      return all.clusterId().get() + " " + all.controller().get().id() + " " + all.nodes().get().stream().map(n -> n.id() + "@" + n.host()).toList();
    });
    step("quorum", () -> {
      var info = admin.describeMetadataQuorum().quorumInfo().get();
      return info.leaderId() + " " + info.voters().stream().map(v -> v.replicaId()).toList() + " " + info.observers().size();
    });
    step("features", () -> {
      var all = admin.describeFeatures().featureMetadata().get();
      return all.finalizedFeatures().entrySet().stream().filter(f -> !f.getKey().startsWith("share"))
          .map(f -> f.getKey() + "=" + f.getValue().maxVersionLevel()).sorted().collect(Collectors.joining(" "));
    });
    step("raise a feature too far", () -> admin.updateFeatures(Map.of("metadata.version",
        new org.apache.kafka.clients.admin.FeatureUpdate((short) 99, org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType.UPGRADE)),
        new org.apache.kafka.clients.admin.UpdateFeaturesOptions().validateOnly(true)).all().get());
    step("unregister a broker that is not there", () -> admin.unregisterBroker(77).all().get());
    step("metrics are asked for", () -> admin.clientInstanceId(Duration.ofSeconds(3)) != null);
  }
}
