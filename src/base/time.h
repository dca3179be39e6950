#pragma once
#include <chrono>
#include <cstdint>

namespace moldau {

using Duration = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;

// A moment of the monotonic clock of one env; only differences mean anything. Machines get it as
// an argument, they never ask for it.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicClock::time_point;

// Wall time as Kafka writes it: milliseconds since 1970, UTC. -1: none.
struct WallClock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = Milliseconds;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using Timestamp = WallClock::time_point;
inline constexpr Timestamp k_no_timestamp{Milliseconds{-1}};

[[nodiscard]] constexpr Timestamp timestamp_of(std::int64_t milliseconds) {
  return Timestamp{Milliseconds{milliseconds}};
}
[[nodiscard]] constexpr std::int64_t to_millis(Timestamp t) { return t.time_since_epoch().count(); }

}  // namespace moldau
