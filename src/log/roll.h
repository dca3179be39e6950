#pragma once
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/time.h"
#include "log/log_config.h"

namespace moldau::log {

// Why a new segment begins before an append.
enum class RollReason : std::uint8_t {
  size,
  time,
  offset_index_full,
  time_index_full,
  offset_range
};

struct RollState {  // of the active segment
  Offset base;
  std::uint64_t size = 0;
  std::uint64_t offset_entries = 0;
  std::uint64_t time_entries = 0;
  Timestamp first_timestamp = k_no_timestamp;  // largest of its first batch; -1: none
  Timestamp created = k_no_timestamp;          // by the wall clock
  Milliseconds jitter{0};                      // drawn once for the segment
};
struct RollAppend {  // what is about to be appended
  std::uint64_t size = 0;
  Offset last_offset;
  Timestamp max_timestamp = k_no_timestamp;
};

// nullopt: the append goes into the active segment. The order of the reasons is that of Kafka's
// test. Time is that of the records where they have any, so that copies of a log roll alike.
// Pure. Source: LogSegment.shouldRoll, timeWaitedForRoll.
[[nodiscard]] std::optional<RollReason> should_roll(const RollState& segment,
                                                    const RollAppend& append,
                                                    const LogConfig& config, Timestamp now);

}  // namespace moldau::log
