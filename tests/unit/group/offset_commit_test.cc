#include "group/offset_commit.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;

constexpr ProducerId k_producer{11};

TEST(OffsetCommit, OfASimpleConsumerMakesAGroupThatOnlyHoldsOffsets) {
  Host host;
  EXPECT_EQ(host.commit({.offset = 42}), Errc::none);
  EXPECT_EQ(host.committed(), 42);
  const auto records = host.take_records();
  ASSERT_EQ(records.size(), 1U);
  const auto& entry = std::get<OffsetCommitEntry>(records[0]);
  EXPECT_EQ(entry.value.value().leader_epoch, LeaderEpoch{3});
  EXPECT_EQ(entry.value->commit_timestamp, host.wall());
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(OffsetCommit, OfNothingThatIsTakenMakesNoGroup) {
  Host host;
  EXPECT_EQ(host.commit({.offset = 42, .metadata = std::string(4097, 'x')}),
            Errc::offset_metadata_too_large);
  EXPECT_EQ(host.describe().group_state, "Dead");
}

// The field is whatever somebody sends; the sum with the time wraps, as in Kafka.
TEST(OffsetCommit, OfARetentionBeyondAllTimeIsTaken) {
  Host host;
  EXPECT_EQ(host.commit({.offset = 42, .retention = Milliseconds::max()}, ApiVersion{4}),
            Errc::none);
  EXPECT_EQ(host.committed(), 42);
  EXPECT_EQ(host.commit({.offset = 43, .retention = Milliseconds::min()}, ApiVersion{4}),
            Errc::none);
}

TEST(OffsetCommit, IsThereAfterTheLogIsReadAgain) {
  Host host;
  EXPECT_EQ(host.commit({.offset = 42}), Errc::none);
  host.reload();
  EXPECT_EQ(host.committed(), 42);
}

TEST(OffsetCommit, OfAMemberInAGroupThatDoesNotExistHasTheErrorOfItsVersion) {
  Host host;
  EXPECT_EQ(host.commit({.member = "m", .generation = 1}, ApiVersion{9}), Errc::group_id_not_found);
  EXPECT_EQ(host.commit({.member = "m", .generation = 1}, ApiVersion{8}), Errc::illegal_generation);
}

TEST(OffsetCommit, OfAMemberNeedsItsIdItsGenerationAndItsInstance) {
  Host host;
  const std::string id = host.stable_member();
  EXPECT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  EXPECT_EQ(host.commit({.member = id, .generation = 2}), Errc::illegal_generation);
  EXPECT_EQ(host.commit({.member = "other", .generation = 1}), Errc::unknown_member_id);
  EXPECT_EQ(host.commit({.member = id, .generation = 1, .instance = "i"}), Errc::unknown_member_id);
}

TEST(OffsetCommit, WithoutAMemberIsRefusedWhileTheGroupHasSome) {
  Host host;
  host.stable_member();
  EXPECT_EQ(host.commit({}), Errc::unknown_member_id);
}

TEST(OffsetCommit, WaitsForTheAssignmentOfTheGeneration) {
  Host host;
  std::string id;
  AskId joined;
  host.join_as_new(&id, &joined);
  host.pass(Milliseconds{3000});
  ASSERT_TRUE(host.answer<protocol::JoinGroupResponse>(joined).has_value());
  EXPECT_EQ(host.commit({.member = id, .generation = 1}), Errc::rebalance_in_progress);
}

TEST(OffsetCommit, KeepsTheSessionAlive) {
  Host host;
  const std::string id = host.stable_member();
  for (int i = 0; i < 4; ++i) {
    host.pass(Milliseconds{9'000});
    EXPECT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  }
  host.pass(Milliseconds{10'000});
  EXPECT_EQ(host.describe().group_state, "Empty");
}

TEST(OffsetCommit, WithMetadataOverTheLimitIsRefusedForThatPartition) {
  Host host({.offset_metadata_max_bytes = 4});
  EXPECT_EQ(host.commit({.metadata = "12345"}), Errc::offset_metadata_too_large);
  EXPECT_EQ(host.committed(), -1);
  // Kafka counts UTF-16 units: four here, in eight bytes.
  EXPECT_EQ(host.commit({.metadata = "\u00e4\u00e4\u00e4\u00e4"}), Errc::none);
  EXPECT_EQ(host.commit({.metadata = std::nullopt}), Errc::none);
  EXPECT_EQ(host.committed(), 7);
}

TEST(OffsetCommit, InATransactionCountsWhenThatEnds) {
  Host host;
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.offset = 5}), Errc::none);
  EXPECT_EQ(host.committed(), -1);
  host.end_transaction(k_producer, true);
  EXPECT_EQ(host.committed(), 5);
  host.reload();
  EXPECT_EQ(host.committed(), 5);
}

TEST(OffsetCommit, InATransactionOfAZombieIsRefused) {
  Host host;
  const std::string id = host.stable_member();
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.member = id, .generation = 0}),
            Errc::illegal_generation);
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.member = "gone", .generation = 1}),
            Errc::unknown_member_id);
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.member = id, .generation = 1}), Errc::none);
  // Producers of old clients do not say who consumes.
  EXPECT_EQ(host.commit_in_transaction(k_producer, {}), Errc::none);
  host.group = "none";
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.member = id, .generation = 1}),
            Errc::illegal_generation);
  EXPECT_EQ(host.commit_in_transaction(k_producer, {.member = id, .generation = 1}, ApiVersion{6}),
            Errc::group_id_not_found);
}

}  // namespace
}  // namespace moldau::group
