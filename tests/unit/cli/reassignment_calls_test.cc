#include "cli/reassignment_calls.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

class ReassignmentCalls : public ToolOnNode {
 protected:
  ReassignmentCalls() {
    (void)tool({"topics", "--create", "--topic", "t", "--partitions", "2"});
    client::ClusterSettings settings;
    settings.bootstrap = {{"127.0.0.1", 9092}};
    cluster.emplace(env(), settings);
  }
  ~ReassignmentCalls() override { run(cluster->close()); }
  // What the call came to.
  template <class T>
  Result<T> ask(env::Task<Result<T>> task) {
    std::optional<Result<T>> answer;
    run(take(std::move(task), answer));
    return *std::move(answer);
  }
  template <class T>
  static env::Task<void> take(env::Task<Result<T>> task, std::optional<Result<T>>& into) {
    into.emplace(co_await task);
  }
  static TopicPartition named(int index, std::string topic = "t") {
    return {std::move(topic), PartitionIndex{index}};
  }
  std::optional<client::Cluster> cluster;
};

TEST_F(ReassignmentCalls, NodesAreThoseOfTheBrokers) {
  const auto nodes = ask(nodes_of(*cluster, false));
  ASSERT_TRUE(nodes.has_value());
  ASSERT_EQ(nodes->size(), 1U);
  EXPECT_EQ(nodes->front().id, BrokerId{1});
}

TEST_F(ReassignmentCalls, PartitionsAreWhereTheyAre) {
  const auto found = ask(assignments_of(*cluster, {"t", "nope"}));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(named(1)), Replicas{BrokerId{1}});
  EXPECT_EQ(ask(assignments_of_all(*cluster, {"t", "nope"})).error().text(),
            "Topic nope not found.");
  const ReplicaName replica{BrokerId{1}, named(0)};
  const ReplicaName nobody{BrokerId{1}, named(9)};
  const auto lying = ask(lying_in(*cluster, {replica, nobody}));
  ASSERT_TRUE(lying.has_value());
  EXPECT_TRUE(lying->at(replica).current.starts_with("/"));
  EXPECT_TRUE(lying->at(nobody).current.empty());
}

TEST_F(ReassignmentCalls, RefusalsNameTheirPartitions) {
  const auto refusals =
      ask(reassign(*cluster, {{named(0), Replicas{BrokerId{1}}}, {named(1), std::nullopt}}, true));
  ASSERT_TRUE(refusals.has_value());
  ASSERT_EQ(refusals->size(), 1U);
  EXPECT_EQ(refusals->at(named(1)).code(), Errc::no_reassignment_in_progress);
  EXPECT_TRUE(ask(ongoing_in(*cluster, std::nullopt))->empty());
  EXPECT_TRUE(ask(ongoing_in(*cluster, std::vector{named(0)}))->empty());
}

TEST_F(ReassignmentCalls, SettingsOfTopicsAndBrokersAreChanged) {
  const auto set = [&](bool is_topic, std::string name, std::string key) {
    return ask(
        set_configs(*cluster, {{is_topic, std::move(name), {{std::move(key), "1000"}}}}, false));
  };
  EXPECT_TRUE(set(true, "t", "retention.ms").has_value());
  EXPECT_TRUE(set(false, "1", "leader.replication.throttled.rate").has_value());
  EXPECT_EQ(set(true, "nope", "retention.ms").error().code(), Errc::unknown_topic_or_partition);
  EXPECT_NE(tool({"configs", "--describe", "--topic", "t"}).out.find("retention.ms=1000"),
            std::string::npos);
}

}  // namespace
}  // namespace moldau::cli
