#include "client/list_offsets.h"

#include <gtest/gtest.h>

#include "record/builder.h"
#include "unit/client/fake_broker.h"

namespace moldau::client {
namespace {

const TopicPartition k_first{"t", PartitionIndex{0}};

void put(ClientWorld& world, const std::vector<std::string>& values) {
  record::BatchFields fields;
  fields.base_offset = world.broker.log_start;
  record::BatchBuilder builder(fields);
  for (const std::string& value : values) {
    builder.append({.timestamp = timestamp_of(5), .value = as_bytes(value)});
  }
  world.broker.logs[0].push_back(builder.build());
}

env::Task<void> offsets(ClientWorld& world) {
  world.broker.log_start = Offset{10};
  put(world, {"a", "b"});
  world.broker.list_offsets_errors = {Errc::not_leader_or_follower, Errc::leader_not_available};
  Cluster cluster(world.env, world.settings);
  const auto earliest = co_await find_offset(cluster, k_first, OffsetSpec::earliest);
  CHECK_OK(earliest);
  EXPECT_EQ(earliest->offset, Offset{10});
  EXPECT_EQ(earliest->leader_epoch, LeaderEpoch{4});
  const auto latest = co_await find_offset(cluster, k_first, OffsetSpec::latest);
  CHECK_OK(latest);
  EXPECT_EQ(latest->offset, Offset{12});
  world.broker.list_offsets_errors = {Errc::unsupported_for_message_format};
  const auto refused = co_await find_offset_for_time(cluster, k_first, timestamp_of(5));
  EXPECT_EQ(refused.error().code(), Errc::unsupported_for_message_format);
  for (const auto kind :
       {ResetPolicy::Kind::earliest, ResetPolicy::Kind::latest, ResetPolicy::Kind::by_duration}) {
    const auto found = co_await find_reset_offset(cluster, k_first, {kind, Milliseconds{1}},
                                                  Isolation::read_uncommitted);
    CHECK_OK(found);
    EXPECT_EQ(found->offset, kind == ResetPolicy::Kind::earliest ? Offset{10} : Offset{12});
  }
  const auto none = co_await find_reset_offset(cluster, k_first, {ResetPolicy::Kind::none, {}},
                                               Isolation::read_uncommitted);
  EXPECT_EQ(none.error().code(), Errc::offset_out_of_range);
  co_await cluster.close();
}

TEST(FindOffset, RetriesWhatMayPassAndTellsTheRest) { with_broker(&offsets); }

env::Task<void> leader_never_comes(ClientWorld& world) {
  world.broker.leader = k_no_broker;
  Cluster cluster(world.env, world.settings);
  const Instant begun = world.env.clock.now();
  const auto refused = co_await find_offset(cluster, k_first, OffsetSpec::latest);
  EXPECT_EQ(refused.error().code(), Errc::leader_not_available);
  EXPECT_GE(world.env.clock.now() - begun, world.settings.api_timeout);
  co_await cluster.close();
}

TEST(FindOffset, EndsAfterTheApiTimeoutWithoutALeader) { with_broker(&leader_never_comes); }

}  // namespace
}  // namespace moldau::client
