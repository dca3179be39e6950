#include "config/keys.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace moldau::config {
namespace {

std::vector<Scope> scopes() {
  std::vector<Scope> all;
  for (int i = 0; i < k_scope_count; ++i) all.push_back(static_cast<Scope>(i));
  return all;
}

TEST(Keys, TablesAreSortedAndEachKeyIsFound) {
  for (const Scope scope : scopes()) {
    const auto table = keys(scope);
    ASSERT_FALSE(table.empty());
    EXPECT_TRUE(std::ranges::is_sorted(table, {}, &ConfigKey::name));
    for (const ConfigKey& key : table) EXPECT_EQ(find(scope, key.name), &key);
  }
  EXPECT_EQ(keys(Scope::broker).size(), 392U);
  EXPECT_EQ(keys(Scope::topic).size(), 38U);
  EXPECT_EQ(find(Scope::topic, "log.dirs"), nullptr);
  EXPECT_EQ(find(Scope::topic, ""), nullptr);
}

TEST(Keys, EveryDefaultIsAValidValueThatPrintsAsItIsWritten) {
  for (const Scope scope : scopes())
    for (const ConfigKey& key : keys(scope)) {
      if (!key.has_default) continue;
      const auto parsed = parse(key, key.default_text);
      ASSERT_TRUE(parsed.has_value()) << key.name << ": " << parsed.error().describe();
      EXPECT_EQ(to_text(*parsed).value_or(""), key.default_text) << key.name;
    }
}

TEST(Keys, EveryKeyIsDocumentedInFullSentences) {
  for (const Scope scope : scopes())
    for (const ConfigKey& key : keys(scope)) {
      EXPECT_GT(key.documentation.size(), 25U) << key.name;
      EXPECT_TRUE(key.documentation.ends_with('.')) << key.name;
    }
}

TEST(Keys, SynonymsAreKeysOfTheNode) {
  for (const Scope scope : {Scope::broker, Scope::topic, Scope::group})
    for (const ConfigKey& key : keys(scope))
      for (const SynonymOf& synonym : key.synonyms)
        EXPECT_NE(find(Scope::broker, synonym.key), nullptr) << key.name << " " << synonym.key;
  const auto retention = find(Scope::topic, "retention.ms")->synonyms;
  ASSERT_EQ(retention.size(), 3U);
  EXPECT_EQ(retention[0].key, "log.retention.ms");
  EXPECT_EQ(retention[1].factor, 60'000);
  EXPECT_EQ(retention[2].factor, 3'600'000);
}

TEST(Keys, ListenerOverridesAreTheirBaseKey) {
  EXPECT_EQ(find_broker_key("listener.name.internal.max.connections")->name, "max.connections");
  EXPECT_EQ(find_broker_key("listener.name.x.plain.sasl.jaas.config")->name, "sasl.jaas.config");
  EXPECT_EQ(find_broker_key("listener.name.x.nonsense"), nullptr);
  EXPECT_EQ(find_broker_key("listener.name.x"), nullptr);
  EXPECT_NE(find_broker_key("rlmm.config.remote.log.metadata.topic.num.partitions"), nullptr);
}

TEST(Nearest, FindsWhatWasProbablyMeant) {
  EXPECT_EQ(nearest(Scope::broker, "log.dir"), "log.dir");
  EXPECT_EQ(nearest(Scope::broker, "proces.roles"), "process.roles");
  EXPECT_EQ(nearest(Scope::broker, "num.partition"), "num.partitions");
  EXPECT_EQ(nearest(Scope::broker, "listners"), "listeners");
  EXPECT_EQ(nearest(Scope::broker, "LOG.DIRS"), "log.dirs");
  EXPECT_EQ(nearest(Scope::topic, "retention.sm"), "retention.ms");
  EXPECT_EQ(nearest(Scope::topic, "zzzzzzzzzzzz"), "");
  EXPECT_EQ(nearest(Scope::topic, ""), "");
  EXPECT_EQ(nearest(Scope::broker, std::string(100'000, 'a')), "");
}

TEST(Keys, NamesOfScopesAndTypes) {
  EXPECT_EQ(name_of(Scope::client_metrics), "client-metrics");
  EXPECT_EQ(name_of(Type::int32), "INT");
  EXPECT_EQ(static_cast<int>(Type::password), 9);
}

}  // namespace
}  // namespace moldau::config
