#include "metadata/features.h"

#include <gtest/gtest.h>

#include "unit/metadata/kafka_log.h"

namespace moldau::metadata {
namespace {

TEST(Features, BootstrapRecordsAreThoseThatKafkasFormatWrites) {
  const auto records = bootstrap_records(k_latest_production_metadata_version);
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(*records, test::read_records("static/00000000000000000000-0000000000.checkpoint"));
}

TEST(Features, BootstrapOfAnOlderReleaseHasItsFeatures) {
  const auto records = bootstrap_records(metadata_version("4.0-IV3")->level);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 3U);  // as kafka-storage: metadata, group 1, transaction 2
  EXPECT_EQ(std::get<protocol::FeatureLevelRecord>((*records)[1].data).name, "group.version");
  EXPECT_EQ(std::get<protocol::FeatureLevelRecord>((*records)[2].data).feature_level, 2);
}

TEST(Features, ReleaseNameMeansItsNewestLevel) {
  EXPECT_EQ(metadata_version("4.4")->level, FeatureLevel{33});
  EXPECT_EQ(metadata_version("3.7")->name, "3.7-IV4");
  EXPECT_EQ(metadata_version("3.3-IV3")->level, FeatureLevel{7});
  EXPECT_EQ(metadata_version("9.9"), nullptr);
  EXPECT_EQ(metadata_version("4"), nullptr);
}

TEST(Features, ElrNeedsTheMetadataVersionThatCanStoreIt) {
  const std::map<std::string, FeatureLevel, std::less<>> old{
      {"metadata.version", FeatureLevel{22}}};
  EXPECT_FALSE(check_dependencies(k_elr_version, FeatureLevel{1}, old).has_value());
  EXPECT_TRUE(check_dependencies(k_elr_version, FeatureLevel{0}, old).has_value());
  const std::map<std::string, FeatureLevel, std::less<>> fresh{
      {"metadata.version", FeatureLevel{23}}};
  EXPECT_TRUE(check_dependencies(k_elr_version, FeatureLevel{1}, fresh).has_value());
  EXPECT_FALSE(check_dependencies(k_elr_version, FeatureLevel{2}, fresh).has_value());
}

TEST(Features, UnstableLevelIsSupportedOnlyOnRequest) {
  EXPECT_EQ(supported_features(false).at("metadata.version").max, FeatureLevel{33});
  EXPECT_EQ(supported_features(true).at("metadata.version").max, FeatureLevel{34});
  EXPECT_EQ(supported_features(false).size(), 7U);
}

TEST(Features, ChosenLevelOverridesTheDefault) {
  const auto records = bootstrap_records(k_latest_production_metadata_version,
                                         {{"streams.version", FeatureLevel{0}}});
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(records->size(), 5U);
  EXPECT_FALSE(bootstrap_records(k_latest_production_metadata_version, {{"nope", FeatureLevel{1}}})
                   .has_value());
}

struct RecordVersions {
  int level;
  int register_broker;
  int partition;
};
TEST(MetadataVersion, DecidesTheRecordVersions) {
  for (const auto& [level, broker, partition] : {RecordVersions{7, 1, 0},
                                                 {8, 2, 0},
                                                 {16, 2, 0},
                                                 {17, 3, 1},
                                                 {22, 3, 1},
                                                 {23, 3, 2},
                                                 {29, 3, 2},
                                                 {30, 4, 2},
                                                 {33, 4, 2}}) {
    const MetadataVersion version{FeatureLevel{static_cast<std::int16_t>(level)}};
    EXPECT_EQ(version.register_broker_record().value(), broker) << level;
    EXPECT_EQ(version.partition_record().value(), partition) << level;
    EXPECT_EQ(version.partition_change_record().value(), partition) << level;
  }
}

}  // namespace
}  // namespace moldau::metadata
