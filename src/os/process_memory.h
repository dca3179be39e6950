#pragma once
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace moldau::os {

// Sets malloc for a process of few threads that is judged by its resident memory: as many arenas as
// shards, and a threshold above which a block goes back to the system when it is freed.
void tune_malloc(std::int32_t shards);

// Tells when the process has become quiet after it was busy: the moment to give memory back.
// Context: one shard.
class QuietWatch {
 public:
  // Once a loop turn. True: give back now.
  [[nodiscard]] bool on_turn(Instant now);
  // How long the loop may sleep at most so that the watch sees the quiet; nullopt: as long as it
  // likes.
  [[nodiscard]] std::optional<Duration> sleep_max() const;

 private:
  Instant window_start_{};
  std::uint32_t turns_ = 0;
  bool was_busy_ = true;  // the start is work too
};

// Gives the free pages of malloc back to the system.
void give_memory_back();

}  // namespace moldau::os
