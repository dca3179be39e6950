#include "protocol/api/metadata.h"

#include <gtest/gtest.h>

#include "protocol/api/create_topics.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

constexpr ApiVersion k_v12{12};

class MetadataTest : public testing::Test {
 protected:
  static MetadataRequest of(const std::vector<std::string>& names) {
    MetadataRequest request;
    for (const std::string& name : names) request.topics->emplace_back().name = name;
    return request;
  }
  MetadataResponse ask(const MetadataRequest& request, ApiVersion version = k_v12) {
    return broker.ok<MetadataResponse>(request, version);
  }

  BrokerWorld broker;
};

TEST_F(MetadataTest, NullTopicsMeansAllOfThem) {
  broker.add_topic("a");
  broker.add_topic("__consumer_offsets");
  MetadataRequest request;
  request.topics = std::nullopt;
  const MetadataResponse response = ask(request);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_TRUE(response.topics[0].is_internal);
  EXPECT_FALSE(response.topics[1].is_internal);
  EXPECT_EQ(response.cluster_id, "cluster-of-the-test");
  EXPECT_EQ(response.controller_id, k_self);
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers[0].host, "broker1");
}

TEST_F(MetadataTest, EmptyTopicsMeansNoneButInVersionZeroAll) {
  broker.add_topic("a");
  EXPECT_TRUE(ask(of({})).topics.empty());
  EXPECT_EQ(ask(of({}), ApiVersion{0}).topics.size(), 1U);
}

TEST_F(MetadataTest, PartitionTellsLeaderReplicasAndEpoch) {
  const Uuid id = broker.add_topic("a", 2);
  const MetadataResponse response = ask(of({"a"}));
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(response.topics[0].topic_id, id);
  ASSERT_EQ(response.topics[0].partitions.size(), 2U);
  const auto& partition = response.topics[0].partitions[1];
  EXPECT_EQ(partition.error_code, Errc::none);
  EXPECT_EQ(partition.leader_id, k_self);
  EXPECT_EQ(partition.leader_epoch, LeaderEpoch{3});
  EXPECT_EQ(partition.replica_nodes, std::vector{k_self});
  EXPECT_TRUE(partition.offline_replicas.empty());
}

TEST_F(MetadataTest, OperationsOfAnUnknownIdAreNotTold) {
  MetadataRequest request = of({});
  request.topics->emplace_back().topic_id = Uuid{9, 9};
  request.topics->back().name = std::nullopt;
  request.include_topic_authorized_operations = true;
  EXPECT_EQ(ask(request).topics.at(0).topic_authorized_operations, INT32_MIN);
}

TEST_F(MetadataTest, TopicIsFoundByItsId) {
  const Uuid id = broker.add_topic("a");
  MetadataRequest request = of({"ignored-beside-an-id"});
  request.topics->emplace_back().topic_id = id;
  request.topics->back().name = std::nullopt;
  request.topics->emplace_back().topic_id = Uuid{9, 9};
  const MetadataResponse response = ask(request);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name, "a");
  EXPECT_EQ(response.topics[1].error_code, Errc::unknown_topic_id);
  EXPECT_FALSE(response.topics[1].name.has_value());
}

TEST_F(MetadataTest, IdsAreRefusedBeforeVersion12) {
  MetadataRequest request;
  request.topics->emplace_back().topic_id = Uuid{9, 9};
  request.topics->back().name = "a";
  const MetadataResponse response = ask(request, ApiVersion{10});
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(response.topics[0].error_code, Errc::invalid_request);
}

TEST_F(MetadataTest, MissingTopicIsCreatedAndNotThereYet) {
  const MetadataResponse response = ask(of({"new", "new"}));
  ASSERT_EQ(response.topics.size(), 1U);
  EXPECT_EQ(response.topics[0].error_code, Errc::unknown_topic_or_partition);
  ASSERT_EQ(broker.controller.asked.size(), 1U);
  const auto request = protocol::CreateTopicsRequest::decode(broker.controller.asked[0].body.view(),
                                                             broker.controller.asked[0].version);
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->topics.size(), 1U);
  EXPECT_EQ(request->topics[0].name, "new");
  EXPECT_EQ(request->topics[0].num_partitions, -1);
}

TEST_F(MetadataTest, MissingTopicIsNotCreatedWhenTheClientSaysNo) {
  MetadataRequest request = of({"new"});
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(ask(request).topics.at(0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_TRUE(broker.controller.asked.empty());
}

TEST_F(MetadataTest, NameThatCannotBeIsRefused) {
  EXPECT_EQ(ask(of({"a/b"})).topics.at(0).error_code, Errc::invalid_topic_exception);
  EXPECT_EQ(ask(of({""})).topics.at(0).error_code, Errc::invalid_topic_exception);
  EXPECT_TRUE(broker.controller.asked.empty());
}

TEST_F(MetadataTest, UnseenTopicsAreLeftOutOfAllAndRefusedByName) {
  broker.add_topic("secret");
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view name) {
    return operation == security::Operation::describe && name == "secret";
  };
  MetadataRequest all;
  all.topics = std::nullopt;
  EXPECT_TRUE(ask(all).topics.empty());
  const MetadataResponse named = ask(of({"secret"}));
  EXPECT_EQ(named.topics.at(0).error_code, Errc::topic_authorization_failed);
  EXPECT_TRUE(named.topics.at(0).topic_id.is_zero());
}

TEST_F(MetadataTest, LeaderThatIsGoneOrNotOnThisListenerHasAnError) {
  broker.add_topic("orphan", 1, {}, BrokerId{5});
  EXPECT_EQ(ask(of({"orphan"})).topics.at(0).partitions.at(0).error_code,
            Errc::leader_not_available);
  broker.register_broker(BrokerId{5}, false);
  broker.show();
  broker.connection.listener = "OTHER";
  EXPECT_EQ(ask(of({"orphan"})).topics.at(0).partitions.at(0).error_code, Errc::listener_not_found);
  EXPECT_EQ(ask(of({"orphan"}), ApiVersion{5}).topics.at(0).partitions.at(0).error_code,
            Errc::leader_not_available);
}

TEST_F(MetadataTest, FencedBrokerIsNotTold) {
  broker.register_broker(BrokerId{2}, true);
  broker.add_topic("a", 1, {}, BrokerId{2});
  const MetadataResponse response = ask(of({"a"}));
  EXPECT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).offline_replicas, std::vector{BrokerId{2}});
}

TEST_F(MetadataTest, AuthorizedOperationsAreToldWhenAsked) {
  broker.add_topic("a");
  MetadataRequest request = of({"a"});
  EXPECT_EQ(ask(request).topics.at(0).topic_authorized_operations, INT32_MIN);
  request.include_topic_authorized_operations = true;
  request.include_cluster_authorized_operations = true;
  EXPECT_EQ(ask(request, ApiVersion{10}).topics.at(0).topic_authorized_operations, 3576);
  EXPECT_EQ(ask(request, ApiVersion{10}).cluster_authorized_operations, 8096);
}

}  // namespace
}  // namespace moldau::broker
