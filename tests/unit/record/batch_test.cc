#include "record/batch.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

using test::golden_batch;
using test::golden_batches;

TEST(BatchView, EveryFieldOfKafkasBatchesIsReadAsKafkaReadsIt) {
  for (const auto& golden : golden_batches()) {
    if (golden.is_legacy()) continue;
    SCOPED_TRACE(golden.name);
    const auto& json = golden.entries.at(0);
    const BatchView batch = BatchView::read(golden.bytes).value();
    EXPECT_EQ(batch.size(), json["sizeInBytes"]);
    EXPECT_EQ(batch.magic(), k_magic_2);
    EXPECT_EQ(batch.base_offset().value(), json["baseOffset"]);
    EXPECT_EQ(batch.last_offset().value(), json["lastOffset"]);
    EXPECT_EQ(batch.next_offset().value(), json["lastOffset"].get<std::int64_t>() + 1);
    EXPECT_EQ(batch.leader_epoch().value(), json["partitionLeaderEpoch"]);
    EXPECT_EQ(batch.crc(), json["crc"]);
    EXPECT_TRUE(batch.crc_matches());
    EXPECT_EQ(compress::name_of(batch.codec().value()), json["compression"].get<std::string>());
    EXPECT_EQ(batch.timestamp_type() == TimestampType::log_append_time,
              json["timestampType"] == "LogAppendTime");
    EXPECT_EQ(to_millis(batch.base_timestamp()), json["baseTimestamp"]);
    EXPECT_EQ(to_millis(batch.max_timestamp()), json["maxTimestamp"]);
    EXPECT_EQ(batch.producer_id().value(), json["producerId"]);
    EXPECT_EQ(batch.producer_epoch().value(), json["producerEpoch"]);
    EXPECT_EQ(batch.base_sequence().value(), json["baseSequence"]);
    EXPECT_EQ(batch.last_sequence().value(), json["lastSequence"]);
    EXPECT_EQ(batch.count(), json["count"]);
    EXPECT_EQ(batch.is_transactional(), json["transactional"]);
    EXPECT_EQ(batch.is_control(), json["control"]);
    EXPECT_EQ(batch.delete_horizon().has_value(), json.contains("deleteHorizonMs"));
  }
}

TEST(BatchView, DeleteHorizonIsTheBaseTimestamp) {
  const auto golden = golden_batch("delete-horizon");
  EXPECT_EQ(BatchView::read(golden.bytes)->delete_horizon(), timestamp_of(1'700'001'060'000));
}

TEST(BatchView, LengthsAndMagicsThatCannotBeAreCorrupt) {
  auto bytes = golden_batch("one").bytes;
  const auto with = [&](std::size_t position, std::uint8_t value) {
    auto changed = bytes;
    changed[position] = std::byte{value};
    return changed;
  };
  EXPECT_EQ(BatchView::read(with(11, 13)).error().code(), Errc::corrupt_message);  // < 14
  EXPECT_EQ(BatchView::read(with(11, 48)).error().code(), Errc::corrupt_message);  // < header
  EXPECT_EQ(BatchView::read(with(8, 0xff)).error().code(), Errc::corrupt_message);
  EXPECT_EQ(BatchView::read(with(16, 3)).error().code(), Errc::corrupt_message);
  EXPECT_EQ(BatchView::read(with(16, 0xff)).error().code(), Errc::corrupt_message);
}

TEST(BatchView, BytesThatEndInsideTheBatchAreCorruptAtEveryLength) {
  const auto bytes = golden_batch("one").bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(BatchView::read(Bytes{bytes}.first(size)).has_value()) << size;
  }
}

TEST(BatchView, AWrongByteAnywhereBehindTheCrcIsNoticed) {
  const auto bytes = golden_batch("three-none").bytes;
  for (std::size_t i = at::k_crc; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= std::byte{0x10};
    EXPECT_FALSE(BatchView::read(changed)->crc_matches()) << i;
  }
}

TEST(BatchView, ABaseOffsetAtTheEndOfTheNumbersWraps) {
  auto bytes = golden_batch("three-none").bytes;
  store_big(bytes.data(), std::numeric_limits<std::int64_t>::max());
  const BatchView batch = BatchView::read(bytes).value();
  EXPECT_LT(batch.last_offset(), Offset{0});
  EXPECT_TRUE(batch.crc_matches());  // the base offset is outside the sum
}

TEST(SequenceAfter, WrapsFromTheLargestIntToZero) {
  const Sequence largest{std::numeric_limits<std::int32_t>::max()};
  EXPECT_EQ(sequence_after(Sequence{5}, 3), Sequence{8});
  EXPECT_EQ(sequence_after(largest, 1), Sequence{0});
  EXPECT_EQ(sequence_after(largest, 3), Sequence{2});
}

TEST(BatchesView, GivesEveryBatchAndLeavesAPartAtTheEnd) {
  const auto one = golden_batch("one").bytes;
  const auto three = golden_batch("three-gzip").bytes;
  auto run = one;
  run.insert(run.end(), three.begin(), three.end());
  for (const std::size_t part : {0U, 1U, 12U, 17U, 60U, 75U}) {
    auto bytes = run;
    bytes.insert(bytes.end(), one.begin(), one.begin() + static_cast<std::ptrdiff_t>(part));
    BatchesView batches(bytes);
    EXPECT_EQ(batches.next().value()->count(), 1);
    EXPECT_EQ(batches.next().value()->count(), 3);
    EXPECT_FALSE(batches.next().value().has_value()) << part;
    EXPECT_EQ(batches.consumed(), run.size());
    EXPECT_EQ(batches.rest().size(), part);
  }
}

TEST(BatchView, FrontCannotHaveASizeOrMagicOfNoBatch) {
  auto bytes = golden_batch("one").bytes;
  EXPECT_TRUE(check_front(bytes).has_value());
  EXPECT_TRUE(check_front(Bytes(bytes).first(11)).has_value()) << "too few bytes to tell";
  bytes[at::k_magic] = std::byte{3};
  EXPECT_EQ(check_front(bytes).error().code(), Errc::corrupt_message);
  EXPECT_TRUE(check_front(Bytes(bytes).first(16)).has_value());
  for (const int length : {0, 13}) {
    bytes[at::k_length + 2] = std::byte{0};
    bytes[at::k_length + 3] = static_cast<std::byte>(length);
    EXPECT_EQ(check_front(Bytes(bytes).first(12)).error().code(), Errc::corrupt_message);
  }
}

TEST(BatchesView, ABrokenLengthEndsTheRunWithAnError) {
  auto run = golden_batch("one").bytes;
  run.insert(run.end(), 17, std::byte{0});
  BatchesView batches(run);
  EXPECT_TRUE(batches.next().value().has_value());
  EXPECT_EQ(batches.next().error().code(), Errc::corrupt_message);
}

}  // namespace
}  // namespace moldau::record
