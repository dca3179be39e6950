#include "node/replica_host.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "record/builder.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

class ReplicaHostTest : public ControllerWorld {
 protected:
  ReplicaHostTest() { open_directory(); }
  ~ReplicaHostTest() override { (void)run(shard->replicas().close_all()); }
  ReplicaOrder order(std::int32_t index, bool leads = true) {
    ReplicaOrder one;
    one.id = {Uuid{1, 9}, PartitionIndex{index}};
    one.where = directories->place("t", PartitionIndex{index}, Uuid{1, 9}, {});
    one.leads = leads;
    one.leader_epoch = LeaderEpoch{2};
    one.replicas = {BrokerId{1}};
    one.isr = {BrokerId{1}};
    one.settings = settings;
    return one;
  }
  std::shared_ptr<broker::Partition> find(std::int32_t index) {
    return shard->shard().partitions.find({Uuid{1, 9}, PartitionIndex{index}});
  }
  void append(std::int32_t index) {
    record::BatchBuilder builder{record::BatchFields{}};
    builder.append({.timestamp = timestamp_of(1), .value = as_bytes("v")});
    EXPECT_EQ(
        run(find(index)->append(SharedBytes::take(builder.build()), replica::Acks::all)).error,
        Errc::none);
  }
  std::shared_ptr<const broker::TopicSettings> settings =
      broker::make_topic_settings({}, {.id_expiration = Milliseconds{1000}});
};

TEST_F(ReplicaHostTest, ManyReplicasAreOpened) {
  std::vector<ReplicaOrder> orders;
  for (std::int32_t i = 0; i < 50; ++i) orders.push_back(order(i, i % 2 == 0));
  EXPECT_TRUE(run(shard->replicas().apply(std::move(orders))).empty());
  EXPECT_EQ(shard->shard().partitions.count(), 50U);
  EXPECT_NE(find(0)->leader(), nullptr);
  EXPECT_EQ(find(1)->leader(), nullptr);
}

TEST_F(ReplicaHostTest, RemovedReplicaTakesItsFolderAlong) {
  (void)run(shard->replicas().apply({order(0)}));
  EXPECT_TRUE(*run(env.disk.exists("data/t-0")));
  EXPECT_TRUE(run(shard->replicas().remove({{Uuid{1, 9}, PartitionIndex{0}}}, {"u"})).empty());
  EXPECT_EQ(find(0), nullptr);
  EXPECT_FALSE(*run(env.disk.exists("data/t-0")));
}

TEST_F(ReplicaHostTest, FolderThatIsAFileIsReported) {
  EXPECT_TRUE(run(env.disk.open("data/t-0", env::OpenMode::create)).has_value());
  const auto failures = run(shard->replicas().apply({order(0), order(1)}));
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].where.path, "data/t-0");
  EXPECT_EQ(find(0), nullptr);
  EXPECT_NE(find(1), nullptr) << "the others are served";
}

TEST_F(ReplicaHostTest, LogThatLostBytesAndIndexesThatWereMissingAreTold) {
  (void)run(shard->replicas().apply({order(0), order(1)}));
  for (int i = 0; i < 2; ++i) append(0);
  append(1);
  EXPECT_TRUE(run(shard->replicas().close_all()).empty());
  const auto file =
      run(env.disk.open("data/t-0/00000000000000000000.log", env::OpenMode::read_write));
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(run((*file)->truncate(*(*file)->size() - 3)).has_value());
  ASSERT_TRUE(run(env.disk.remove("data/t-1/00000000000000000000.index")).has_value());
  std::vector<ReplicaOrder> orders{order(0), order(1)};
  orders[1].where.clean = true;
  EXPECT_TRUE(run(shard->replicas().apply(std::move(orders))).empty());
  const auto lines = sink.lines();
  const auto said = [&lines](std::string_view text) {
    return std::ranges::count_if(lines, [text](const std::string& line) {
      return line.starts_with("WARN") && line.contains(text);
    });
  };
  EXPECT_EQ(said("data/t-0/00000000000000000000.log: cut at byte"), 1);
  EXPECT_EQ(said("1 segments had no offset index"), 1);
}

TEST_F(ReplicaHostTest, CheckpointsOutliveTheClosing) {
  (void)run(shard->replicas().apply({order(0)}));
  append(0);
  EXPECT_TRUE(run(shard->replicas().close_all()).empty());
  const auto checkpoints = run(shard->replicas().checkpoints());
  ASSERT_EQ(checkpoints.size(), 1U);
  EXPECT_EQ(checkpoints[0].directory, "data");
  EXPECT_EQ(checkpoints[0].recovery_point.offset, Offset{1});
  EXPECT_EQ(checkpoints[0].high_watermark.offset, Offset{1});
}

}  // namespace
}  // namespace moldau::node
