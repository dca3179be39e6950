#include "config/topic_rules.h"

#include <gtest/gtest.h>

#include "config/validator.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

NodeConfig node(bool tiered) {
  ConfigMap settings = test::good_node();
  if (tiered) {
    settings.set("remote.log.storage.system.enable", "true");
    settings.set("remote.log.storage.manager.class.name", "x");
  }
  auto loaded = load_node_config(settings);
  CHECK_OK(loaded);
  return std::move(loaded->config);
}

void expect_answer(const Result<void>& ours, const test::Answer& answer) {
  EXPECT_EQ(ours.has_value(), answer.ok) << answer.line;
  if (!ours && !answer.ok) {
    EXPECT_EQ(ours.error().text(), answer.text) << answer.line;
  }
}

TEST(TopicRules, RefusesWhatKafkaRefusesInItsWords) {
  const NodeConfig plain = node(false);
  const NodeConfig tiered = node(true);
  const auto cases = test::answers("topic");
  ASSERT_GT(cases.size(), 30U);
  for (const test::Answer& answer : cases) {
    ConfigMap before;
    if (answer.cells[2] != "-") before.set("remote.storage.enable", answer.cells[2]);
    expect_answer(check_topic_settings(test::pairs(answer, 3), before,
                                       answer.cells[1] == "true" ? tiered : plain),
                  answer);
  }
}

TEST(GroupRules, RefusesWhatKafkaRefusesInItsWords) {
  const NodeConfig plain = node(false);
  const auto cases = test::answers("group");
  ASSERT_GT(cases.size(), 30U);
  for (const test::Answer& answer : cases)
    expect_answer(check_group_settings(test::pairs(answer, 1), plain), answer);
}

TEST(GroupRules, StoredNumbersAreMovedIntoTheNodesBounds) {
  std::vector<std::string> moved;
  const ConfigMap settings = group_settings_in_bounds({{"consumer.session.timeout.ms", "1"},
                                                       {"share.delivery.count.limit", "99"},
                                                       {"streams.num.standby.replicas", "3"},
                                                       {"share.heartbeat.interval.ms", "6000"},
                                                       {"share.isolation.level", "x"}},
                                                      node(false), moved);
  EXPECT_EQ(settings, (ConfigMap{{"consumer.session.timeout.ms", "45000"},
                                 {"share.delivery.count.limit", "10"},
                                 {"streams.num.standby.replicas", "2"},
                                 {"share.heartbeat.interval.ms", "6000"},
                                 {"share.isolation.level", "x"}}));
  EXPECT_EQ(moved.size(), 3U);
}

TEST(ClientMetricsRules, RefusesWhatKafkaRefusesInItsWords) {
  const auto cases = test::answers("client-metrics");
  ASSERT_GT(cases.size(), 15U);
  for (const test::Answer& answer : cases)
    expect_answer(check_client_metrics("m", test::pairs(answer, 1)), answer);
  const auto unnamed = check_client_metrics("", {});
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().code(), Errc::invalid_request);
}

}  // namespace
}  // namespace moldau::config
