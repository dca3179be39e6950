#include "harness/transform_oracle.h"

#include <fmt/format.h>

namespace moldau::harness {

void TransformOracle::will_commit(std::span<const RecordId> records) {
  asked_for_.insert(records.begin(), records.end());
}

std::optional<std::string> TransformOracle::shown(PartitionIndex partition,
                                                  const SeenRecord& seen) {
  if (!asked_for_.contains(seen.record)) {
    return fmt::format("E1 output {}: {} is shown at {}, and nobody committed it", partition,
                       to_text(seen.record), seen.offset);
  }
  const Place here{partition, seen.offset};
  const auto [place, is_new] = shown_.emplace(seen.record, here);
  if (place->second == here) return std::nullopt;
  return fmt::format("E2 output {}: {} is shown at {}, and at {} of {} too", partition,
                     to_text(seen.record), seen.offset, place->second.second, place->second.first);
}

std::optional<std::string> TransformOracle::complete(std::span<const RecordId> input) const {
  for (const RecordId& record : input) {
    if (shown_.contains(record)) continue;
    return fmt::format("E3 {} was read, and is not in the output", to_text(record));
  }
  return std::nullopt;
}

}  // namespace moldau::harness
