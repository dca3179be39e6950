#include "node/metadata_flow.h"

#include <gtest/gtest.h>

#include "raft/snapshot_writer.h"
#include "record/builder.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

SharedBytes batch_of(const std::vector<std::vector<std::byte>>& values, Offset base) {
  record::BatchBuilder builder({.base_offset = base, .leader_epoch = LeaderEpoch{1}});
  for (const auto& value : values) {
    builder.append({.timestamp = timestamp_of(1), .value = Bytes{value}});
  }
  return SharedBytes::take(builder.build());
}

TEST(MetadataFlow, RecordsOfABatchAreDecoded) {
  const auto bootstrap = *metadata::bootstrap_records(metadata::FeatureLevel{33});
  std::vector<std::vector<std::byte>> values;
  for (const auto& record : bootstrap) values.push_back(metadata::encode_record(record));
  const SharedBytes bytes = batch_of(values, Offset{5});
  const auto batch = record::BatchesView(bytes.view()).next();
  const auto records = records_of(**batch);
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(*records, bootstrap);
}

TEST(MetadataFlow, RecordThatDoesNotDecodeIsNamedByItsOffset) {
  const auto good =
      metadata::encode_record(metadata::bootstrap_records(metadata::FeatureLevel{33})->front());
  const SharedBytes bytes = batch_of({good, {std::byte{9}}}, Offset{40});
  const auto records = records_of(**record::BatchesView(bytes.view()).next());
  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().code(), Errc::unusable_record);
  EXPECT_NE(records.error().text().find("offset 41"), std::string_view::npos);
}

TEST(MetadataFlow, SnapshotsControlRecordsAreNoMetadata) {
  const auto bootstrap = *metadata::bootstrap_records(metadata::FeatureLevel{33});
  raft::SnapshotWriter writer({.id = {Offset{7}, LeaderEpoch{1}}, .now = timestamp_of(1)});
  for (const auto& record : bootstrap) writer.add(metadata::encode_record(record));
  const std::vector<std::byte> bytes = writer.finish();
  EXPECT_EQ(*records_of_snapshot(bytes), bootstrap);
}

class MetadataFlowTest : public ControllerWorld {};

TEST_F(MetadataFlowTest, DirectoryWithoutAnySnapshotBeginsWithTheLatestVersion) {
  const auto records = run(read_bootstrap(env, "nowhere"));
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(*records, *metadata::bootstrap_records(metadata::k_latest_production_metadata_version));
}

TEST_F(MetadataFlowTest, CommittedRecordsBecomeTheImage) {
  start();
  ASSERT_TRUE(world.run_until([this] { return host->is_active(); }));
  ASSERT_TRUE(world.run_until(
      [this] { return flow->loader().image()->features.metadata_version.has_value(); }));
  EXPECT_EQ(flow->loader().image()->features.metadata_version->value, 33);
  const auto image = flow->snapshot();
  ASSERT_TRUE(image.has_value());
  EXPECT_FALSE(image->records.empty());
}

TEST_F(MetadataFlowTest, CommittedRecordThatCannotBeAppliedNamesLogAndOffset) {
  start();
  ASSERT_TRUE(world.run_until([this] { return host->is_active(); }));
  protocol::PartitionChangeRecord unknown;
  unknown.partition_id = PartitionIndex{0};
  unknown.topic_id = Uuid{8, 8};
  const auto value = metadata::encode_record({.data = unknown, .version = ApiVersion{0}});
  const Result<void> applied_now = flow->committed(batch_of({value}, Offset{500}));
  ASSERT_FALSE(applied_now.has_value());
  EXPECT_EQ(applied_now.error().code(), Errc::unusable_record);
  EXPECT_NE(applied_now.error().text().find("__cluster_metadata-0"), std::string_view::npos);
  EXPECT_NE(applied_now.error().text().find("500"), std::string_view::npos);
}

}  // namespace
}  // namespace moldau::node
