#include "node/metadata_publisher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "metadata/delta.h"
#include "record/builder.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

// Publishes states made by hand; the quorum is not started.
class MetadataPublisherTest : public ControllerWorld {
 protected:
  MetadataPublisherTest() {
    open_directory();
    make_publisher();
    publisher->caught_up();
  }
  ~MetadataPublisherTest() override {
    stop_publisher();
    (void)run(shard->replicas().close_all());
  }
  void stop_publisher() {
    auto stopped = publisher->stop();
    EXPECT_TRUE(world.run_until([&] { return stopped.done(); }));
  }
  template <class Record>
  void add(Record record, std::int16_t version = 0) {
    records.push_back({.data = std::move(record), .version = ApiVersion{version}});
  }
  void add_topic(const std::string& name, const Uuid& id, std::int32_t leader = 1) {
    protocol::TopicRecord topic;
    topic.name = name;
    topic.topic_id = id;
    add(topic);
    protocol::PartitionRecord partition;
    partition.partition_id = PartitionIndex{0};
    partition.topic_id = id;
    partition.replicas = {BrokerId{leader}};
    partition.isr = {BrokerId{leader}};
    partition.leader = BrokerId{leader};
    partition.leader_epoch = LeaderEpoch{0};
    partition.partition_epoch = PartitionEpoch{0};
    add(partition);
  }
  void set(const std::string& topic, const std::string& key, std::optional<std::string> value) {
    protocol::ConfigRecord config;
    config.resource_type = 2;
    config.resource_name = topic;
    config.name = key;
    config.value = std::move(value);
    add(config);
  }
  void publish() {
    metadata::Delta delta(image);
    for (const auto& record : records) {
      const auto done = delta.replay(record);
      ASSERT_TRUE(done.has_value()) << done.error().describe();
    }
    next += std::ssize(records);
    records.clear();
    auto after = delta.build({.last_contained_offset = next - 1});
    publisher->publish({.before = image, .image = after, .changes = delta.changes()});
    image = std::move(after);
  }
  void settle() {
    auto waiting = publisher->wait_until(next);
    ASSERT_TRUE(world.run_until([&] { return waiting.done(); }));
  }
  std::shared_ptr<broker::Partition> partition(const Uuid& id) {
    return shard->shard().partitions.find({id, PartitionIndex{0}});
  }
  void append(const Uuid& id, int count) {
    record::BatchBuilder builder{record::BatchFields{}};
    for (int i = 0; i < count; ++i) {
      builder.append({.timestamp = timestamp_of(1), .value = as_bytes("v")});
    }
    const auto appended =
        run(partition(id)->append(SharedBytes::take(builder.build()), replica::Acks::leader));
    EXPECT_EQ(appended.error, Errc::none);
  }
  bool exists(const std::string& path) { return *run(env.disk.exists(path)); }

  std::shared_ptr<const metadata::Image> image = std::make_shared<metadata::Image>();
  std::vector<metadata::MetadataRecord> records;
  Offset next{0};
};

constexpr Uuid k_a{1, 10};
constexpr Uuid k_b{1, 11};
constexpr Uuid k_c{1, 12};
constexpr Uuid k_d{1, 13};

TEST_F(MetadataPublisherTest, PartitionIsServedBeforeTheViewShowsIt) {
  add_topic("a", k_a);
  publish();
  while (shard->shard().view->image->topics.find("a") == nullptr) ASSERT_TRUE(world.step());
  ASSERT_NE(partition(k_a), nullptr);
  EXPECT_NE(partition(k_a)->leader(), nullptr);
  EXPECT_TRUE(exists("data/a-0"));
}

TEST_F(MetadataPublisherTest, PartitionOfOthersIsNotOpened) {
  add_topic("a", k_a, 2);
  publish();
  settle();
  EXPECT_EQ(partition(k_a), nullptr);
  EXPECT_FALSE(exists("data/a-0"));
}

TEST_F(MetadataPublisherTest, DeletedTopicsFolderGoes) {
  add_topic("a", k_a);
  publish();
  settle();
  protocol::RemoveTopicRecord removed;
  removed.topic_id = k_a;
  add(removed);
  publish();
  settle();
  EXPECT_EQ(partition(k_a), nullptr);
  EXPECT_FALSE(exists("data/a-0"));
  EXPECT_EQ(times_folders_went, 1);
  EXPECT_EQ(shard->shard().view->image->topics.find("a"), nullptr);
}

TEST_F(MetadataPublisherTest, TopicThatComesAndGoesAtOnceLeavesNothing) {
  add_topic("a", k_a);
  publish();
  protocol::RemoveTopicRecord removed;
  removed.topic_id = k_a;
  add(removed);
  publish();
  settle();
  EXPECT_FALSE(exists("data/a-0"));
}

// Two states that are brought out together: which of the ids is the greater must not matter.
TEST_F(MetadataPublisherTest, TopicMadeAgainAtOnceUnderItsNameIsANewOne) {
  for (const auto& [old_id, new_id] : {std::pair{k_a, k_b}, std::pair{k_d, k_c}}) {
    const std::string name = old_id == k_a ? "up" : "down";
    add_topic(name, old_id);
    publish();
    settle();
    append(old_id, 3);
    add_topic("other" + name, Uuid{2, old_id.low()});  // the publisher is busy with this one
    publish();
    protocol::RemoveTopicRecord removed;
    removed.topic_id = old_id;
    add(removed);
    publish();
    add_topic(name, new_id);
    publish();
    settle();
    EXPECT_EQ(partition(old_id), nullptr);
    ASSERT_NE(partition(new_id), nullptr);
    EXPECT_EQ(partition(new_id)->log().log_end_offset(), Offset{0});
    append(new_id, 2);
    const auto bytes = run(env::read_file(env.disk, "data/" + name + "-0/00000000000000000000.log",
                                          std::size_t{1} << 20U));
    ASSERT_TRUE(bytes.has_value()) << name << ": the folder of the new topic is there";
    EXPECT_GT(bytes->size(), 0U);
    EXPECT_TRUE(publisher->all_served());
  }
}

TEST_F(MetadataPublisherTest, ChangedSettingReachesTheLog) {
  add_topic("a", k_a);
  publish();
  settle();
  set("a", "max.message.bytes", "777");
  publish();
  settle();
  EXPECT_EQ(partition(k_a)->settings().config.message_bytes_max, 777);
  EXPECT_EQ(partition(k_a)->log().config().message_bytes_max, 777);
}

TEST_F(MetadataPublisherTest, DynamicDefaultOfAllBrokersReachesEveryTopic) {
  add_topic("a", k_a);
  add_topic("b", k_b);
  publish();
  settle();
  protocol::ConfigRecord config;
  config.resource_type = 4;
  config.name = "message.max.bytes";
  config.value = "888";
  add(config);
  publish();
  settle();
  EXPECT_EQ(partition(k_a)->settings().config.message_bytes_max, 888);
  EXPECT_EQ(partition(k_b)->settings().config.message_bytes_max, 888);
}

TEST_F(MetadataPublisherTest, LeaderThatIsDeposedFollows) {
  add_topic("a", k_a);
  publish();
  settle();
  protocol::PartitionChangeRecord change;
  change.partition_id = PartitionIndex{0};
  change.topic_id = k_a;
  change.leader = BrokerId{-1};
  add(change);
  publish();
  settle();
  EXPECT_EQ(partition(k_a)->leader(), nullptr);
  EXPECT_EQ(partition(k_a)->leader_epoch(), LeaderEpoch{1});
}

TEST_F(MetadataPublisherTest, FolderOfAnOlderTopicOfThatNameIsSetAside) {
  add_topic("a", k_a);
  publish();
  settle();
  (void)run(shard->replicas().close_all());
  // As after a restart: the folder of k_a is there, the metadata know k_b.
  image = std::make_shared<metadata::Image>();
  add_topic("a", k_b);
  publish();
  settle();
  ASSERT_NE(partition(k_b), nullptr);
  EXPECT_EQ(partition(k_b)->log().topic_id(), k_b);
  EXPECT_EQ(times_folders_went, 1);
}

TEST_F(MetadataPublisherTest, FolderOfTheTopicThatHasTheNameNowOutlivesStatesOfThePast) {
  add_topic("a", k_b);
  publish();
  settle();
  append(k_b, 3);
  (void)run(shard->replicas().close_all());
  stop_publisher();
  make_publisher();
  // As after a restart: the snapshot still has k_a, the log behind it has k_b.
  image = std::make_shared<metadata::Image>();
  add_topic("a", k_a);
  publish();
  world.run_for(std::chrono::seconds{1});
  EXPECT_EQ(publisher->applied_end(), Offset{0});
  protocol::RemoveTopicRecord removed;
  removed.topic_id = k_a;
  add(removed);
  add_topic("a", k_b);
  publish();
  publisher->caught_up();
  settle();
  ASSERT_NE(partition(k_b), nullptr);
  EXPECT_EQ(partition(k_b)->log().log_end_offset(), Offset{3});
}

// Else the log would be opened again with the next order, and its second sync would pass.
TEST_F(MetadataPublisherTest, DiskThatFailsWhileALogIsOpenedIsTold) {
  add_topic("a", k_a);
  publish();
  settle();
  append(k_a, 3);
  (void)run(shard->replicas().close_all());
  image = std::make_shared<metadata::Image>();
  machine.volume().faults().add({.op = sim::DiskOp::sync, .path_part = "a-0/"});
  add_topic("a", k_a);
  publish();
  settle();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->code(), Errc::kafka_storage_error);
  EXPECT_FALSE(publisher->all_served());
}

TEST_F(MetadataPublisherTest, WhyAFolderIsNotServedIsSaidOnce) {
  add_topic("a", k_a);
  publish();
  settle();
  (void)run(shard->replicas().close_all());
  const std::string rubbish = "rubbish";
  ASSERT_TRUE(run(env::replace_file(env.disk, "data/a-0/partition.metadata",
                                    SharedBytes::copy_of(as_bytes(rubbish))))
                  .has_value());
  for (const char* value : {"1000", "2000", "3000"}) {
    set("a", "retention.ms", value);
    publish();
    settle();
  }
  EXPECT_FALSE(publisher->all_served());
  const auto lines = sink.lines();
  EXPECT_EQ(std::ranges::count_if(
                lines, [](const std::string& line) { return line.contains("is not served"); }),
            1);
}

}  // namespace
}  // namespace moldau::node
