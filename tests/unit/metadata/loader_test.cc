#include "metadata/loader.h"

#include <gtest/gtest.h>

#include "unit/metadata/kafka_log.h"
#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

using test::record_of;

class LoaderTest : public testing::Test {
 protected:
  Result<std::optional<Loader::Published>> load(const std::vector<MetadataRecord>& records) {
    auto published = loader_.load({records, next_, LeaderEpoch{1}, timestamp_of(1000)});
    next_ += std::ssize(records);
    return published;
  }
  Loader loader_;
  Offset next_{0};
};

const MetadataRecord k_begin = record_of(protocol::BeginTransactionRecord{.name = "t"});
const MetadataRecord k_end = record_of(protocol::EndTransactionRecord{});
const MetadataRecord k_abort = record_of(protocol::AbortTransactionRecord{});

TEST_F(LoaderTest, EachBatchPublishesAnImageThatNamesItsLastRecord) {
  const auto published =
      load({test::topic_is("a", test::k_topic_a), test::partition_is(test::k_topic_a, 0, {1}, 1)});
  ASSERT_TRUE(published.has_value() && published->has_value());
  EXPECT_EQ((*published)->image->provenance.last_contained_offset, Offset{1});
  EXPECT_EQ((*published)->changes.topics.size(), 1U);
  EXPECT_EQ(loader_.image(), (*published)->image);
}

TEST_F(LoaderTest, NothingOfATransactionIsSeenBeforeItsEnd) {
  EXPECT_FALSE(load({k_begin, test::topic_is("a", test::k_topic_a)})->has_value());
  EXPECT_FALSE(load({test::topic_is("b", test::k_topic_b)})->has_value());
  EXPECT_TRUE(loader_.in_transaction());
  EXPECT_TRUE(loader_.image()->empty());
  const auto published = load({k_end});
  ASSERT_TRUE(published->has_value());
  EXPECT_EQ((*published)->image->topics.by_id.size(), 2U);
}

TEST_F(LoaderTest, AbortedTransactionLeavesWhatStoodBeforeIt) {
  ASSERT_TRUE(
      load({test::topic_is("a", test::k_topic_a), k_begin, test::topic_is("b", test::k_topic_b)})
          .has_value());
  const auto published = load({k_abort});
  ASSERT_TRUE(published->has_value());
  EXPECT_NE(loader_.image()->topics.find("a"), nullptr);
  EXPECT_EQ(loader_.image()->topics.find("b"), nullptr);
}

TEST_F(LoaderTest, TransactionRecordsOutOfOrderAreUnusable) {
  EXPECT_FALSE(load({k_end}).has_value());
  EXPECT_FALSE(load({k_abort}).has_value());
  EXPECT_FALSE(load({k_begin, k_begin}).has_value());
}

TEST_F(LoaderTest, ErrorNamesTheOffsetOfTheRecord) {
  next_ = Offset{40};
  const auto failed =
      load({test::topic_is("a", test::k_topic_a), test::partition_is(test::k_topic_b, 0, {1}, 1)});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Errc::unusable_record);
  EXPECT_NE(failed.error().text().find("offset 41"), std::string_view::npos);
  EXPECT_NE(failed.error().text().find("PartitionRecord"), std::string_view::npos);
}

void load_file(Loader& loader, const std::string& file, Offset from = Offset{0}) {
  for (const test::LogBatch& batch : test::read_batches(file)) {
    if (batch.base_offset < from) continue;
    if (batch.control) {
      loader.skip_control(batch.last_offset, batch.epoch, batch.append_time);
      continue;
    }
    const auto done =
        loader.load({batch.records, batch.base_offset, batch.epoch, batch.append_time});
    ASSERT_TRUE(done.has_value()) << done.error().describe();
  }
}

TEST(KafkasMetadataLog, GivesTheClusterThatItsToolsSaw) {
  Loader loader;
  load_file(loader, "static/00000000000000000000.log");
  const Image& image = *loader.image();
  EXPECT_EQ(image.provenance.last_contained_epoch, LeaderEpoch{2});
  EXPECT_EQ(image.features.metadata_version, FeatureLevel{33});
  EXPECT_EQ(image.features.finalized.size(), 5U);
  EXPECT_EQ(image.topics.by_name.size(), 6U);
  EXPECT_EQ(image.topics.find("dflt"), nullptr);
  EXPECT_EQ(image.topics.find("t1")->partitions.size(), 6U);
  EXPECT_EQ(image.topics.find("afterwards")->partitions.size(), 12U);
  const Partition& partition = *image.topics.find("t1")->partition(PartitionIndex{0});
  EXPECT_EQ(partition.leader, k_no_broker);
  EXPECT_EQ(partition.elr, test::brokers({1}));
  EXPECT_EQ(partition.leader_epoch, LeaderEpoch{3});
  EXPECT_TRUE(image.cluster.broker(BrokerId{1})->fenced);
  EXPECT_EQ(image.cluster.broker(BrokerId{1})->epoch, BrokerEpoch{151});
  EXPECT_EQ(image.cluster.controllers.size(), 1U);
  EXPECT_EQ(image.configs.value({ConfigType::topic, "t1"}, "cleanup.policy"), "delete,compact");
  EXPECT_EQ(image.configs.value({ConfigType::broker, ""}, "min.insync.replicas"), "1");
  EXPECT_EQ(image.configs.value({ConfigType::topic, "t1"}, "retention.ms"), std::nullopt);
  EXPECT_EQ(image.client_quotas.entities.size(), 2U);
  EXPECT_EQ(image.producer_ids.next, ProducerId{1000});
  EXPECT_EQ(image.acls.entries.size(), 1U);
  EXPECT_EQ(image.scram.credentials.size(), 1U);
}

TEST(KafkasMetadataLog, CheckpointAndTheRestGiveWhatTheWholeLogGives) {
  Loader whole;
  load_file(whole, "dynamic/00000000000000000000.log");
  Loader loader;
  const std::vector<MetadataRecord> records =
      test::read_records("dynamic/00000000000000000059-0000000001.checkpoint");
  ASSERT_TRUE(loader
                  .load_snapshot(records, {.last_contained_offset = Offset{58},
                                           .last_contained_epoch = LeaderEpoch{1}})
                  .has_value());
  load_file(loader, "dynamic/00000000000000000000.log", Offset{59});
  EXPECT_TRUE(same_content(*loader.image(), *whole.image()));
  EXPECT_FALSE(loader.image()->empty());
}

}  // namespace
}  // namespace moldau::metadata
