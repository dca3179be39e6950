#include "client/group_session.h"

#include <gtest/gtest.h>

#include "client/classic_member.h"
#include "unit/client/fake_group.h"

namespace moldau::client {
namespace {

constexpr Milliseconds k_beat{40};

std::unique_ptr<Member> classic_member(std::optional<std::string> rack = std::nullopt) {
  return std::make_unique<ClassicMember>(
      GroupSettings{.group_id = "g", .rack = std::move(rack), .heartbeat_interval = k_beat},
      *make_assignors("range"));
}

struct Session {
  explicit Session(ClientWorld& world, std::unique_ptr<Member> member = classic_member())
      : group(world.broker),
        cluster(world.env, world.settings),
        link(cluster, CoordinatorKind::group, "g"),
        heard(world.env.scheduler),
        session(link, std::move(member), [this] { heard.ring(); }) {}
  env::Task<void> until_duty() {
    while (!session.member().duty()) co_await heard;
  }
  env::Task<void> close() {
    co_await session.close();
    co_await cluster.close();
  }
  FakeGroup group;
  Cluster cluster;
  CoordinatorLink link;
  env::Signal heard;
  GroupSession session;
};

env::Task<void> joining(ClientWorld& world) {
  Session it(world);
  it.group.find_errors = {Errc::coordinator_not_available};
  it.session.subscribe({{"t"}});
  it.session.member().polled(world.env.clock.now());
  it.session.poke();
  co_await it.until_duty();
  EXPECT_EQ(it.session.member().assigned().size(), world.broker.partitions);
  it.session.member().duty_done(it.session.member().duty()->number, world.env.clock.now());
  co_await it.session.leave();
  co_await it.until_duty();
  it.session.member().duty_done(it.session.member().duty()->number, world.env.clock.now());
  it.session.poke();
  while (!it.session.member().is_out()) co_await it.heard;
  EXPECT_EQ(it.group.left, std::vector<std::string>{"m1"});
  co_await it.close();
}

TEST(GroupSession, JoinsLeadsAndLeaves) { with_broker(&joining); }

env::Task<void> matching(ClientWorld& world) {
  Session it(world);
  it.session.match([](std::string_view name) { return name == "t"; });
  it.session.member().polled(world.env.clock.now());
  while (!it.session.member().duty()) {
    it.session.member().polled(world.env.clock.now());
    it.session.poke();
    co_await it.heard;
  }
  EXPECT_EQ(it.session.member().assigned().size(), world.broker.partitions);
  co_await it.close();
}

TEST(GroupSession, FindsTheTopicsThatMatch) { with_broker(&matching); }

env::Task<void> matching_all(ClientWorld& world) {
  world.broker.is_internal = true;
  Session it(world);
  it.session.match([](std::string_view) { return true; });
  for (int i = 0; i < 20; ++i) {
    it.session.member().polled(world.env.clock.now());
    it.session.poke();
    co_await env::sleep_for(world.env, Milliseconds{20});
  }
  EXPECT_TRUE(it.session.member().assigned().empty());
  co_await it.close();
}

TEST(GroupSession, TopicsOfKafkasOwnMatchNothing) { with_broker(&matching_all); }

env::Task<void> rebalance(ClientWorld& world) {
  Session it(world);
  it.session.subscribe({{"t"}});
  it.session.member().polled(world.env.clock.now());
  it.session.poke();
  co_await it.until_duty();
  it.session.member().duty_done(it.session.member().duty()->number, world.env.clock.now());
  it.group.beat_errors = {Errc::rebalance_in_progress};
  co_await it.until_duty();
  EXPECT_EQ(it.session.member().duty()->kind, Duty::Kind::revoke);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::heartbeat], 1) << "told when it is there";
  co_await it.close();
}

TEST(GroupSession, TellsOfADutyThatAHeartbeatMakes) { with_broker(&rebalance); }

env::Task<void> racks_change(ClientWorld& world) {
  world.broker.rack = "a";
  world.broker.replicas = {FakeBroker::k_id};
  world.settings.metadata_max_age = Milliseconds{5};
  Session it(world, classic_member("a"));
  it.session.subscribe({{"t"}});
  it.session.member().polled(world.env.clock.now());
  it.session.poke();
  co_await it.until_duty();
  it.session.member().duty_done(it.session.member().duty()->number, world.env.clock.now());
  world.broker.rack = "b";
  co_await it.until_duty();  // long before a heartbeat is due
  EXPECT_EQ(it.session.member().duty()->kind, Duty::Kind::revoke);
  co_await it.close();
}

TEST(GroupSession, LeaderIsToldThatReplicasAreInOtherRacks) { with_broker(&racks_change); }

}  // namespace
}  // namespace moldau::client
