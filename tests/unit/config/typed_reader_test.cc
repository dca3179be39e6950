#include "config/typed_reader.h"

#include <gtest/gtest.h>

#include "config/config_map.h"

namespace moldau::config {
namespace {

TypedReader over(const ConfigMap& settings) {
  return {Scope::broker, [&settings](const ConfigKey& key) -> std::optional<std::string> {
            if (const std::string* value = settings.find(key.name)) return *value;
            if (key.has_default) return std::string(key.default_text);
            return std::nullopt;
          }};
}

TEST(TypedReader, ReadsEachType) {
  const ConfigMap settings{{"broker.rack", "r"}, {"log.dirs", "/a,/b"}};
  TypedReader in = over(settings);
  EXPECT_EQ(in.int32("num.io.threads"), 8);
  EXPECT_EQ(in.int16("offsets.topic.replication.factor"), 3);
  EXPECT_EQ(in.ms("connections.max.idle.ms"), Milliseconds{600'000});
  EXPECT_TRUE(in.flag("delete.topic.enable"));
  EXPECT_EQ(in.real("log.cleaner.min.cleanable.ratio"), 0.5);
  EXPECT_EQ(in.maybe_text("broker.rack"), "r");
  EXPECT_EQ(in.list("log.dirs").size(), 2U);
  EXPECT_EQ(in.maybe_int64("log.retention.ms"), std::nullopt);
  EXPECT_EQ(in.maybe_list("advertised.listeners"), std::nullopt);
  EXPECT_TRUE(in.status());
}

TEST(TypedReader, TheFirstRefusalLatches) {
  const ConfigMap settings{{"num.io.threads", "many"}, {"num.partitions", "0"}};
  TypedReader in = over(settings);
  EXPECT_EQ(in.int32("num.io.threads"), 0);
  EXPECT_EQ(in.int32("num.partitions"), 0);
  EXPECT_EQ(in.int32("num.network.threads"), 0);
  ASSERT_FALSE(in.status());
  EXPECT_NE(in.status().error().text().find("num.io.threads"), std::string_view::npos);
}

TEST(TypedReader, ARequiredKeyThatIsMissingIsNamed) {
  const ConfigMap none;
  TypedReader in = over(none);
  static_cast<void>(in.list("process.roles"));
  EXPECT_EQ(in.status().error().text(),
            "Missing required configuration \"process.roles\" which has no default value.");
}

TEST(TypedReaderDeath, AKeyThatTheTablesDoNotHaveIsOurMistake) {
  const ConfigMap none;
  TypedReader in = over(none);
  EXPECT_DEATH(static_cast<void>(in.int32("no.such.key")), "no.such.key");
}

}  // namespace
}  // namespace moldau::config
