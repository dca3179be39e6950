#include "sim/event_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace moldau::sim {

EventQueue::EventId EventQueue::push(Instant when, OwnerId owner, EventKind kind,
                                     std::uint64_t detail, std::move_only_function<void()> run) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.used = true;
  slot.event = Event{.when = when,
                     .sequence = next_sequence_++,
                     .owner = owner,
                     .kind = kind,
                     .detail = detail,
                     .run = std::move(run)};
  const auto lane = aside_.empty() ? aside_.end() : aside_.find(owner);
  std::vector<Entry>& heap = lane == aside_.end() ? heap_ : lane->second;
  heap.push_back({.when = when, .sequence = slot.event.sequence, .slot = index});
  std::ranges::push_heap(heap, later);
  ++live_;
  return EventId((static_cast<std::uint64_t>(slot.generation) << 32U) | index);
}

void EventQueue::cancel(EventId event) {
  const auto index = static_cast<std::uint32_t>(event.value());
  if (index >= slots_.size()) return;
  const Slot& slot = slots_[index];
  if (!slot.used || slot.generation != static_cast<std::uint32_t>(event.value() >> 32U)) return;
  // The function may own what pushes or cancels when it goes, so it goes last.
  const Event gone = take(index);
}

std::optional<Event> EventQueue::pop() { return pop_from(heap_); }

std::optional<Instant> EventQueue::next_at() {
  drop_stale(heap_);
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void EventQueue::set_aside(OwnerId owner) {
  std::vector<Entry>& lane = aside_[owner];
  const auto of_owner = [&](const Entry& entry) {
    return !stale(entry) && slots_[entry.slot].event.owner == owner;
  };
  const auto first_kept = std::ranges::partition(heap_, of_owner).begin();
  lane.insert(lane.end(), heap_.begin(), first_kept);
  heap_.erase(heap_.begin(), first_kept);
  std::ranges::make_heap(heap_, later);
  std::ranges::make_heap(lane, later);
}

std::optional<Event> EventQueue::pop_aside(OwnerId owner) {
  const auto lane = aside_.find(owner);
  CHECK(lane != aside_.end());
  return pop_from(lane->second);
}

void EventQueue::drop_aside(OwnerId owner) {
  while (pop_aside(owner)) {
  }
  aside_.erase(owner);
}

bool EventQueue::stale(const Entry& entry) const {
  const Slot& slot = slots_[entry.slot];
  return !slot.used || slot.event.sequence != entry.sequence;
}

void EventQueue::drop_stale(std::vector<Entry>& heap) {
  while (!heap.empty() && stale(heap.front())) {
    std::ranges::pop_heap(heap, later);
    heap.pop_back();
  }
}

std::optional<Event> EventQueue::pop_from(std::vector<Entry>& heap) {
  drop_stale(heap);
  if (heap.empty()) return std::nullopt;
  std::ranges::pop_heap(heap, later);
  const std::uint32_t slot = heap.back().slot;
  heap.pop_back();
  return take(slot);
}

Event EventQueue::take(std::uint32_t index) {
  Slot& slot = slots_[index];
  CHECK(slot.used);
  slot.used = false;
  ++slot.generation;
  --live_;
  free_.push_back(index);
  return std::move(slot.event);
}

}  // namespace moldau::sim
