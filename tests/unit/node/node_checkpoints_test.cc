#include <gtest/gtest.h>

#include "unit/node/node_world.h"

namespace moldau::node {
namespace {

using NodeCheckpointsTest = NodeWorld;

// What a checkpoint says of a log that is gone would count for the next one of that name: its tail
// would be trusted without a look, or its first records dropped.
TEST_F(NodeCheckpointsTest, CheckpointsForgetADeletedTopicAtOnce) {
  settings.set("replica.high.watermark.checkpoint.interval.ms", "3600000");
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  disconnect();
  stop();
  start();
  EXPECT_EQ(recovery_points("t"), (std::vector<std::int64_t>{5}));
  delete_topic("t");
  EXPECT_TRUE(recovery_points("t").empty());
}

TEST_F(NodeCheckpointsTest, CheckpointsThatSayTooMuchAreWrittenAnewBeforeClientsCome) {
  settings.set("replica.high.watermark.checkpoint.interval.ms", "3600000");
  start();
  create_topic("t", 1);
  EXPECT_EQ(produce("t", 5), 0);
  kill();
  sim::Volume& volume = node_host.volume();
  const auto file = volume.open("data/recovery-point-offset-checkpoint", env::OpenMode::create);
  const std::vector<log::PartitionOffset> too_much{{"gone", PartitionIndex{0}, Offset{7}},
                                                   {"t", PartitionIndex{0}, Offset{100}}};
  const std::string text = log::write_offset_checkpoint(too_much);
  volume.truncate(**file, 0);
  const Bytes bytes = as_bytes(text);
  ASSERT_TRUE(volume.write(**file, 0, {bytes.begin(), bytes.end()}).has_value());
  start();
  EXPECT_TRUE(recovery_points("gone").empty());
  EXPECT_LE(recovery_points("t").at(0), 5);
}

}  // namespace
}  // namespace moldau::node
