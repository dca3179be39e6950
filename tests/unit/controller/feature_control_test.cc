#include "controller/feature_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using test::Cluster;

// The expected sentences are those that Apache Kafka 4.4.0 answered to the same requests.
class FeatureControlTest : public testing::Test {
 protected:
  FeatureControlTest() { cluster.start_broker(1); }
  static constexpr int k_upgrade = 1;
  static constexpr int k_safe = 2;
  static constexpr int k_unsafe = 3;

  std::string ask(std::string feature, int level, int type, int version = 2) {
    protocol::UpdateFeaturesRequest request;
    request.feature_updates.push_back({.feature = std::move(feature),
                                       .max_version_level = static_cast<std::int16_t>(level),
                                       .upgrade_type = static_cast<std::int8_t>(type)});
    response = cluster.take(cluster.controller.update_features(cluster.call(version), request));
    const std::string text = response.error_message.value_or("");
    const std::string prefix =
        "The update failed for all features since the following feature had an error: ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  Cluster cluster;
  protocol::UpdateFeaturesResponse response;
};

TEST_F(FeatureControlTest, LevelsGoUpAndDown) {
  EXPECT_EQ(ask("streams.version", 0, k_safe), "");
  EXPECT_EQ(cluster.controller.image().features.level("streams.version"), FeatureLevel{0});
  EXPECT_EQ(ask("streams.version", 1, k_upgrade), "");
  EXPECT_EQ(cluster.controller.image().features.level("streams.version"), FeatureLevel{1});
  EXPECT_EQ(response.error_message, std::nullopt);
}

TEST_F(FeatureControlTest, SameLevelIsWrittenAgain) {
  EXPECT_EQ(ask("group.version", 1, k_upgrade), "");
  EXPECT_EQ(cluster.last.size(), 1U);
}

TEST_F(FeatureControlTest, WhatIsSaidLastOfAFeatureCounts) {
  protocol::UpdateFeaturesRequest request;
  for (const int level : {99, 1}) {
    request.feature_updates.push_back({.feature = "group.version",
                                       .max_version_level = static_cast<std::int16_t>(level),
                                       .upgrade_type = k_upgrade});
  }
  response = cluster.take(cluster.controller.update_features(cluster.call(1), request));
  EXPECT_EQ(response.error_code, Errc::none);
  EXPECT_EQ(cluster.last.size(), 1U);
  EXPECT_EQ(response.results.size(), 2U) << "each is answered";
}

TEST_F(FeatureControlTest, LevelsThatNobodyKnowsAreRefused) {
  EXPECT_EQ(ask("group.version", 9, k_upgrade),
            "Invalid update version 9 for feature group.version. Local controller 1 only supports "
            "versions 0-1");
  EXPECT_EQ(ask("foo.version", 1, k_upgrade),
            "Invalid update version 1 for feature foo.version. Local controller 1 does not support "
            "this feature.");
  EXPECT_EQ(ask("metadata.version", 34, k_upgrade),
            "Invalid update version 34 for feature metadata.version. Local controller 1 only "
            "supports versions 7-33");
  EXPECT_EQ(ask("group.version", -1, k_upgrade),
            "Invalid update version -1 for feature group.version. A feature version cannot be less "
            "than 0.");
  EXPECT_EQ(response.error_code, Errc::invalid_update_version);
}

TEST_F(FeatureControlTest, MetadataIsNeverLost) {
  EXPECT_EQ(ask("metadata.version", 30, k_safe),
            "Unsupported metadata.version downgrade from 33 to 30. Refusing to perform the "
            "requested downgrade because it might delete metadata information.");
  EXPECT_EQ(ask("metadata.version", 30, k_unsafe),
            "Unsupported metadata.version downgrade from 33 to 30. Unsafe metadata downgrade is "
            "not supported in this version.");
  EXPECT_EQ(ask("metadata.version", 33, k_upgrade), "");
}

TEST_F(FeatureControlTest, DowngradeMustBeMeant) {
  EXPECT_EQ(ask("group.version", 0, k_upgrade),
            "Invalid update version 0 for feature group.version. Can't downgrade the version of "
            "this feature without setting the upgrade type to either safe or unsafe downgrade.");
  EXPECT_EQ(ask("group.version", 0, k_safe), "");
  EXPECT_EQ(ask("group.version", 1, k_safe),
            "Invalid update version 1 for feature group.version. Can't downgrade to a newer "
            "version.");
  EXPECT_EQ(ask("group.version", 1, 9),
            "Invalid update version 1 for feature group.version. The controller does not support "
            "the given upgrade type.");
}

TEST_F(FeatureControlTest, BrokerThatCannotFollowIsNamed) {
  auto old = cluster.registration(2);
  for (auto& f : old.features) {
    if (f.name == "share.version") f.max_supported_version = 2;
    if (f.name == "streams.version") f.max_supported_version = 1;
  }
  EXPECT_EQ(ask("streams.version", 0, k_safe), "");
  for (auto& f : old.features) {
    if (f.name == "streams.version") f.max_supported_version = 0;
  }
  (void)cluster.take(cluster.controller.register_broker(cluster.call(4), old));
  EXPECT_EQ(ask("streams.version", 1, k_upgrade),
            "Invalid update version 1 for feature streams.version. Broker 2 does not support this "
            "feature.");
}

TEST_F(FeatureControlTest, KraftVersionStaysWhatItIs) {
  EXPECT_EQ(ask("kraft.version", 0, k_safe), "");
  EXPECT_TRUE(cluster.last.empty());
  EXPECT_NE(ask("kraft.version", 1, k_upgrade), "");
  EXPECT_EQ(response.error_code, Errc::invalid_update_version);
}

TEST_F(FeatureControlTest, OldVersionsAnswerForEachFeature) {
  EXPECT_EQ(ask("group.version", 1, k_upgrade, 1), "");
  ASSERT_EQ(response.results.size(), 1U);
  EXPECT_EQ(response.results[0].feature, "group.version");
  EXPECT_EQ(response.results[0].error_message, "NONE");
}

TEST_F(FeatureControlTest, OneErrorStopsAll) {
  protocol::UpdateFeaturesRequest request;
  request.feature_updates.push_back(
      {.feature = "streams.version", .max_version_level = 0, .upgrade_type = k_safe});
  request.feature_updates.push_back({.feature = "group.version", .max_version_level = 9});
  (void)cluster.take(cluster.controller.update_features(cluster.call(2), request));
  EXPECT_TRUE(cluster.last.empty());
}

}  // namespace
}  // namespace moldau::controller
