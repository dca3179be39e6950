#include "client/group_admin.h"

#include <gtest/gtest.h>

#include "client/consumer_protocol.h"
#include "protocol/api/consumer_group_describe.h"
#include "protocol/api/delete_groups.h"
#include "protocol/api/describe_groups.h"
#include "protocol/api/list_groups.h"
#include "protocol/api/offset_delete.h"
#include "unit/client/fake_broker.h"
#include "unit/client/fake_group.h"

namespace moldau::client {
namespace {

using namespace protocol;

Result<rpc::Response> encoded(const auto& message, ApiVersion version) {
  Writer body;
  message.encode(body, version);
  return rpc::Response::of(std::move(body));
}

// Adds the requests of an administrator to those that a fake group answers.
struct FakeAdmin {
  explicit FakeAdmin(FakeBroker& broker) : group(broker), members(std::move(broker.other.answer)) {
    for (const auto& [key, greatest] :
         {std::pair{ApiKey::list_groups, 5}, std::pair{ApiKey::describe_groups, 6},
          std::pair{ApiKey::consumer_group_describe, 1}, std::pair{ApiKey::delete_groups, 3},
          std::pair{ApiKey::offset_delete, 0}}) {
      broker.other.apis.emplace_back(key, static_cast<std::int16_t>(greatest));
    }
    broker.other.answer = [this](rpc::Request& request) { return answer(request); };
  }
  Result<rpc::Response> answer(rpc::Request& request) {
    const ApiVersion version = request.header.version;
    switch (request.header.api) {
      case ApiKey::list_groups:
        return encoded(listed, version);
      case ApiKey::describe_groups:
        return encoded(classic, version);
      case ApiKey::consumer_group_describe:
        return encoded(modern, version);
      case ApiKey::delete_groups: {
        DeleteGroupsResponse response;
        response.results.emplace_back().error_code = delete_error;
        delete_error = Errc::none;
        return encoded(response, version);
      }
      case ApiKey::offset_delete:
        return encoded(offsets, version);
      default:
        return members(request);
    }
  }
  FakeGroup group;
  std::function<Result<rpc::Response>(rpc::Request&)> members;
  ListGroupsResponse listed;
  DescribeGroupsResponse classic;
  ConsumerGroupDescribeResponse modern;
  OffsetDeleteResponse offsets;
  Errc delete_error = Errc::none;
};

const TopicPartition k_first{"t", PartitionIndex{0}};

env::Task<void> classic_group(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& unknown = admin.modern.groups.emplace_back();
  unknown.error_code = Errc::group_id_not_found;
  unknown.error_message = "Group g is not a consumer group.";
  auto& group = admin.classic.groups.emplace_back();
  group.group_id = "g";
  group.group_state = "Stable";
  group.protocol_type = "consumer";
  group.protocol_data = "range";
  auto& member = group.members.emplace_back();
  member.member_id = "m";
  member.member_assignment = write_assignment({k_first});
  group.members.emplace_back().member_id = "without bytes";
  Cluster cluster(world.env, world.settings);
  const auto found = co_await describe_consumer_group(cluster, "g");
  CHECK_OK(found);
  EXPECT_EQ(found->assignor, "range");
  EXPECT_EQ(found->coordinator, FakeBroker::k_id);
  EXPECT_EQ(found->members.at(0).assigned, std::set{k_first});
  EXPECT_FALSE(found->members.at(0).target);
  EXPECT_TRUE(found->members.at(1).assigned.empty());
  group.protocol_type = "connect";
  EXPECT_EQ((co_await describe_consumer_group(cluster, "g")).error().text(),
            "GroupId g is not a consumer group (connect).");
  group.error_code = Errc::group_id_not_found;
  EXPECT_EQ((co_await describe_consumer_group(cluster, "g")).error().text(),
            "Group g is not a consumer group.");
  co_await cluster.close();
}

TEST(GroupAdmin, ClassicGroupIsDescribedByTheOlderRequest) { with_broker(&classic_group); }

env::Task<void> modern_group(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& group = admin.modern.groups.emplace_back();
  group.group_id = "g";
  group.group_epoch = 4;
  group.assignment_epoch = 3;
  auto& member = group.members.emplace_back();
  member.member_epoch = 2;
  member.member_type = 1;
  auto& topic = member.target_assignment.topic_partitions.emplace_back();
  topic.topic_name = "t";
  topic.partitions.emplace_back(0);
  Cluster cluster(world.env, world.settings);
  const auto found = co_await describe_consumer_group(cluster, "g");
  CHECK_OK(found);
  EXPECT_EQ(found->group_epoch, 4);
  EXPECT_EQ(found->assignment_epoch, 3);
  EXPECT_EQ(found->members.at(0).epoch, 2);
  EXPECT_EQ(found->members.at(0).upgraded, true);
  EXPECT_EQ(found->members.at(0).target, std::set{k_first});
  co_await cluster.close();
}

TEST(GroupAdmin, ConsumerGroupIsDescribedWithItsEpochs) { with_broker(&modern_group); }

env::Task<void> changing(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  auto& listed = admin.listed.groups.emplace_back();
  listed.group_id = "g";
  listed.group_type = "classic";
  Cluster cluster(world.env, world.settings);
  const auto groups = co_await list_groups(cluster, {.states = {"Empty"}});
  CHECK_OK(groups);
  EXPECT_EQ(groups->at(0).group_id, "g");
  EXPECT_EQ(groups->at(0).type, "Classic");
  admin.delete_error = Errc::not_coordinator;
  CHECK_OK(co_await delete_group(cluster, "g"));
  admin.delete_error = Errc::non_empty_group;
  EXPECT_EQ((co_await delete_group(cluster, "g")).error().code(), Errc::non_empty_group);
  auto& topic = admin.offsets.topics.emplace_back();
  topic.name = "t";
  topic.partitions.emplace_back().error_code = Errc::group_subscribed_to_topic;
  const auto deleted = co_await delete_offsets(cluster, "g", {k_first});
  CHECK_OK(deleted);
  EXPECT_EQ(deleted->at(k_first), Errc::group_subscribed_to_topic);
  admin.offsets.error_code = Errc::group_id_not_found;
  EXPECT_EQ((co_await delete_offsets(cluster, "g", {k_first})).error().code(),
            Errc::group_id_not_found);
  co_await cluster.close();
}

TEST(GroupAdmin, ListsAndDeletesAndTellsWhatIsRefused) { with_broker(&changing); }

env::Task<void> removing(ClientWorld& world) {
  FakeAdmin admin(world.broker);
  Cluster cluster(world.env, world.settings);
  DescribedMember member;
  member.member_id = "m1";
  CHECK_OK(co_await remove_members(cluster, "g", {member}));
  EXPECT_EQ(admin.group.left, std::vector<std::string>{"m1"});
  co_await cluster.close();
}

TEST(GroupAdmin, RemovesMembersByName) { with_broker(&removing); }

}  // namespace
}  // namespace moldau::client
