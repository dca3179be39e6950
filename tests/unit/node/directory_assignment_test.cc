#include "node/directory_assignment.h"

#include <gtest/gtest.h>

#include "unit/node/driver_world.h"

namespace moldau::node {
namespace {

constexpr BrokerId k_self{1};
constexpr Uuid k_topic{7, 7};

class DirectoryAssignmentTest : public DriverWorld {
 protected:
  DirectoryAssignmentTest() { open_directory(); }
  // Partition i of topic t, with the directory that the metadata name for the replica.
  void topic(const std::vector<Uuid>& said, BrokerId replica = k_self) {
    auto topic = std::make_shared<metadata::Topic>();
    topic->name = "t";
    topic->id = k_topic;
    for (std::size_t i = 0; i < said.size(); ++i) {
      auto partition = std::make_shared<metadata::Partition>();
      partition->index = PartitionIndex{static_cast<std::int32_t>(i)};
      partition->replicas = {replica};
      partition->directories = {said[i]};
      topic->partitions.push_back(std::move(partition));
      (void)directories->place("t", PartitionIndex{static_cast<std::int32_t>(i)}, k_topic, said[i]);
    }
    image.topics.by_id.set(k_topic, topic);
  }
  auto corrections() { return directory_corrections(image, k_self, BrokerEpoch{5}, *directories); }
  metadata::Image image;
};

TEST_F(DirectoryAssignmentTest, ReplicaUnderAnUnknownDirectoryIsAssignedToTheOneItLiesIn) {
  const Uuid here = directories->id_of("data");
  topic({Uuid{3, 3}, here, metadata::k_dir_unassigned, metadata::k_dir_migrating,
         metadata::k_dir_lost});
  const auto requests = corrections();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].broker_id, k_self);
  EXPECT_EQ(requests[0].broker_epoch, BrokerEpoch{5});
  ASSERT_EQ(requests[0].directories.size(), 1U);
  EXPECT_EQ(requests[0].directories[0].id, here);
  ASSERT_EQ(requests[0].directories[0].topics.size(), 1U);
  EXPECT_EQ(requests[0].directories[0].topics[0].topic_id, k_topic);
  const auto& partitions = requests[0].directories[0].topics[0].partitions;
  ASSERT_EQ(partitions.size(), 2U);
  EXPECT_EQ(partitions[0].partition_index, PartitionIndex{0});
  EXPECT_EQ(partitions[1].partition_index, PartitionIndex{4});
}

TEST_F(DirectoryAssignmentTest, ReplicasOfOthersAreTheirs) {
  topic({Uuid{3, 3}}, BrokerId{2});
  EXPECT_TRUE(corrections().empty());
}

TEST_F(DirectoryAssignmentTest, ManyGoInSeveralRequests) {
  topic(std::vector<Uuid>(k_assignments_per_request + 3, Uuid{3, 3}));
  const auto requests = corrections();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(replicas_in(requests[0]), k_assignments_per_request);
  EXPECT_EQ(replicas_in(requests[1]), 3U);
}

}  // namespace
}  // namespace moldau::node
