#include "metadata/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "metadata/delta.h"
#include "metadata/loader.h"
#include "unit/metadata/kafka_log.h"
#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

std::shared_ptr<const Image> kafkas_image(const std::string& file) {
  Delta delta(std::make_shared<const Image>());
  for (const MetadataRecord& record : test::read_records(file)) CHECK_OK(delta.replay(record));
  return delta.build({});
}

// Our order inside a kind is that of the keys, Kafka's that of its hash maps.
std::vector<std::vector<std::byte>> sorted_bytes(std::vector<MetadataRecord> records) {
  std::vector<std::vector<std::byte>> all;
  for (MetadataRecord& record : records) {
    if (auto* broker = std::get_if<protocol::RegisterBrokerRecord>(&record.data)) {
      std::ranges::sort(broker->features, {}, [](const auto& f) { return f.name; });
    }
    if (auto* controller = std::get_if<protocol::RegisterControllerRecord>(&record.data)) {
      std::ranges::sort(controller->features, {}, [](const auto& f) { return f.name; });
    }
    all.push_back(encode_record(record));
  }
  std::ranges::sort(all);
  return all;
}

TEST(Snapshot, RecordsAreByteForByteThoseOfKafkasOwnCheckpoint) {
  const std::string file = "dynamic/00000000000000000059-0000000001.checkpoint";
  const std::vector<MetadataRecord> ours = snapshot_records(*kafkas_image(file));
  EXPECT_EQ(sorted_bytes(ours), sorted_bytes(test::read_records(file)));
}

TEST(Snapshot, KindsStandInKafkasOrder) {
  const std::string file = "dynamic/00000000000000000059-0000000001.checkpoint";
  const auto kinds = [](const std::vector<MetadataRecord>& records) {
    std::vector<std::string_view> names;
    for (const MetadataRecord& record : records) {
      if (names.empty() || names.back() != name_of(record.data))
        names.push_back(name_of(record.data));
    }
    return names;
  };
  EXPECT_EQ(kinds(snapshot_records(*kafkas_image(file))), kinds(test::read_records(file)));
}

TEST(Snapshot, ReplayedOnNothingItGivesTheSameImage) {
  for (const auto* file : {"static/00000000000000000000.log", "dynamic/00000000000000000000.log"}) {
    const auto image = kafkas_image(file);
    EXPECT_TRUE(same_content(*test::image_of(snapshot_records(*image)), *image)) << file;
  }
}

TEST(Snapshot, OldMetadataVersionWritesOldRecords) {
  const auto image = test::image_of({test::feature_is("metadata.version", 7), test::broker_is(1, 3),
                                     test::topic_is("a", test::k_topic_a),
                                     test::partition_is(test::k_topic_a, 0, {1}, 1)});
  for (const MetadataRecord& record : snapshot_records(*image)) {
    if (const auto* broker = std::get_if<protocol::RegisterBrokerRecord>(&record.data)) {
      EXPECT_EQ(record.version, ApiVersion{1});
      EXPECT_TRUE(broker->log_dirs.empty());
    }
    if (const auto* partition = std::get_if<protocol::PartitionRecord>(&record.data)) {
      EXPECT_EQ(record.version, ApiVersion{0});
      EXPECT_TRUE(partition->directories.empty());
    }
    EXPECT_FALSE(encode_record(record).empty());
  }
}

}  // namespace
}  // namespace moldau::metadata
