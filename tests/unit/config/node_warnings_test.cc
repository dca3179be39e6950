#include <gtest/gtest.h>

#include <algorithm>

#include "config/node_config.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

std::vector<std::string> warnings(const ConfigMap& extra, ConfigMap settings = test::good_node()) {
  for (const auto& [key, value] : extra) settings.set(key, value);
  auto loaded = load_node_config(settings);
  CHECK_OK(loaded);
  return loaded->warnings;
}

bool any_says(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(NodeWarnings, AQuietFileHasNone) { EXPECT_TRUE(warnings({}).empty()); }

TEST(NodeWarnings, AnUnknownKeyNamesTheNearestKnownOne) {
  EXPECT_TRUE(any_says(warnings({{"num.partitons", "3"}}),
                       "num.partitons is not a known key and has no effect. The nearest known key "
                       "is num.partitions."));
  EXPECT_TRUE(
      any_says(warnings({{"zookeeper.connect", "h:1"}}), "zookeeper.connect is not a known"));
}

TEST(NodeWarnings, AFileOfNonsenseIsSummedUp) {
  ConfigMap nonsense;
  for (int i = 0; i < 60; ++i) nonsense.set("zzz." + std::to_string(i), "1");
  const auto lines = warnings(nonsense);
  EXPECT_EQ(lines.size(), 51U);
  EXPECT_EQ(lines.back(), "and 10 further unknown keys without effect.");
}

TEST(NodeWarnings, KnownKeysWithoutEffectAreListed) {
  EXPECT_TRUE(any_says(warnings({{"ssl.keystore.location", "/k"},
                                 {"config.providers.file.class", "x"},
                                 {"rsm.config.bucket", "b"}}),
                       "known, but without effect in this version: config.providers.file.class, "
                       "rsm.config.bucket, ssl.keystore.location"));
}

TEST(NodeWarnings, ListenerOverridesNeedTheirListener) {
  EXPECT_TRUE(any_says(warnings({{"listener.name.nowhere.max.connections", "5"}}),
                       "there is no listener NOWHERE"));
  EXPECT_FALSE(
      any_says(warnings({{"listener.name.plaintext.max.connections", "5"}}), "no listener"));
}

TEST(NodeWarnings, KeysOfControllersInABrokersFile) {
  ConfigMap broker = test::good_node();
  broker.set("process.roles", "broker");
  broker.set("node.id", "2");
  broker.set("listeners", "PLAINTEXT://127.0.0.1:9092");
  const auto lines =
      warnings({{"num.partitions", "3"}, {"controller.listener.names", "A,B"}}, broker);
  EXPECT_TRUE(any_says(lines, "num.partitions belongs into the configuration of the controllers"));
  EXPECT_TRUE(any_says(lines, "a broker uses only the first, A"));
}

TEST(NodeWarnings, HeartbeatsTooRareForTheSession) {
  EXPECT_TRUE(any_says(warnings({{"broker.heartbeat.interval.ms", "5000"}}),
                       "broker.heartbeat.interval.ms (5000) should be at most half"));
}

}  // namespace
}  // namespace moldau::config
