#include "raft/types.h"

#include <gtest/gtest.h>

#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

TEST(SnapshotId, FileNameIsKafkasAndReadsBack) {
  const SnapshotId id{Offset{59}, LeaderEpoch{1}};
  EXPECT_EQ(id.file_name(), "00000000000000000059-0000000001.checkpoint");
  EXPECT_EQ(SnapshotId::of_file_name(id.file_name()), id);
  EXPECT_EQ(SnapshotId::of_file_name("00000000000000000059-0000000001.checkpoint.part"),
            std::nullopt);
  EXPECT_EQ(SnapshotId::of_file_name("0000000000000000005x-0000000001.checkpoint"), std::nullopt);
  EXPECT_EQ(SnapshotId::of_file_name("99999999999999999999-0000000001.checkpoint"), std::nullopt);
  EXPECT_EQ(SnapshotId::of_file_name("-0000000000000000059-0000000001.checkpoint"), std::nullopt);
}

TEST(VoterSet, IsSortedAndTakesEachIdOnce) {
  const VoterSet set = test::voters({test::voter(3), test::voter(1)});
  EXPECT_EQ(set.all()[0].key.id, BrokerId{1});
  EXPECT_EQ(set.find(BrokerId{2}), nullptr);
  EXPECT_FALSE(VoterSet::of({test::voter(1), test::voter(1)}).has_value());
  EXPECT_FALSE(VoterSet::of({test::voter(-1)}).has_value());
}

TEST(VoterSet, DirectoryCountsOnlyWhereItIsKnown) {
  const VoterSet known = test::voters({test::voter(1, test::k_dir)});
  EXPECT_TRUE(known.is_only_voter({BrokerId{1}, test::k_dir}));
  EXPECT_FALSE(known.is_voter({BrokerId{1}, Uuid{5, 5}}));
  EXPECT_TRUE(test::voters({test::voter(1)}).is_voter({BrokerId{1}, test::k_dir}));
}

TEST(VoterSet, RecordReadsBack) {
  const VoterSet set = test::voters({test::voter(1, test::k_dir), test::voter(2, Uuid{4, 4})});
  const auto again = VoterSet::from_record(set.to_record());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, set);
}

}  // namespace
}  // namespace moldau::raft
