#include "client/group_offsets.h"

#include <gtest/gtest.h>

#include "unit/client/fake_group.h"

namespace moldau::client {
namespace {

const TopicPartition k_first{"t", PartitionIndex{0}};
const TopicPartition k_second{"t", PartitionIndex{1}};

env::Task<void> committing(ClientWorld& world) {
  FakeGroup group(world.broker);
  Cluster cluster(world.env, world.settings);
  CoordinatorLink link(cluster, CoordinatorKind::group, "g");
  const GroupOffsets offsets{{k_first, {Offset{3}, LeaderEpoch{2}, "note"}},
                             {k_second, {Offset{4}}}};
  group.commit_errors = {Errc::coordinator_load_in_progress, Errc::not_coordinator};
  CHECK_OK(co_await commit_offsets(link, MemberIdentity{"m", 7, "i"}, offsets));
  EXPECT_EQ(group.committed, offsets);
  EXPECT_EQ(group.committers.size(), 3U);
  EXPECT_EQ(group.committers[0].epoch, 7);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::find_coordinator], 2);
  group.commit_errors = {Errc::illegal_generation};
  const auto refused = co_await commit_offsets(link, std::nullopt, offsets);
  EXPECT_EQ(refused.error().code(), Errc::illegal_generation);
  EXPECT_EQ(group.committers.back().epoch, -1);
  const auto found = co_await fetch_offsets(link, {});
  CHECK_OK(found);
  EXPECT_EQ(*found, offsets);
  co_await cluster.close();
}

TEST(GroupOffsets, AreCommittedAndFetchedAndWhatMayPassIsTriedAgain) { with_broker(&committing); }

env::Task<void> fetching(ClientWorld& world) {
  FakeGroup group(world.broker);
  Cluster cluster(world.env, world.settings);
  CoordinatorLink link(cluster, CoordinatorKind::group, "g");
  group.fetch_errors = {Errc::coordinator_load_in_progress, Errc::not_coordinator};
  const auto none = co_await fetch_offsets(link, {.partitions = {{k_first}}});
  CHECK_OK(none);
  EXPECT_TRUE(none->empty());
  group.fetch_errors = {Errc::group_authorization_failed};
  const auto refused = co_await fetch_offsets(link, {});
  EXPECT_EQ(refused.error().code(), Errc::group_authorization_failed);
  co_await cluster.close();
}

TEST(GroupOffsets, FetchTellsWhatIsRefusedForGood) { with_broker(&fetching); }

}  // namespace
}  // namespace moldau::client
