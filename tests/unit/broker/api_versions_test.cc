#include "protocol/api/api_versions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::ApiKey;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

class ApiVersionsTest : public testing::Test {
 protected:
  ApiVersionsTest() {
    request.client_software_name = "kcat";
    request.client_software_version = "1.7.1";
  }
  ApiVersionsResponse ask(ApiVersion version) {
    return broker.ok<ApiVersionsResponse>(request, version);
  }
  static bool tells(const ApiVersionsResponse& response, ApiKey api) {
    return std::ranges::any_of(response.api_keys,
                               [api](const auto& one) { return one.api_key == api; });
  }

  BrokerWorld broker;
  ApiVersionsRequest request;
};

TEST_F(ApiVersionsTest, WhatWorksIsAdvertisedWithKafkasRanges) {
  const ApiVersionsResponse response = ask(ApiVersion{4});
  EXPECT_EQ(response.error_code, Errc::none);
  const auto produce = std::ranges::find(response.api_keys, ApiKey::produce,
                                         [](const auto& one) { return one.api_key; });
  ASSERT_NE(produce, response.api_keys.end());
  EXPECT_EQ(produce->min_version, ApiVersion{0}) << "librdkafka needs the 0";
  EXPECT_EQ(produce->max_version, ApiVersion{13});
  EXPECT_FALSE(tells(response, ApiKey::share_fetch));
  EXPECT_FALSE(tells(response, ApiKey::vote));
}

TEST_F(ApiVersionsTest, ControllerListenerHasItsOwnTable) {
  broker.controller_listener = true;
  const ApiVersionsResponse response = ask(ApiVersion{4});
  EXPECT_TRUE(tells(response, ApiKey::vote));
  EXPECT_TRUE(tells(response, ApiKey::broker_heartbeat));
  EXPECT_FALSE(tells(response, ApiKey::produce));
  EXPECT_FALSE(tells(response, ApiKey::metadata));
}

TEST_F(ApiVersionsTest, UnknownVersionIsAnsweredInVersionZeroWithItsOwnRange) {
  const auto body =
      broker.ask_bytes(ApiKey::api_versions, ApiVersion{99}, SharedBytes{}, /*exists=*/false);
  ASSERT_TRUE(body.has_value());
  const auto response = ApiVersionsResponse::decode((*body)->view(), ApiVersion{0});
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->error_code, Errc::unsupported_version);
  ASSERT_EQ(response->api_keys.size(), 1U);
  EXPECT_EQ(response->api_keys[0].api_key, ApiKey::api_versions);
  EXPECT_EQ(response->api_keys[0].max_version, ApiVersion{5});
}

TEST_F(ApiVersionsTest, FeaturesWithMinimumZeroComeFromVersion4) {
  EXPECT_EQ(ask(ApiVersion{3}).supported_features.size(), 1U);
  EXPECT_EQ(ask(ApiVersion{4}).supported_features.size(), 7U);
  EXPECT_TRUE(ask(ApiVersion{2}).supported_features.empty());
  EXPECT_EQ(ask(ApiVersion{4}).finalized_features_epoch, 41);
}

TEST_F(ApiVersionsTest, SoftwareNameIsChecked) {  // KIP-511
  request.client_software_name = "spaces are not";
  EXPECT_EQ(ask(ApiVersion{3}).error_code, Errc::invalid_request);
  EXPECT_EQ(ask(ApiVersion{2}).error_code, Errc::none);
  request.client_software_name = "-leading";
  EXPECT_EQ(ask(ApiVersion{3}).error_code, Errc::invalid_request);
}

TEST_F(ApiVersionsTest, SoftwareNameIsKeptWithTheConnection) {
  (void)ask(ApiVersion{3});
  EXPECT_EQ(broker.connection.software_name, "kcat");
  EXPECT_EQ(broker.connection.software_version, "1.7.1");
}

TEST_F(ApiVersionsTest, WrongClusterOrNodeMustBootstrapAgain) {  // KIP-1242
  request.cluster_id = "another";
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::invalid_request) << "both or none";
  request.node_id = k_self;
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::rebootstrap_required);
  request.cluster_id = "cluster-of-the-test";
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::none);
  request.node_id = BrokerId{8};
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::rebootstrap_required);
  request.node_id = BrokerId{-5};
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::rebootstrap_required) << "only -1 is none";
  broker.controller_listener = true;
  EXPECT_EQ(ask(ApiVersion{5}).error_code, Errc::none);
}

}  // namespace
}  // namespace moldau::broker
