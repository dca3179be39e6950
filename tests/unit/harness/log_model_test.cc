#include "harness/log_model.h"

#include <gtest/gtest.h>

#include "harness/batches.h"

namespace moldau::harness {
namespace {

// Appends of two records each, named by their CRC.
class LogModelTest : public testing::Test {
 protected:
  ModelBatch at(std::int64_t base, std::uint32_t crc) const {
    return {.base = Offset{base}, .count = 2, .crc = crc};
  }
  void append(std::uint32_t crc, bool synced) {
    const Offset base = model_.will_append(at(0, crc));
    model_.appended(base, synced);
  }
  void have(int synced, int unsynced) {
    for (int i = 0; i < synced; ++i) append(static_cast<std::uint32_t>(100 + i), true);
    for (int i = 0; i < unsynced; ++i) append(static_cast<std::uint32_t>(200 + i), false);
  }
  // "" or the rule that was broken.
  std::string recovered(std::int64_t start, std::vector<ModelBatch> batches) {
    const Offset end = batches.empty() ? Offset{start} : batches.back().end();
    const auto wrong =
        model_.recovered(Offset{start}, end, {.batches = std::move(batches), .trouble = {}});
    return wrong ? wrong->substr(0, 2) : "";
  }
  LogModel model_;
};

TEST_F(LogModelTest, AnUnsyncedTailMayBeMissingAfterAPowerCut) {
  have(1, 2);
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 200)}), "");
  EXPECT_EQ(model_.end(), Offset{4});
}

TEST_F(LogModelTest, ASyncedRecordMissingBreaksM3) {
  have(2, 1);
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100)}), "M3");
}

TEST_F(LogModelTest, AFlushMakesWhatWasBeforeItDurable) {
  have(0, 2);
  model_.durable_to(Offset{4}, model_.cuts());
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 200)}), "M3");
}

TEST_F(LogModelTest, AFlushFromBeforeACutPromisesNothing) {
  have(0, 2);
  const auto cuts = model_.cuts();
  model_.begin_cut(Offset{2});
  model_.finish_cut(Offset{2});
  model_.durable_to(Offset{4}, cuts);
  EXPECT_EQ(model_.durable_end(), Offset{0});
}

TEST_F(LogModelTest, AnAcknowledgedRecordMissingAfterAKillBreaksM4) {
  have(0, 2);
  model_.ended(Ending::killed);
  EXPECT_EQ(recovered(0, {at(0, 200)}), "M4");
}

TEST_F(LogModelTest, AnUnansweredAppendMayBeThereOrNot) {
  have(0, 1);
  (void)model_.will_append(at(0, 300));
  model_.ended(Ending::killed);
  LogModel other = model_;
  EXPECT_EQ(recovered(0, {at(0, 200), at(2, 300)}), "");
  model_ = other;
  EXPECT_EQ(recovered(0, {at(0, 200)}), "");
}

TEST_F(LogModelTest, AfterACleanStopNothingMayBeMissing) {
  have(1, 1);
  model_.ended(Ending::clean);
  EXPECT_EQ(recovered(0, {at(0, 100)}), "M4");
  (void)model_.will_append(at(0, 300));
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 200)}), "M5");
}

TEST_F(LogModelTest, AGapBreaksM1) {
  have(3, 0);
  model_.ended(Ending::killed);
  EXPECT_EQ(recovered(0, {at(0, 100), at(4, 102)}), "M1");
}

TEST_F(LogModelTest, OtherBytesAtAnOffsetBreakM2) {
  have(2, 0);
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 999)}), "M2");
}

TEST_F(LogModelTest, ARecordThatNobodyAppendedBreaksM2) {
  have(1, 0);
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 999)}), "M2");
}

TEST_F(LogModelTest, ACutRecordThatComesBackBreaksM2OnceTheCutIsSynced) {
  have(2, 0);
  model_.begin_cut(Offset{2});
  model_.finish_cut(Offset{2});
  LogModel other = model_;
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 101)}), "");
  model_ = other;
  model_.ended(Ending::killed);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 101)}), "M2");
  model_ = other;
  model_.durable_to(Offset{2}, model_.cuts());
  model_.ended(Ending::power_cut);
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 101)}), "M2");
}

TEST_F(LogModelTest, ACutInsideABatchTakesTheBatch) {
  have(2, 0);
  model_.begin_cut(Offset{3});
  model_.finish_cut(Offset{3});
  EXPECT_EQ(model_.end(), Offset{2});
  EXPECT_EQ(model_.durable_end(), Offset{2});
}

TEST_F(LogModelTest, TheLogStartStaysBetweenItsCheckpointAndWhatWasAsked) {
  have(3, 0);
  model_.begin_start(Offset{4});
  model_.begin_start_checkpoint(Offset{2});
  model_.finish_start_checkpoint(Offset{2});
  model_.ended(Ending::power_cut);
  const LogModel other = model_;
  EXPECT_EQ(recovered(0, {at(0, 100), at(2, 101), at(4, 102)}), "M7");
  model_ = other;
  EXPECT_EQ(recovered(5, {at(4, 102)}), "M7");
  model_ = other;
  EXPECT_EQ(recovered(2, {at(2, 101), at(4, 102)}), "");
}

TEST_F(LogModelTest, TheWorstEndingOfSeveralLivesCounts) {
  have(0, 1);
  model_.ended(Ending::power_cut);
  model_.ended(Ending::killed);  // died again before it had recovered
  EXPECT_EQ(recovered(0, {}), "");
}

TEST_F(LogModelTest, AReadMustShowWhatWasAppended) {
  have(2, 0);
  EXPECT_FALSE(model_.check_read({.batches = {at(2, 101)}, .trouble = {}}).has_value());
  EXPECT_TRUE(model_.check_read({.batches = {at(2, 100)}, .trouble = {}}).has_value());
}

TEST(SeeBatches, WholeBatchesAreSeenAndTornOrAlteredBytesAreTold) {
  Rng rng(1);
  const SharedBytes one = make_test_batch({.count = 3,
                                           .timestamp = timestamp_of(1),
                                           .producer = ProducerId{5},
                                           .first_sequence = Sequence{7}},
                                          rng);
  std::vector<std::byte> run(one.view().begin(), one.view().end());
  run.insert(run.end(), one.view().begin(), one.view().end());
  const SeenBatches seen = see_batches(run);
  EXPECT_EQ(seen.trouble, "");
  ASSERT_EQ(seen.batches.size(), 2U);
  EXPECT_EQ(seen.batches[1].count, 3);
  EXPECT_EQ(seen.batches[1].first_sequence, Sequence{7});
  EXPECT_NE(see_batches(Bytes{run}.first(run.size() - 1)).trouble, "");
  run.back() ^= std::byte{1};
  EXPECT_NE(see_batches(run).trouble, "");
}

}  // namespace
}  // namespace moldau::harness
