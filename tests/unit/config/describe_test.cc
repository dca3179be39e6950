#include "config/describe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "config/properties.h"
#include "support/test_data.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

std::string file_text(const std::string& name) {
  std::ifstream file(test_data() / "config" / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view shown(Source source) {
  switch (source) {
    case Source::unknown:
      return "UNKNOWN";
    case Source::topic_config:
      return "DYNAMIC_TOPIC_CONFIG";
    case Source::dynamic_broker_config:
      return "DYNAMIC_BROKER_CONFIG";
    case Source::dynamic_default_broker_config:
      return "DYNAMIC_DEFAULT_BROKER_CONFIG";
    case Source::static_broker_config:
      return "STATIC_BROKER_CONFIG";
    case Source::default_config:
      return "DEFAULT_CONFIG";
    case Source::dynamic_broker_logger_config:
      return "DYNAMIC_BROKER_LOGGER_CONFIG";
    case Source::client_metrics_config:
      return "DYNAMIC_CLIENT_METRICS_CONFIG";
    case Source::group_config:
      return "DYNAMIC_GROUP_CONFIG";
  }
  return "";
}

// As DescribeConfigs.java prints an entry, from the key on.
std::string row(const DescribedConfig& entry) {
  std::string text = entry.name + "\t" + entry.value.value_or("\\e") + "\t";
  text += shown(entry.source);
  text += entry.read_only ? "\tro\t" : "\trw\t";
  text += entry.sensitive ? "secret\t" : "open\t";
  text += std::string(name_of(entry.type)) + (entry.documentation ? "\tdoc\t" : "\tnodoc\t");
  for (const DescribedSynonym& synonym : entry.synonyms)
    text += std::string(shown(synonym.source)) + ":" + synonym.name + "=" +
            synonym.value.value_or("\\e") + "|";
  return text;
}

// "TYPE\tname" -> rows.
std::map<std::string, std::vector<std::string>> rows_of(const std::string& file) {
  std::map<std::string, std::vector<std::string>> rows;
  std::stringstream in(file_text(file));
  for (std::string line; std::getline(in, line);) {
    const std::size_t name_end = line.find('\t', line.find('\t') + 1);
    rows[line.substr(0, name_end)].push_back(line.substr(name_end + 1));
  }
  return rows;
}

class Describe : public ::testing::Test {
 protected:
  Describe() {
    auto settings = read_properties_map(file_text("node.properties"));
    CHECK_OK(settings);
    auto loaded = load_node_config(*settings);
    CHECK_OK(loaded);
    node = std::move(loaded->config);
  }
  [[nodiscard]] BrokerLayers layers() const { return {broker, all, node.settings}; }

  NodeConfig node;
  // What tests/data/config/changes.tsv set, and what formatting wrote.
  ConfigMap broker{{"max.connections", "500"},
                   {"listener.name.plaintext.ssl.keystore.password", "abc"},
                   {"log.cleaner.threads", "2"}};
  ConfigMap all{{"min.insync.replicas", "1"},
                {"max.connections", "400"},
                {"log.retention.ms", "1000000"},
                {"leader.replication.throttled.rate", "5"},
                {"my.dyn.key", "1"},
                {"message.max.bytes", " 2000000 "}};
  ConfigMap t1{{"retention.ms", "7200000"},
               {"cleanup.policy", "compact,delete"},
               {"min.cleanable.dirty.ratio", "0.50"},
               {"internal.segment.bytes", "100000"}};
  DescribeOptions options{.include_synonyms = true, .include_documentation = true};
};

void expect_rows(const std::vector<DescribedConfig>& ours, const std::vector<std::string>& kafkas) {
  std::vector<std::string> rows;
  for (const DescribedConfig& entry : ours) rows.push_back(row(entry));
  ASSERT_FALSE(kafkas.empty());
  EXPECT_EQ(rows.size(), kafkas.size());
  for (const std::string& kafka : kafkas)
    EXPECT_NE(std::ranges::find(rows, kafka), rows.end()) << "Kafka: " << kafka;
  for (const std::string& mine : rows)
    EXPECT_NE(std::ranges::find(kafkas, mine), kafkas.end()) << "ours:  " << mine;
}

TEST_F(Describe, EveryResourceIsDescribedAsARunningKafkaDoes) {
  auto kafka = rows_of("described.tsv");
  expect_rows(describe_topic(layers(), {}, options), kafka["TOPIC\tt0"]);
  expect_rows(describe_topic(layers(), t1, options), kafka["TOPIC\tt1"]);
  expect_rows(describe_topic(layers(), {{"flush.messages", "1"}}, options), kafka["TOPIC\tt2"]);
  expect_rows(describe_broker(layers(), options), kafka["BROKER\t1"]);
  expect_rows(describe_default_broker(layers(), options), kafka["BROKER\t"]);
  expect_rows(describe_group(layers(),
                             {{"consumer.session.timeout.ms", "50000"},
                              {"share.auto.offset.reset", "earliest"}},
                             options),
              kafka["GROUP\tg"]);
  expect_rows(describe_group(layers(), {}, options), kafka["GROUP\tother"]);
  expect_rows(describe_client_metrics({{"interval.ms", "1000"}, {"match", "client_id=a"}}, options),
              kafka["CLIENT_METRICS\tm"]);
  expect_rows(describe_client_metrics({}, options), kafka["CLIENT_METRICS\tnone"]);
}

TEST_F(Describe, ACreatedTopicIsDescribedAsARunningKafkaDoes) {
  auto kafka = rows_of("created.tsv");
  const auto check = [&](const ConfigMap& dynamic_broker, const ConfigMap& dynamic_default,
                         const ConfigMap& overrides, const std::vector<std::string>& expected) {
    const auto ours =
        describe_created_topic({dynamic_broker, dynamic_default, node.settings}, overrides);
    ASSERT_EQ(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const std::string full = row(ours[i]);
      EXPECT_TRUE(full.starts_with(expected[i] + "\t")) << full << "\nKafka: " << expected[i];
    }
  };
  // t0 and t1 came before the brokers' dynamic configs, t2 after them.
  const ConfigMap formatted{{"min.insync.replicas", "1"}};
  check({}, formatted, {}, kafka["CREATE\tt0"]);
  check({}, formatted, t1, kafka["CREATE\tt1"]);
  check(broker, all, {{"flush.messages", "1"}}, kafka["CREATE\tt2"]);
}

TEST_F(Describe, OnlyTheNamesAskedForAndNothingThatWasNotAskedFor) {
  const std::vector<std::string> names{"retention.ms", "nope"};
  const auto found = describe_topic(layers(), {}, {.names = names});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "retention.ms");
  EXPECT_TRUE(found[0].synonyms.empty());
  EXPECT_FALSE(found[0].documentation);
}

TEST_F(Describe, OverridesOfUnknownKeysAreShownWithoutTheirValue) {
  const auto found = describe_topic(layers(), {{"from.the.future", "1"}}, options);
  const auto at = std::ranges::find(found, "from.the.future", &DescribedConfig::name);
  ASSERT_NE(at, found.end());
  EXPECT_TRUE(at->sensitive);
  EXPECT_EQ(at->value, std::nullopt);
}

TEST_F(Describe, LoggersHaveTheirLevel) {
  const auto found = describe_broker_logger({{"root", "INFO"}}, options);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(row(found[0]), "root\tINFO\tDYNAMIC_BROKER_LOGGER_CONFIG\trw\topen\tUNKNOWN\tnodoc\t");
}

}  // namespace
}  // namespace moldau::config
