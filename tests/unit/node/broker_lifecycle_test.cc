#include "node/broker_lifecycle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/api/broker_heartbeat.h"
#include "protocol/api/broker_registration.h"
#include "sim/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::node {
namespace {

// A controller that registers and unfences as it is told to.
class FakeController final : public broker::ControllerClient {
 public:
  [[nodiscard]] env::Task<Result<SharedBytes>> send(broker::ControllerRequest request) override {
    Writer out;
    if (request.api == protocol::ApiKey::broker_registration) {
      ++registrations;
      protocol::BrokerRegistrationResponse response;
      response.error_code = registrations > refusals ? Errc::none : refusal;
      response.broker_epoch = BrokerEpoch{31};
      response.encode(out, request.version);
    } else {
      const auto heartbeat =
          protocol::BrokerHeartbeatRequest::decode(request.body.view(), request.version);
      last = *heartbeat;
      ++heartbeats;
      protocol::BrokerHeartbeatResponse response;
      response.error_code = heartbeat_error;
      response.is_fenced = heartbeat->current_metadata_offset < caught_up;
      response.should_shut_down = heartbeat->want_shut_down && lets_go;
      response.encode(out, request.version);
    }
    co_return SharedBytes::take(out.take());
  }
  int registrations = 0;
  int refusals = 0;
  Errc refusal = Errc::duplicate_broker_registration;
  int heartbeats = 0;
  Offset caught_up{10};
  bool lets_go = true;
  Errc heartbeat_error = Errc::none;
  protocol::BrokerHeartbeatRequest last;
};

class BrokerLifecycleTest : public testing::Test {
 protected:
  BrokerLifecycleTest()
      : env(world.add_host({.name = "node"}).boot().env(0)),
        lifecycle(
            env, controller,
            {.id = BrokerId{1},
             .cluster_id = "c",
             .heartbeat_interval = Milliseconds{2000},
             .registration_timeout = Milliseconds{5000},
             .cordoned_log_dirs = [this] { return cordoned; }},
            [this] { return applied; }, telemetry::Logger(sink, "test")) {}
  ~BrokerLifecycleTest() override {
    auto left = lifecycle.leave_cluster(Milliseconds{0});
    EXPECT_TRUE(world.run_until([&] { return left.done(); }));
  }

  sim::World world{3};
  env::Env& env;
  telemetry::CapturedLog sink;
  FakeController controller;
  Offset applied{11};
  std::optional<std::vector<Uuid>> cordoned;
  BrokerLifecycle lifecycle;
};

TEST_F(BrokerLifecycleTest, BrokerThatHasCaughtUpIsUnfenced) {
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  EXPECT_TRUE(joined.take_result().has_value());
  EXPECT_EQ(lifecycle.epoch(), BrokerEpoch{31});
  EXPECT_EQ(controller.last.current_metadata_offset, Offset{10});
}

TEST_F(BrokerLifecycleTest, NewerMetadataMakeItAskAgainAtOnce) {
  applied = Offset{5};
  auto joined = lifecycle.join_cluster();
  world.run_for(Milliseconds{10});
  EXPECT_FALSE(joined.done());
  applied = Offset{11};
  const Instant before = world.now();
  lifecycle.metadata_advanced();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  EXPECT_LT(world.now() - before, Milliseconds{50});
  EXPECT_TRUE(joined.take_result().has_value());
}

TEST_F(BrokerLifecycleTest, DuplicateIdIsTriedAgainForAWhile) {
  controller.refusals = 3;
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  EXPECT_TRUE(joined.take_result().has_value());
  EXPECT_EQ(controller.registrations, 4);
  const auto told = std::ranges::count_if(sink.lines(), [](const std::string& line) {
    return line.find("session of the last run") != std::string::npos;
  });
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(std::ranges::none_of(sink.lines(), [](const std::string& line) {
    return line.find("DUPLICATE_BROKER_REGISTRATION") != std::string::npos;
  }));
}

TEST_F(BrokerLifecycleTest, CordonedDirectoriesAreToldAtOnceWhenTheyChange) {
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  EXPECT_FALSE(controller.last.cordoned_log_dirs.has_value());
  const int before = controller.heartbeats;
  cordoned.emplace({Uuid{3, 4}});
  lifecycle.metadata_advanced();
  world.run_for(Milliseconds{10});
  EXPECT_EQ(controller.heartbeats, before + 1);
  EXPECT_EQ(controller.last.cordoned_log_dirs, cordoned);
  lifecycle.metadata_advanced();
  world.run_for(Milliseconds{10});
  EXPECT_EQ(controller.heartbeats, before + 1) << "nothing new";
}

TEST_F(BrokerLifecycleTest, RefusalForGoodIsAnError) {
  controller.refusals = 1'000'000;
  controller.refusal = Errc::inconsistent_cluster_id;
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  EXPECT_EQ(joined.take_result().error().code(), Errc::inconsistent_cluster_id);
  EXPECT_EQ(controller.registrations, 1);
}

TEST_F(BrokerLifecycleTest, HeartbeatsGoOnAtTheirInterval) {
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  const int before = controller.heartbeats;
  world.run_for(std::chrono::seconds{20});
  EXPECT_GE(controller.heartbeats - before, 9);
  EXPECT_LE(controller.heartbeats - before, 11);
}

TEST_F(BrokerLifecycleTest, LeavingWaitsUntilTheControllerLetsGo) {
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  controller.lets_go = false;
  auto left = lifecycle.leave_cluster(std::chrono::seconds{10});
  world.run_for(std::chrono::seconds{1});
  EXPECT_FALSE(left.done());
  EXPECT_TRUE(controller.last.want_shut_down);
  controller.lets_go = true;
  ASSERT_TRUE(world.run_until([&] { return left.done(); }));
  EXPECT_LT(world.now() - Instant{}, std::chrono::seconds{5});
}

TEST_F(BrokerLifecycleTest, LeavingIsGivenUpAfterAWhile) {
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  controller.lets_go = false;
  const Instant before = world.now();
  auto left = lifecycle.leave_cluster(std::chrono::seconds{2});
  ASSERT_TRUE(world.run_until([&] { return left.done(); }));
  EXPECT_LT(world.now() - before, std::chrono::seconds{4});
}

TEST_F(BrokerLifecycleTest, DroppingOutAsksForNothing) {  // controlled.shutdown.enable=false
  auto joined = lifecycle.join_cluster();
  ASSERT_TRUE(world.run_until([&] { return joined.done(); }));
  const int before = controller.heartbeats;
  auto left = lifecycle.drop_out();
  ASSERT_TRUE(world.run_until([&] { return left.done(); }));
  EXPECT_EQ(controller.heartbeats, before);
  EXPECT_FALSE(controller.last.want_shut_down);
}

}  // namespace
}  // namespace moldau::node
