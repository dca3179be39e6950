#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace moldau::group {

enum class TimerKind : std::uint8_t {
  expiry,          // of offsets and empty groups; the one timer without a group
  classic_member,  // a member of a classic group, or one that is to join, was silent for too long
  classic_join,    // the group waits for its members to join
  classic_sync,    // the group waits for its members to sync
  consumer_session,
  consumer_rebalance,  // a member of a consumer group has partitions to give up
  consumer_join,       // a classic member of a consumer group is to join again
  consumer_sync,       // a classic member of a consumer group is to fetch its assignment
  consumer_regex,      // the group's regular expressions are to be looked at
};

struct TimerKey {
  TimerKind kind;
  std::string group;
  std::string member;
  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

// When something is to be done, and what.
// Cost: arming a timer again for a later time, which every heartbeat does, is one look-up; the
// queue
//       learns of it when the earlier time is over.
// Context: pure; soft state of one machine.
class Timers {
 public:
  // Armed again: the new time counts. `tag` comes back with the timer: what it was armed for.
  void set(TimerKey key, Instant at, std::int32_t tag = 0);
  void set_if_absent(TimerKey key, Instant at);
  void cancel(const TimerKey& key);
  [[nodiscard]] bool contains(const TimerKey& key) const { return armed_.contains(key); }

  // Never later than the first timer; it may be earlier, and then pop_due() finds nothing.
  [[nodiscard]] std::optional<Instant> next() const;
  struct Due {
    TimerKey key;
    std::int32_t tag;
  };
  // The timers whose time is over one by one, in the order of their times.
  [[nodiscard]] std::optional<Due> pop_due(Instant now);
  [[nodiscard]] std::size_t count() const { return armed_.size(); }

 private:
  struct Armed {
    Instant at;
    Instant queued;  // the entry of the queue that stands for it, not later than `at`
    std::int32_t tag;
  };
  struct Queued {
    Instant at;
    std::uint64_t sequence;  // equal times: first armed, first due
    TimerKey key;
  };
  void push(const TimerKey& key, Instant at);

  std::map<TimerKey, Armed> armed_;
  std::vector<Queued> queue_;  // a heap, the earliest first
  std::uint64_t sequence_ = 0;
};

}  // namespace moldau::group
