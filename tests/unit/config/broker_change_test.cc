#include <gtest/gtest.h>

#include "config/validator.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

class BrokerChange : public ::testing::Test {
 protected:
  BrokerChange() {
    auto loaded = load_node_config(test::good_node());
    CHECK_OK(loaded);
    node = std::move(loaded->config);
  }
  [[nodiscard]] BrokerChangeChecker checker() const {
    return {node, {dynamic_broker, dynamic_default, node.settings}};
  }
  [[nodiscard]] std::string refused(const Resource& resource,
                                    const std::vector<Alteration>& alterations) const {
    const auto checked = checker().incremental(resource, alterations);
    return checked ? "" : std::string(checked.error().text());
  }

  NodeConfig node;
  ConfigMap dynamic_broker;
  ConfigMap dynamic_default;
  Resource self{ResourceType::broker, "1"};
  Resource all{ResourceType::broker, ""};
};

TEST_F(BrokerChange, RefusesWhatKafkaRefusesInItsWords) {
  const auto cases = test::answers("dynamic");
  ASSERT_GT(cases.size(), 25U);
  for (const test::Answer& answer : cases) {
    std::vector<Alteration> wanted;
    for (const auto& [key, value] : test::pairs(answer, 2))
      wanted.push_back({.key = key, .value = value});
    // There are no Java classes here to check.
    if (answer.text.find("principal.builder.class") != std::string::npos) continue;
    const auto checked = checker().replace(answer.cells[1] == "per-broker" ? self : all, wanted);
    EXPECT_EQ(checked.has_value(), answer.ok)
        << answer.line << "\nours: " << (checked ? "" : std::string(checked.error().text()));
    if (checked || answer.ok) continue;
    EXPECT_EQ(checked.error().text(), answer.text) << answer.line;
    EXPECT_EQ(checked.error().code(), Errc::invalid_request);
  }
}

TEST_F(BrokerChange, KeysOnceNoNullsAndThisBrokerOnly) {
  EXPECT_EQ(refused(self, {{.key = "max.connections", .value = "1"},
                           {.key = "max.connections", .value = "2"}}),
            "Error due to duplicate config keys");
  EXPECT_EQ(refused(self, {{.key = "max.connections"}}),
            "Null value not supported for : max.connections");
  EXPECT_EQ(refused({ResourceType::broker, "2"}, {}),
            "Unexpected broker id, expected 1, but received 2");
  EXPECT_EQ(refused({ResourceType::broker, "one"}, {}),
            "Node id must be an integer, but it is: one");
  EXPECT_EQ(refused({ResourceType::topic, "t"}, {{.key = "nope", .value = "1"}}), "");
}

TEST_F(BrokerChange, ListsGrowAndShrinkAndOthersDoNot) {
  using enum AlterOperation;
  EXPECT_EQ(refused(all, {{.key = "log.cleanup.policy", .operation = append, .value = "compact"}}),
            "");
  EXPECT_EQ(refused(all, {{.key = "log.cleanup.policy", .operation = append, .value = "shred"}}),
            "Invalid value shred for configuration log.cleanup.policy: String must be one of: "
            "compact, delete");
  EXPECT_EQ(refused(all, {{.key = "max.connections", .operation = append, .value = "1"}}),
            "Config value append is not allowed for config key: max.connections");
  EXPECT_EQ(refused(all, {{.key = "nope", .operation = subtract, .value = "1"}}),
            "Unknown config name: nope");
}

TEST_F(BrokerChange, ThreadPoolsAtMostDoubleOrHalve) {
  EXPECT_EQ(refused(all, {{.key = "num.io.threads", .value = "16"}}), "");
  EXPECT_EQ(refused(all, {{.key = "num.io.threads", .value = "17"}}),
            "Invalid dynamic configuration");
  EXPECT_EQ(refused(all, {{.key = "num.io.threads", .value = "3"}}),
            "Invalid dynamic configuration");
  dynamic_default.set("num.io.threads", "16");
  EXPECT_EQ(refused(all, {{.key = "num.io.threads", .value = "32"}}), "");
}

TEST_F(BrokerChange, StoredEntriesThatNoLongerCountDoNotStandInTheWay) {
  dynamic_broker.set("process.roles", "broker");
  dynamic_broker.set("max.connections", "abc");
  EXPECT_EQ(refused(self, {{.key = "log.cleaner.threads", .value = "2"}}), "");
}

}  // namespace
}  // namespace moldau::config
