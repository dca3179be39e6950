#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace moldau::sim {

// Whose event it is: a boot of a host. 0 is the world itself (scripts, checkers).
using OwnerId = Id<struct OwnerIdTag, std::uint64_t>;
inline constexpr OwnerId k_world_owner{0};

enum class EventKind : std::uint8_t { resume, timer, disk, network, mailbox, script };

struct Event {
  Instant when;
  std::uint64_t sequence = 0;  // of insertion; decides between events of the same moment
  OwnerId owner;
  EventKind kind = EventKind::script;
  std::uint64_t detail = 0;  // folded into the hash
  std::move_only_function<void()> run;
};

// What is to happen, ordered by (time, insertion).
// Invariant: an event popped is never before one popped earlier, if none was pushed in the past.
class EventQueue {
 public:
  using EventId = Id<struct EventIdTag, std::uint64_t>;

  EventId push(Instant when, OwnerId owner, EventKind kind, std::uint64_t detail,
               std::move_only_function<void()> run);
  // No effect when it was popped or cancelled. Its function is destroyed, not called.
  void cancel(EventId event);
  // The next one; nullopt when the queue is empty.
  [[nodiscard]] std::optional<Event> pop();
  [[nodiscard]] std::optional<Instant> next_at();
  // A dead boot unwinds outside the run: from now on pop() does not return events of `owner`,
  // pop_aside() does, in the same order; what is pushed for it goes there too.
  void set_aside(OwnerId owner);
  [[nodiscard]] std::optional<Event> pop_aside(OwnerId owner);
  // Destroys what is left of it.
  void drop_aside(OwnerId owner);
  [[nodiscard]] std::size_t size() const { return live_; }

 private:
  struct Slot {
    Event event;
    std::uint32_t generation = 0;
    bool used = false;
  };
  struct Entry {
    Instant when;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
  }
  [[nodiscard]] bool stale(const Entry& entry) const;
  void drop_stale(std::vector<Entry>& heap);
  [[nodiscard]] std::optional<Event> pop_from(std::vector<Entry>& heap);
  [[nodiscard]] Event take(std::uint32_t slot);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry> heap_;
  std::map<OwnerId, std::vector<Entry>> aside_;
  std::uint64_t next_sequence_ = 0;
  std::size_t live_ = 0;
};

}  // namespace moldau::sim
