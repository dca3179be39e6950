#pragma once
#include <utility>
#include <vector>

#include "metadata/record.h"

namespace moldau::controller {

// What a request leads to: records to append and the answer to give once they are committed.
// Deciding changes nothing; only the replay of the records does.
// Without records the answer is good at once... but it may show records that are not committed yet,
// so hold it until the log end of the moment of the decision is committed.
template <class Response>
struct Decision {
  std::vector<metadata::MetadataRecord> records;
  Response response{};
  bool atomic = true;  // raft::Propose::atomic
};

// More than these of one request are refused with policy_violation, as Kafka does.
inline constexpr std::size_t k_records_per_request_max = 10'000;

}  // namespace moldau::controller
