#include <gtest/gtest.h>

#include "config/node_config.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

NodeConfig with(const ConfigMap& extra) {
  ConfigMap settings = test::good_node();
  for (const auto& [key, value] : extra) settings.set(key, value);
  auto loaded = load_node_config(settings);
  CHECK_OK(loaded);
  return std::move(loaded->config);
}

TEST(NodeGroups, DefaultsAreKafkas) {
  const GroupSettings groups = with({}).groups;
  EXPECT_EQ(groups.protocols,
            (std::vector{GroupProtocol::classic, GroupProtocol::consumer, GroupProtocol::streams}));
  EXPECT_EQ(groups.migration_policy, "bidirectional");
  EXPECT_EQ(groups.offsets.partition_count, 50);
  EXPECT_EQ(groups.offsets.replication_factor, 3);
  EXPECT_EQ(groups.offsets.retention, std::chrono::minutes{10'080});
  EXPECT_EQ(groups.classic.initial_rebalance_delay, Milliseconds{3'000});
  EXPECT_EQ(groups.consumer.session_timeout, Milliseconds{45'000});
  EXPECT_EQ(groups.consumer.heartbeat_interval_max, Milliseconds{15'000});
  EXPECT_EQ(groups.consumer.assignors, (std::vector<std::string>{"uniform", "range"}));
  EXPECT_EQ(groups.share.members_max, 200);
  EXPECT_EQ(groups.share_limits.delivery_count_limit_max, 10);
  EXPECT_EQ(groups.streams_limits.warmup_replicas_max, 20);
}

TEST(NodeGroups, KafkasClassesOfAssignorsAreTheirNames) {
  const std::string package = "org.apache.kafka.coordinator.group.assignor.";
  const GroupSettings groups =
      with({{"group.consumer.assignors", package + "RangeAssignor,uniform,range"}}).groups;
  EXPECT_EQ(groups.consumer.assignors, (std::vector<std::string>{"range", "uniform"}));
}

TEST(NodeGroups, GivenValuesCount) {
  const NodeConfig node = with({{"group.share.record.lock.duration.ms", "20000"},
                                {"group.consumer.migration.policy", "UPGRADE"},
                                {"group.streams.rack.aware.assignment.tags", "zone,cluster"}});
  EXPECT_EQ(node.groups.share_limits.record_lock, Milliseconds{20'000});
  EXPECT_EQ(node.groups.migration_policy, "upgrade");
  EXPECT_EQ(node.groups.streams_limits.rack_aware_tags.size(), 2U);
}

TEST(NodeTransactions, StateTopicsAndTimes) {
  const NodeConfig node = with({{"transaction.state.log.min.isr", "1"}});
  EXPECT_EQ(node.transactions.state_topic.min_isr, 1);
  EXPECT_EQ(node.transactions.state_topic.partition_count, 50);
  EXPECT_EQ(node.transactions.timeout_max, Milliseconds{900'000});
  EXPECT_EQ(node.transactions.transactional_id_expiration, Milliseconds{604'800'000});
  EXPECT_EQ(node.share_state_topic.min_isr, 2);
  EXPECT_EQ(node.share_state_topic.replication_factor, 3);
}

}  // namespace
}  // namespace moldau::config
