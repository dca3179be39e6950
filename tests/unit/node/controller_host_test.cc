#include "node/controller_host.h"

#include <gtest/gtest.h>

#include "protocol/api/allocate_producer_ids.h"
#include "protocol/api/broker_registration.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/describe_quorum.h"
#include "protocol/api/metadata.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

class ControllerHostTest : public ControllerWorld {
 protected:
  BrokerEpoch register_broker() {
    protocol::BrokerRegistrationRequest request;
    request.broker_id = BrokerId{1};
    request.cluster_id = "the-cluster";
    request.incarnation_id = Uuid{5, 5};
    request.rack = std::nullopt;
    auto& listener = request.listeners.emplace_back();
    listener.name = "PLAINTEXT";
    listener.host = "node";
    listener.port = 9092;
    for (const auto& [name, range] : metadata::supported_features()) {
      auto& feature = request.features.emplace_back();
      feature.name = name;
      feature.min_supported_version = range.min.value;
      feature.max_supported_version = range.max.value;
    }
    request.log_dirs = {directories->id_of("data")};
    const auto response =
        ask<protocol::BrokerRegistrationRequest, protocol::BrokerRegistrationResponse>(request);
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(response->error_code, Errc::none);
    return response->broker_epoch;
  }
};

TEST_F(ControllerHostTest, RequestBeforeTheElectionWaitsForIt) {
  start();
  EXPECT_FALSE(host->is_active());
  EXPECT_GT(register_broker(), BrokerEpoch{0});
  EXPECT_TRUE(host->is_active());
}

TEST_F(ControllerHostTest, AnswerLeavesWhenItsRecordsAreCommitted) {
  start();
  const BrokerEpoch epoch = register_broker();
  // A broker's epoch is the offset of its record.
  EXPECT_GT(driver->machine().high_watermark()->value(), epoch.value());
  EXPECT_NE(flow->loader().image()->cluster.broker(BrokerId{1}), nullptr);
}

TEST_F(ControllerHostTest, ProducerIdBlocksFollowEachOther) {
  start();
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = BrokerId{1};
  request.broker_epoch = register_broker();
  const auto first =
      ask<protocol::AllocateProducerIdsRequest, protocol::AllocateProducerIdsResponse>(request);
  const auto second =
      ask<protocol::AllocateProducerIdsRequest, protocol::AllocateProducerIdsResponse>(request);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->error_code, Errc::none);
  EXPECT_EQ(second->producer_id_start.value(),
            first->producer_id_start.value() + first->producer_id_len);
}

TEST_F(ControllerHostTest, StateIsTheSameAfterARestart) {
  start();
  const BrokerEpoch epoch = register_broker();
  stop();
  start();
  ASSERT_TRUE(world.run_until([this] { return host->is_active(); }));
  const metadata::BrokerRegistration* broker =
      host->controller().image().cluster.broker(BrokerId{1});
  ASSERT_NE(broker, nullptr);
  EXPECT_EQ(broker->epoch, epoch);
}

TEST_F(ControllerHostTest, QuorumIsNotToldToWhoMayNotDescribeTheCluster) {
  struct NoDescribing final : security::Authorizer {
    [[nodiscard]] bool allows(const security::Principal& /*principal*/, std::string_view /*host*/,
                              security::Operation operation, security::ResourceType type,
                              std::string_view name) const override {
      return operation != security::Operation::describe ||
             type != security::ResourceType::cluster || name != security::k_cluster_name;
    }
  };
  const NoDescribing rules_of_cluster;
  const auto code = [&] {
    const auto answer = ask<protocol::DescribeQuorumRequest, protocol::DescribeQuorumResponse>({});
    return answer->error_code;
  };
  start();
  EXPECT_NE(code(), Errc::cluster_authorization_failed);
  stop();
  authorizer = &rules_of_cluster;
  start();
  EXPECT_EQ(code(), Errc::cluster_authorization_failed);
  register_broker();  // needs another operation
  stop();
}

TEST_F(ControllerHostTest, StoppedHostRefuses) {
  start();
  ASSERT_TRUE(world.run_until([this] { return host->is_active(); }));
  auto stopped = host->stop();
  ASSERT_TRUE(world.run_until([&] { return stopped.done(); }));
  const auto answer =
      run(host->answer({.api = protocol::ApiKey::create_topics, .version = ApiVersion{7}}));
  EXPECT_EQ(answer.error().code(), Errc::not_controller);
}

}  // namespace
}  // namespace moldau::node
