#include "group/describe.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;

TEST(Describe, AStableGroupShowsProtocolMetadataAndAssignment) {
  Host host;
  const std::string id = host.stable_member();
  const auto group = host.describe();
  EXPECT_EQ(group.group_state, "Stable");
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(group.protocol_data, "range");
  ASSERT_EQ(group.members.size(), 1U);
  EXPECT_EQ(group.members[0].member_id, id);
  EXPECT_EQ(group.members[0].client_id, "c");
  EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(group.members[0].member_metadata, test::subscription({"t"}));
  EXPECT_EQ(group.members[0].member_assignment, test::bytes_of("all"));
}

TEST(Describe, AGroupThatRebalancesShowsNoMetadata) {
  Host host;
  const std::string id = host.stable_member();
  host.join({});
  host.join({.member = id});
  const auto group = host.describe();
  EXPECT_EQ(group.group_state, "PreparingRebalance");
  EXPECT_EQ(group.protocol_data, "");
  EXPECT_TRUE(group.members.at(0).member_metadata.empty());
}

TEST(Describe, AGroupThatDoesNotExistIsDead) {
  Host host;
  const auto before = host.describe(ApiVersion{5});
  EXPECT_EQ(before.group_state, "Dead");
  EXPECT_EQ(before.error_code, Errc::none);
  const auto now = host.describe(ApiVersion{6});
  EXPECT_EQ(now.group_state, "Dead");
  EXPECT_EQ(now.error_code, Errc::group_id_not_found);
  EXPECT_EQ(now.error_message, "Group g not found.");
}

TEST(List, NamesEveryGroupInOrder) {
  Host host;
  host.stable_member();
  host.group = "a";
  ASSERT_EQ(host.commit({}), Errc::none);
  const auto groups = host.list();
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].group_id, "a");
  EXPECT_EQ(groups[0].protocol_type, "");
  EXPECT_EQ(groups[0].group_state, "Empty");
  EXPECT_EQ(groups[1].protocol_type, "consumer");
  EXPECT_EQ(groups[1].group_state, "Stable");
  EXPECT_EQ(groups[1].group_type, "classic");
}

TEST(List, FiltersByStateAndTypeWhateverTheirCase) {
  Host host;
  host.stable_member();
  host.group = "a";
  ASSERT_EQ(host.commit({}), Errc::none);
  EXPECT_EQ(host.list({.states_filter = {"STABLE "}}).size(), 1U);
  EXPECT_EQ(host.list({.states_filter = {"stable", "empty"}}).size(), 2U);
  EXPECT_EQ(host.list({.types_filter = {"Classic"}}).size(), 2U);
  EXPECT_TRUE(host.list({.types_filter = {"consumer"}}).empty());
  EXPECT_TRUE(host.list({.states_filter = {"no such state"}}).empty());
}

}  // namespace
}  // namespace moldau::group
