#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

class StoreRead : public LogTest {
 protected:
  // Batches of 2 records at 0, 2, 4, ... 18, in segments of 3 batches.
  void have_ten_batches() {
    const auto size = static_cast<std::int32_t>(batch(2, timestamp_of(1000)).size());
    config.segment_bytes = 3 * size;
    config.index_interval_bytes = size / 2;
    batch_size = size;
    open();
    for (int i = 0; i < 10; ++i) append(2, 1000 + i);
  }
  std::vector<std::int64_t> bases(std::int64_t from, std::int32_t bytes_max, std::int64_t limit,
                                  bool one = false) {
    return read_bases({.from = Offset{from},
                       .bytes_max = bytes_max,
                       .limit = Offset{limit},
                       .at_least_one_batch = one});
  }
  Errc refused(std::int64_t from) {
    return world.errc(
        log->read({.from = Offset{from}, .bytes_max = 1000, .limit = log->log_end_offset()}));
  }
  std::int32_t batch_size = 0;
};

using Bases = std::vector<std::int64_t>;

TEST_F(StoreRead, RangeBeginsWithTheBatchThatHoldsTheOffset) {
  have_ten_batches();
  EXPECT_EQ(bases(3, 1'000'000, 20), (Bases{2, 4}));
  EXPECT_EQ(bases(0, 1'000'000, 20), (Bases{0, 2, 4}));
  EXPECT_EQ(bases(7, 1'000'000, 20), (Bases{6, 8, 10}));
}

// Index files can be damaged like all others. Who believed them would skip records.
TEST_F(StoreRead, DamagedIndexLeadsNobodyAstray) {
  have_ten_batches();
  for (const char fill : {'\xff', '\x01', '\0'}) {
    world.ok(log->close());
    ASSERT_FALSE(world.read(path(0, FileKind::offset_index)).empty());
    for (const int base : {0, 6, 12, 18}) {
      const std::string name = path(base, FileKind::offset_index);
      const std::string noise(world.read(name).size(), fill);
      world.write(name, as_bytes(std::string_view{noise}));
    }
    open();
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(bases(3, 1'000'000, 20), (Bases{2, 4}));
      EXPECT_EQ(bases(5, 1'000'000, 20), Bases{4});
      EXPECT_EQ(bases(11, 1'000'000, 20), Bases{10});
      EXPECT_EQ(bases(19, 1'000'000, 20), Bases{18});
    }
  }
}

TEST_F(StoreRead, DamagedIndexIsMadeAnew) {
  have_ten_batches();
  const std::string right = world.read(path(0, FileKind::offset_index));
  world.ok(log->close());
  std::vector<std::byte> astray;
  for (const std::int64_t offset : {1, 2}) {
    append_offset_entry(astray, Offset{0},
                        {Offset{offset}, static_cast<std::uint32_t>(2 * batch_size)});
  }
  ASSERT_EQ(astray.size(), right.size());
  world.write(path(0, FileKind::offset_index), astray);
  open();
  EXPECT_EQ(bases(3, 1'000'000, 20), (Bases{2, 4}));
  EXPECT_EQ(world.read(path(0, FileKind::offset_index)), right);
}

// As good as the disk can tell it: not an empty answer, and not what comes behind.
TEST_F(StoreRead, BytesThatAreNoBatchesAreAnErrorOfTheReadAlone) {
  have_ten_batches();
  world.ok(log->close());
  const std::string name = path(0, FileKind::log);
  std::string bytes = world.read(name);
  bytes.replace(static_cast<std::size_t>(batch_size), 20, 20, '\xff');
  world.write(name, as_bytes(std::string_view{bytes}));
  open();
  EXPECT_EQ(refused(3), Errc::corrupt_message);
  EXPECT_EQ(bases(7, 1'000'000, 20), (Bases{6, 8, 10}));
}

TEST_F(StoreRead, NothingAtOrAboveTheLimitIsGiven) {
  have_ten_batches();
  EXPECT_EQ(bases(0, 1'000'000, 4), (Bases{0, 2}));
  EXPECT_EQ(bases(0, 1'000'000, 5), (Bases{0, 2}));  // the batch that holds 4 has 5 as well
  EXPECT_EQ(bases(4, 1'000'000, 4), Bases{});
  EXPECT_EQ(bases(6, 1'000'000, 3), Bases{});
  EXPECT_EQ(bases(19, 1'000'000, 100), (Bases{18}));
}

TEST_F(StoreRead, BytesMaxCutsButOneWholeBatchCanBeAskedFor) {
  have_ten_batches();
  EXPECT_EQ(bases(0, 2 * batch_size + 5, 20), (Bases{0, 2}));
  EXPECT_EQ(bases(0, 5, 20), Bases{});
  EXPECT_EQ(bases(0, 5, 20, true), (Bases{0}));
  const ReadRange cut =
      world.ok(log->read({.from = Offset{0}, .bytes_max = 5, .limit = Offset{20}}));
  EXPECT_TRUE(cut.first_batch_cut);
  EXPECT_EQ(cut.range.size, 5U);
  const ReadRange none =
      world.ok(log->read({.from = Offset{0}, .bytes_max = 0, .limit = Offset{20}}));
  EXPECT_EQ(none.range.size, 0U);
}

TEST_F(StoreRead, OffsetsOutsideTheLogAreRefused) {
  have_ten_batches();
  EXPECT_EQ(refused(21), Errc::offset_out_of_range);
  EXPECT_EQ(refused(20), Errc::none);
  world.ok(log->advance_log_start_offset(Offset{5}));
  EXPECT_EQ(refused(4), Errc::offset_out_of_range);
  EXPECT_EQ(bases(5, 1'000'000, 20), (Bases{4}));
  EXPECT_EQ(log->offline(), std::nullopt);
}

TEST_F(StoreRead, ReadsAgreeAtEveryOffsetAndLimitBeforeAndAfterARestart) {
  have_ten_batches();
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t from = 0; from <= 20; ++from) {
      for (std::int64_t limit = from; limit <= 20; ++limit) {
        Bases expected;
        const std::int64_t segment_end = (from / 6 + 1) * 6;
        for (std::int64_t base = from / 2 * 2; base + 1 < limit && base < segment_end; base += 2) {
          expected.push_back(base);
        }
        if (from == limit) expected.clear();
        ASSERT_EQ(bases(from, 1'000'000, limit), expected) << from << " " << limit;
      }
    }
    reopen();
  }
}

TEST_F(StoreRead, RangeStaysReadableWhenItsSegmentIsGone) {
  have_ten_batches();
  const ReadRange range =
      world.ok(log->read({.from = Offset{0}, .bytes_max = 1000, .limit = Offset{20}}));
  world.ok(log->advance_log_start_offset(Offset{20}));
  EXPECT_EQ(world.ok(log->delete_old_segments()), 3U);
  EXPECT_EQ(sim::Disk::read_range(range.range)->size(), range.range.size);
}

TEST_F(StoreRead, OffsetThatCompactionRemovedIsAnsweredByTheNextBatch) {
  open();
  const auto follow = [this](std::int64_t base) {
    world.ok(log->append_as_follower(
        SharedBytes::take(batch(1, timestamp_of(1), 5, {.base_offset = Offset{base}})),
        LeaderEpoch{0}));
  };
  follow(0);
  follow(10);
  world.ok(log->roll());
  follow(30);
  EXPECT_EQ(bases(5, 1000, 31), (Bases{10}));
  EXPECT_EQ(bases(11, 1000, 31), (Bases{30}));
}

TEST_F(StoreRead, FewOpenFilesAreEnough) {
  have_ten_batches();
  world.ok(log->close());
  log.reset();
  FilePool one(world.disk, 1);
  log = world.ok(
      PartitionLog::open(world.env, one, where, std::make_shared<const LogConfig>(config)));
  EXPECT_EQ(all_bases().size(), 10U);
  EXPECT_LE(one.open_count(), 1U);
  world.ok(log->close());
  log.reset();
}

}  // namespace
}  // namespace moldau::log
