#include "cli/configs_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

ConfigEntry entry(std::string name, std::string value, std::int8_t source) {
  ConfigEntry out;
  out.name = std::move(name);
  out.value = std::move(value);
  out.config_source = source;
  return out;
}

TEST(ConfigsText, OnlyOwnSettingsUnlessAllAreAskedFor) {
  const ConfigEntity topic{ConfigEntityKind::topic, "t"};
  const std::vector<ConfigEntry> configs{entry("b", "2", 5), entry("a", "1", 1)};
  EXPECT_EQ(configs_as_text(topic, configs, false),
            "Dynamic configs for topic t are:\n  a=1 sensitive=false synonyms={}\n");
  EXPECT_EQ(configs_as_text(topic, configs, true),
            "All configs for topic t are:\n  a=1 sensitive=false synonyms={}\n"
            "  b=2 sensitive=false synonyms={}\n");
}

TEST(ConfigsText, DefaultOfAllBrokersHasItsOwnWords) {
  EXPECT_EQ(change_of({ConfigEntityKind::broker, ""}), "default config for brokers in the cluster");
  EXPECT_EQ(change_of({ConfigEntityKind::broker, "1"}), "config for broker 1");
  EXPECT_EQ(kind_of_type("users"), std::nullopt);
}

}  // namespace
}  // namespace moldau::cli
