#include "broker/coordinator_partition.h"

#include <gtest/gtest.h>

namespace moldau::broker {
namespace {

TEST(CoordinatorPartition, IsTheHashOfJavaOverThePartitions) {
  // As Apache Kafka 4.4 placed them: Utils.abs("…".hashCode()) % 50.
  EXPECT_EQ(coordinator_partition("console-consumer-1", 50), PartitionIndex{24});
  EXPECT_EQ(coordinator_partition("", 50), PartitionIndex{0});
  EXPECT_EQ(coordinator_partition("polygenelubricants", 50), PartitionIndex{0});  // the least int
  EXPECT_EQ(coordinator_partition("g", 1), PartitionIndex{0});
}

TEST(CoordinatorPartition, WithoutTheTopicThereIsNone) {
  EXPECT_FALSE(coordinator_partition(metadata::Image{}, "__transaction_state", "a").has_value());
}

}  // namespace
}  // namespace moldau::broker
