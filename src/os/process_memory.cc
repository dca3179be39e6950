#include "os/process_memory.h"

#include <malloc.h>

namespace moldau::os {
namespace {

// A block of this size or more is mapped alone and unmapped when freed. A fixed value also turns
// off glibc's habit of raising it to 32 MB after the first large free, which keeps the heap
// fragmented.
constexpr int k_mmap_threshold = 1 << 20;
constexpr int k_trim_threshold = 2 << 20;

constexpr Duration k_quiet_window = std::chrono::seconds{2};
constexpr std::uint32_t k_quiet_turns_max = 400;  // timers and heartbeats of an idle node

}  // namespace

void tune_malloc(std::int32_t shards) {
  ::mallopt(M_ARENA_MAX, shards);
  ::mallopt(M_MMAP_THRESHOLD, k_mmap_threshold);
  ::mallopt(M_TRIM_THRESHOLD, k_trim_threshold);
}

bool QuietWatch::on_turn(Instant now) {
  ++turns_;
  if (now - window_start_ < k_quiet_window) return false;
  const bool first = window_start_ == Instant{};
  const bool quiet = turns_ <= k_quiet_turns_max;
  window_start_ = now;
  turns_ = 0;
  if (first) return false;
  if (!quiet) {
    was_busy_ = true;
    return false;
  }
  const bool due = was_busy_;
  was_busy_ = false;
  return due;
}

std::optional<Duration> QuietWatch::sleep_max() const {
  if (!was_busy_ && turns_ <= k_quiet_turns_max) return std::nullopt;
  return k_quiet_window;
}

void give_memory_back() { ::malloc_trim(0); }

}  // namespace moldau::os
