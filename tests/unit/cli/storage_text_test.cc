#include "cli/storage_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TEST(StorageTextTest, TheNewestReleaseMapsToItsFeatures) {
  EXPECT_EQ(version_mapping_text(metadata::k_latest_production_metadata_version),
            "metadata.version=33 (4.4-IV2)\nkraft.version=1\ntransaction.version=2\n"
            "group.version=1\neligible.leader.replicas.version=1\nshare.version=2\n"
            "streams.version=1\n");
}

TEST(StorageTextTest, AReleaseIsShownAsItWasTyped) {
  const auto release = read_release("4.0", Stability::any);
  ASSERT_TRUE(release.has_value());
  EXPECT_TRUE(version_mapping_text(*release, "4.0").starts_with("metadata.version=25 (4.0)\n"));
}

TEST(StorageTextTest, OfAReleaseTwoPartsCount) {
  EXPECT_EQ(*read_release("4.0.1", Stability::any), *read_release("4.0", Stability::any));
  EXPECT_EQ(*read_release("4.0-IV3.9.9", Stability::any), *read_release("4.0-IV3", Stability::any));
  EXPECT_TRUE(read_release("4.0.1", Stability::any).has_value());
  EXPECT_FALSE(read_release("", Stability::any).has_value());
}

TEST(StorageTextTest, AReleaseThatIsNotStableIsKnownOnlyWhenItMayBe) {
  EXPECT_FALSE(read_release("4.5-IV0", Stability::production).has_value());
  EXPECT_TRUE(read_release("4.5-IV0", Stability::any).has_value());
}

TEST(StorageTextTest, DependenciesNameTheirRelease) {
  const auto text =
      dependencies_text({"metadata.version=26", "eligible.leader.replicas.version=1"});
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            "metadata.version=26 (4.1-IV0) has no dependencies.\n"
            "eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n");
  EXPECT_EQ(dependencies_text({"share.version=9"}).error().text(),
            "Feature level 9 is not supported for feature share.version");
}

TEST(StorageTextTest, AnUnknownReleaseListsWhatThereIs) {
  const auto release = read_release("9.9", Stability::production);
  ASSERT_FALSE(release.has_value());
  EXPECT_TRUE(release.error().text().starts_with(
      "Unknown metadata.version '9.9'. Supported metadata.version are: 3.3-IV3, 3.4-IV0"));
  EXPECT_TRUE(release.error().text().ends_with(", 4.4-IV1, 4.4-IV2"));
}

TEST(StorageTextTest, ControllersAreReadWithTheirDirectories) {
  const auto voters = read_initial_controllers(
      "1@127.0.0.1:19693:AQIDBAUGBwgJCgsMDQ4PEA,2@[::1]:19694:AgIDBAUGBwgJCgsMDQ4PEA", "C");
  ASSERT_TRUE(voters.has_value());
  ASSERT_EQ(voters->all().size(), 2U);
  EXPECT_EQ(voters->all()[1].endpoints[0].host, "::1");
  EXPECT_EQ(voters->all()[1].endpoints[0].port, 19694);
  EXPECT_EQ(read_initial_controllers("1:2", "C").error().text(),
            "No @ found in dynamic voter string.");
}

}  // namespace
}  // namespace moldau::cli
