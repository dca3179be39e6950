#include "sim/volume_node.h"

#include <set>

#include "unit/sim/volume_vocabulary.h"

namespace moldau::sim {
namespace {

class VolumeNodeTest : public VolumeTest {
 protected:
  void SetUp() override {
    append("f", "synced.");
    sync("f");
    sync_folder(".");
  }
  // What 200 seeds leave of the same unsynced writes.
  static std::set<std::string> outcomes(const PowerCut& how) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Volume volume(seed);
      auto file = *volume.open("f", env::OpenMode::create);
      const auto put = [&](std::uint64_t at, std::string_view text) {
        const Bytes bytes = as_bytes(text);
        EXPECT_TRUE(volume.write(*file, at, {bytes.begin(), bytes.end()}).has_value());
      };
      put(0, "base");
      Volume::finish_sync(*file, Volume::begin_sync(*file));
      EXPECT_TRUE(volume.sync_directory(".").has_value());
      put(4, "1111");
      put(8, "2222");
      volume.cut_power(how);
      seen.insert(std::string(as_text(*volume.peek("f"))));
    }
    return seen;
  }
};

TEST_F(VolumeNodeTest, UnsyncedBytesGoAndSyncedBytesStay) {
  append("f", "unsynced");
  EXPECT_EQ(text("f"), "synced.unsynced");
  EXPECT_EQ(volume_.unsynced(), 8U);
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("f"), "synced.");
  EXPECT_EQ(volume_.unsynced(), 0U);
}

TEST_F(VolumeNodeTest, AProcessThatDiesLosesNothing) {
  append("f", "unsynced");
  volume_.kill_process();
  EXPECT_EQ(text("f"), "synced.unsynced");
}

TEST_F(VolumeNodeTest, ASyncCoversWhatWasWrittenBeforeItBegan) {
  append("f", "A");
  const auto node = open("f");
  const auto mark = Volume::begin_sync(*node);
  append("f", "B");
  Volume::finish_sync(*node, mark);
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("f"), "synced.A");
}

TEST_F(VolumeNodeTest, ATruncationNotSyncedIsUndone) {
  volume_.truncate(*open("f"), 2);
  EXPECT_EQ(text("f"), "sy");
  volume_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(text("f"), "synced.");
}

TEST_F(VolumeNodeTest, AfterAFailedSyncNoLaterSyncBringsTheBytes) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Volume volume(seed);
    const auto node = *volume.open("f", env::OpenMode::create);
    ASSERT_TRUE(volume.sync_directory(".").has_value());
    ASSERT_TRUE(volume.write(*node, 0, {std::byte{1}}).has_value());
    volume.fail_sync(*node, Volume::begin_sync(*node));
    Volume::finish_sync(*node, Volume::begin_sync(*node));
    EXPECT_EQ(Volume::size(*node), 1U);
    volume.cut_power(PowerCut::lose_all());
    lost = lost || volume.peek("f")->empty();
  }
  EXPECT_TRUE(lost);
}

TEST_F(VolumeNodeTest, AfterAFailedSyncTheNextProcessSeesWhatIsOnThePlatter) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Volume volume(seed);
    const auto node = *volume.open("f", env::OpenMode::create);
    ASSERT_TRUE(volume.write(*node, 0, {std::byte{1}}).has_value());
    volume.fail_sync(*node, Volume::begin_sync(*node));
    ASSERT_TRUE(volume.write(*node, 1, {std::byte{2}}).has_value());
    volume.kill_process();
    EXPECT_EQ(volume.peek("f")->size(), 2U);
    EXPECT_EQ(volume.peek("f")->back(), std::byte{2});
    lost = lost || volume.peek("f")->front() == std::byte{0};
  }
  EXPECT_TRUE(lost);
}

TEST_F(VolumeNodeTest, APrefixKeepsTheOrderOfWritesAndTearsTheLast) {
  PowerCut how = PowerCut::lose_all();
  how.lose_weight = 0;
  how.prefix_weight = 1;
  const auto seen = outcomes(how);
  for (const std::string& text : seen) {
    EXPECT_TRUE(std::string("base11112222").starts_with(text)) << text;
  }
  EXPECT_GE(seen.size(), 7U);
}

TEST_F(VolumeNodeTest, ScatteredWritesMayLeaveTheLaterOneWithoutTheEarlier) {
  PowerCut how = PowerCut::lose_all();
  how.lose_weight = 0;
  how.scatter_weight = 1;
  const auto seen = outcomes(how);
  const std::string hole = std::string("base") + std::string(4, '\0') + "2222";
  EXPECT_TRUE(seen.contains(hole));
  EXPECT_TRUE(seen.contains("base11112222"));
  EXPECT_TRUE(seen.contains("base"));
}

TEST_F(VolumeNodeTest, FlippedBitsAndZeroTailsTouchOnlyUnsyncedBytes) {
  PowerCut how = PowerCut::keep_all();
  how.flip_bits = true;
  bool flipped = false;
  for (const std::string& text : outcomes(how)) {
    EXPECT_TRUE(text.starts_with("base"));
    flipped = flipped || text != "base11112222";
  }
  EXPECT_TRUE(flipped);
  how = PowerCut::lose_all();
  how.zero_tails = true;
  EXPECT_TRUE(outcomes(how).contains("base" + std::string(8, '\0')));
}

TEST_F(VolumeNodeTest, SectorTearsEndAtMultiplesOf512) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Volume volume(seed);
    const auto node = *volume.open("f", env::OpenMode::create);
    ASSERT_TRUE(volume.sync_directory(".").has_value());
    ASSERT_TRUE(volume.write(*node, 0, std::vector<std::byte>(2000)).has_value());
    PowerCut how = PowerCut::lose_all();
    how.lose_weight = 0;
    how.prefix_weight = 1;
    how.tear = PowerCut::Tear::sector;
    volume.cut_power(how);
    sizes.insert(volume.peek("f")->size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 512, 1024, 1536}));
}

}  // namespace
}  // namespace moldau::sim
