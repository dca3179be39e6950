#include "sim/volume.h"

#include <set>

#include "unit/sim/volume_vocabulary.h"

namespace moldau::sim {
namespace {

TEST_F(VolumeTest, ANameNotSyncedGoesWithThePowerAndASyncedOneStays) {
  write("a", 0, "1");
  sync("a");
  sync_folder(".");
  write("b", 0, "2");
  sync("b");  // the data, not the name
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("a"), "1");
  EXPECT_FALSE(there("b"));
}

TEST_F(VolumeTest, ARenameNotSyncedIsUndone) {
  write("old", 0, "first");
  sync("old");
  write("new", 0, "second");
  sync("new");
  sync_folder(".");
  ASSERT_TRUE(volume_.rename("new", "old").has_value());
  EXPECT_EQ(text("old"), "second");
  EXPECT_FALSE(there("new"));
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("old"), "first");
  EXPECT_EQ(text("new"), "second");
}

TEST_F(VolumeTest, ARenameThatStaysBringsAnEmptyFileWhenTheDataWasNotSynced) {
  write("draft", 0, "content");
  ASSERT_TRUE(volume_.rename("draft", "final").has_value());
  PowerCut how = PowerCut::lose_all();
  how.names_kept_of_8 = 8;
  volume_.cut_power(how);
  EXPECT_EQ(text("final"), "");
}

TEST_F(VolumeTest, ARemovalNotSyncedIsUndone) {
  write("a", 0, "1");
  sync("a");
  sync_folder(".");
  ASSERT_TRUE(volume_.remove("a").has_value());
  EXPECT_FALSE(there("a"));
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("a"), "1");
}

TEST_F(VolumeTest, AFileInANewFolderNeedsBothFoldersSynced) {
  ASSERT_TRUE(volume_.make_directory("dir/sub").has_value());
  write("dir/sub/a", 0, "1");
  sync("dir/sub/a");
  sync_folder("dir/sub");
  sync_folder("dir");
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_FALSE(there("dir/sub/a"));

  ASSERT_TRUE(volume_.make_directory("dir/sub").has_value());
  write("dir/sub/a", 0, "1");
  sync("dir/sub/a");
  sync_folder("dir/sub");
  sync_folder("dir");
  sync_folder(".");
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("dir/sub/a"), "1");
}

TEST_F(VolumeTest, ARenamedFolderKeepsWhatIsInIt) {
  ASSERT_TRUE(volume_.make_directory("t-0").has_value());
  write("t-0/x", 0, "1");
  ASSERT_TRUE(volume_.rename("t-0", "t-0.abc-delete").has_value());
  EXPECT_EQ(text("t-0.abc-delete/x"), "1");
  EXPECT_FALSE(there("t-0"));
}

TEST_F(VolumeTest, ErrorsAreThoseOfTheContract) {
  using env::OpenMode;
  const auto code = [](const auto& result) {
    return result.has_value() ? Errc::none : result.error().code();
  };
  EXPECT_EQ(code(volume_.open("x", OpenMode::read)), Errc::not_found);
  EXPECT_EQ(code(volume_.open("no/x", OpenMode::create)), Errc::not_found);
  write("x", 0, "1");
  EXPECT_EQ(code(volume_.open("x", OpenMode::create_exclusive)), Errc::already_exists);
  EXPECT_EQ(code(volume_.rename("y", "z")), Errc::not_found);
  EXPECT_EQ(code(volume_.list("y")), Errc::not_found);
  ASSERT_TRUE(volume_.make_directory("d").has_value());
  write("d/x", 0, "1");
  EXPECT_EQ(code(volume_.remove_directory("d")), Errc::io_failure);
  EXPECT_EQ(code(volume_.open("../x", OpenMode::create)), Errc::io_failure);
}

TEST_F(VolumeTest, AFullDiskTakesAPrefixAndIsUsableAgainAfterARemoval) {
  volume_.set_capacity(10);
  write("a", 0, "12345678");
  const Bytes more = as_bytes("abcdef");
  const auto node = open("b");
  const auto result = volume_.write(*node, 0, {more.begin(), more.end()});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Errc::no_space);
  EXPECT_EQ(text("b"), "ab");
  ASSERT_TRUE(volume_.remove("a").has_value());
  sync_folder(".");
  volume_.cut_power(PowerCut::keep_all());
  append("b", "cdef");
  EXPECT_EQ(text("b"), "abcdef");
}

TEST_F(VolumeTest, ALockIsHeldUntilItsHolderOrThePowerGoes) {
  const auto lock = volume_.try_lock("d/.lock");
  ASSERT_TRUE(lock.has_value());
  EXPECT_FALSE(volume_.try_lock("d/.lock").has_value());
  volume_.cut_power(PowerCut::keep_all());
  EXPECT_TRUE(volume_.try_lock("d/.lock").has_value());
  volume_.unlock("d/.lock", *lock);  // of a life before
  EXPECT_FALSE(volume_.try_lock("d/.lock").has_value());
}

TEST_F(VolumeTest, SomeUnsyncedNamesStayAndSomeGo) {
  std::set<int> counts;
  for (int round = 0; round < 20; ++round) {
    Volume volume(static_cast<std::uint64_t>(round));
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(volume.open("f" + std::to_string(i), env::OpenMode::create).has_value());
    }
    volume.cut_power({});
    counts.insert(static_cast<int>(volume.list(".")->size()));
  }
  EXPECT_GT(counts.size(), 3U);
}

TEST_F(VolumeTest, NamesInOrderStayAsAPrefix) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Volume volume(seed);
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(volume.open("f" + std::to_string(i), env::OpenMode::create).has_value());
    }
    PowerCut how;
    how.names_in_order = true;
    volume.cut_power(how);
    const auto left = *volume.list(".");
    for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(left[i].name, "f" + std::to_string(i));
  }
}

}  // namespace
}  // namespace moldau::sim
