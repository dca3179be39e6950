#include "env/disk.h"

#include <gtest/gtest.h>

#include "sim/disk.h"
#include "sim/volume.h"

namespace moldau::env {
namespace {

TEST(Paths, JoinAndParentAgree) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(parent_path("a/b"), "a");
  EXPECT_EQ(parent_path("/b"), "/");
  EXPECT_EQ(parent_path("b"), ".");
}

TEST(MakeDurableDirectory, FolderAndTheParentsItMadeOutliveAPowerCut) {
  sim::Volume volume;
  sim::Disk disk(volume);
  ASSERT_TRUE(make_durable_directory(disk, "a/b/c/").take_result().has_value());
  volume.cut_power(sim::PowerCut::lose_all());
  EXPECT_TRUE(*volume.exists("a/b/c"));
}

TEST(MakeDurableDirectory, FolderThatSomebodyLeftUnsyncedIsSyncedToo) {
  sim::Volume volume;
  sim::Disk disk(volume);
  ASSERT_TRUE(volume.make_directory("a").has_value());
  ASSERT_TRUE(make_durable_directory(disk, "a").take_result().has_value());
  volume.cut_power(sim::PowerCut::lose_all());
  EXPECT_TRUE(*volume.exists("a"));
}

}  // namespace
}  // namespace moldau::env
