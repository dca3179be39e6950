#include "broker/coordinator_batch.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace moldau::broker {
namespace {

// At most, in the format of a batch: its header; lengths and deltas of a record.
constexpr std::size_t k_batch_overhead = 61;
constexpr std::size_t k_record_overhead = 36;

}  // namespace

std::size_t CoordinatorBatch::bytes_of(const std::vector<coordinator::Record>& records) {
  std::size_t bytes = 0;
  for (const coordinator::Record& record : records) {
    bytes += k_record_overhead + record.key.size() + (record.value ? record.value->size() : 0);
  }
  return bytes;
}

void CoordinatorBatch::begin(Offset base, Instant now) {
  CHECK(empty());
  base_ = base;
  since_ = now;
  bytes_ = k_batch_overhead;
}

void CoordinatorBatch::add(std::vector<coordinator::Record> records, std::size_t bytes) {
  bytes_ += bytes;
  std::ranges::move(records, std::back_inserter(batch_.records));
}

Offset CoordinatorBatch::next_offset() const {
  return base_ + static_cast<std::int64_t>(batch_.records.size());
}

}  // namespace moldau::broker
