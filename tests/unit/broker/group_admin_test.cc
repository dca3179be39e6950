#include <gtest/gtest.h>

#include "protocol/api/delete_groups.h"
#include "protocol/api/describe_groups.h"
#include "protocol/api/list_groups.h"
#include "protocol/api/offset_commit.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DeleteGroupsRequest;
using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;

class GroupAdminTest : public testing::Test {
 protected:
  // A commit makes a group that nobody is in.
  void make_groups() {
    broker.lead_groups(5);
    broker.add_topic("t");
    for (const char* group : {"a", "b", "c"}) {
      protocol::OffsetCommitRequest request;
      request.group_id = group;
      auto& topic = request.topics.emplace_back();
      topic.name = "t";
      topic.partitions.emplace_back();
      broker.ok<protocol::OffsetCommitResponse>(request, ApiVersion{8});
    }
  }
  std::vector<std::string> listed(const ListGroupsRequest& request = {}) {
    const auto response = broker.ok<ListGroupsResponse>(request, ApiVersion{5});
    EXPECT_EQ(response.error_code, Errc::none);
    std::vector<std::string> out;
    for (const auto& group : response.groups) out.push_back(group.group_id);
    std::ranges::sort(out);
    return out;
  }
  void forbid_group(const std::string& name) {
    broker.authorizer.forbids = [name](security::Operation, security::ResourceType type,
                                       std::string_view which) {
      return type == security::ResourceType::cluster ||
             (type == security::ResourceType::group && which == name);
    };
  }
  BrokerWorld broker{2};
};

TEST_F(GroupAdminTest, GroupsOfAllCoordinatorsAreListed) {
  EXPECT_TRUE(listed().empty());
  make_groups();
  EXPECT_EQ(listed(), (std::vector<std::string>{"a", "b", "c"}));
  ListGroupsRequest stable;
  stable.states_filter = {"Stable"};
  EXPECT_TRUE(listed(stable).empty());
  forbid_group("b");
  EXPECT_EQ(listed(), (std::vector<std::string>{"a", "c"}));
}

TEST_F(GroupAdminTest, DescribedWithWhatTheClientMayDo) {
  make_groups();
  DescribeGroupsRequest request;
  request.groups = {"b", "a"};
  request.include_authorized_operations = true;
  forbid_group("b");
  const auto response = broker.ok<DescribeGroupsResponse>(request, ApiVersion{5});
  ASSERT_EQ(response.groups.size(), 2U);
  EXPECT_EQ(response.groups[0].group_id, "b");
  EXPECT_EQ(response.groups[0].error_code, Errc::group_authorization_failed);
  EXPECT_EQ(response.groups[1].group_state, "Empty");
  EXPECT_EQ(response.groups[1].authorized_operations,
            (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11));
}

TEST_F(GroupAdminTest, DeletedOnceHoweverOftenNamed) {
  make_groups();
  DeleteGroupsRequest request;
  request.groups_names = {"c", "a", "a", "nobody"};
  forbid_group("c");
  const auto response = broker.ok<DeleteGroupsResponse>(request, ApiVersion{2});
  ASSERT_EQ(response.results.size(), 3U);
  EXPECT_EQ(response.results[0].group_id, "a");
  EXPECT_EQ(response.results[0].error_code, Errc::none);
  EXPECT_EQ(response.results[1].group_id, "nobody");
  EXPECT_EQ(response.results[1].error_code, Errc::group_id_not_found);
  EXPECT_EQ(response.results[2].group_id, "c");
  EXPECT_EQ(response.results[2].error_code, Errc::group_authorization_failed);
  broker.authorizer.forbids = nullptr;
  EXPECT_EQ(listed(), (std::vector<std::string>{"b", "c"}));
}

TEST_F(GroupAdminTest, WithoutACoordinatorEachGroupIsToldSo) {
  DescribeGroupsRequest describe;
  describe.groups = {"a"};
  EXPECT_EQ(broker.ok<DescribeGroupsResponse>(describe, ApiVersion{5}).groups.at(0).error_code,
            Errc::coordinator_not_available);
  DeleteGroupsRequest remove;
  remove.groups_names = {"a"};
  EXPECT_EQ(broker.ok<DeleteGroupsResponse>(remove, ApiVersion{2}).results.at(0).error_code,
            Errc::coordinator_not_available);
}

}  // namespace
}  // namespace moldau::broker
