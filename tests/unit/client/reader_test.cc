#include "client/reader.h"

#include <gtest/gtest.h>

#include "record/builder.h"
#include "unit/client/fake_broker.h"

namespace moldau::client {
namespace {

const TopicPartition k_first{"t", PartitionIndex{0}};

struct Kind {
  bool transactional = false;
  bool control = false;
  ProducerId producer = k_no_producer_id;
};

// Appends one batch of these values to partition 0 of the broker.
void put(ClientWorld& world, const std::vector<std::string>& values, const Kind& kind = {}) {
  auto& log = world.broker.logs[0];
  record::BatchFields fields;
  fields.base_offset =
      log.empty() ? world.broker.log_start : record::BatchView::read(log.back())->next_offset();
  fields.is_transactional = kind.transactional;
  fields.is_control = kind.control;
  fields.producer_id = kind.producer;
  if (kind.producer != k_no_producer_id) {
    fields.producer_epoch = ProducerEpoch{0};
    fields.base_sequence = kind.control ? k_no_sequence : Sequence{0};
  }
  record::BatchBuilder builder(fields);
  for (const std::string& value : values) {
    builder.append({.timestamp = timestamp_of(5), .value = as_bytes(value)});
  }
  log.push_back(builder.build());
}

std::vector<std::string> values_of(const std::vector<PartitionRecords>& polled) {
  std::vector<std::string> out;
  for (const PartitionRecords& partition : polled) {
    for (const IncomingRecord& record : partition.records) {
      out.emplace_back(as_text(record.value->view()));
    }
  }
  return out;
}

using Values = std::vector<std::string>;

env::Task<void> from_the_middle(ClientWorld& world) {
  put(world, {"a", "b", "c"});
  put(world, {"d"});
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {.rack = "a"});
  reader.assign(k_first, Offset{1});
  const auto polled = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(polled);
  EXPECT_EQ(values_of(*polled), (Values{"b", "c", "d"}));
  EXPECT_EQ(world.broker.fetcher_rack, "a");
  EXPECT_EQ(polled->at(0).records.at(0).offset, Offset{1});
  EXPECT_EQ(reader.position(k_first), Offset{4});
  EXPECT_EQ(reader.leader_epoch(k_first), polled->at(0).records.back().leader_epoch);
  const auto nothing = co_await reader.poll(Milliseconds{5});
  CHECK_OK(nothing);
  EXPECT_TRUE(nothing->empty());
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, ReadsFromThePositionInsideABatchToTheEnd) { with_broker(&from_the_middle); }

env::Task<void> named_replica(ClientWorld& world) {
  put(world, {"a", "b"});
  world.broker.neighbour = BrokerId{2};
  world.broker.named_replicas = {BrokerId{2}};
  world.broker.fetch_errors = {Errc::none, Errc::offset_out_of_range};
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {.rack = "a"});
  reader.assign(k_first, Offset{0});
  const auto polled = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(polled);
  EXPECT_EQ(values_of(*polled), (Values{"a", "b"}));
  // The leader named broker 2, that one was behind, and the leader gave them.
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::fetch], 3);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::list_offsets], 0) << "no reset";
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::api_versions], 3) << "bootstrap and two brokers";
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, ReadsFromTheReplicaThatTheLeaderNames) { with_broker(&named_replica); }

env::Task<void> replica_nobody_knows(ClientWorld& world) {
  put(world, {"a"});
  world.broker.named_replicas = {BrokerId{7}};
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {.rack = "a"});
  reader.assign(k_first, Offset{0});
  const auto polled = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(polled);
  EXPECT_EQ(values_of(*polled), (Values{"a"})) << "from the leader";
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, ReplicaThatTheMetadataDoNotHaveIsNotAsked) {
  with_broker(&replica_nobody_knows);
}

env::Task<void> from_the_middle_by_name(ClientWorld& world) {
  world.broker.greatest_fetch = 12;  // topics by name
  return from_the_middle(world);
}

TEST(PartitionReader, OlderBrokerIsAskedByName) { with_broker(&from_the_middle_by_name); }

env::Task<void> out_of_range(ClientWorld& world) {
  world.broker.log_start = Offset{10};
  put(world, {"a", "b"});
  Cluster cluster(world.env, world.settings);
  struct Case {
    ResetPolicy::Kind reaction;
    Offset position;
  };
  for (const Case& one : {Case{ResetPolicy::Kind::earliest, Offset{12}},
                          Case{ResetPolicy::Kind::latest, Offset{12}}}) {
    PartitionReader reader(cluster, {.reset = {one.reaction, {}}});
    reader.assign(k_first, Offset{3});
    const auto polled = co_await reader.poll(Milliseconds{20});
    CHECK_OK(polled);
    EXPECT_EQ(polled->size(), one.reaction == ResetPolicy::Kind::earliest ? 1U : 0U);
    EXPECT_EQ(reader.position(k_first), one.position);
    co_await reader.close();
  }
  PartitionReader strict(cluster, {.reset = {ResetPolicy::Kind::none, {}}});
  strict.assign(k_first, Offset{3});
  const auto refused = co_await strict.poll(Milliseconds{20});
  EXPECT_FALSE(refused.has_value());
  if (!refused) EXPECT_EQ(refused.error().code(), Errc::offset_out_of_range);
  EXPECT_EQ(strict.position(k_first), Offset{3});
  co_await strict.close();
  co_await cluster.close();
}

TEST(PartitionReader, PositionOutsideOfTheLogIsResetAsAsked) { with_broker(&out_of_range); }

env::Task<void> committed_only(ClientWorld& world) {
  const std::string marker(4, '\0');
  put(world, {"aborted"}, {.transactional = true, .producer = ProducerId{8}});
  put(world, {"plain"});
  put(world, {marker}, {.transactional = true, .control = true, .producer = ProducerId{8}});
  put(world, {"kept"}, {.transactional = true, .producer = ProducerId{8}});
  put(world, {marker}, {.transactional = true, .control = true, .producer = ProducerId{8}});
  auto& aborted = world.broker.aborted.emplace_back();
  aborted.producer_id = ProducerId{8};
  aborted.first_offset = Offset{0};
  Cluster cluster(world.env, world.settings);
  for (const Isolation isolation : {Isolation::read_committed, Isolation::read_uncommitted}) {
    PartitionReader reader(cluster, {.isolation = isolation});
    reader.assign(k_first, Offset{0});
    const auto polled = co_await reader.poll(Milliseconds{1000});
    CHECK_OK(polled);
    EXPECT_EQ(values_of(*polled), isolation == Isolation::read_committed
                                      ? (Values{"plain", "kept"})
                                      : (Values{"aborted", "plain", "kept"}));
    EXPECT_EQ(reader.position(k_first), Offset{5});
    co_await reader.close();
  }
  co_await cluster.close();
}

TEST(PartitionReader, LeavesOutAbortedAndControlRecords) { with_broker(&committed_only); }

env::Task<void> wrong_checksum(ClientWorld& world) {
  put(world, {"abc"});
  world.broker.logs[0][0].back() ^= std::byte{1};
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {});
  reader.assign(k_first, Offset{0});
  const auto refused = co_await reader.poll(Milliseconds{50});
  EXPECT_FALSE(refused.has_value());
  if (!refused) EXPECT_EQ(refused.error().code(), Errc::corrupt_message);
  EXPECT_EQ(reader.position(k_first), Offset{0});
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, WrongChecksumIsAnErrorAndThePositionStays) { with_broker(&wrong_checksum); }

env::Task<void> passing_errors(ClientWorld& world) {
  put(world, {"a"});
  world.broker.fetch_errors = {Errc::not_leader_or_follower, Errc::fenced_leader_epoch};
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {});
  reader.assign(k_first, Offset{0});
  const auto polled = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(polled);
  EXPECT_EQ(values_of(*polled), Values{"a"});
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::fetch], 3);
  EXPECT_GE(world.broker.asked[protocol::ApiKey::metadata], 3);
  world.broker.fetch_errors = {Errc::topic_authorization_failed};
  const auto refused = co_await reader.poll(Milliseconds{1000});
  EXPECT_FALSE(refused.has_value());
  if (!refused) EXPECT_EQ(refused.error().code(), Errc::topic_authorization_failed);
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, AsksForTheLeaderAgainWhereThatMayHelp) { with_broker(&passing_errors); }

env::Task<void> pausing(ClientWorld& world) {
  put(world, {"a", "b", "c"});
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {.poll_records_max = 2});
  reader.assign(k_first, Offset{0});
  const auto first = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(first);
  EXPECT_EQ(values_of(*first), (Values{"a", "b"}));
  EXPECT_EQ(reader.position(k_first), Offset{2});
  reader.pause(k_first);
  const auto nothing = co_await reader.poll(Milliseconds{5});
  CHECK_OK(nothing);
  EXPECT_TRUE(nothing->empty());
  EXPECT_EQ(reader.position(k_first), Offset{2});
  reader.resume(k_first);
  const auto rest = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(rest);
  EXPECT_EQ(values_of(*rest), Values{"c"});
  reader.assign(k_first, Offset{1});
  const auto again = co_await reader.poll(Milliseconds{1000});
  CHECK_OK(again);
  EXPECT_EQ(values_of(*again), (Values{"b", "c"}));
  reader.drop(k_first);
  EXPECT_FALSE(reader.has(k_first));
  EXPECT_EQ(reader.position(k_first), k_no_offset);
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, GivesSoManyAtATimeAndNothingWhilePaused) { with_broker(&pausing); }

env::Task<void> waking(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  PartitionReader reader(cluster, {});
  const Instant begun = world.env.clock.now();
  reader.wake();
  const auto nothing = co_await reader.poll(Milliseconds{10'000});
  CHECK_OK(nothing);
  EXPECT_LT(world.env.clock.now() - begun, Milliseconds{5'000});
  co_await reader.close();
  co_await cluster.close();
}

TEST(PartitionReader, WokenPollReturnsAtOnce) { with_broker(&waking); }

}  // namespace
}  // namespace moldau::client
