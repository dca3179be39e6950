#pragma once
#include <cstddef>
#include <optional>

#include "base/ids.h"
#include "base/rng.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"

namespace moldau::harness {

struct BatchSettings {
  int count = 1;
  std::size_t value_size = 10;  // of each record, about
  Timestamp timestamp;
  ProducerId producer = k_no_producer_id;
  ProducerEpoch producer_epoch{0};  // used when there is a producer
  Sequence first_sequence = k_no_sequence;
};

// A batch of records whose values are drawn, so that no two batches are alike.
[[nodiscard]] SharedBytes make_test_batch(const BatchSettings& settings, Rng& rng);

}  // namespace moldau::harness
