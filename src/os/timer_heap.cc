#include "os/timer_heap.h"

#include <utility>

#include "base/check.h"

namespace moldau::os {
namespace {

constexpr unsigned k_generation_shift = 32;

}  // namespace

bool TimerHeap::before(std::uint32_t a, std::uint32_t b) const {
  const Slot& left = slots_[a];
  const Slot& right = slots_[b];
  return left.when != right.when ? left.when < right.when : left.order < right.order;
}

void TimerHeap::put(std::uint32_t place, std::uint32_t slot) {
  heap_[place] = slot;
  slots_[slot].place = place;
}

void TimerHeap::sift_up(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 2;
    if (!before(slot, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, slot);
}

void TimerHeap::sift_down(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  while (true) {
    std::uint32_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, slot);
}

env::Timers::TimerId TimerHeap::arm(Instant when, std::move_only_function<void()> fire) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.fire = std::move(fire);
  slot.when = when;
  slot.order = armed_++;
  slot.armed = true;
  ++slot.generation;
  heap_.push_back(index);
  sift_up(static_cast<std::uint32_t>(heap_.size() - 1));
  return TimerId((std::uint64_t{slot.generation} << k_generation_shift) | index);
}

std::move_only_function<void()> TimerHeap::take(std::uint32_t index) {
  Slot& slot = slots_[index];
  CHECK(slot.armed);
  slot.armed = false;
  const std::uint32_t place = slot.place;
  const std::uint32_t last = heap_.back();
  heap_.pop_back();
  if (last != index) {
    put(place, last);
    sift_up(place);
    sift_down(slots_[last].place);
  }
  free_.push_back(index);
  return std::exchange(slot.fire, nullptr);
}

void TimerHeap::cancel(TimerId timer) {
  const auto index = static_cast<std::uint32_t>(timer.value());
  const auto generation = static_cast<std::uint32_t>(timer.value() >> k_generation_shift);
  if (index >= slots_.size()) return;
  if (!slots_[index].armed || slots_[index].generation != generation) return;
  const auto dropped = take(index);
}

void TimerHeap::fire_due(Instant now) {
  const std::uint64_t armed_before = armed_;
  while (!heap_.empty()) {
    const Slot& first = slots_[heap_.front()];
    if (first.when > now || first.order >= armed_before) break;
    take(heap_.front())();
  }
}

std::optional<Instant> TimerHeap::next() const {
  if (heap_.empty()) return std::nullopt;
  return slots_[heap_.front()].when;
}

}  // namespace moldau::os
