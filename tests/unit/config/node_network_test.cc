#include <gtest/gtest.h>

#include "config/node_config.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

NodeConfig with(std::initializer_list<ConfigMap::Entry> entries) {
  ConfigMap settings = test::good_node();
  for (const auto& [key, value] : entries) {
    if (value.empty()) {
      settings.erase(key);
    } else {
      settings.set(key, value);
    }
  }
  auto loaded = load_node_config(settings);
  CHECK_OK(loaded);
  return std::move(loaded->config);
}

TEST(NodeNetwork, ListenersHaveNameProtocolHostAndPort) {
  const NodeConfig node = with({{"listeners", "plaintext://:9092,CONTROLLER://[::1]:9093"}});
  EXPECT_EQ(node.network.listeners,
            (std::vector<Endpoint>{{"PLAINTEXT", SecurityProtocol::plaintext, "", 9092},
                                   {"CONTROLLER", SecurityProtocol::plaintext, "::1", 9093}}));
  EXPECT_EQ(node.network.listener("CONTROLLER")->port, 9093);
  EXPECT_EQ(node.network.listener("NOPE"), nullptr);
  EXPECT_TRUE(node.network.is_controller_listener("CONTROLLER"));
}

TEST(NodeNetwork, WithoutAdvertisedListenersTheBoundOnesAreAnnounced) {
  const NodeConfig node = with({{"advertised.listeners", ""}});
  ASSERT_EQ(node.network.advertised_broker.size(), 1U);
  EXPECT_EQ(node.network.advertised_broker[0].host, "127.0.0.1");
  ASSERT_EQ(node.network.advertised_controller.size(), 1U);
  EXPECT_EQ(node.network.advertised_controller[0].port, 9093);
}

TEST(NodeNetwork, AControllerWithoutAHostIsAnnouncedAsTheVotersNameIt) {
  const NodeConfig node = with({{"listeners", "PLAINTEXT://:9092,CONTROLLER://0.0.0.0:9093"},
                                {"controller.quorum.voters", "1@controller.example:19093"}});
  ASSERT_EQ(node.network.advertised_controller.size(), 1U);
  EXPECT_EQ(node.network.advertised_controller[0].host, "controller.example");
  EXPECT_EQ(node.network.advertised_controller[0].port, 19093);
}

TEST(NodeNetwork, AnAdvertisedControllerListenerCounts) {
  const NodeConfig node =
      with({{"advertised.listeners", "PLAINTEXT://h:1,CONTROLLER://c.example:7"}});
  EXPECT_EQ(node.network.advertised_controller[0].host, "c.example");
  EXPECT_EQ(node.network.advertised_broker.size(), 1U);
}

TEST(NodeNetwork, ControllerListenersSpeakPlaintextUnlessAnythingIsSecured) {
  const NodeConfig plain = with({});
  EXPECT_EQ(plain.network.protocol_of_listener.size(), 5U);
  ConfigMap settings = test::good_node();
  settings.set("listeners", "SSL://:9092,CONTROLLER://:9093");
  settings.set("advertised.listeners", "SSL://h:1");
  settings.set("security.inter.broker.protocol", "SSL");
  const auto refused = load_node_config(settings);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("No security protocol defined for listener CONTROLLER"),
            std::string_view::npos);
}

TEST(NodeNetwork, TheListenerBetweenBrokersFollowsItsNameOrItsProtocol) {
  EXPECT_EQ(with({}).network.inter_broker_listener, "PLAINTEXT");
  const NodeConfig node =
      with({{"listeners", "OUT://:9092,IN://:9095,CONTROLLER://:9093"},
            {"advertised.listeners", "OUT://h:1,IN://h:2"},
            {"listener.security.protocol.map", "OUT:SSL,IN:PLAINTEXT,CONTROLLER:PLAINTEXT"},
            {"inter.broker.listener.name", "in"}});
  EXPECT_EQ(node.network.inter_broker_listener, "IN");
  EXPECT_EQ(node.network.inter_broker_protocol, SecurityProtocol::plaintext);
  EXPECT_EQ(node.network.listener("OUT")->protocol, SecurityProtocol::ssl);
}

TEST(NodeNetwork, LimitsPerAddressAreSorted) {
  const NodeConfig node = with({{"max.connections.per.ip.overrides", "h2:5, ::1:7 ,h1:0"}});
  EXPECT_EQ(node.network.connections_per_ip_overrides,
            (std::vector<std::pair<std::string, std::int32_t>>{{"::1", 7}, {"h1", 0}, {"h2", 5}}));
}

TEST(NodeNetwork, PortsOutOfRangeAreRefused) {
  ConfigMap settings = test::good_node();
  settings.set("listeners", "PLAINTEXT://:65536,CONTROLLER://:9093");
  EXPECT_FALSE(load_node_config(settings));
}

}  // namespace
}  // namespace moldau::config
