#include "broker/partition.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(Partition, LeadingAgainUnderTheSameEpochKeepsTheWaits) {
  BrokerWorld broker;
  broker.add_topic("t");
  const auto partition = broker.partition("t");
  replica::Leader* const leader = partition->leader();
  ASSERT_TRUE(broker.run(partition->lead(LeaderEpoch{3}, {k_self}, {k_self}, Offset{0})));
  EXPECT_EQ(partition->leader(), leader);
}

TEST(Partition, NewLeaderEpochStartsAtTheLogEnd) {
  BrokerWorld broker;
  broker.add_topic("t");
  broker.append("t", 4);
  const auto partition = broker.partition("t");
  ASSERT_TRUE(broker.run(partition->lead(LeaderEpoch{5}, {k_self}, {k_self}, Offset{0})));
  EXPECT_EQ(partition->leader_epoch(), LeaderEpoch{5});
  EXPECT_EQ(partition->epoch_start_offset(), Offset{4});
  EXPECT_EQ(partition->log().leader_epochs().latest()->start_offset, Offset{4});
  EXPECT_EQ(partition->high_watermark(), Offset{4});
}

TEST(Partition, WhoDoesNotLeadRefusesAppendsAndReads) {
  BrokerWorld broker;
  broker.add_topic("t");
  broker.append("t", 2);
  const auto partition = broker.partition("t");
  partition->follow(LeaderEpoch{4});
  EXPECT_EQ(broker.append("t", 1).error, Errc::not_leader_or_follower);
  EXPECT_EQ(partition->check_leader(k_no_leader_epoch), Errc::not_leader_or_follower);
  EXPECT_EQ(partition->check_leader(LeaderEpoch{3}), Errc::fenced_leader_epoch);
  EXPECT_EQ(partition->high_watermark(), Offset{2}) << "kept for the checkpoint";
}

TEST(Partition, NotEnoughInSyncReplicasRefuseAcksAll) {
  BrokerWorld broker;
  config::TopicConfig config;
  config.min_insync_replicas = 2;
  broker.add_topic("t", 1, config);
  const auto partition = broker.partition("t");
  ASSERT_TRUE(
      broker.run(partition->lead(LeaderEpoch{4}, {k_self, BrokerId{2}}, {k_self}, Offset{0})));
  const AppendAnswer refused = broker.run(partition->append(broker.batch(1), replica::Acks::all));
  EXPECT_EQ(refused.error, Errc::not_enough_replicas);
  EXPECT_EQ(refused.log_start_offset, Offset{0});
  EXPECT_EQ(broker.run(partition->append(broker.batch(1), replica::Acks::leader)).error,
            Errc::none);
  EXPECT_EQ(partition->high_watermark(), Offset{0});
}

TEST(Partition, DeletedRecordsCannotBeReadAndTheirSegmentsGo) {
  BrokerWorld broker;
  config::TopicConfig config;
  config.segment_bytes = 1024;
  broker.add_topic("t", 1, config);
  for (int i = 0; i < 40; ++i) broker.append("t", 5);
  const auto partition = broker.partition("t");
  const std::size_t before = partition->log().segment_count();
  ASSERT_GT(before, 2U);
  EXPECT_EQ(broker.run(partition->delete_records(Offset{150})).low_watermark, Offset{150});
  EXPECT_LT(partition->log().segment_count(), before);
  EXPECT_LE(partition->log().first_segment_offset(), Offset{150});
  EXPECT_EQ(broker
                .run(partition->read({.id = partition->id(), .fetch_offset = Offset{149}},
                                     replica::Visible::high_watermark, 1000, true))
                .error,
            Errc::offset_out_of_range);
}

TEST(Partition, WhoDoesNotLeadDeletesNothing) {
  BrokerWorld broker;
  broker.add_topic("t");
  broker.append("t", 2);
  const auto partition = broker.partition("t");
  partition->follow(LeaderEpoch{4});
  EXPECT_EQ(broker.run(partition->delete_records(Offset{1})).error, Errc::not_leader_or_follower);
  EXPECT_EQ(partition->log().log_start_offset(), Offset{0});
}

TEST(Partition, ChangedSettingsHoldAtOnce) {
  BrokerWorld broker;
  broker.add_topic("t");
  config::TopicConfig config;
  config.message_bytes_max = 70;
  broker.partition("t")->configure(
      make_topic_settings(config, {.id_expiration = Milliseconds{1000}}));
  EXPECT_EQ(broker.append("t", 50).error, Errc::message_too_large);
}

TEST(Partition, WrongGreatestTimestampOfAProducerIsPutRight) {
  BrokerWorld broker;
  broker.add_topic("t");
  const SharedBytes batch = broker.batch(2);
  std::vector<std::byte> bytes(batch.view().begin(), batch.view().end());
  store_big(bytes.data() + record::at::k_max_timestamp, std::int64_t{999'999});
  const std::uint32_t crc = crc32c(Bytes{bytes}.subspan(record::at::k_attributes));
  store_big(bytes.data() + record::at::k_crc, crc);
  ASSERT_EQ(broker
                .run(broker.partition("t")->append(SharedBytes::take(std::move(bytes)),
                                                   replica::Acks::all))
                .error,
            Errc::none);
  const Result<SharedBytes> read = broker.run(broker.partition("t")->log().read_batches(
      {.from = Offset{0}, .bytes_max = 1 << 20, .limit = Offset{2}, .at_least_one_batch = true}));
  ASSERT_TRUE(read.has_value());
  const auto first = record::BatchesView(read->view()).next();
  EXPECT_EQ((*first)->max_timestamp(), timestamp_of(1001));
  EXPECT_TRUE((*first)->crc_matches());
}

TEST(Partition, SettingsOfATopicBecomeRulesOfItsAppends) {
  config::TopicConfig config;
  config.cleanup_compact = true;
  config.flush_messages = 1;
  config.compression = config::TopicCompression::zstd;
  config.zstd_level = 7;
  const auto settings = make_topic_settings(config, {.id_expiration = Milliseconds{5}});
  EXPECT_TRUE(settings->rules.is_compacted);
  EXPECT_EQ(settings->log->flush_messages, 1);
  EXPECT_EQ(settings->log->producer_id_expiration, Milliseconds{5});
  ASSERT_TRUE(settings->rules.compression.has_value());
  EXPECT_EQ(settings->rules.compression->codec, compress::Codec::zstd);
  EXPECT_EQ(settings->rules.compression->level, compress::Level{7});
}

}  // namespace
}  // namespace moldau::broker
