#include "log/index_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

constexpr Offset k_base{1000};

std::vector<std::byte> offsets(std::initializer_list<std::int64_t> list) {
  std::vector<std::byte> out;
  std::uint32_t position = 0;
  for (const std::int64_t offset : list)
    append_offset_entry(out, k_base, {Offset{offset}, ++position});
  return out;
}
std::vector<std::byte> times(std::initializer_list<std::pair<std::int64_t, std::int64_t>> list) {
  std::vector<std::byte> out;
  for (const auto& [millis, offset] : list) {
    append_time_entry(out, k_base, {timestamp_of(millis), Offset{offset}});
  }
  return out;
}

TEST(OffsetIndex, EntriesAreReadBackRelativeToTheBase) {
  const auto bytes = offsets({1000, 1005});
  EXPECT_EQ(bytes.size(), 16U);
  EXPECT_EQ(offset_entry_at(bytes, 1, k_base), (OffsetEntry{Offset{1005}, 2}));
}

TEST(OffsetIndex, FloorIsTheLastEntryNotAbove) {
  const auto bytes = offsets({1003, 1005, 1009});
  EXPECT_EQ(floor_by_offset(bytes, k_base, Offset{1002}), std::nullopt);
  EXPECT_EQ(floor_by_offset(bytes, k_base, Offset{1003}), 0U);
  EXPECT_EQ(floor_by_offset(bytes, k_base, Offset{1008}), 1U);
  EXPECT_EQ(floor_by_offset(bytes, k_base, Offset{5000}), 2U);
  EXPECT_EQ(floor_by_offset({}, k_base, Offset{5000}), std::nullopt);
}

TEST(OffsetIndex, LastBeforeAPosition) {
  std::vector<std::byte> bytes;
  for (const std::uint32_t position : {100U, 200U, 4'000'000'000U}) {
    append_offset_entry(bytes, k_base, {k_base + position / 100, position});
  }
  EXPECT_EQ(last_before_position(bytes, 100), std::nullopt);
  EXPECT_EQ(last_before_position(bytes, 101), 0U);
  EXPECT_EQ(last_before_position(bytes, 200), 0U);
  EXPECT_EQ(last_before_position(bytes, 4'000'000'000U), 1U);
  EXPECT_EQ(last_before_position(bytes, 4'000'000'001U), 2U);
  EXPECT_EQ(last_before_position({}, 5), std::nullopt);
}

TEST(OffsetIndex, EntriesAtAndAboveTheEndGo) {
  const auto bytes = offsets({1003, 1005, 1009});
  EXPECT_EQ(offset_entries_below(bytes, k_base, Offset{1005}), 1U);
  EXPECT_EQ(offset_entries_below(bytes, k_base, Offset{1006}), 2U);
}

TEST(OffsetIndex, OffsetsFitUpToTwoThousandMillionAboveTheBase) {
  EXPECT_TRUE(fits_segment(k_base, k_base + 2'147'483'647LL));
  EXPECT_FALSE(fits_segment(k_base, k_base + 2'147'483'648LL));
  EXPECT_FALSE(fits_segment(k_base, k_base - 1));
}

TEST(OffsetIndex, PaddingPointsAtPositionZero) {
  EXPECT_TRUE(is_offset_padding(std::vector<std::byte>(8)));
  EXPECT_FALSE(is_offset_padding(offsets({1000})));
}

TEST(TimeIndex, FloorIsTheLastEntryNotNewer) {
  const auto bytes = times({{50, 1003}, {60, 1005}});
  EXPECT_EQ(floor_by_time(bytes, k_base, timestamp_of(49)), std::nullopt);
  EXPECT_EQ(floor_by_time(bytes, k_base, timestamp_of(59)), 0U);
  EXPECT_EQ(floor_by_time(bytes, k_base, timestamp_of(60)), 1U);
  EXPECT_EQ(time_entry_at(bytes, 1, k_base), (TimeEntry{timestamp_of(60), Offset{1005}}));
}

TEST(TimeIndex, EntriesAtAndAboveTheEndGo) {
  EXPECT_EQ(time_entries_below(times({{50, 1003}, {60, 1005}}), k_base, Offset{1005}), 1U);
}

TEST(TransactionIndex, KafkasFileIsWrittenBackByteForByte) {
  const std::string file = LogWorld::golden_folder("one/txn-0").at("00000000000000000003.txnindex");
  const auto entries = parse_aborted_entries(as_bytes(file));
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(entries->size(), 4U);
  std::vector<std::byte> written;
  for (const AbortedEntry& entry : *entries) append_aborted_entry(written, entry);
  EXPECT_EQ(as_text(written), file);
}

TEST(TransactionIndex, UnknownVersionIsRefusedAndATornEntryLeftOut) {
  std::vector<std::byte> bytes;
  append_aborted_entry(bytes, {});
  bytes.push_back(std::byte{0});
  EXPECT_EQ(parse_aborted_entries(bytes)->size(), 1U);
  bytes[1] = std::byte{1};
  EXPECT_FALSE(parse_aborted_entries(bytes).has_value());
}

RC_GTEST_PROP(OffsetIndexProperty, FloorAgreesWithALinearSearch,
              (std::set<std::uint16_t> in, std::uint16_t asked)) {
  std::vector<std::byte> bytes;
  std::optional<std::size_t> expected;
  std::size_t n = 0;
  for (const std::uint16_t offset : in) {
    append_offset_entry(bytes, Offset{0}, {Offset{offset}, 1});
    if (offset <= asked) expected = n;
    ++n;
  }
  RC_ASSERT(floor_by_offset(bytes, Offset{0}, Offset{asked}) == expected);
}

}  // namespace
}  // namespace moldau::log
