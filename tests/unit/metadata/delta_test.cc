#include "metadata/delta.h"

#include <gtest/gtest.h>

#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

using test::record_of;

class DeltaTest : public testing::Test {
 protected:
  void have(const std::vector<MetadataRecord>& records) { base_ = test::image_of(records); }
  // The image after one delta of these on top.
  const Image& after(const std::vector<MetadataRecord>& records) {
    delta_.emplace(base_);
    for (const MetadataRecord& record : records) CHECK_OK(delta_->replay(record));
    image_ = delta_->build({});
    return *image_;
  }
  Result<void> replay(const MetadataRecord& record) {
    Delta delta(base_);
    return delta.replay(record);
  }
  const Changes& changes() { return delta_->changes(); }

  std::shared_ptr<const Image> base_ = std::make_shared<const Image>();
  std::shared_ptr<const Image> image_;
  std::optional<Delta> delta_;
};

TEST_F(DeltaTest, ConfigWithoutValueIsRemovedAndAnEmptyResourceForgotten) {
  have({test::config_is(2, "t", "a", "1"), test::config_is(2, "t", "b", "2")});
  EXPECT_EQ(after({test::config_is(2, "t", "a", std::nullopt)})
                .configs.of({ConfigType::topic, "t"})
                .size(),
            1U);
  have({test::config_is(2, "t", "a", "1")});
  EXPECT_TRUE(after({test::config_is(2, "t", "a", std::nullopt)}).configs.resources.empty());
  EXPECT_EQ(changes().configs.size(), 1U);
}

TEST_F(DeltaTest, UnchangedTopicsAreSharedWithTheBase) {
  have({test::topic_is("a", test::k_topic_a), test::partition_is(test::k_topic_a, 0, {1}, 1),
        test::topic_is("b", test::k_topic_b), test::partition_is(test::k_topic_b, 0, {1}, 1)});
  const Image& image = after({test::partition_is(test::k_topic_b, 1, {1}, 1)});
  EXPECT_EQ(image.topics.find("a"), base_->topics.find("a"));
  EXPECT_NE(image.topics.find("b"), base_->topics.find("b"));
  EXPECT_EQ(image.topics.find("b")->partition(PartitionIndex{0}),
            base_->topics.find("b")->partition(PartitionIndex{0}));
  EXPECT_EQ(base_->topics.find("b")->partitions.size(), 1U);
}

TEST_F(DeltaTest, FeatureAtLevelZeroIsNotFinalized) {
  have({test::feature_is("metadata.version", 33), test::feature_is("streams.version", 1)});
  EXPECT_TRUE(after({test::feature_is("streams.version", 0)}).features.finalized.empty());
  EXPECT_TRUE(changes().features);
}

TEST_F(DeltaTest, KraftVersionInAFeatureRecordIsIgnored) {  // KAFKA-18979
  EXPECT_TRUE(after({test::feature_is("kraft.version", 1)}).features.finalized.empty());
}

TEST_F(DeltaTest, UnknownMetadataVersionIsUnusable) {
  EXPECT_EQ(replay(test::feature_is("metadata.version", 6)).error().code(), Errc::unusable_record);
  EXPECT_EQ(replay(test::feature_is("metadata.version", 35)).error().code(), Errc::unusable_record);
}

TEST_F(DeltaTest, QuotaOfAnEntityIsTheSameWhateverTheOrderOfItsParts) {
  const auto quota = [](bool user_first, std::string key, bool remove) {
    protocol::ClientQuotaRecord record{.key = std::move(key), .value = 5, .remove = remove};
    record.entity.push_back({.entity_type = "user", .entity_name = "u"});
    record.entity.push_back({.entity_type = "client-id", .entity_name = std::nullopt});
    if (!user_first) std::swap(record.entity[0], record.entity[1]);
    return record_of(std::move(record));
  };
  have({quota(true, "producer_byte_rate", false), quota(false, "consumer_byte_rate", false)});
  ASSERT_EQ(base_->client_quotas.entities.size(), 1U);
  EXPECT_EQ(base_->client_quotas.entities.begin()->second->size(), 2U);
  EXPECT_TRUE(
      after({quota(true, "consumer_byte_rate", true), quota(true, "producer_byte_rate", true)})
          .client_quotas.entities.empty());
}

TEST_F(DeltaTest, RemovedAclAndCredentialMustHaveExisted) {
  const Uuid id{7, 7};
  EXPECT_FALSE(replay(record_of(protocol::RemoveAccessControlEntryRecord{.id = id})).has_value());
  EXPECT_FALSE(
      replay(record_of(protocol::RemoveUserScramCredentialRecord{.name = "u", .mechanism = 1}))
          .has_value());
  EXPECT_FALSE(replay(record_of(protocol::UserScramCredentialRecord{.name = "u", .mechanism = 9}))
                   .has_value());
}

TEST_F(DeltaTest, ReplacingForgetsWhatTheSnapshotDoesNotMention) {
  have({test::feature_is("metadata.version", 33), test::broker_is(1, 10),
        test::topic_is("a", test::k_topic_a), test::partition_is(test::k_topic_a, 0, {1}, 1),
        test::topic_is("b", test::k_topic_b), test::partition_is(test::k_topic_b, 0, {1}, 1)});
  Delta delta = Delta::replacing(base_);
  for (const auto& record :
       {test::feature_is("metadata.version", 33), test::topic_is("b", test::k_topic_b),
        test::partition_is(test::k_topic_b, 0, {1}, 1),
        test::partition_is(test::k_topic_b, 1, {1}, 1)}) {
    CHECK_OK(delta.replay(record));
  }
  const auto image = delta.build({});
  EXPECT_EQ(image->topics.by_id.size(), 1U);
  EXPECT_TRUE(delta.changes().topics.at(test::k_topic_a).deleted);
  EXPECT_EQ(delta.changes().topics.at(test::k_topic_b).partitions,
            std::set<PartitionIndex>{PartitionIndex{1}});
  EXPECT_EQ(delta.changes().brokers, std::set<BrokerId>{BrokerId{1}});
  EXPECT_FALSE(delta.changes().features);
}

TEST_F(DeltaTest, BuildingTwiceContinues) {
  Delta delta(base_);
  CHECK_OK(delta.replay(test::topic_is("a", test::k_topic_a)));
  const auto first = delta.build({});
  CHECK_OK(delta.replay(test::partition_is(test::k_topic_a, 0, {1}, 1)));
  const auto second = delta.build({});
  EXPECT_TRUE(first->topics.find("a")->partitions.empty());
  EXPECT_EQ(second->topics.find("a")->partitions.size(), 1U);
}

}  // namespace
}  // namespace moldau::metadata
