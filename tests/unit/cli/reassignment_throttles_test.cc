#include "cli/reassignment_throttles.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class ReassignmentThrottles : public ToolOnNode {
 protected:
  ReassignmentThrottles() {
    (void)tool({"topics", "--create", "--topic", "t", "--partitions", "1"});
    client::ClusterSettings settings;
    settings.bootstrap = {{"127.0.0.1", 9092}};
    cluster.emplace(env(), settings);
  }
  ~ReassignmentThrottles() override { run(cluster->close()); }
  bool done(env::Task<Result<void>> task) {
    bool is_done = false;
    run(wait(std::move(task), is_done));
    return is_done;
  }
  static env::Task<void> wait(env::Task<Result<void>> task, bool& is_done) {
    const Result<void> ended = co_await task;
    is_done = ended.has_value();
  }
  std::string of_broker() { return tool({"configs", "--describe", "--broker", "1"}).out; }
  std::string of_topic() { return tool({"configs", "--describe", "--topic", "t"}).out; }
  NodeConsole console;
  std::optional<client::Cluster> cluster;
  const client::TopicPartition partition{"t", PartitionIndex{0}};
  const Throttled throttled{
      .leaders = {{"t", "0:1"}}, .followers = {{"t", "0:2"}}, .brokers = {BrokerId{1}}};
};

TEST_F(ReassignmentThrottles, WithoutRatesNothingIsSetOrSaid) {
  EXPECT_TRUE(done(set_throttles(console, *cluster, {}, throttled, {})));
  EXPECT_EQ(console.out_, "");
  EXPECT_EQ(of_topic().find("throttled"), std::string::npos);
}

TEST_F(ReassignmentThrottles, RatesAreSetOnBrokersAndReplicasOnTopicsUntilTheyAreCleared) {
  const LogDirs moves{{{BrokerId{1}, partition}, "/elsewhere"}};
  EXPECT_TRUE(
      done(set_throttles(console, *cluster, {.between_brokers = 1000, .between_directories = 2000},
                         throttled, moves)));
  EXPECT_NE(of_topic().find("leader.replication.throttled.replicas=0:1"), std::string::npos);
  EXPECT_NE(of_topic().find("follower.replication.throttled.replicas=0:2"), std::string::npos);
  EXPECT_NE(of_broker().find("leader.replication.throttled.rate=1000"), std::string::npos);
  EXPECT_NE(of_broker().find("io.max.bytes.per.second=2000"), std::string::npos);
  EXPECT_TRUE(done(clear_throttles(console, *cluster,
                                   {{.partition = partition, .replicas = {BrokerId{1}}}}, false)));
  EXPECT_EQ(of_topic().find("throttled.replicas="), std::string::npos);
  EXPECT_EQ(of_broker().find("throttled.rate="), std::string::npos);
}

}  // namespace
}  // namespace moldau::cli
