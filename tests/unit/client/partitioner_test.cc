#include "client/partitioner.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

TEST(Partitioner, KeyedRecordGoesWhereEveryKafkaClientPutsIt) {
  Partitioner partitioner(1);
  // From Kafka's own Utils.murmur2: partition of the empty key among 12 is 9.
  EXPECT_EQ(partitioner.choose("t", as_bytes(""), 10, 12), PartitionIndex{9});
}

TEST(Partitioner, KeylessRecordsStayUntilABatchIsFullThenMove) {
  Partitioner partitioner(7, 1000);
  const PartitionIndex first = partitioner.choose("t", std::nullopt, 999, 1000);
  EXPECT_EQ(partitioner.choose("t", std::nullopt, 1, 1000), first);
  EXPECT_NE(partitioner.choose("t", std::nullopt, 1, 1000), first);
}

TEST(Partitioner, PartitionThatIsGoneIsNotChosenAgain) {
  Partitioner partitioner(3);
  for (int i = 0; i < 20; ++i) (void)partitioner.choose("t", std::nullopt, 100'000, 1000);
  EXPECT_LT(partitioner.choose("t", std::nullopt, 1, 2), PartitionIndex{2});
}

}  // namespace
}  // namespace moldau::client
