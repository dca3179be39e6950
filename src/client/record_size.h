#pragma once
#include <cstddef>

#include "client/record.h"

namespace moldau::client {

// The most that it takes in a batch.
[[nodiscard]] std::size_t record_size_max(const OutgoingRecord& record);

// The most that a batch with only this record takes, as Kafka's producer counts it before it knows
// what stands before the record: what max.request.size bounds.
// Source: AbstractRecords.estimateSizeInBytesUpperBound.
[[nodiscard]] std::size_t serialized_size_max(const OutgoingRecord& record);

}  // namespace moldau::client
