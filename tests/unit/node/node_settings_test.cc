#include "node/node_settings.h"

#include <gtest/gtest.h>

namespace moldau::node {
namespace {

config::NodeConfig config_with(std::vector<std::pair<std::string, std::string>> settings) {
  auto all = config::default_settings("data");
  for (const auto& [key, value] : settings) all.set(key, value);
  auto loaded = config::load_node_config(all);
  EXPECT_TRUE(loaded.has_value()) << loaded.error().describe();
  return std::move(loaded->config);
}

TEST(NodeSettings, NodeIsAControllerAndSpeaksPlaintext) {
  EXPECT_TRUE(check_supported(config_with({})).has_value());
  config::NodeConfig config = config_with({});
  config.roles.controller = false;
  EXPECT_EQ(check_supported(config).error().code(), Errc::bad_configuration);
  config = config_with({});
  config.network.listeners.front().protocol = config::SecurityProtocol::ssl;
  EXPECT_EQ(check_supported(config).error().code(), Errc::bad_configuration);
}

TEST(NodeSettings, DirectoryOfTheMetadataIsNamedOnce) {
  EXPECT_EQ(directories_of(config_with({{"log.dirs", "a,b"}, {"metadata.log.dir", "b"}})),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(directories_of(config_with({{"log.dirs", "a"}, {"metadata.log.dir", "m"}})),
            (std::vector<std::string>{"a", "m"}));
}

TEST(NodeSettings, VotersAreReachedOnTheFirstControllerListener) {
  const auto voters =
      static_voters(config_with({{"controller.quorum.voters", "1@one:9093,2@two:9094"}}));
  ASSERT_EQ(voters->all().size(), 2U);
  const auto& endpoint = voters->find(BrokerId{2})->endpoints.at(0);
  EXPECT_EQ(endpoint.listener, "CONTROLLER");
  EXPECT_EQ(endpoint.host, "two");
  EXPECT_EQ(endpoint.port, 9094);
}

TEST(NodeSettings, ControllerGoesByTheDefaultsOfTopics) {
  const auto settings = controller_settings(
      config_with({{"num.partitions", "7"}, {"min.insync.replicas", "2"}}), "c", Uuid{1, 2}, {});
  EXPECT_EQ(settings.num_partitions, 7);
  EXPECT_EQ(settings.min_insync_replicas, 2);
  EXPECT_EQ(settings.cluster_id, "c");
  EXPECT_EQ(settings.own_broker_incarnation, (Uuid{1, 2}));
}

TEST(NodeSettings, ShardsShareSessionsAndTheirIdsWithoutOverlap) {
  const config::NodeConfig config =
      config_with({{"max.incremental.fetch.session.cache.slots", "5"}});
  const auto first = sessions_of(config, 0, 2);
  const auto second = sessions_of(config, 1, 2);
  EXPECT_EQ(first.slots, 3);
  EXPECT_GE(first.first_id, 1);
  EXPECT_LE(first.end_id, second.first_id);
}

}  // namespace
}  // namespace moldau::node
