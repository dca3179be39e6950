#include "protocol/api/fetch.h"

#include <gtest/gtest.h>

#include "broker/txn_markers.h"
#include "record/batch.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using PartitionAnswer = FetchResponse::PartitionData;

constexpr ApiVersion k_v12{12};
constexpr ApiVersion k_v17{17};

class FetchTest : public testing::Test {
 protected:
  FetchRequest request(const std::string& topic, std::int64_t offset, std::int32_t partition = 0) {
    FetchRequest request;
    request.max_wait_ms = Milliseconds{0};
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    add(request, topic, offset, partition);
    return request;
  }
  void add(FetchRequest& request, const std::string& topic, std::int64_t offset,
           std::int32_t partition) {
    names.push_back(topic);
    auto& one = request.topics.emplace_back();
    one.topic = names.back();
    if (const metadata::Topic* found = broker.image.topics.find(topic)) one.topic_id = found->id;
    auto& ask = one.partitions.emplace_back();
    ask.partition = PartitionIndex{partition};
    ask.fetch_offset = Offset{offset};
    ask.partition_max_bytes = 1 << 20;
  }
  PartitionAnswer fetch(const FetchRequest& request, ApiVersion version = k_v12) {
    const auto response = broker.ok<FetchResponse>(request, version);
    EXPECT_EQ(response.error_code, Errc::none);
    return response.responses.at(0).partitions.at(0);
  }
  void append_in_transaction(std::int64_t producer, std::int32_t sequence = 0) {
    const auto done = broker.run(
        broker.partition("t")->append(broker.batch(2, {.producer_id = ProducerId{producer},
                                                       .producer_epoch = ProducerEpoch{0},
                                                       .base_sequence = Sequence{sequence},
                                                       .is_transactional = true}),
                                      replica::Acks::all));
    ASSERT_EQ(done.error, Errc::none);
  }
  void end_transaction(std::int64_t producer, bool commit) {
    ASSERT_EQ(broker.run(write_marker(
                  broker.shard(0), broker.partition("t")->id(),
                  {.id = ProducerId{producer}, .epoch = ProducerEpoch{0}, .commit = commit})),
              Errc::none);
  }
  FetchRequest committed(std::int64_t offset) {
    FetchRequest ask = request("t", offset);
    ask.isolation_level = 1;
    return ask;
  }
  static std::vector<std::int64_t> base_offsets(const PartitionAnswer& answer) {
    std::vector<std::int64_t> offsets;
    record::BatchesView batches(answer.records.bytes().view());
    while (true) {
      const auto batch = batches.next();
      if (!batch || !*batch) return offsets;
      offsets.push_back((*batch)->base_offset().value());
    }
  }

  BrokerWorld broker;
  std::deque<std::string> names;
};

TEST_F(FetchTest, RecordsComeFromTheOffsetOn) {
  broker.add_topic("t");
  broker.append("t", 3);
  broker.append("t", 2);
  const PartitionAnswer answer = fetch(request("t", 3));
  EXPECT_EQ(base_offsets(answer), std::vector<std::int64_t>{3});
  EXPECT_EQ(answer.high_watermark, Offset{5});
  EXPECT_EQ(answer.last_stable_offset, Offset{5});
  EXPECT_EQ(answer.log_start_offset, Offset{0});
  EXPECT_FALSE(answer.aborted_transactions.has_value());
}

TEST(FetchOnTwoShards, OnlyTheFirstBatchOfAllComesWhole) {
  BrokerWorld broker{2};
  const Uuid id = broker.add_topic("t", 8);
  FetchRequest request;
  request.max_bytes = 1 << 20;
  request.isolation_level = 1;
  auto& topic = request.topics.emplace_back();
  topic.topic = "t";
  topic.topic_id = id;
  for (std::int32_t i = 0; i < 8; ++i) {  // on both shards
    broker.append("t", 1, i);
    topic.partitions.push_back({.partition = PartitionIndex{i}, .partition_max_bytes = 1});
  }
  const auto response = broker.ok<FetchResponse>(request, k_v12);
  std::vector<bool> has_records;
  for (const auto& partition : response.responses.at(0).partitions) {
    has_records.push_back(!partition.records.bytes().view().empty());
    EXPECT_EQ(partition.aborted_transactions.has_value(), has_records.back());
  }
  EXPECT_EQ(has_records,
            (std::vector<bool>{true, false, false, false, false, false, false, false}));
}

TEST_F(FetchTest, OffsetInsideABatchIsAnsweredWithTheWholeBatch) {
  broker.add_topic("t");
  broker.append("t", 5);
  EXPECT_EQ(base_offsets(fetch(request("t", 3))), std::vector<std::int64_t>{0});
}

TEST_F(FetchTest, NothingNewIsEmptyRecordsAndNotNull) {
  broker.add_topic("t");
  broker.append("t", 2);
  const PartitionAnswer answer = fetch(request("t", 2));
  EXPECT_EQ(answer.error_code, Errc::none);
  EXPECT_FALSE(answer.records.is_null());
  EXPECT_EQ(answer.records.size(), 0U);
}

TEST_F(FetchTest, OffsetOutsideTheLogIsRefused) {
  broker.add_topic("t");
  broker.append("t", 2);
  const PartitionAnswer answer = fetch(request("t", 9));
  EXPECT_EQ(answer.error_code, Errc::offset_out_of_range);
  EXPECT_EQ(answer.high_watermark, k_no_offset);
  EXPECT_FALSE(answer.records.is_null());
}

TEST_F(FetchTest, PartitionThatComesTwiceIsReadOnceAsSaidLast) {
  broker.add_topic("t");
  broker.append("t", 3);
  FetchRequest ask = request("t", 9);
  add(ask, "t", 0, 0);
  const auto response = broker.ok<FetchResponse>(ask, k_v12);
  ASSERT_EQ(response.responses.size(), 1U);
  ASSERT_EQ(response.responses[0].partitions.size(), 1U);
  EXPECT_EQ(response.responses[0].partitions[0].error_code, Errc::none);
}

TEST_F(FetchTest, WhatIsReadIsToldBeforeWhatIsRefused) {
  broker.add_topic("t");
  FetchRequest ask = request("nobody", 0);
  add(ask, "t", 0, 0);
  const auto response = broker.ok<FetchResponse>(ask, k_v12);
  ASSERT_EQ(response.responses.size(), 2U);
  EXPECT_EQ(response.responses[0].topic, "t");
  EXPECT_FALSE(response.responses[0].partitions.at(0).aborted_transactions.has_value());
  EXPECT_TRUE(response.responses[1].partitions.at(0).aborted_transactions.has_value());
}

TEST_F(FetchTest, NegativeLeaderEpochIsNone) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.topics[0].partitions[0].current_leader_epoch = LeaderEpoch{-2};
  ask.topics[0].partitions[0].last_fetched_epoch = LeaderEpoch{-7};
  EXPECT_EQ(fetch(ask).error_code, Errc::none);
}

TEST_F(FetchTest, NoIdWhereIdsAreSpokenIsAnUnknownId) {
  FetchRequest ask = request("nobody", 0);
  EXPECT_EQ(fetch(ask, k_v17).error_code, Errc::unknown_topic_id);
}

TEST_F(FetchTest, FirstBatchComesWholeHoweverLarge) {
  broker.add_topic("t");
  broker.append("t", 100);
  FetchRequest ask = request("t", 0);
  ask.max_bytes = 1;
  ask.topics[0].partitions[0].partition_max_bytes = 1;
  EXPECT_EQ(base_offsets(fetch(ask)), std::vector<std::int64_t>{0});
}

TEST_F(FetchTest, SecondPartitionGetsWhatTheFirstLeft) {
  broker.add_topic("t", 2);
  broker.append("t", 100, 0);
  broker.append("t", 100, 1);
  FetchRequest ask = request("t", 0, 0);
  add(ask, "t", 0, 1);
  ask.max_bytes = 100;
  const auto response = broker.ok<FetchResponse>(ask, k_v12);
  ASSERT_EQ(response.responses.size(), 1U) << "neighbours of one topic are told together";
  EXPECT_GT(response.responses[0].partitions.at(0).records.size(), 100U);
  EXPECT_EQ(response.responses[0].partitions.at(1).records.size(), 0U);
}

TEST_F(FetchTest, LeaderEpochIsChecked) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.topics[0].partitions[0].current_leader_epoch = LeaderEpoch{2};
  EXPECT_EQ(fetch(ask).error_code, Errc::fenced_leader_epoch);
  ask.topics[0].partitions[0].current_leader_epoch = LeaderEpoch{4};
  EXPECT_EQ(fetch(ask).error_code, Errc::unknown_leader_epoch);
  ask.topics[0].partitions[0].current_leader_epoch = LeaderEpoch{3};
  EXPECT_EQ(fetch(ask).error_code, Errc::none);
}

TEST_F(FetchTest, WrongBrokerNamesTheRightOneOnce) {  // KIP-951
  broker.register_broker(BrokerId{2}, false);
  broker.add_topic("t", 2, {}, BrokerId{2});
  FetchRequest ask = request("t", 0);
  add(ask, "t", 0, 1);
  const auto response = broker.ok<FetchResponse>(ask, k_v17);
  for (const PartitionAnswer& answer : response.responses.at(0).partitions) {
    EXPECT_EQ(answer.error_code, Errc::not_leader_or_follower);
    EXPECT_EQ(answer.current_leader.leader_id, BrokerId{2});
  }
  EXPECT_EQ(response.responses.at(0).partitions.size(), 2U);
  ASSERT_EQ(response.node_endpoints.size(), 1U);
  EXPECT_EQ(response.node_endpoints[0].host, "broker2");
}

TEST_F(FetchTest, DivergingEpochIsTold) {  // KIP-595
  broker.add_topic("t");
  broker.append("t", 2);
  FetchRequest ask = request("t", 9);
  ask.topics[0].partitions[0].last_fetched_epoch = LeaderEpoch{3};
  const PartitionAnswer answer = fetch(ask);
  EXPECT_EQ(answer.error_code, Errc::none);
  EXPECT_EQ(answer.diverging_epoch.epoch, LeaderEpoch{3});
  EXPECT_EQ(answer.diverging_epoch.end_offset, Offset{2});
}

TEST_F(FetchTest, UnknownNamesAndIdsHaveTheirOwnErrors) {
  EXPECT_EQ(fetch(request("nobody", 0)).error_code, Errc::unknown_topic_or_partition);
  FetchRequest by_id = request("nobody", 0);
  by_id.topics[0].topic_id = Uuid{9, 9};
  EXPECT_EQ(fetch(by_id, k_v17).error_code, Errc::unknown_topic_id);
}

TEST_F(FetchTest, ReadCommittedCarriesAnEmptyListOfAbortedTransactions) {
  broker.add_topic("t");
  broker.append("t", 2);
  FetchRequest ask = request("t", 0);
  ask.isolation_level = 1;
  const PartitionAnswer answer = fetch(ask);
  ASSERT_TRUE(answer.aborted_transactions.has_value());
  EXPECT_TRUE(answer.aborted_transactions->empty());
  EXPECT_GT(answer.records.size(), 0U);
}

// As Kafka tells it: null where the first batch is larger than the room that is left.
TEST_F(FetchTest, ReadCommittedCarriesNoListForABatchThatIsTooLarge) {
  broker.add_topic("t", 3);
  for (const std::int32_t i : {0, 1, 2}) broker.append("t", 20, i);
  FetchRequest ask = request("t", 0, 0);
  add(ask, "t", 0, 1);
  add(ask, "t", 0, 2);
  ask.isolation_level = 1;
  ask.topics[1].partitions[0].partition_max_bytes = 10;
  ask.topics[2].partitions[0].partition_max_bytes = 0;
  const auto response = broker.ok<FetchResponse>(ask, k_v12);
  const auto& partitions = response.responses.at(0).partitions;
  ASSERT_EQ(partitions.size(), 3U);
  EXPECT_TRUE(partitions[0].aborted_transactions.has_value());
  EXPECT_FALSE(partitions[1].aborted_transactions.has_value());
  EXPECT_TRUE(partitions[2].aborted_transactions.has_value()) << "no room at all";
}

TEST_F(FetchTest, LongPollEndsWithTheAppend) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{60'000};
  auto pending = broker.begin(ask, k_v12);
  broker.world.run_for(std::chrono::seconds{1});
  EXPECT_FALSE(pending->task->done());
  const Instant before = broker.world.now();
  broker.append("t", 4);
  const auto response = broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_LT(broker.world.now() - before, std::chrono::seconds{1});
  EXPECT_EQ(base_offsets(response.responses.at(0).partitions.at(0)), std::vector<std::int64_t>{0});
  EXPECT_TRUE(broker.shard(0).bells.empty());
  EXPECT_EQ(broker.shard(0).waiters.count(), 0U);
}

TEST_F(FetchTest, LongPollEndsWithItsTime) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{500};
  const Instant before = broker.world.now();
  EXPECT_EQ(fetch(ask).records.size(), 0U);
  EXPECT_GE(broker.world.now() - before, Milliseconds{500});
}

TEST_F(FetchTest, LongPollWaitsForMinBytes) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{60'000};
  ask.min_bytes = 500;
  auto pending = broker.begin(ask, k_v12);
  broker.append("t", 2);
  broker.world.run_for(std::chrono::seconds{1});
  EXPECT_FALSE(pending->task->done());
  broker.append("t", 100);
  const auto response = broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_EQ(base_offsets(response.responses.at(0).partitions.at(0)),
            (std::vector<std::int64_t>{0, 2}));
}

// A read ends with its segment: from there on nothing comes, however long it waits.
TEST_F(FetchTest, LongPollOfAnOlderSegmentEndsAtOnce) {
  config::TopicConfig config;
  config.segment_bytes = 1024;
  broker.add_topic("t", 1, config);
  const log::PartitionLog& log = broker.partition("t")->log();
  for (int i = 0; i < 100 && log.segment_count() < 3; ++i) broker.append("t", 10);
  ASSERT_EQ(log.segment_count(), 3U);
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{60'000};
  ask.min_bytes = 100'000;
  const Instant before = broker.world.now();
  auto pending = broker.begin(ask, k_v12);
  const auto response = broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_LT(broker.world.now() - before, std::chrono::seconds{1});
  EXPECT_FALSE(base_offsets(response.responses.at(0).partitions.at(0)).empty());
  ask = request("t", log.log_end_offset().value() - 1);
  ask.max_wait_ms = Milliseconds{60'000};
  ask.min_bytes = 100'000;
  pending = broker.begin(ask, k_v12);
  broker.world.run_for(std::chrono::seconds{1});
  EXPECT_FALSE(pending->task->done());
  broker.shard(0).drain();
  broker.finish<FetchResponse>(*pending, k_v12);
}

TEST_F(FetchTest, DrainingEndsLongPollsAtOnce) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{60'000};
  auto pending = broker.begin(ask, k_v12);
  broker.world.run_for(std::chrono::seconds{1});
  broker.shard(0).drain();
  const Instant before = broker.world.now();
  (void)broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_LT(broker.world.now() - before, std::chrono::seconds{1});
}

TEST_F(FetchTest, WhoIsNoOtherReplicaGetsNothingAsOne) {
  broker.add_topic("t");
  broker.append("t", 2);
  for (const BrokerId replica : {k_self, BrokerId{9}}) {
    FetchRequest ask = request("t", 0);
    ask.replica_id = replica;
    const PartitionAnswer answer = fetch(ask);
    EXPECT_EQ(answer.error_code, Errc::not_leader_or_follower) << replica.value();
    EXPECT_TRUE(base_offsets(answer).empty());
  }
}

TEST_F(FetchTest, LosingTheLeadershipEndsTheLongPoll) {
  broker.add_topic("t");
  FetchRequest ask = request("t", 0);
  ask.max_wait_ms = Milliseconds{60'000};
  auto pending = broker.begin(ask, k_v12);
  broker.world.run_for(std::chrono::seconds{1});
  broker.partition("t")->follow(LeaderEpoch{4});
  const auto response = broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).error_code, Errc::not_leader_or_follower);
}

TEST_F(FetchTest, SessionTellsOnlyWhatIsNew) {
  broker.add_topic("t", 2);
  FetchRequest first = request("t", 0, 0);
  add(first, "t", 0, 1);
  first.session_epoch = FetchSessionEpoch{0};
  const auto full = broker.ok<FetchResponse>(first, k_v17);
  ASSERT_GT(full.session_id, FetchSessionId{0});
  EXPECT_EQ(full.responses.at(0).partitions.size(), 2U);

  broker.append("t", 1, 1);
  FetchRequest next;
  next.max_wait_ms = Milliseconds{0};
  next.min_bytes = 1;
  next.session_id = full.session_id;
  next.session_epoch = FetchSessionEpoch{1};
  const auto incremental = broker.ok<FetchResponse>(next, k_v17);
  EXPECT_EQ(incremental.session_id, full.session_id);
  ASSERT_EQ(incremental.responses.size(), 1U);
  ASSERT_EQ(incremental.responses[0].partitions.size(), 1U);
  EXPECT_EQ(incremental.responses[0].partitions[0].partition_index, PartitionIndex{1});
}

TEST_F(FetchTest, UnknownSessionIsAnErrorOfTheWholeAnswer) {
  FetchRequest ask;
  ask.session_id = FetchSessionId{77};
  ask.session_epoch = FetchSessionEpoch{3};
  const auto response = broker.ok<FetchResponse>(ask, k_v17);
  EXPECT_EQ(response.error_code, Errc::fetch_session_id_not_found);
  EXPECT_TRUE(response.responses.empty());
}

TEST_F(FetchTest, TopicThatWasMadeAgainHasAnotherId) {
  broker.add_topic("t");
  FetchRequest first = request("t", 0);
  first.session_epoch = FetchSessionEpoch{0};
  const auto full = broker.ok<FetchResponse>(first, k_v17);
  auto made_again = std::make_shared<metadata::Topic>(*broker.image.topics.find("t"));
  broker.image.topics.by_id.erase(Uuid{made_again->id});
  made_again->id = Uuid{3, 3};
  broker.image.topics.by_id.set(made_again->id, made_again);
  broker.image.topics.by_name.set("t", made_again);
  broker.show();
  FetchRequest next;
  next.session_id = full.session_id;
  next.session_epoch = FetchSessionEpoch{1};
  const auto answer = broker.ok<FetchResponse>(next, k_v17);
  EXPECT_EQ(answer.responses.at(0).partitions.at(0).error_code, Errc::inconsistent_topic_id);
  // Back, so that the world finds its partition at the end.
  broker.image.topics.by_id.erase(Uuid{3, 3});
}

TEST(FetchAcrossShards, LongPollIsEndedByAnyOwner) {
  BrokerWorld broker(3);
  broker.add_topic("t", 3);
  FetchRequest ask;
  ask.max_wait_ms = Milliseconds{60'000};
  ask.min_bytes = 1;
  for (int i = 0; i < 3; ++i) {
    auto& topic = ask.topics.emplace_back();
    topic.topic = "t";
    auto& partition = topic.partitions.emplace_back();
    partition.partition = PartitionIndex{i};
    partition.partition_max_bytes = 1 << 20;
  }
  for (int i = 0; i < 3; ++i) {
    auto pending = broker.begin(ask, k_v12);
    broker.world.run_for(std::chrono::seconds{1});
    ASSERT_FALSE(pending->task->done());
    broker.append("t", 1, i);
    const auto response = broker.finish<FetchResponse>(*pending, k_v12);
    const auto& partitions = response.responses.at(0).partitions;
    EXPECT_GT(partitions.at(static_cast<std::size_t>(i)).records.size(), 0U);
    for (auto& topic : ask.topics) {
      if (topic.partitions[0].partition == PartitionIndex{i}) {
        topic.partitions[0].fetch_offset = Offset{1};
      }
    }
  }
  broker.world.run_for(std::chrono::seconds{1});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(broker.shard(i).fetch_watches.empty());
}

TEST_F(FetchTest, ReadCommittedEndsWhereTheOldestOpenTransactionBegins) {
  broker.add_topic("t");
  broker.append("t", 2);
  append_in_transaction(7);
  broker.append("t", 1);
  PartitionAnswer answer = fetch(committed(0));
  EXPECT_EQ(base_offsets(answer), std::vector<std::int64_t>{0});
  EXPECT_EQ(answer.last_stable_offset, Offset{2});
  EXPECT_EQ(answer.high_watermark, Offset{5});
  EXPECT_EQ(base_offsets(fetch(request("t", 0))), (std::vector<std::int64_t>{0, 2, 4}));
  end_transaction(7, true);
  answer = fetch(committed(2));
  EXPECT_EQ(answer.last_stable_offset, Offset{6});
  EXPECT_EQ(base_offsets(answer), (std::vector<std::int64_t>{2, 4}));
  // Its time is the clock's, far behind that of the records: it is in a segment of its own.
  EXPECT_EQ(base_offsets(fetch(committed(5))), std::vector<std::int64_t>{5});
  EXPECT_TRUE(answer.aborted_transactions.value().empty());
}

TEST_F(FetchTest, ReadCommittedLearnsOfAbortedTransactionsInWhatItGot) {
  broker.add_topic("t");
  append_in_transaction(7);
  append_in_transaction(8);
  end_transaction(8, false);
  end_transaction(7, true);
  append_in_transaction(7, 2);
  end_transaction(7, false);
  auto aborted = fetch(committed(0)).aborted_transactions.value();
  ASSERT_EQ(aborted.size(), 1U) << "the other began in a later segment than was read";
  EXPECT_EQ(aborted[0].producer_id, ProducerId{8});
  EXPECT_EQ(aborted[0].first_offset, Offset{2});
  aborted = fetch(committed(6)).aborted_transactions.value();
  ASSERT_EQ(aborted.size(), 1U);
  EXPECT_EQ(aborted[0].producer_id, ProducerId{7});
  EXPECT_EQ(aborted[0].first_offset, Offset{6});
  EXPECT_FALSE(fetch(request("t", 0)).aborted_transactions.has_value());
}

// Records without the list would show what was aborted as if it were committed. Found by seed 554
// of the simulation.
TEST_F(FetchTest, ReadCommittedGetsNoRecordsWhenTheTransactionIndexCannotBeRead) {
  broker.add_topic("t");
  append_in_transaction(7);
  end_transaction(7, false);
  sim::FaultPlan& faults = static_cast<sim::Disk&>(broker.shard(0).env.disk).volume().faults();
  faults.add({.op = sim::DiskOp::read, .path_part = ".txnindex"});
  const PartitionAnswer refused = fetch(committed(0));
  EXPECT_NE(refused.error_code, Errc::none);
  EXPECT_TRUE(base_offsets(refused).empty());
}

TEST_F(FetchTest, LongPollOfReadCommittedEndsWithTheTransaction) {
  broker.add_topic("t");
  append_in_transaction(7);
  FetchRequest ask = committed(0);
  ask.max_wait_ms = Milliseconds{60'000};
  const auto pending = broker.begin(ask, k_v12);
  broker.world.run_for(Milliseconds{100});
  EXPECT_FALSE(pending->task->done());
  const Instant before = broker.world.now();
  end_transaction(7, true);
  const auto response = broker.finish<FetchResponse>(*pending, k_v12);
  EXPECT_LT(broker.world.now() - before, Milliseconds{1000});
  EXPECT_EQ(base_offsets(response.responses.at(0).partitions.at(0)), std::vector<std::int64_t>{0});
}

}  // namespace
}  // namespace moldau::broker
