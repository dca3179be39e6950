#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "env/clock.h"

namespace moldau::os {

// The timers of one shard: a binary heap whose entries know their place, so that cancelling takes
// the callback out at once. Timers of the same moment fire in the order they were armed.
// Context: one shard.
class TimerHeap final : public env::Timers {
 public:
  [[nodiscard]] TimerId arm(Instant when, std::move_only_function<void()> fire) override;
  void cancel(TimerId timer) override;

  // Calls what is due at `now`. What these calls arm waits for the next time, even if it is due.
  void fire_due(Instant now);
  // The moment of the earliest one.
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Slot {
    std::move_only_function<void()> fire;
    Instant when;
    std::uint64_t order = 0;       // of arming; the tie-break
    std::uint32_t generation = 0;  // grows when the slot is used anew: old ids miss
    std::uint32_t place = 0;       // in heap_, while armed
    bool armed = false;
  };
  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
  void put(std::uint32_t place, std::uint32_t slot);
  void sift_up(std::uint32_t place);
  void sift_down(std::uint32_t place);
  std::move_only_function<void()> take(std::uint32_t slot);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;  // indexes of slots_
  std::uint64_t armed_ = 0;
};

}  // namespace moldau::os
