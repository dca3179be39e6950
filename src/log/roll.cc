#include "log/roll.h"

#include <algorithm>

#include "log/index_format.h"

namespace moldau::log {

std::optional<RollReason> should_roll(const RollState& segment, const RollAppend& append,
                                      const LogConfig& config, Timestamp now) {
  const auto size_max = static_cast<std::uint64_t>(std::max(config.segment_bytes, 0));
  if (segment.size + append.size > size_max) return RollReason::size;
  const Milliseconds waited = segment.first_timestamp >= timestamp_of(0)
                                  ? append.max_timestamp - segment.first_timestamp
                                  : now - segment.created;
  if (segment.size > 0 && waited > config.segment_time - segment.jitter) return RollReason::time;
  const auto index_bytes = static_cast<std::uint64_t>(std::max(config.index_bytes_max, 0));
  if (segment.offset_entries >= index_bytes / k_offset_entry_size) {
    return RollReason::offset_index_full;
  }
  // One slot stays free for the entry that ends the segment.
  if (segment.time_entries + 1 >= index_bytes / k_time_entry_size) {
    return RollReason::time_index_full;
  }
  if (!fits_segment(segment.base, append.last_offset)) return RollReason::offset_range;
  return std::nullopt;
}

}  // namespace moldau::log
