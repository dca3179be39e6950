#include "config/node_config.h"

#include <gtest/gtest.h>

#include "config/keys.h"
#include "config/properties.h"
#include "support/test_data.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

NodeConfig loaded(const ConfigMap& settings) {
  auto result = load_node_config(settings);
  CHECK_OK(result);
  return std::move(result->config);
}

TEST(NodeConfig, DefaultsAreKafkas) {
  const NodeConfig node = loaded(test::good_node());
  EXPECT_TRUE(node.roles.broker);
  EXPECT_TRUE(node.roles.controller);
  EXPECT_EQ(node.node_id, BrokerId{1});
  EXPECT_EQ(node.topics.partition_count, 1);
  EXPECT_TRUE(node.topics.auto_create);
  EXPECT_EQ(node.network.socket_request_bytes_max, 104'857'600);
  EXPECT_EQ(node.network.connections_idle_max, Milliseconds{600'000});
  EXPECT_EQ(node.log.directories, std::vector<std::string>{"/tmp/moldau-config-cases"});
  EXPECT_EQ(node.metadata_log.directory, "/tmp/moldau-config-cases");
  EXPECT_EQ(node.quorum.voters, (std::vector<StaticVoter>{{BrokerId{1}, {"127.0.0.1", 9093}}}));
  EXPECT_EQ(node.fetch.fetch_bytes_max, 57'671'680);
  EXPECT_EQ(node.broker.rack, std::nullopt);
  EXPECT_EQ(node.replication.lag_time_max, Milliseconds{30'000});
}

TEST(NodeConfig, EitherIdGivesBoth) {
  ConfigMap settings = test::good_node();
  settings.erase("node.id");
  settings.set("broker.id", "1");
  const NodeConfig node = loaded(settings);
  EXPECT_EQ(node.node_id, BrokerId{1});
  EXPECT_EQ(*node.settings.find("node.id"), "1");
}

TEST(NodeConfig, ValueOfGivesTheFilesValueElseTheDefault) {
  ConfigMap settings = test::good_node();
  settings.set("num.partitions", " 6 ");
  const NodeConfig node = loaded(settings);
  EXPECT_EQ(node.topics.partition_count, 6);
  EXPECT_EQ(node.value_of("num.partitions"), " 6 ");
  EXPECT_EQ(node.value_of("num.io.threads"), "8");
  EXPECT_EQ(node.value_of("log.retention.ms"), std::nullopt);
  EXPECT_EQ(node.value_of("nope"), std::nullopt);
}

TEST(NodeConfig, AFileAndItsOverridesAreRead) {
  const std::string file = write_properties(test::good_node());
  const std::vector<std::string> overrides{"num.partitions=3", "broker.rack=a=b"};
  const auto node = load_node_config(file, overrides);
  ASSERT_TRUE(node) << node.error().text();
  EXPECT_EQ(node->config.topics.partition_count, 3);
  EXPECT_EQ(node->config.broker.rack, "a=b");
  for (const std::string bad : {"nothing", "=1", ""})
    EXPECT_FALSE(load_node_config(file, std::vector<std::string>{bad})) << bad;
}

TEST(NodeConfig, TheDefaultNodeStartsWithoutWarningsOfUnknownKeys) {
  const auto node = load_node_config(default_settings("./moldau-data"));
  ASSERT_TRUE(node) << node.error().text();
  EXPECT_EQ(node->config.network.listeners.size(), 2U);
  EXPECT_EQ(node->config.log.directories.front(), "./moldau-data");
  for (const std::string& warning : node->warnings)
    EXPECT_EQ(warning.find("not a known key"), std::string::npos) << warning;
}

TEST(NodeConfig, EveryInstalledFileIsAccepted) {
  for (const std::string name : {"server", "broker", "controller"}) {
    std::ifstream in(test_data() / "../../config" / (name + ".properties"));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    ASSERT_FALSE(text.empty()) << name;
    const auto node = load_node_config(text, {});
    ASSERT_TRUE(node) << name << ": " << node.error().text();
    EXPECT_EQ(node->config.roles.broker, name != "controller");
    EXPECT_EQ(node->config.roles.controller, name != "broker");
    for (const std::string& warning : node->warnings)
      EXPECT_EQ(warning.find("not a known key"), std::string::npos) << warning;
  }
}

TEST(NodeConfig, InstalledClientFilesHaveKnownAndValidKeys) {
  for (const auto& [name, scope] :
       {std::pair{"producer", Scope::producer}, std::pair{"consumer", Scope::consumer}}) {
    std::ifstream in(test_data() / "../../config" / (std::string(name) + ".properties"));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto settings = read_properties_map(text);
    ASSERT_TRUE(settings);
    EXPECT_FALSE(settings->empty());
    for (const auto& [key, value] : *settings) {
      ASSERT_NE(find(scope, key), nullptr) << key;
      EXPECT_TRUE(parse(*find(scope, key), value)) << key;
    }
  }
}

TEST(NodeConfig, NamesOfProtocols) {
  EXPECT_EQ(name_of(SecurityProtocol::sasl_ssl), "SASL_SSL");
  EXPECT_EQ(name_of(SecurityProtocol::plaintext), "PLAINTEXT");
}

}  // namespace
}  // namespace moldau::config
