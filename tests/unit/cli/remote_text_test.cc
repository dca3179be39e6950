#include "cli/remote_text.h"

#include <gtest/gtest.h>

#include "protocol/record_frame.h"

namespace moldau::cli {
namespace {

// All four kinds, from Kafka's own bytes, are in DumpedByKafka (dump_log_test.cc).

Result<std::string> text(const protocol::TieredRecord& record) {
  Writer out;
  protocol::encode_tiered_record(out, record, ApiVersion{0});
  return remote_metadata_text(out.take());
}

TEST(RemoteTextTest, TheDeletionOfAPartitionIsNamed) {
  protocol::RemotePartitionDeleteMetadataRecord record;
  record.topic_id_partition.name = "t";
  record.topic_id_partition.partition = PartitionIndex{3};
  record.broker_id = BrokerId{2};
  record.event_timestamp_ms = timestamp_of(9);
  EXPECT_EQ(text(record).value_or("error"),
            "RemotePartitionDeleteMetadata{topicPartition=AAAAAAAAAAAAAAAAAAAAAA:t-3, "
            "state=DELETE_PARTITION_MARKED, eventTimestampMs=9, brokerId=2}");
}

TEST(RemoteTextTest, ASegmentWithoutLeaderEpochsIsRefused) {
  const auto refused = text(protocol::RemoteLogSegmentMetadataRecord{});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().text(), "segmentLeaderEpochs can not be null or empty");
}

TEST(RemoteTextTest, BytesThatAreNoRecordAreRefused) {
  EXPECT_FALSE(remote_metadata_text(as_bytes("xyz")).has_value());
}

}  // namespace
}  // namespace moldau::cli
