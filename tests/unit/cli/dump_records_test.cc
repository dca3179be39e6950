#include "cli/dump_records.h"

#include <gtest/gtest.h>

#include "record/builder.h"

namespace moldau::cli {
namespace {

TEST(RecordDumperTest, ABatchAndItsRecordsAreWrittenAsKafkaDoes) {
  record::BatchBuilder builder({.base_offset = Offset{7}, .leader_epoch = LeaderEpoch{0}});
  builder.append({.timestamp = timestamp_of(1000), .key = as_bytes("k"), .value = as_bytes("one")});
  const std::vector<std::byte> bytes = builder.build();
  const auto batch = record::BatchView::read(bytes);
  ASSERT_TRUE(batch.has_value());
  RecordDumper dumper({.records = true, .contents = true});
  std::string out;
  ASSERT_TRUE(dumper.dump(*batch, 93, out).has_value());
  EXPECT_TRUE(out.starts_with(
      "baseOffset: 7 lastOffset: 7 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 "
      "producerEpoch: -1 partitionLeaderEpoch: 0 isTransactional: false isControl: false "
      "deleteHorizonMs: OptionalLong.empty position: 93 CreateTime: 1000 size: "));
  EXPECT_TRUE(out.ends_with(
      "isvalid: true\n| offset: 7 CreateTime: 1000 keySize: 1 valueSize: 3 sequence: -1 "
      "headerKeys: [] key: k payload: one\n"));
  EXPECT_EQ(dumper.gaps().at(Offset{-1}), Offset{7});
}

TEST(RecordDumperTest, HeaderKeysMayBeEmpty) {
  record::BatchBuilder builder({.base_offset = Offset{0}, .leader_epoch = LeaderEpoch{0}});
  const std::vector<record::HeaderView> headers{{.key = ""}, {.key = "a"}, {.key = ""}};
  builder.append({.timestamp = timestamp_of(1000), .value = as_bytes("v"), .headers = headers});
  const std::vector<std::byte> bytes = builder.build();
  const auto batch = record::BatchView::read(bytes);
  ASSERT_TRUE(batch.has_value());
  RecordDumper dumper({.records = true});
  std::string out;
  ASSERT_TRUE(dumper.dump(*batch, 0, out).has_value());
  EXPECT_TRUE(out.contains(" headerKeys: [,a,]")) << out;
}

}  // namespace
}  // namespace moldau::cli
