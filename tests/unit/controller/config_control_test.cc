#include "controller/config_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using test::all_of;
using test::Cluster;

class ConfigControlTest : public testing::Test {
 protected:
  ConfigControlTest() {
    cluster.start_broker(1);
    (void)cluster.create("t", 1, 1);
  }
  using Resource = protocol::IncrementalAlterConfigsRequest::AlterConfigsResource;
  static Resource resource(int type, std::string name, std::string key,
                           std::optional<std::string> value, int operation = 0) {
    Resource r{.resource_type = static_cast<std::int8_t>(type), .resource_name = std::move(name)};
    r.configs.push_back({.name = std::move(key),
                         .config_operation = static_cast<std::int8_t>(operation),
                         .value = std::move(value)});
    return r;
  }
  std::vector<protocol::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse> ask(
      std::vector<Resource> resources, bool validate_only = false) {
    const protocol::IncrementalAlterConfigsRequest request{.resources = std::move(resources),
                                                           .validate_only = validate_only};
    return cluster.take(cluster.controller.incremental_alter_configs(cluster.call(1), request))
        .responses;
  }
  Cluster cluster;
};

TEST_F(ConfigControlTest, ChangeBecomesARecord) {
  EXPECT_EQ(ask({resource(2, "t", "retention.ms", "5")}).at(0).error_code, Errc::none);
  ASSERT_EQ(cluster.last.size(), 1U);
  EXPECT_EQ(
      cluster.controller.image().configs.value({metadata::ConfigType::topic, "t"}, "retention.ms"),
      "5");
  (void)ask({resource(2, "t", "retention.ms", "5")});
  EXPECT_TRUE(cluster.last.empty());
  (void)ask({resource(2, "t", "retention.ms", std::nullopt, 1)});
  EXPECT_EQ(all_of<protocol::ConfigRecord>(cluster.last).at(0).value, std::nullopt);
}

TEST_F(ConfigControlTest, ResourceThatIsNotThereIsNamed) {
  const auto topic = ask({resource(2, "none", "retention.ms", "5")});
  EXPECT_EQ(topic.at(0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(topic[0].error_message, "The topic 'none' does not exist.");
  EXPECT_EQ(ask({resource(4, "77", "x", "5")}).at(0).error_message, "No node with id 77 found.");
  EXPECT_EQ(ask({resource(4, "abc", "x", "5")}).at(0).error_code, Errc::invalid_request);
  EXPECT_EQ(ask({resource(4, "1", "x", "5")}).at(0).error_code, Errc::none);
}

TEST_F(ConfigControlTest, UnknownKindAndResourceGivenTwiceAreRefused) {
  EXPECT_EQ(ask({resource(99, "t", "x", "5")}).at(0).error_message, "Unknown resource type 99.");
  const auto twice =
      ask({resource(2, "t", "retention.ms", "5"), resource(2, "t", "retention.ms", "6")});
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_EQ(twice[0].error_message, "Duplicate resource.");
}

TEST_F(ConfigControlTest, OneBadResourceDoesNotStopTheOthers) {
  const auto answers =
      ask({resource(2, "t", "zz", "5"), resource(4, "", "log.cleaner.threads", "2")});
  EXPECT_EQ(answers.at(0).error_code, Errc::invalid_config);
  EXPECT_EQ(answers.at(1).error_code, Errc::none);
  EXPECT_EQ(cluster.last.size(), 1U);
}

TEST_F(ConfigControlTest, ValidatingChangesNothing) {
  EXPECT_EQ(ask({resource(2, "t", "retention.ms", "5")}, true).at(0).error_code, Errc::none);
  EXPECT_TRUE(cluster.last.empty());
}

TEST_F(ConfigControlTest, MinInsyncReplicasClearsTheElrItWasMadeUnder) {
  (void)ask({resource(2, "t", "min.insync.replicas", "2")});
  EXPECT_EQ(all_of<protocol::ClearElrRecord>(cluster.last).at(0).topic_name, "t");
  (void)ask({resource(4, "", "min.insync.replicas", "2")});
  EXPECT_EQ(all_of<protocol::ClearElrRecord>(cluster.last).at(0).topic_name, "");
}

TEST_F(ConfigControlTest, RightsAreCheckedByResource) {
  cluster.authorizer = &cluster.deny_all;
  EXPECT_EQ(ask({resource(2, "t", "retention.ms", "5")}).at(0).error_code,
            Errc::topic_authorization_failed);
  EXPECT_EQ(ask({resource(4, "", "x", "5")}).at(0).error_code, Errc::cluster_authorization_failed);
  EXPECT_EQ(ask({resource(32, "g", "x", "5")}).at(0).error_code, Errc::group_authorization_failed);
}

TEST_F(ConfigControlTest, OperationThatDoesNotExistIsRefused) {
  EXPECT_EQ(ask({resource(2, "t", "retention.ms", "5", 7)}).at(0).error_code,
            Errc::invalid_request);
}

TEST_F(ConfigControlTest, OldRequestReplacesEverything) {
  (void)ask({resource(2, "t", "retention.ms", "5")});
  protocol::AlterConfigsRequest request;
  auto& r = request.resources.emplace_back();
  r.resource_type = 2;
  r.resource_name = "t";
  r.configs.push_back({.name = "segment.bytes", .value = "2000000"});
  (void)cluster.take(cluster.controller.alter_configs(cluster.call(2), request));
  const auto& configs = cluster.controller.image().configs.of({metadata::ConfigType::topic, "t"});
  EXPECT_EQ(configs, (metadata::ConfigMap{{"segment.bytes", "2000000"}}));
}

TEST_F(ConfigControlTest, SwitchingElrOnMakesTheMinimumAMatterOfTheCluster) {
  Settings settings = test::settings();
  settings.min_insync_replicas = 2;
  settings.bootstrap =
      *metadata::bootstrap_records(metadata::k_latest_production_metadata_version,
                                   {{std::string(metadata::k_elr_version), FeatureLevel{0}}});
  Cluster without(settings);
  without.start_broker(1);
  without.apply({metadata::test::config_is(4, "1", "min.insync.replicas", "1")});
  protocol::UpdateFeaturesRequest request;
  request.feature_updates.push_back(
      {.feature = std::string(metadata::k_elr_version), .max_version_level = 1});
  EXPECT_EQ(without.take(without.controller.update_features(without.call(2), request)).error_code,
            Errc::none);
  const auto& configs = without.controller.image().configs;
  EXPECT_EQ(configs.value({metadata::ConfigType::broker, ""}, "min.insync.replicas"), "2");
  EXPECT_EQ(configs.value({metadata::ConfigType::broker, "1"}, "min.insync.replicas"),
            std::nullopt);
  EXPECT_EQ(without.last.size(), 3U);
}

}  // namespace
}  // namespace moldau::controller
