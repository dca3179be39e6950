#include <gtest/gtest.h>

#include "config/node_config.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

// The case's settings over the good node; "-" takes a key away.
ConfigMap node_of(const test::Answer& answer) {
  ConfigMap settings = test::good_node();
  for (const auto& [key, value] : test::pairs(answer, 1)) {
    if (value == "-") {
      settings.erase(key);
    } else {
      settings.set(key, value);
    }
  }
  return settings;
}

TEST(NodeRules, StartsAndRefusesTheNodesThatKafkaDoes) {
  const auto cases = test::answers("node");
  ASSERT_GT(cases.size(), 100U);
  for (const test::Answer& answer : cases) {
    const auto loaded = load_node_config(node_of(answer));
    EXPECT_EQ(loaded.has_value(), answer.ok)
        << answer.line << "\nours: " << (loaded ? "" : std::string(loaded.error().text()));
  }
}

struct Refusal {
  const char* key;
  const char* value;
  const char* part;  // of the text
};

TEST(NodeRules, ARefusalNamesKeyValueAndWhatIsAllowed) {
  for (const Refusal& refusal : std::vector<Refusal>{
           {"log.roll.ms", "0", "log.roll.ms=0: log.roll.ms must be greater than or equal to 1"},
           {"num.partitions", "0",
            "Invalid value 0 for configuration num.partitions: Value must be at least 1. Allowed: "
            "a value of type INT, [1,...]."},
           {"num.partitions", "many",
            "Invalid value many for configuration num.partitions: Not a number of type INT."},
           {"listeners", "PLAINTEXT:9092",
            "listeners=PLAINTEXT:9092: Unable to parse PLAINTEXT:9092"},
           {"process.roles", "zookeeper", "must be one of: broker, controller"},
           {"group.consumer.heartbeat.interval.ms", "1",
            "group.consumer.heartbeat.interval.ms=1: group.consumer.heartbeat.interval.ms must be "
            "greater than or equal to group.consumer.min.heartbeat.interval.ms"},
           {"advertised.listeners", "PLAINTEXT://0.0.0.0:1", "cannot announce 0.0.0.0"},
           {"group.consumer.assignors", "range,unifrom",
            "group.consumer.assignors=range,unifrom: Class unifrom cannot be found. Allowed: "
            "uniform, range, org.apache.kafka.coordinator.group.assignor.UniformAssignor, "
            "org.apache.kafka.coordinator.group.assignor.RangeAssignor. Perhaps uniform is meant."},
           {"group.consumer.assignors", "org.x.Y", "Class org.x.Y cannot be found."},
           {"offsets.topic.compression.codec", "5",
            "offsets.topic.compression.codec=5: Unknown compression type id: 5"},
           {"offsets.topic.compression.codec", "-1", "Unknown compression type id: -1"},
           {"metadata.log.dir", "", "metadata.log.dir=: it must name a directory"},
           {"controller.quorum.voters", "x@127.0.0.1:22001",
            "from x, in the entry x@127.0.0.1:22001 of controller.quorum.voters"},
           {"controller.quorum.voters", "127.0.0.1:22001",
            "value 127.0.0.1:22001 for controller.quorum.voters"},
           {"max.connections.per.ip", "0", "max.connections.per.ip=0: "}}) {
    ConfigMap settings = test::good_node();
    settings.set(refusal.key, refusal.value);
    const auto loaded = load_node_config(settings);
    ASSERT_FALSE(loaded) << refusal.key;
    EXPECT_NE(loaded.error().text().find(refusal.part), std::string_view::npos)
        << loaded.error().text();
    EXPECT_EQ(loaded.error().code(), Errc::invalid_config);
  }
}

TEST(NodeRules, AMissingKeyNamesTheUnknownOneThatWasMeantForIt) {
  ConfigMap settings = test::good_node();
  settings.erase("process.roles");
  settings.set("proces.roles", "broker,controller");
  const auto loaded = load_node_config(settings);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().text().find("Missing required configuration \"process.roles\""),
            std::string_view::npos);
  EXPECT_NE(loaded.error().text().find("The unknown key proces.roles may be meant"),
            std::string_view::npos);
}

}  // namespace
}  // namespace moldau::config
