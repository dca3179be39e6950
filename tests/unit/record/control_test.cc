#include "record/control.h"

#include <gtest/gtest.h>

#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

TEST(Control, KafkasControlBatchesAreWrittenBackByteForByte) {
  int compared = 0;
  for (const auto& golden : golden_batches()) {
    if (!golden.name.starts_with("control-")) continue;
    SCOPED_TRACE(golden.name);
    const BatchView batch = BatchView::read(golden.bytes).value();
    const Records records = Records::read(batch, 1'000).value();
    const RecordView& record = records.all().at(0);
    const ControlType type = control_type_of(*record.key).value().value();
    EXPECT_EQ(name_of(type), golden.entries[0]["records"][0]["controlType"].get<std::string>());
    const BatchFields fields{.base_offset = batch.base_offset(),
                             .leader_epoch = batch.leader_epoch(),
                             .producer_id = batch.producer_id(),
                             .producer_epoch = batch.producer_epoch(),
                             .is_transactional = batch.is_transactional(),
                             .is_control = true};
    EXPECT_EQ(control_batch(fields, type, record.timestamp, *record.value), golden.bytes);
    ++compared;
  }
  EXPECT_EQ(compared, 7);
}

TEST(Control, ATypeOfALaterVersionIsUnknownAndNoError) {
  EXPECT_EQ(control_type_of(moldau::test::from_hex("00000007")).value(), std::nullopt);
  EXPECT_EQ(control_type_of(moldau::test::from_hex("0000ffff")).value(), std::nullopt);
  EXPECT_EQ(control_type_of(moldau::test::from_hex("000100020000")).value(),
            ControlType::leader_change);
}

TEST(Control, KeysThatCannotBeAreInvalid) {
  EXPECT_EQ(control_type_of(moldau::test::from_hex("000000")).error().code(), Errc::invalid_record);
  EXPECT_EQ(control_type_of(moldau::test::from_hex("ffff0001")).error().code(),
            Errc::invalid_record);
}

TEST(ControlDeathTest, ACommitMarkerNeedsATransaction) {
  const auto value = moldau::test::from_hex("00000000000f");
  EXPECT_DEATH(
      (void)control_batch({.is_control = true}, ControlType::commit, timestamp_of(1), value),
      "is_transactional");
}

}  // namespace
}  // namespace moldau::record
