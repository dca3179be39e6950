#include "broker/txn_markers.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

constexpr ProducerId k_producer{77};

Marker marker(bool commit, std::int16_t epoch = 0) {
  return {.id = k_producer, .epoch = ProducerEpoch{epoch}, .commit = commit};
}

class TxnMarkersTest : public testing::Test {
 protected:
  TopicIdPartition id(const std::string& topic, std::int32_t partition = 0) {
    return {broker.image.topics.find(topic)->id, PartitionIndex{partition}};
  }
  Errc write(const TopicIdPartition& to, const Marker& one) {
    return broker.run(write_marker(broker.shard(0), to, one));
  }
  // As the producer that the markers are of.
  AppendAnswer append(const std::string& topic, std::int16_t epoch = 0, std::int32_t sequence = 0,
                      std::int32_t partition = 0) {
    return broker.run(broker.partition(topic, partition)
                          ->append(broker.batch(2, {.producer_id = k_producer,
                                                    .producer_epoch = ProducerEpoch{epoch},
                                                    .base_sequence = Sequence{sequence},
                                                    .is_transactional = true}),
                                   replica::Acks::all));
  }
  Offset stable(const std::string& topic, std::int32_t partition = 0) {
    return broker.partition(topic, partition)->leader()->last_stable_offset();
  }
  std::size_t aborted(const std::string& topic) {
    return broker.run(broker.partition(topic)->log().aborted_transactions(Offset{0}, Offset{100}))
        ->size();
  }
  BrokerWorld broker{2};
};

// Of tests/data/golden/batches.tsv.gz, rows control-commit and control-abort: the CRC covers all
// but offset and leader epoch, which the log writes.
TEST(EncodeMarker, BytesAreThoseOfKafka) {
  const Timestamp now = timestamp_of(1'700'000'000'000);
  Marker one{.id = ProducerId{5'000'000'001},
             .epoch = ProducerEpoch{3},
             .commit = true,
             .coordinator_epoch = 15,
             .txn_version = 2};
  const auto crc_of = [&] {
    const std::vector<std::byte> bytes = encode_marker(one, now);
    EXPECT_EQ(bytes.size(), 78U);
    return record::BatchView::read(Bytes{bytes})->crc();
  };
  EXPECT_EQ(crc_of(), 0x96940165U);
  one.commit = false;
  one.coordinator_epoch = 16;
  EXPECT_EQ(crc_of(), 0xba162c51U);
}

TEST_F(TxnMarkersTest, CommitMovesTheLastStableOffsetOn) {
  broker.add_topic("t", 2);
  for (const std::int32_t partition : {0, 1}) {  // one lives on each shard
    ASSERT_EQ(append("t", 0, 0, partition).error, Errc::none);
    EXPECT_EQ(stable("t", partition), Offset{0});
    EXPECT_EQ(write(id("t", partition), marker(true)), Errc::none);
    EXPECT_EQ(stable("t", partition), Offset{3});
  }
  EXPECT_EQ(aborted("t"), 0U);
}

TEST_F(TxnMarkersTest, AbortIsInTheTransactionIndex) {
  broker.add_topic("t");
  ASSERT_EQ(append("t").error, Errc::none);
  EXPECT_EQ(write(id("t"), marker(false)), Errc::none);
  EXPECT_EQ(stable("t"), Offset{3});
  EXPECT_EQ(aborted("t"), 1U);
}

TEST_F(TxnMarkersTest, PartitionThatIsNotHereIsUnknown) {
  EXPECT_EQ(write({Uuid{1, 2}, PartitionIndex{0}}, marker(true)), Errc::unknown_topic_or_partition);
}

TEST_F(TxnMarkersTest, PartitionThatDoesNotLeadIsToldSo) {
  broker.add_topic("t");
  broker.partition("t")->follow(LeaderEpoch{4});
  EXPECT_EQ(write(id("t"), marker(true)), Errc::not_leader_or_follower);
}

TEST_F(TxnMarkersTest, EpochBelowTheProducersIsRefused) {
  broker.add_topic("t");
  ASSERT_EQ(append("t", 5).error, Errc::none);
  EXPECT_EQ(write(id("t"), marker(true, 4)), Errc::invalid_producer_epoch);
  EXPECT_EQ(stable("t"), Offset{0});
}

TEST_F(TxnMarkersTest, Version2NeedsAnEpochAboveThatOfTheRecords) {
  broker.add_topic("t");
  ASSERT_EQ(append("t", 5).error, Errc::none);
  Marker second = marker(true, 5);
  second.txn_version = 2;
  EXPECT_EQ(write(id("t"), second), Errc::invalid_producer_epoch);
  second.epoch = ProducerEpoch{6};
  EXPECT_EQ(write(id("t"), second), Errc::none);
  EXPECT_EQ(write(id("t"), second), Errc::none);  // sent again: nothing is open
}

TEST_F(TxnMarkersTest, CoordinatorOfAnOlderEpochIsFenced) {
  broker.add_topic("t");
  Marker first = marker(true);
  first.coordinator_epoch = 3;
  ASSERT_EQ(write(id("t"), first), Errc::none);
  first.coordinator_epoch = 2;
  EXPECT_EQ(write(id("t"), first), Errc::transaction_coordinator_fenced);
}

TEST_F(TxnMarkersTest, CoordinatorThatIsNotReadyIsAPartitionThatIsNot) {
  broker.add_topic(std::string{k_offsets_topic});  // nobody coordinates it
  EXPECT_EQ(write(id(std::string{k_offsets_topic}), marker(true)), Errc::not_leader_or_follower);
  EXPECT_EQ(broker.partition(std::string{k_offsets_topic})->log().log_end_offset(), Offset{0});
}

}  // namespace
}  // namespace moldau::broker
