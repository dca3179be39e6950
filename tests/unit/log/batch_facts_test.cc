#include "log/batch_facts.h"

#include <gtest/gtest.h>

#include "record/builder.h"
#include "record/control.h"
#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

TEST(BatchFacts, FrontOfABatchTellsItsOffsetsSizeAndTime) {
  record::BatchBuilder builder({.base_offset = Offset{40}, .leader_epoch = LeaderEpoch{3}});
  for (int i = 0; i < 4; ++i) builder.append({.timestamp = timestamp_of(900 - i)});
  const auto bytes = builder.build();
  const auto facts = batch_facts(Bytes{bytes}.first(k_batch_front_size));
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->base_offset, Offset{40});
  EXPECT_EQ(facts->last_offset, Offset{43});
  EXPECT_EQ(facts->size, bytes.size());
  EXPECT_EQ(facts->max_timestamp, timestamp_of(900));
  EXPECT_EQ(facts->leader_epoch, LeaderEpoch{3});
}

TEST(BatchFacts, TooFewOrImpossibleBytesAreNoBatch) {
  record::BatchBuilder builder(record::BatchFields{});
  builder.append({.timestamp = timestamp_of(1)});
  const auto good = builder.build();
  for (std::size_t size = 0; size < k_batch_front_size; ++size) {
    EXPECT_FALSE(batch_facts(Bytes{good}.first(size)).has_value()) << size;
  }
  for (const auto& [at, value] : std::vector<std::pair<std::size_t, int>>{
           {8, 0x80}, {11, 0}, {16, 3}, {16, 0xff}, {23, 0x80}}) {
    auto bad = good;
    bad[at] = static_cast<std::byte>(value);
    EXPECT_FALSE(batch_facts(bad).has_value()) << at;
  }
  EXPECT_FALSE(batch_facts(std::vector<std::byte>(100)).has_value());
}

TEST(BatchFacts, OldMessageHasOneOffsetAndFromMagic1ATimestamp) {
  std::vector<std::byte> message(12 + 22);
  message[7] = std::byte{9};
  message[11] = std::byte{22};
  message[16] = std::byte{1};
  message[25] = std::byte{77};
  const auto facts = batch_facts(message);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->last_offset, Offset{9});
  EXPECT_EQ(facts->max_timestamp, timestamp_of(77));
  EXPECT_EQ(facts->size, message.size());
  message[16] = std::byte{0};
  EXPECT_EQ(batch_facts(message)->max_timestamp, k_no_timestamp);
}

TEST(ProducerBatchFacts, MarkersOfKafkasTransactionsAreRead) {
  int commits = 0;
  int aborts = 0;
  for (const auto& [name, content] : LogWorld::golden_folder("one/txn-0")) {
    if (!name.ends_with(".log")) continue;
    record::BatchesView view(as_bytes(content));
    while (auto batch = view.next()) {
      if (!*batch) break;
      const auto facts = producer_batch(**batch);
      ASSERT_TRUE(facts.has_value() && facts->has_value());
      EXPECT_TRUE((*facts)->transactional);
      EXPECT_EQ((*facts)->marker.has_value(), (*facts)->control);
      if ((*facts)->marker) ((*facts)->marker->commit ? commits : aborts) += 1;
    }
  }
  EXPECT_EQ(commits, 11);
  EXPECT_EQ(aborts, 7);
}

TEST(ProducerBatchFacts, BatchWithoutProducerHasNone) {
  record::BatchBuilder builder(record::BatchFields{});
  builder.append({.timestamp = timestamp_of(1)});
  const auto bytes = builder.build();
  EXPECT_FALSE(producer_batch(*record::BatchView::read(bytes))->has_value());
}

TEST(ProducerBatchFacts, MarkerWithoutItsEpochIsRefused) {
  const record::BatchFields fields{.producer_id = ProducerId{1},
                                   .producer_epoch = ProducerEpoch{0},
                                   .is_transactional = true,
                                   .is_control = true};
  const auto bytes = record::control_batch(fields, record::ControlType::commit, timestamp_of(1),
                                           as_bytes(std::string_view{"\0\0", 2}));
  EXPECT_EQ(producer_batch(*record::BatchView::read(bytes)).error().code(), Errc::corrupt_message);
}

}  // namespace
}  // namespace moldau::log
