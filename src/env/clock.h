#pragma once
#include <functional>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "env/scheduler.h"
#include "env/task.h"

namespace moldau::env {

// The time of one shard. Both calls are cheap: production reads the clock once a loop turn.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual Timestamp wall() const = 0;
};

// Wakes somebody at a moment. A timer fires once, from the shard's loop, not before its moment.
class Timers {
 public:
  using TimerId = Id<struct TimerIdTag, std::uint64_t>;
  Timers() = default;
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  virtual ~Timers() = default;
  [[nodiscard]] virtual TimerId arm(Instant when, std::move_only_function<void()> fire) = 0;
  // No effect when it has fired or was cancelled. The callback is destroyed, not called.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace moldau::env
