#include <gtest/gtest.h>

#include "config/dynamic_broker.h"
#include "config/node_config.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

class NodeDynamic : public ::testing::Test {
 protected:
  NodeDynamic() {
    ConfigMap settings = test::good_node();
    settings.set("max.connections", "100");
    settings.set("log.retention.hours", "5");
    auto loaded = load_node_config(settings);
    CHECK_OK(loaded);
    base = std::move(loaded->config);
  }
  NodeConfig base;
};

TEST_F(NodeDynamic, TheBrokersOwnValueWinsOverTheDefaultOfAllAndTheFile) {
  const auto all = with_dynamic(base, {{"max.connections", "200"}}, {});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->config.network.connections_max, 200);
  const auto own = with_dynamic(base, {{"max.connections", "200"}}, {{"max.connections", "300"}});
  EXPECT_EQ(own->config.network.connections_max, 300);
  EXPECT_EQ(own->config.settings, base.settings);
}

TEST_F(NodeDynamic, ADynamicValueTakesItsSynonymsAway) {
  ConfigMap settings{{"log.retention.hours", "5"}, {"log.retention.minutes", "7"}};
  lay_over(settings, {{"log.retention.ms", "1"}});
  EXPECT_EQ(settings, (ConfigMap{{"log.retention.ms", "1"}}));
}

TEST_F(NodeDynamic, WhatMayNotBeDynamicIsLeftOutWithAWarning) {
  const auto node = with_dynamic(
      base, {{"process.roles", "broker"}, {"listeners", "PLAINTEXT://:1"}, {"num.io.threads", "x"}},
      {{"ssl.keystore.location", "/k"}, {"max.connections", "7"}});
  ASSERT_TRUE(node);
  EXPECT_EQ(node->config.network.connections_max, 7);
  EXPECT_TRUE(node->config.roles.controller);
  EXPECT_EQ(node->warnings.size(), 4U);
}

TEST_F(NodeDynamic, AssignmentIntervalsAreMovedIntoTheirBounds) {
  const auto node = with_dynamic(base, {{"group.consumer.assignment.interval.ms", "99999"}}, {});
  ASSERT_TRUE(node);
  EXPECT_EQ(node->config.groups.consumer.assignment_interval, Milliseconds{15'000});
}

TEST_F(NodeDynamic, ARuleBetweenKeysHoldsForTheWhole) {
  EXPECT_FALSE(with_dynamic(base, {{"max.connections.per.ip", "0"}}, {}));
}

TEST(DynamicBroker, WhichKeysMayBeSetWhere) {
  EXPECT_TRUE(is_non_dynamic("node.id"));
  EXPECT_FALSE(is_non_dynamic("max.connections"));
  EXPECT_FALSE(is_non_dynamic("leader.replication.throttled.rate"));
  EXPECT_FALSE(is_non_dynamic("not.a.key"));
  EXPECT_TRUE(is_per_broker("listeners"));
  EXPECT_TRUE(is_per_broker("listener.name.a.ssl.keystore.location"));
  EXPECT_FALSE(is_per_broker("listener.name.a.max.connections"));
  EXPECT_FALSE(is_per_broker("max.connections"));
  EXPECT_TRUE(needs_listener_prefix("ssl.truststore.type"));
  EXPECT_EQ(without_listener("listener.name.a.b.c"), "b.c");
}

}  // namespace
}  // namespace moldau::config
