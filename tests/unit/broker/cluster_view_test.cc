#include "broker/cluster_view.h"

#include <gtest/gtest.h>

#include <memory>

namespace moldau::broker {
namespace {

TEST(ClusterView, KafkasOwnTopicsAreInternal) {
  EXPECT_TRUE(is_internal_topic("__consumer_offsets"));
  EXPECT_TRUE(is_internal_topic("__transaction_state"));
  EXPECT_TRUE(is_internal_topic("__share_group_state"));
  EXPECT_FALSE(is_internal_topic("__mine"));
}

class ImageTest : public testing::Test {
 protected:
  void add_broker(std::int32_t id, bool fenced) {
    auto broker = std::make_shared<metadata::BrokerRegistration>();
    broker->id = BrokerId{id};
    broker->fenced = fenced;
    broker->rack = "r" + std::to_string(id);
    broker->endpoints = {{"PLAINTEXT", "h", 1}};
    image.cluster.brokers.set(BrokerId{id}, broker);
  }
  metadata::Image image;
};

TEST_F(ImageTest, EndpointIsThatOfTheListener) {
  add_broker(1, false);
  ASSERT_NE(endpoint_of(image, BrokerId{1}, "PLAINTEXT"), nullptr);
  EXPECT_EQ(endpoint_of(image, BrokerId{1}, "SSL"), nullptr);
  EXPECT_EQ(endpoint_of(image, BrokerId{2}, "PLAINTEXT"), nullptr);
  EXPECT_EQ(rack_of(image, BrokerId{1}), "r1");
  EXPECT_EQ(rack_of(image, BrokerId{2}), std::nullopt);
}

TEST_F(ImageTest, SomeAliveBrokerIsNotFenced) {
  EXPECT_EQ(some_alive_broker(image, 5), k_no_broker);
  add_broker(1, true);
  add_broker(2, false);
  for (std::uint64_t draw = 0; draw < 4; ++draw) {
    EXPECT_EQ(some_alive_broker(image, draw), BrokerId{2});
  }
}

TEST_F(ImageTest, LocatingNeedsTopicAndPartition) {
  auto topic = std::make_shared<metadata::Topic>();
  topic->name = "t";
  topic->id = Uuid{1, 2};
  auto partition = std::make_shared<metadata::Partition>();
  partition->index = PartitionIndex{0};
  topic->partitions.push_back(partition);
  image.topics.by_name.set("t", topic);
  EXPECT_EQ(locate(image, "t", PartitionIndex{0}).id.topic_id, topic->id);
  EXPECT_EQ(locate(image, "t", PartitionIndex{1}).error, Errc::unknown_topic_or_partition);
  EXPECT_EQ(locate(image, "u", PartitionIndex{0}).error, Errc::unknown_topic_or_partition);
  EXPECT_EQ(locate(image, "t", PartitionIndex{-1}).error, Errc::unknown_topic_or_partition);
}

}  // namespace
}  // namespace moldau::broker
