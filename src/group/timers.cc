#include "group/timers.h"

#include <algorithm>
#include <utility>

namespace moldau::group {
namespace {

constexpr auto later = [](const auto& a, const auto& b) {
  return std::pair(a.at, a.sequence) > std::pair(b.at, b.sequence);
};

// The queue may hold this many entries of timers that are gone before it is made anew; without it,
// members that come and go would leave theirs until the longest session timeout is over.
constexpr std::size_t k_stale_entries_min = 1000;

}  // namespace

void Timers::set(TimerKey key, Instant at, std::int32_t tag) {
  const auto [found, is_new] = armed_.try_emplace(std::move(key), Armed{at, at, tag});
  Armed& armed = found->second;
  armed.at = at;
  armed.tag = tag;
  if (is_new || at < armed.queued) {
    armed.queued = at;
    push(found->first, at);
  }
}

void Timers::set_if_absent(TimerKey key, Instant at) {
  if (!contains(key)) set(std::move(key), at);
}

void Timers::cancel(const TimerKey& key) { armed_.erase(key); }

std::optional<Instant> Timers::next() const {
  return armed_.empty() ? std::nullopt : std::optional(queue_.front().at);
}

std::optional<Timers::Due> Timers::pop_due(Instant now) {
  while (!queue_.empty() && queue_.front().at <= now) {
    std::ranges::pop_heap(queue_, later);
    Queued top = std::move(queue_.back());
    queue_.pop_back();
    const auto found = armed_.find(top.key);
    if (found == armed_.end() || found->second.queued != top.at) continue;
    if (found->second.at > now) {
      found->second.queued = found->second.at;
      push(found->first, found->second.at);
      continue;
    }
    const std::int32_t tag = found->second.tag;
    armed_.erase(found);
    return Due{std::move(top.key), tag};
  }
  return std::nullopt;
}

void Timers::push(const TimerKey& key, Instant at) {
  if (queue_.size() > k_stale_entries_min + 2 * armed_.size()) {
    std::erase_if(queue_, [this](const Queued& queued) {
      const auto found = armed_.find(queued.key);
      return found == armed_.end() || found->second.queued != queued.at;
    });
    std::ranges::make_heap(queue_, later);
  }
  queue_.push_back({at, sequence_++, key});
  std::ranges::push_heap(queue_, later);
}

}  // namespace moldau::group
