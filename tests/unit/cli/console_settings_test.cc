#include "cli/console_settings.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TEST(ConsoleSettingsTest, AWordIsNoNumber) {
  const auto value = integer_of({{"linger.ms", "soon"}}, "linger.ms", 0);
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().text(),
            "Invalid value soon for configuration linger.ms: Not a number of type LONG");
}

TEST(ConsoleSettingsTest, AValueBelowTheLeastIsRefused) {
  EXPECT_FALSE(integer_of({{"retries", "-1"}}, "retries", 0).has_value());
  EXPECT_EQ(integer_of({{"retries", "7"}}, "retries", 0).value(), 7);
  EXPECT_EQ(integer_of({}, "retries", 0).value(), std::nullopt);
}

TEST(ConsoleSettingsTest, ValuesAreHeldToWhatTheClientKnows) {
  const auto why = [](config::Scope client, const PropertyMap& properties) {
    const auto checked = check_values(client, properties);
    return checked ? std::string() : std::string(checked.error().text());
  };
  EXPECT_EQ(why(config::Scope::admin, {{"default.api.timeout.ms", "soon"}}),
            "Invalid value soon for configuration default.api.timeout.ms: Not a number of type "
            "INT");
  EXPECT_EQ(why(config::Scope::admin, {{"acks", "2"}}), "") << "of another client";
  EXPECT_NE(why(config::Scope::producer, {{"acks", "2"}}), "");
}

TEST(ConsoleSettingsTest, PropertiesReachTheConnection) {
  client::ClusterSettings settings;
  ASSERT_TRUE(apply_to_cluster(settings, {{"client.id", "me"},
                                          {"request.timeout.ms", "7"},
                                          {"metadata.max.age.ms", "8"},
                                          {"security.protocol", "PLAINTEXT"}}));
  EXPECT_EQ(settings.client_id, "me");
  EXPECT_EQ(settings.request_timeout, Milliseconds{7});
  EXPECT_EQ(settings.metadata_max_age, Milliseconds{8});
  EXPECT_FALSE(apply_to_cluster(settings, {{"security.protocol", "SSL"}}));
  EXPECT_TRUE(apply_to_cluster(settings, {{"security.protocol", "plaintext"}}));
}

}  // namespace
}  // namespace moldau::cli
