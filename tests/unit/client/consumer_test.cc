#include "client/consumer.h"

#include <gtest/gtest.h>

#include "record/builder.h"
#include "unit/client/fake_group.h"

namespace moldau::client {
namespace {

const TopicPartition k_first{"t", PartitionIndex{0}};
const TopicPartition k_second{"t", PartitionIndex{1}};

void put(ClientWorld& world, const std::vector<std::string>& values) {
  auto& log = world.broker.logs[0];
  record::BatchFields fields;
  fields.base_offset = log.empty() ? Offset{0} : record::BatchView::read(log.back())->next_offset();
  record::BatchBuilder builder(fields);
  for (const std::string& value : values) {
    builder.append({.timestamp = timestamp_of(5), .value = as_bytes(value)});
  }
  log.push_back(builder.build());
}

struct Listener final : RebalanceListener {
  env::Task<void> on_assigned(std::vector<TopicPartition> partitions) override {
    said.push_back(fmt::format("assigned {}", partitions.size()));
    co_return;
  }
  env::Task<void> on_revoked(std::vector<TopicPartition> partitions) override {
    said.push_back(fmt::format("revoked {}", partitions.size()));
    co_return;
  }
  env::Task<void> on_lost(std::vector<TopicPartition> partitions) override {
    said.push_back(fmt::format("lost {}", partitions.size()));
    co_return;
  }
  std::vector<std::string> said;
};
using Said = std::vector<std::string>;

ConsumerSettings in_group(GroupProtocol protocol) {
  ConsumerSettings settings;
  settings.group.emplace().group_id = "g";
  settings.group->heartbeat_interval = Milliseconds{10};
  settings.group->retry_backoff = Milliseconds{1};
  settings.protocol = protocol;
  settings.reader.reset = {ResetPolicy::Kind::earliest, {}};
  return settings;
}

// Polls until `count` records came; the last of their offsets.
env::Task<Offset> read_some(Consumer& consumer, std::size_t count) {
  Offset last = k_no_offset;
  while (count > 0) {
    const auto polled = co_await consumer.poll(Milliseconds{1000});
    CHECK_OK(polled);
    for (const PartitionRecords& part : *polled) {
      count -= std::min(count, part.records.size());
      last = part.records.back().offset;
    }
  }
  co_return last;
}

env::Task<void> life(ClientWorld& world, GroupProtocol protocol) {
  FakeGroup group(world.broker);
  put(world, {"a", "b", "c"});
  Cluster cluster(world.env, world.settings);
  Listener listener;
  auto consumer = *Consumer::make(cluster, in_group(protocol));
  consumer->subscribe({"t"}, &listener);
  EXPECT_EQ(co_await read_some(*consumer, 3), Offset{2});
  EXPECT_EQ(listener.said, Said{"assigned 2"});
  EXPECT_EQ(consumer->position(k_first), Offset{3});
  CHECK_OK(co_await consumer->commit({{k_first, {Offset{1}}}}));
  EXPECT_EQ(group.committed[k_first].offset, Offset{1});
  EXPECT_EQ(group.committers.back().epoch, 1);
  consumer->seek(k_first, Offset{2});
  EXPECT_EQ(co_await read_some(*consumer, 1), Offset{2});
  co_await consumer->close();
  EXPECT_EQ(listener.said, (Said{"assigned 2", "revoked 2"}));
  EXPECT_EQ(group.committed[k_first].offset, Offset{3}) << "closing commits";
  EXPECT_EQ(group.left.size(), 1U);
  co_await cluster.close();
}

env::Task<void> classic_life(ClientWorld& world) { return life(world, GroupProtocol::classic); }
env::Task<void> consumer_life(ClientWorld& world) { return life(world, GroupProtocol::consumer); }

TEST(Consumer, JoinsReadsCommitsAndLeavesByTheClassicProtocol) { with_broker(&classic_life); }
TEST(Consumer, JoinsReadsCommitsAndLeavesByTheConsumerProtocol) { with_broker(&consumer_life); }

env::Task<void> resuming(ClientWorld& world) {
  FakeGroup group(world.broker);
  put(world, {"a", "b", "c"});
  group.committed[k_first] = {Offset{2}};
  Cluster cluster(world.env, world.settings);
  auto consumer = *Consumer::make(cluster, in_group(GroupProtocol::consumer));
  consumer->subscribe({"t"});
  const auto polled = co_await consumer->poll(Milliseconds{5000});
  CHECK_OK(polled);
  EXPECT_EQ(polled->at(0).records.at(0).offset, Offset{2});
  const auto found = co_await consumer->committed({k_first});
  CHECK_OK(found);
  EXPECT_EQ(found->at(k_first).offset, Offset{2});
  co_await consumer->close();
  co_await cluster.close();
}

TEST(Consumer, BeginsWhereTheGroupWas) { with_broker(&resuming); }

env::Task<void> fenced(ClientWorld& world, GroupProtocol protocol) {
  FakeGroup group(world.broker);
  put(world, {"a"});
  Cluster cluster(world.env, world.settings);
  Listener listener;
  auto consumer = *Consumer::make(cluster, in_group(protocol));
  consumer->subscribe({"t"}, &listener);
  EXPECT_NE(co_await read_some(*consumer, 1), k_no_offset);
  group.beat_errors = {Errc::unknown_member_id};
  while (listener.said.size() < 3) CHECK_OK(co_await consumer->poll(Milliseconds{5}));
  EXPECT_EQ(listener.said, (Said{"assigned 2", "lost 2", "assigned 2"}));
  co_await consumer->close();
  co_await cluster.close();
}

env::Task<void> classic_fenced(ClientWorld& world) { return fenced(world, GroupProtocol::classic); }
env::Task<void> consumer_fenced(ClientWorld& world) {
  return fenced(world, GroupProtocol::consumer);
}

TEST(Consumer, MemberThatTheGroupForgotLosesItsPartitionsAndComesBack) {
  with_broker(&classic_fenced);
  with_broker(&consumer_fenced);
}

env::Task<void> refused_for_good(ClientWorld& world) {
  FakeGroup group(world.broker);
  Cluster cluster(world.env, world.settings);
  auto settings = in_group(GroupProtocol::consumer);
  settings.reader.reset.kind = ResetPolicy::Kind::none;
  auto consumer = *Consumer::make(cluster, settings);
  consumer->subscribe({"t"});
  Result<std::vector<PartitionRecords>> polled;
  do {
    polled = co_await consumer->poll(Milliseconds{5});
  } while (polled);
  EXPECT_EQ(polled.error().code(), Errc::offset_out_of_range);
  co_await consumer->close();
  co_await cluster.close();
}

TEST(Consumer, NoPositionAndNoPolicyIsAnError) { with_broker(&refused_for_good); }

env::Task<void> alone(ClientWorld& world) {
  put(world, {"a", "b"});
  Cluster cluster(world.env, world.settings);
  auto consumer = *Consumer::make(cluster, {});
  consumer->assign({k_first});
  CHECK_OK(co_await consumer->seek_to_beginning({k_first}));
  EXPECT_EQ(co_await read_some(*consumer, 2), Offset{1});
  consumer->pause(k_first);
  consumer->seek(k_first, Offset{0});
  const auto nothing = co_await consumer->poll(Milliseconds{5});
  CHECK_OK(nothing);
  EXPECT_TRUE(nothing->empty());
  consumer->resume(k_first);
  EXPECT_EQ(co_await read_some(*consumer, 2), Offset{1});
  const auto refused = co_await consumer->commit();
  EXPECT_EQ(refused.error().code(), Errc::invalid_group_id);
  consumer->assign({k_second});
  EXPECT_EQ(consumer->position(k_first), k_no_offset);
  co_await consumer->close();
  co_await cluster.close();
}

TEST(Consumer, ReadsWhatItIsGivenWithoutAGroup) { with_broker(&alone); }

env::Task<void> asynchronous(ClientWorld& world) {
  FakeGroup group(world.broker);
  put(world, {"a"});
  group.commit_errors = {Errc::coordinator_load_in_progress, Errc::none, Errc::illegal_generation};
  Cluster cluster(world.env, world.settings);
  auto settings = in_group(GroupProtocol::classic);
  settings.auto_commit = false;
  auto consumer = *Consumer::make(cluster, settings);
  consumer->subscribe({"t"});
  EXPECT_NE(co_await read_some(*consumer, 1), k_no_offset);
  std::vector<Errc> outcomes;
  const auto note = [&outcomes](const Result<void>& result) {
    outcomes.push_back(result ? Errc::none : result.error().code());
  };
  consumer->commit_async(consumer->consumed(), note);
  while (outcomes.empty()) CHECK_OK(co_await consumer->poll(Milliseconds{2}));
  consumer->commit_async(consumer->consumed(), note);
  while (outcomes.size() < 2) CHECK_OK(co_await consumer->poll(Milliseconds{2}));
  EXPECT_EQ(outcomes, (std::vector{Errc::none, Errc::illegal_generation}));
  co_await consumer->close();
  co_await cluster.close();
}

TEST(Consumer, CommitBesidePollsIsToldInOne) { with_broker(&asynchronous); }

struct Watching final : ConsumerInterceptor {
  std::vector<PartitionRecords> on_consume(std::vector<PartitionRecords> records) override {
    for (PartitionRecords& part : records) {
      seen += part.records.size();
      part.records.erase(part.records.begin());
    }
    return records;
  }
  void on_commit(const GroupOffsets& offsets) override { committed.push_back(offsets); }
  std::size_t seen = 0;
  std::vector<GroupOffsets> committed;
};

env::Task<void> intercepted(ClientWorld& world) {
  FakeGroup group(world.broker);
  put(world, {"a", "b", "c"});
  Cluster cluster(world.env, world.settings);
  ConsumerSettings settings = in_group(GroupProtocol::classic);
  settings.auto_commit = false;
  const auto watching = std::make_shared<Watching>();
  settings.interceptors = {watching};
  auto consumer = *Consumer::make(cluster, settings);
  consumer->subscribe({"t"});
  EXPECT_EQ(co_await read_some(*consumer, 2), Offset{2});
  EXPECT_EQ(watching->seen, 3U);
  EXPECT_EQ(consumer->position(k_first), Offset{3});
  const GroupOffsets offsets{{k_first, {Offset{3}}}};
  CHECK_OK(co_await consumer->commit(offsets));
  EXPECT_EQ(watching->committed, std::vector<GroupOffsets>{offsets});
  co_await consumer->close();
  co_await cluster.close();
}

TEST(Consumer, InterceptorsSeeWhatIsReadAndCommitted) { with_broker(&intercepted); }

}  // namespace
}  // namespace moldau::client
