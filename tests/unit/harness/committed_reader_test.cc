#include "harness/committed_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "record/assign.h"
#include "record/batch.h"
#include "record/builder.h"
#include "record/control.h"

namespace moldau::harness {
namespace {

// Batches of one record each, at offsets 0, 1, 2…
class CommittedRecordsTest : public testing::Test {
 protected:
  void data(std::int64_t producer, bool transactional = true) {
    record::BatchFields fields;
    if (transactional) {
      fields = {.producer_id = ProducerId{producer},
                .producer_epoch = ProducerEpoch{0},
                .base_sequence = Sequence{0},
                .is_transactional = true};
    }
    record::BatchBuilder builder(fields);
    const std::string value = "1/" + std::to_string(next.value()) + "/";
    builder.append({.timestamp = timestamp_of(1), .key = std::nullopt, .value = as_bytes(value)});
    add(builder.build());
  }
  void marker(std::int64_t producer, record::ControlType type) {
    const std::vector<std::byte> value(6);
    add(record::control_batch({.producer_id = ProducerId{producer},
                               .producer_epoch = ProducerEpoch{0},
                               .is_transactional = true,
                               .is_control = true},
                              type, timestamp_of(1), Bytes{value}));
  }
  std::vector<std::int64_t> shown(std::vector<AbortedTransaction> aborted) {
    const auto read = committed_records(Bytes{bytes}, Offset{0}, std::move(aborted));
    EXPECT_TRUE(read.has_value());
    EXPECT_EQ(read->next, next);
    std::vector<std::int64_t> offsets;
    for (const SeenRecord& seen : read->records) offsets.push_back(seen.offset.value());
    return offsets;
  }
  static AbortedTransaction aborted(std::int64_t producer, std::int64_t first) {
    AbortedTransaction one;
    one.producer_id = ProducerId{producer};
    one.first_offset = Offset{first};
    return one;
  }

 private:
  void add(std::vector<std::byte> batch) {
    const auto view = record::BatchView::read(Bytes{batch});
    const record::BatchHeader header = record::assign(*view, {.base_offset = next});
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), view->body().begin(), view->body().end());
    next = next.next();
  }
  std::vector<std::byte> bytes;
  Offset next{0};
};

TEST_F(CommittedRecordsTest, RecordsOfAbortedTransactionsAreHiddenUpToTheirMarker) {
  data(7);
  data(8);
  data(0, false);
  marker(7, record::ControlType::abort);
  data(7);
  marker(8, record::ControlType::commit);
  marker(7, record::ControlType::commit);
  EXPECT_EQ(shown({aborted(7, 0)}), (std::vector<std::int64_t>{1, 2, 4}));
}

TEST_F(CommittedRecordsTest, ATransactionThatBeginsLaterHidesNothingBefore) {
  data(7);
  marker(7, record::ControlType::commit);
  data(7);
  marker(7, record::ControlType::abort);
  EXPECT_EQ(shown({aborted(7, 2)}), std::vector<std::int64_t>{0});
}

}  // namespace
}  // namespace moldau::harness
