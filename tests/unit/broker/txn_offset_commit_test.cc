#include "protocol/api/txn_offset_commit.h"

#include <gtest/gtest.h>

#include "broker/txn_markers.h"
#include "protocol/api/offset_fetch.h"
#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

constexpr ProducerId k_producer{77};

class TxnOffsetCommitTest : public testing::Test {
 protected:
  TxnOffsetCommitTest() {
    broker.trust_transactions();
    request.transactional_id = "tx";
    request.group_id = "g";
    request.producer_id = k_producer;
  }
  void add(const std::string& topic, std::int64_t offset, const Uuid& id = {}) {
    auto& one = request.topics.emplace_back();
    one.name = topic;
    one.topic_id = id;
    auto& asked = one.partitions.emplace_back();
    asked.committed_offset = Offset{offset};
    asked.committed_metadata = "note";
  }
  TxnOffsetCommitResponse ask(std::int16_t version = 3) {
    return broker.ok<TxnOffsetCommitResponse>(request, ApiVersion{version});
  }
  static Errc code_of(const TxnOffsetCommitResponse& response, std::size_t topic = 0) {
    return response.topics.at(topic).partitions.at(0).error_code;
  }
  Errc end(bool commit, std::int16_t epoch = 0) {
    const auto partition = partition_of_group(broker.image, "g");
    return broker.run(
        write_marker(broker.shard(0), *partition,
                     {.id = k_producer, .epoch = ProducerEpoch{epoch}, .commit = commit}));
  }
  auto fetch(bool stable) {
    OffsetFetchRequest fetch;
    fetch.group_id = "g";
    fetch.require_stable = stable;
    auto& asked = fetch.topics->emplace_back();
    asked.name = "t";
    asked.partition_indexes = {PartitionIndex{0}};
    return broker.ok<OffsetFetchResponse>(fetch, ApiVersion{7}).topics.at(0).partitions.at(0);
  }
  TransactionWorld broker{2};
  TxnOffsetCommitRequest request;
};

TEST_F(TxnOffsetCommitTest, OffsetCountsWhenTheMarkerCommitsIt) {
  broker.lead_groups(3);
  broker.add_topic("t");
  add("t", 42);
  ASSERT_EQ(code_of(ask()), Errc::none);
  EXPECT_EQ(fetch(false).committed_offset, k_no_offset);
  EXPECT_EQ(fetch(true).error_code, Errc::unstable_offset_commit);
  ASSERT_EQ(end(true), Errc::none);
  EXPECT_EQ(fetch(true).committed_offset, Offset{42});
  EXPECT_EQ(fetch(true).metadata, "note");
}

TEST_F(TxnOffsetCommitTest, OffsetIsGoneWhenTheMarkerAbortsIt) {
  broker.lead_groups(3);
  broker.add_topic("t");
  add("t", 42);
  ASSERT_EQ(code_of(ask()), Errc::none);
  ASSERT_EQ(end(false), Errc::none);
  EXPECT_EQ(fetch(true).committed_offset, k_no_offset);
  EXPECT_EQ(fetch(true).error_code, Errc::none);
}

TEST_F(TxnOffsetCommitTest, ProducerOfAnOlderEpochIsRefusedAndTheGroupsStay) {
  broker.lead_groups(3);
  broker.add_topic("t");
  add("t", 42);
  request.producer_epoch = ProducerEpoch{5};
  ASSERT_EQ(code_of(ask()), Errc::none);
  ASSERT_EQ(end(true, 5), Errc::none);
  request.producer_epoch = ProducerEpoch{4};
  request.topics[0].partitions[0].committed_offset = Offset{43};
  EXPECT_EQ(code_of(ask()), Errc::invalid_producer_epoch);
  EXPECT_EQ(fetch(true).committed_offset, Offset{42});
  EXPECT_EQ(end(true, 4), Errc::invalid_producer_epoch);
}

TEST_F(TxnOffsetCommitTest, WhatExistsIsCommittedAndTheRestToldBesideIt) {
  broker.lead_groups();
  broker.lead_transactions();
  request.producer_id = broker.begin("tx").id;
  const Uuid id = broker.add_topic("t");
  add("nobody", 1);
  add("t", 2);
  auto response = ask(5);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(code_of(response, 0), Errc::unknown_topic_or_partition);
  EXPECT_EQ(code_of(response, 1), Errc::none);
  request.topics.clear();
  add("", 1, Uuid{9, 9});
  add("", 2, id);
  response = ask(6);
  EXPECT_EQ(response.topics.at(0).topic_id, (Uuid{9, 9}));
  EXPECT_EQ(code_of(response, 0), Errc::unknown_topic_id);
  EXPECT_EQ(response.topics.at(1).topic_id, id);
  EXPECT_EQ(code_of(response, 1), Errc::none);
}

TEST_F(TxnOffsetCommitTest, TopicThatComesTwiceIsAnsweredTwiceWhereNothingIsRefused) {
  broker.lead_groups(3);
  broker.add_topic("t");
  add("t", 1);
  add("t", 2);
  EXPECT_EQ(ask().topics.size(), 2U);
  add("nobody", 3);
  EXPECT_EQ(ask().topics.size(), 2U);
}

TEST_F(TxnOffsetCommitTest, TransactionalIdGroupAndTopicNeedTheirRights) {
  broker.lead_groups();
  broker.add_topic("t");
  add("t", 2);
  const auto forbid = [&](security::ResourceType what) {
    broker.authorizer.forbids = [what](security::Operation, security::ResourceType type,
                                       std::string_view) { return type == what; };
    return code_of(ask());
  };
  EXPECT_EQ(forbid(security::ResourceType::transactional_id),
            Errc::transactional_id_authorization_failed);
  EXPECT_EQ(forbid(security::ResourceType::group), Errc::group_authorization_failed);
  EXPECT_EQ(forbid(security::ResourceType::topic), Errc::topic_authorization_failed);
}

TEST_F(TxnOffsetCommitTest, OldProducersAreNotToldOfLoading) {
  BrokerWorld one;
  one.trust_transactions();
  one.lead_groups(1);
  one.add_topic("t");
  add("t", 2);
  const auto ask_one = [&] {
    return code_of(one.ok<TxnOffsetCommitResponse>(request, ApiVersion{1}));
  };
  ASSERT_EQ(ask_one(), Errc::none);
  auto resigned = one.shard(0).groups.resign_all();
  ASSERT_TRUE(one.world.run_until([&] { return resigned.done(); }));
  one.shard(0).groups.lead(one.partition(std::string{k_offsets_topic}));  // reads what is there
  EXPECT_EQ(ask_one(), Errc::coordinator_not_available);
}

}  // namespace
}  // namespace moldau::broker
