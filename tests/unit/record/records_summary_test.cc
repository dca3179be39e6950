#include "record/records_summary.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>

#include "bytes/writer.h"
#include "record/batch.h"
#include "record/record_walk.h"
#include "unit/record/golden_batches.h"

namespace moldau::record {
namespace {

constexpr std::size_t k_any_size = std::size_t{1} << 30U;

struct Found {
  bool consecutive = true;
  bool all_have_keys = true;
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest = std::numeric_limits<std::int64_t>::min();
  friend bool operator==(const Found&, const Found&) = default;
};

// One record after the other; nullopt: the body is not `count` records and nothing else.
std::optional<Found> walked(Bytes body, int count) {
  RecordWalk walk(body);
  Found found;
  for (int i = 0; i < count; ++i) {
    RecordFacts facts{};
    if (!walk.next(k_any_size, facts)) return std::nullopt;
    found.consecutive = found.consecutive && facts.offset_delta == i;
    found.all_have_keys = found.all_have_keys && facts.has_key;
    found.earliest = std::min(found.earliest, facts.timestamp_delta);
    found.latest = std::max(found.latest, facts.timestamp_delta);
  }
  return walk.at_end() ? std::optional(found) : std::nullopt;
}

std::optional<Found> summed_up(Bytes body, int count, std::size_t piece_size) {
  RecordsSummary summary(body, count);
  for (std::size_t end = 0; end < body.size();) {
    end = std::min(end + piece_size, body.size());
    summary.walk(body.data() + end);
  }
  if (!summary.is_sound()) return std::nullopt;
  return Found{.consecutive = summary.offsets_are_consecutive(),
               .all_have_keys = summary.all_have_keys(),
               .earliest = summary.timestamp_delta_min(),
               .latest = summary.timestamp_delta_max()};
}

void field(Writer& out, std::optional<std::size_t> size) {
  out.varint(size ? static_cast<std::int32_t>(*size) : -1);
  for (std::size_t i = 0; i < size.value_or(0); ++i) out.i8(static_cast<std::int8_t>(i));
}

struct Shape {
  std::int64_t timestamp = 0;
  std::int32_t offset = 0;
  std::optional<std::size_t> key = std::nullopt;
  std::optional<std::size_t> value = 10;
  int headers = 0;
};

void add(Writer& body, const Shape& shape) {
  Writer record;
  record.i8(0);
  record.varlong(shape.timestamp);
  record.varint(shape.offset);
  field(record, shape.key);
  field(record, shape.value);
  record.varint(shape.headers);
  for (int i = 0; i < shape.headers; ++i) {
    field(record, 2);
    field(record, std::nullopt);
  }
  const std::vector<std::byte> bytes = record.take();
  body.varint(static_cast<std::int32_t>(bytes.size()));
  body.bytes(bytes);
}

std::vector<std::byte> body_of(std::initializer_list<Shape> shapes) {
  Writer body;
  for (const Shape& shape : shapes) add(body, shape);
  return body.take();
}

TEST(RecordsSummary, FindsInKafkasBatchesWhatTheWalkFinds) {
  int seen = 0;
  for (const auto& golden : test::golden_batches()) {
    const BatchView batch = BatchView::read(golden.bytes).value();
    if (golden.is_legacy() || batch.is_compressed()) continue;
    ++seen;
    const auto found = summed_up(batch.body(), batch.count(), 100);
    ASSERT_TRUE(found) << golden.name;
    EXPECT_EQ(found, walked(batch.body(), batch.count())) << golden.name;
  }
  EXPECT_GT(seen, 3);
}

TEST(RecordsSummary, GapsMissingKeysAndTimestampsOfAnyRecordShow) {
  const auto body = body_of({{.timestamp = 7, .key = 3, .value = 100},
                             {.timestamp = -2, .offset = 2, .key = 200, .value = std::nullopt},
                             {.timestamp = 90'000'000'000, .offset = 3, .headers = 2},
                             {.timestamp = 5, .offset = 4, .key = 0, .value = 0}});
  EXPECT_EQ(
      summed_up(body, 4, 1),
      (Found{
          .consecutive = false, .all_have_keys = false, .earliest = -2, .latest = 90'000'000'000}));
  const auto plain = body_of({{.key = 1}, {.offset = 1, .key = 1}, {.offset = 2, .key = 1}});
  EXPECT_EQ(summed_up(plain, 3, 1'000), (Found{.earliest = 0, .latest = 0}));
}

TEST(RecordsSummary, AnotherCountOrBytesBehindTheRecordsAreNotSound) {
  auto body = body_of({{}, {.offset = 1}, {.offset = 2}});
  EXPECT_TRUE(summed_up(body, 3, 8));
  EXPECT_FALSE(summed_up(body, 2, 8));
  EXPECT_FALSE(summed_up(body, 4, 8));
  EXPECT_FALSE(summed_up(body, -1, 8));
  body.push_back(std::byte{0});
  EXPECT_FALSE(summed_up(body, 3, 8));
}

TEST(RecordsSummary, WhatWasNotWalkedOverIsNotSound) {
  const auto body = body_of({{}, {.offset = 1}});
  RecordsSummary summary(body, 2);
  summary.walk(body.data() + 1);
  EXPECT_FALSE(summary.is_sound());
  summary.walk(body.data() + body.size());
  EXPECT_TRUE(summary.is_sound());
}

std::optional<std::size_t> any_field() {
  if (*rc::gen::inRange(0, 4) == 0) return std::nullopt;
  return *rc::gen::weightedOneOf<std::size_t>(
      {{8, rc::gen::inRange<std::size_t>(0, 70)}, {1, rc::gen::just<std::size_t>(9'000)}});
}

Shape any_shape(std::int32_t index) {
  Shape shape;
  shape.timestamp = *rc::gen::weightedOneOf<std::int64_t>(
      {{4, rc::gen::inRange<std::int64_t>(-70, 9'000)}, {1, rc::gen::arbitrary<std::int64_t>()}});
  shape.offset = *rc::gen::weightedElement<std::int32_t>({{9, index}, {1, index + 1}});
  shape.key = any_field();
  shape.value = any_field();
  shape.headers = *rc::gen::weightedElement<int>({{6, 0}, {1, 2}});
  return shape;
}

// Whatever the bytes are, the two agree: on what is sound, and on what is in it.
RC_GTEST_PROP(RecordsSummaryProperty, SeesWhatTheWalkSeesInSoundAndInBrokenBodies, ()) {
  const int count = *rc::gen::inRange(1, 12);
  Writer writer;
  for (int i = 0; i < count; ++i) add(writer, any_shape(i));
  std::vector<std::byte> body = writer.take();
  const int changes = *rc::gen::weightedElement<int>({{2, 0}, {3, 1}, {1, 3}});
  for (int i = 0; i < changes; ++i) {
    body[*rc::gen::inRange<std::size_t>(0, body.size())] =
        static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
  }
  if (*rc::gen::weightedElement<int>({{4, 0}, {1, 1}}) == 1) {
    body.resize(*rc::gen::inRange<std::size_t>(0, body.size()));
  }
  const std::size_t piece_size = *rc::gen::inRange<std::size_t>(1, 300);
  RC_ASSERT(summed_up(body, count, piece_size) == walked(body, count));
}

}  // namespace
}  // namespace moldau::record
