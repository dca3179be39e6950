#include "harness/batches.h"

#include <gtest/gtest.h>

#include "record/records.h"

namespace moldau::harness {
namespace {

TEST(TestBatch, HoldsTheRecordsAskedForAndItsProducer) {
  Rng rng(1);
  const SharedBytes bytes = make_test_batch({.count = 4,
                                             .value_size = 100,
                                             .timestamp = timestamp_of(1000),
                                             .producer = ProducerId{3},
                                             .first_sequence = Sequence{9}},
                                            rng);
  const auto batch = record::BatchView::read(bytes.view());
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->producer_id(), ProducerId{3});
  EXPECT_EQ(batch->base_sequence(), Sequence{9});
  const auto records = record::Records::read(*batch, 10'000);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->all().size(), 4U);
  EXPECT_EQ(records->all()[0].value->size(), 100U);
}

TEST(TestBatch, NoTwoAreAlike) {
  Rng rng(1);
  const auto first = make_test_batch({.timestamp = timestamp_of(1)}, rng);
  const auto second = make_test_batch({.timestamp = timestamp_of(1)}, rng);
  EXPECT_NE(as_text(first.view()), as_text(second.view()));
}

}  // namespace
}  // namespace moldau::harness
