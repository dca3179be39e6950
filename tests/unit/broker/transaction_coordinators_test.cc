#include "broker/transaction_coordinators.h"

#include <gtest/gtest.h>

#include "unit/broker/transaction_world.h"

namespace moldau::broker {
namespace {

using txn::ProducerIdAndEpoch;

class TransactionCoordinatorsTest : public testing::Test {
 protected:
  void append(const std::string& topic, ProducerIdAndEpoch who, std::int32_t partition = 0) {
    const AppendAnswer done = broker.run(broker.partition(topic, partition)
                                             ->append(broker.batch(2, {.producer_id = who.id,
                                                                       .producer_epoch = who.epoch,
                                                                       .base_sequence = Sequence{0},
                                                                       .is_transactional = true}),
                                                      replica::Acks::all));
    EXPECT_EQ(done.error, Errc::none);
  }
  Offset stable(const std::string& topic, std::int32_t partition = 0) {
    return broker.partition(topic, partition)->leader()->last_stable_offset();
  }
  TransactionWorld broker{3};
};

TEST_F(TransactionCoordinatorsTest, AnEndPutsAMarkerIntoEachPartition) {
  broker.lead_transactions(7);
  broker.add_topic("t", 4);
  const auto who = broker.begin("a");
  ASSERT_EQ(broker.add("a", who, "t", {0, 1, 2}), Errc::none);
  for (const int partition : {0, 1, 2}) append("t", who, partition);
  EXPECT_EQ(stable("t"), Offset{0});
  EXPECT_EQ(broker.end("a", who, true).error_code, Errc::none);
  ASSERT_TRUE(broker.wait_for("a", "CompleteCommit"));
  for (const int partition : {0, 1, 2}) EXPECT_EQ(stable("t", partition), Offset{3}) << partition;
  EXPECT_EQ(stable("t", 3), Offset{0});
}

TEST_F(TransactionCoordinatorsTest, EachEndBumpsTheEpochForNewClients) {
  broker.lead_transactions();
  broker.add_topic("t");
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  append("t", who);
  const auto ended = broker.end("a", who, true, 5);
  EXPECT_EQ(ended.producer_id, who.id);
  EXPECT_EQ(ended.producer_epoch, ProducerEpoch{1});
  ASSERT_TRUE(broker.wait_for("a", "CompleteCommit"));
  EXPECT_EQ(stable("t"), Offset{3});
}

TEST_F(TransactionCoordinatorsTest, ADeletedTopicDoesNotHoldTheEndUp) {
  broker.lead_transactions();
  broker.add_topic("t");
  broker.add_topic("u");
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  broker.add("a", who, "u");
  broker.remove_topic("t");
  broker.end("a", who, false);
  EXPECT_TRUE(broker.wait_for("a", "CompleteAbort"));
}

TEST_F(TransactionCoordinatorsTest, APartitionWithoutLeaderIsWaitedFor) {
  broker.lead_transactions();
  broker.add_topic("t");
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  const auto partition = broker.partition("t");
  partition->follow(LeaderEpoch{4});
  EXPECT_EQ(broker.end("a", who, true).error_code, Errc::none);
  EXPECT_FALSE(broker.wait_for("a", "CompleteCommit"));
  CHECK_OK(broker.run(partition->lead(LeaderEpoch{5}, {k_self}, {k_self}, Offset{0})));
  broker.world.run_for(Milliseconds{2000});
  EXPECT_TRUE(broker.wait_for("a", "CompleteCommit"));
}

TEST_F(TransactionCoordinatorsTest, AnotherCoordinatorEndsWhatWasPrepared) {
  broker.lead_transactions(1);
  broker.add_topic("t");
  const auto who = broker.begin("a");
  broker.add("a", who, "t");
  append("t", who);
  const auto partition = broker.partition("t");
  partition->follow(LeaderEpoch{4});
  broker.end("a", who, true);
  const auto state = broker.partition(std::string{k_transaction_topic});
  Shard& owner = broker.facts.owner(state->id());
  broker.run(owner.transactions.resign(state->id()));
  EXPECT_EQ(broker.describe("a").error_code, Errc::not_coordinator);
  CHECK_OK(broker.run(partition->lead(LeaderEpoch{5}, {k_self}, {k_self}, Offset{0})));
  owner.transactions.lead(state);
  broker.show_newer();
  EXPECT_TRUE(broker.wait_for("a", "CompleteCommit"));
  EXPECT_EQ(stable("t"), Offset{3});
}

TEST_F(TransactionCoordinatorsTest, PartitionsAreAddedAndVerifiedForTheLog) {  // KIP-890
  PartitionsOfTransaction asked{.transactional_id = "a"};
  asked.topics.push_back({.name = "t", .partitions = {PartitionIndex{0}}});
  const auto error = [&] {
    return broker.run(add_or_verify_partitions(broker.shard(1), asked))
        .topic_results.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
  };
  EXPECT_EQ(error(), Errc::not_coordinator);
  broker.lead_transactions();
  broker.add_topic("t");
  EXPECT_EQ(error(), Errc::invalid_producer_id_mapping);
  const auto who = broker.begin("a");
  asked.producer_id = who.id;
  asked.producer_epoch = who.epoch;
  asked.verify_only = true;
  EXPECT_EQ(error(), Errc::transaction_abortable);
  asked.verify_only = false;
  EXPECT_EQ(error(), Errc::none);
  asked.verify_only = true;
  EXPECT_EQ(error(), Errc::none);
}

TEST_F(TransactionCoordinatorsTest, WithoutTheTopicNobodyAnswers) {
  EXPECT_EQ(broker.end("a", {}, true).error_code, Errc::not_coordinator);
}

}  // namespace
}  // namespace moldau::broker
