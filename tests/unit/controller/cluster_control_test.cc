#include "controller/cluster_control.h"

#include <gtest/gtest.h>

#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using namespace std::chrono_literals;
using test::all_of;
using test::brokers;
using test::Cluster;

class RegistrationTest : public testing::Test {
 protected:
  Result<Decision<protocol::BrokerRegistrationResponse>> ask(
      const protocol::BrokerRegistrationRequest& request, int version = 4) {
    return cluster.controller.register_broker(cluster.call(version), request);
  }
  Errc error(const protocol::BrokerRegistrationRequest& request) {
    const auto decision = ask(request);
    return decision ? Errc::none : decision.error().code();
  }
  Cluster cluster;
};

TEST_F(RegistrationTest, NewBrokerIsFencedAndItsEpochIsTheOffsetOfItsRecord) {
  const Offset at = cluster.end;
  EXPECT_EQ(cluster.register_broker(7).value(), at.value());
  const auto* broker = cluster.controller.image().cluster.broker(BrokerId{7});
  EXPECT_TRUE(broker->fenced);
  EXPECT_EQ(broker->endpoints[0].port, 9007);
  EXPECT_EQ(cluster.last.back().version, ApiVersion{4});
}

TEST_F(RegistrationTest, SecondIncarnationWaitsForTheSessionOfTheFirst) {
  cluster.start_broker(1);
  EXPECT_EQ(error(cluster.registration(1, 2)), Errc::duplicate_broker_registration);
  cluster.pass(9001ms);
  EXPECT_EQ(error(cluster.registration(1, 2)), Errc::none);
}

// After a kill and a restart of a node that is both; no other broker gains by it.
TEST(RegistrationOfACombinedNode, DoesNotWaitForTheSessionOfItsLastRun) {
  Settings with = test::settings();
  with.own_broker_incarnation = Uuid{2, 2};  // of broker 1, as registration(1, 2) has it
  Cluster cluster(std::move(with));
  cluster.start_broker(1, 1);
  cluster.start_broker(2, 1);
  const BrokerEpoch before = cluster.controller.image().cluster.broker(BrokerId{1})->epoch;
  const auto error = [&cluster](const protocol::BrokerRegistrationRequest& request) {
    const auto decision = cluster.controller.register_broker(cluster.call(4), request);
    return decision ? Errc::none : decision.error().code();
  };
  EXPECT_EQ(error(cluster.registration(1, 3)), Errc::duplicate_broker_registration);
  auto impostor = cluster.registration(2, 2);
  impostor.incarnation_id = Uuid{2, 2};
  EXPECT_EQ(error(impostor), Errc::duplicate_broker_registration);
  EXPECT_GT(cluster.register_broker(1, 2), before);
  EXPECT_TRUE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
  (void)cluster.heartbeat(1);
  // The session of the last run ends, and takes nothing with it.
  cluster.pass(8000ms);
  (void)cluster.heartbeat(1);
  (void)cluster.heartbeat(2);
  cluster.pass(2000ms);
  EXPECT_FALSE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
  EXPECT_EQ(error(cluster.registration(1, 3)), Errc::duplicate_broker_registration);
}

TEST_F(RegistrationTest, SameIncarnationKeepsItsEpochAndState) {
  cluster.start_broker(1);
  const BrokerEpoch epoch = cluster.controller.image().cluster.broker(BrokerId{1})->epoch;
  EXPECT_EQ(cluster.register_broker(1), epoch);
  EXPECT_FALSE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
}

TEST_F(RegistrationTest, WrongClusterDirectoriesAndFeaturesAreRefused) {
  auto request = cluster.registration(1);
  request.cluster_id = "other";
  EXPECT_EQ(error(request), Errc::inconsistent_cluster_id);
  request = cluster.registration(1);
  request.log_dirs.clear();
  EXPECT_EQ(error(request), Errc::invalid_registration);
  request.log_dirs = {Uuid{0, 3}};
  EXPECT_EQ(error(request), Errc::invalid_registration);
  request.log_dirs = {test::k_dir_of(1), test::k_dir_of(1)};
  EXPECT_EQ(error(request), Errc::invalid_registration);
  cluster.start_broker(2);
  request.log_dirs = {test::k_dir_of(2)};
  EXPECT_EQ(error(request), Errc::invalid_registration);
  request = cluster.registration(1);
  request.is_migrating_zk_broker = true;
  EXPECT_EQ(error(request), Errc::broker_id_not_registered);
  request = cluster.registration(1);
  std::erase_if(request.features, [](const auto& f) { return f.name == "metadata.version"; });
  EXPECT_EQ(error(request), Errc::invalid_registration);
  request = cluster.registration(1);
  for (auto& f : request.features) {
    if (f.name == "metadata.version") f.max_supported_version = 20;
  }
  const auto refused = ask(request);
  EXPECT_EQ(refused.error().text(),
            "Unable to register because the broker does not support finalized version 33 of "
            "metadata.version. The broker wants a version between 7 and 20, inclusive.");
}

TEST_F(RegistrationTest, FeatureThatIsFinalizedMustBeMentioned) {
  auto request = cluster.registration(1);
  std::erase_if(request.features, [](const auto& f) { return f.name == "group.version"; });
  EXPECT_EQ(error(request), Errc::unsupported_version);
  // kraft.version 0 asks nothing of a broker that does not know it.
  request = cluster.registration(1);
  std::erase_if(request.features, [](const auto& f) { return f.name == "kraft.version"; });
  EXPECT_EQ(error(request), Errc::none);
}

class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() { cluster.start_broker(1); }
  Cluster cluster;
};

TEST_F(HeartbeatTest, BrokerIsUnfencedOnlyWhenItHasReadItsRegistration) {
  (void)cluster.register_broker(2);
  auto request = cluster.heartbeat_of(2);
  request.current_metadata_offset = Offset{request.broker_epoch.value() - 1};
  auto response = cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  EXPECT_FALSE(response.is_caught_up);
  EXPECT_TRUE(response.is_fenced);
  request.current_metadata_offset = Offset{request.broker_epoch.value()};
  response = cluster.take(cluster.controller.heartbeat(cluster.call(2), request));
  EXPECT_TRUE(response.is_caught_up);
  EXPECT_FALSE(response.is_fenced);
  EXPECT_FALSE(cluster.controller.image().cluster.broker(BrokerId{2})->fenced);
}

TEST_F(HeartbeatTest, BrokerThatWantsToBeFencedIs) {
  auto request = cluster.heartbeat_of(1);
  request.want_fence = true;
  EXPECT_TRUE(cluster.take(cluster.controller.heartbeat(cluster.call(2), request)).is_fenced);
  EXPECT_TRUE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
}

TEST_F(HeartbeatTest, OldIncarnationIsStale) {
  auto request = cluster.heartbeat_of(1);
  request.broker_epoch = BrokerEpoch{1};
  EXPECT_EQ(cluster.controller.heartbeat(cluster.call(2), request).error().code(),
            Errc::stale_broker_epoch);
  request.broker_id = BrokerId{77};
  EXPECT_EQ(cluster.controller.heartbeat(cluster.call(2), request).error().code(),
            Errc::stale_broker_epoch);
}

TEST_F(HeartbeatTest, OnlyBrokerShutsDownInTwoSteps) {
  (void)cluster.create("a", 2, 1);
  auto response = cluster.heartbeat(1, true);
  EXPECT_FALSE(response.should_shut_down);
  EXPECT_TRUE(cluster.controller.image().cluster.broker(BrokerId{1})->in_controlled_shutdown);
  EXPECT_EQ(cluster.partition("a", 0).leader, k_no_broker);
  response = cluster.heartbeat(1, true);
  EXPECT_TRUE(response.should_shut_down);
  EXPECT_TRUE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
}

TEST_F(HeartbeatTest, BrokerWithoutLeadershipsGoesAtOnceAndItsIdIsFree) {
  EXPECT_TRUE(cluster.heartbeat(1, true).should_shut_down);
  EXPECT_TRUE(
      cluster.controller.register_broker(cluster.call(4), cluster.registration(1, 2)).has_value());
}

TEST_F(HeartbeatTest, ShutdownWaitsUntilTheOthersHaveReadIt) {
  cluster.start_broker(2);
  cluster.create_assigned("a", {brokers({1, 2})});
  EXPECT_FALSE(cluster.heartbeat(1, true).should_shut_down);
  EXPECT_EQ(cluster.partition("a").leader, BrokerId{2});
  EXPECT_FALSE(cluster.heartbeat(1, true).should_shut_down);  // 2 has not read that far
  (void)cluster.heartbeat(2);
  EXPECT_TRUE(cluster.heartbeat(1, true).should_shut_down);
}

TEST_F(HeartbeatTest, ProducerIdsComeInBlocksOfAThousand) {
  const auto ask = [&] {
    return cluster.take(cluster.controller.allocate_producer_ids(
        cluster.call(0),
        {.broker_id = BrokerId{1}, .broker_epoch = cluster.heartbeat_of(1).broker_epoch}));
  };
  EXPECT_EQ(ask().producer_id_start, ProducerId{0});
  const auto second = ask();
  EXPECT_EQ(second.producer_id_start, ProducerId{1000});
  EXPECT_EQ(second.producer_id_len, 1000);
  EXPECT_EQ(cluster.controller
                .allocate_producer_ids(cluster.call(0),
                                       {.broker_id = BrokerId{1}, .broker_epoch = BrokerEpoch{0}})
                .error()
                .code(),
            Errc::stale_broker_epoch);
}

TEST(ControllerRegistration, ComesAndGoes) {
  Cluster cluster;
  protocol::ControllerRegistrationRequest request{.controller_id = BrokerId{5},
                                                  .incarnation_id = Uuid{1, 1}};
  request.listeners.push_back({.name = "CONTROLLER", .host = "h", .port = 9093});
  (void)cluster.take(cluster.controller.register_controller(cluster.call(0), request));
  EXPECT_EQ(cluster.controller.image().cluster.controller(BrokerId{5})->endpoints[0].port, 9093);
  const protocol::UnregisterControllerRequest gone{.controller_id = BrokerId{5}};
  (void)cluster.take(cluster.controller.unregister_controller(cluster.call(0), gone));
  EXPECT_EQ(cluster.controller.unregister_controller(cluster.call(0), gone).error().text(),
            "Controller ID 5 is not currently registered.");
}

TEST(ControllerRegistration, NeedsAMetadataVersionThatKnowsIt) {
  Settings settings = test::settings();
  settings.bootstrap = *metadata::bootstrap_records(FeatureLevel{14});
  Cluster cluster(settings);
  EXPECT_EQ(cluster.controller.register_controller(cluster.call(0), {}).error().code(),
            Errc::unsupported_version);
  EXPECT_EQ(cluster.controller.unregister_controller(cluster.call(0), {}).error().code(),
            Errc::unsupported_version);
}

TEST(BrokerUnregistration, UnknownBrokerIsNamed) {
  Cluster cluster;
  EXPECT_EQ(cluster.controller.unregister_broker(cluster.call(0), {.broker_id = BrokerId{44}})
                .error()
                .text(),
            "Broker ID 44 is not currently registered");
}

}  // namespace
}  // namespace moldau::controller
