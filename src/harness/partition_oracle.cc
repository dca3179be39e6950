#include "harness/partition_oracle.h"

#include <fmt/core.h>

#include <algorithm>

namespace moldau::harness {

std::string to_text(RecordId id) { return fmt::format("{}/{}", id.writer, id.number); }

void PartitionOracle::will_send(std::span<const RecordId> records) {
  sent_.insert(records.begin(), records.end());
}

void PartitionOracle::forget_doubtful_from(Offset offset) {
  for (auto at = known_.lower_bound(offset); at != known_.end();) {
    if (doubtful(at->second)) {
      where_.erase(at->second.record);
      at = known_.erase(at);
    } else {
      ++at;
    }
  }
}

std::optional<std::string> PartitionOracle::place(Offset offset, RecordId record) {
  if (!sent_.contains(record)) {
    return fmt::format("P2 {}: nobody sent {}, which is at {}", name_, to_text(record), offset);
  }
  const auto elsewhere = where_.find(record);
  if (elsewhere != where_.end() && elsewhere->second != offset) {
    const Offset other = elsewhere->second;
    if (!doubtful(known_.at(other))) {
      return fmt::format("P3 {}: {} is at {} and at {}", name_, to_text(record), other, offset);
    }
    forget_doubtful_from(other);
  }
  const auto here = known_.find(offset);
  if (here != known_.end() && here->second.record != record) {
    if (!doubtful(here->second)) {
      return fmt::format("P1 {}: at {} was {}, now there is {}", name_, offset,
                         to_text(here->second.record), to_text(record));
    }
    forget_doubtful_from(offset);
  }
  known_[offset] = {.record = record, .life = life_};
  where_[record] = offset;
  return std::nullopt;
}

std::optional<std::string> PartitionOracle::acknowledged(std::span<const RecordId> records,
                                                         Offset base) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (auto wrong = place(base + static_cast<std::int64_t>(i), records[i])) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> PartitionOracle::read(std::span<const SeenRecord> records,
                                                 Offset high_watermark, Offset watermark_before) {
  if (watermark_before != k_no_offset && high_watermark < watermark_before) {
    return fmt::format("P5 {}: the high watermark went from {} back to {}", name_, watermark_before,
                       high_watermark);
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    const SeenRecord& seen = records[i];
    if (i > 0 && seen.offset != records[i - 1].offset.next()) {
      return fmt::format("P4 {}: after offset {} comes {}", name_, records[i - 1].offset,
                         seen.offset);
    }
    if (seen.offset >= high_watermark) {
      return fmt::format("P5 {}: {} was shown at {}, the high watermark is {}", name_,
                         to_text(seen.record), seen.offset, high_watermark);
    }
    if (auto wrong = place(seen.offset, seen.record)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> PartitionOracle::out_of_range(Offset position) {
  // All below `position` was read before.
  const auto last = known_.lower_bound(position);
  if (last == known_.begin()) return std::nullopt;
  const auto& [offset, entry] = *std::prev(last);
  if (offset.next() == position && !doubtful(entry)) {
    return fmt::format("P6 {}: {} was read at {}, and {} is out of range", name_,
                       to_text(entry.record), offset, position);
  }
  return std::nullopt;
}

std::optional<std::string> PartitionOracle::complete(
    std::span<const SeenRecord> records, Offset log_start, Offset end,
    const std::set<std::uint32_t>& ordered_writers) {
  if (auto wrong = read(records, end, k_no_offset)) return wrong;
  const Offset first = records.empty() ? end : records.front().offset;
  if (first > log_start || (!records.empty() && records.back().offset.next() != end)) {
    return fmt::format("P4 {}: of [{}, {}) only [{}, {}) can be read", name_, log_start, end, first,
                       records.empty() ? end : records.back().offset.next());
  }
  for (const auto& [offset, entry] : known_) {
    if (offset >= end && !doubtful(entry)) {
      return fmt::format("P6 {}: {} was at {}, and the log ends at {}", name_,
                         to_text(entry.record), offset, end);
    }
  }
  forget_doubtful_from(end);
  std::map<std::uint32_t, std::uint32_t> last_of;
  for (const SeenRecord& seen : records) {
    if (!ordered_writers.contains(seen.record.writer)) continue;
    auto& last = last_of[seen.record.writer];
    if (last >= seen.record.number) {
      return fmt::format("P7 {}: at {} is {}, after number {}", name_, seen.offset,
                         to_text(seen.record), last);
    }
    last = seen.record.number;
  }
  return std::nullopt;
}

void PartitionOracle::power_lost() {
  if (!synced_) ++life_;
}

}  // namespace moldau::harness
