#include "log/epoch_cache.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace moldau::log {

Result<EpochCache> EpochCache::restore(std::span<const EpochStart> from_file) {
  EpochCache cache;
  for (const EpochStart& entry : from_file) {
    if (entry.epoch < LeaderEpoch{0} || entry.start_offset < Offset{0}) {
      return fail(Errc::corrupt_data, "leader epoch {} from offset {} cannot be",
                  entry.epoch.value(), entry.start_offset.value());
    }
    (void)cache.assign(entry.epoch, entry.start_offset);
  }
  return cache;
}

bool EpochCache::assign(LeaderEpoch epoch, Offset start) {
  CHECK_OP(epoch, >=, LeaderEpoch{0});
  CHECK_OP(start, >=, Offset{0});
  if (!entries_.empty() && entries_.back().epoch == epoch &&
      entries_.back().start_offset <= start) {
    return false;
  }
  while (!entries_.empty() &&
         (entries_.back().epoch >= epoch || entries_.back().start_offset >= start)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start});
  return true;
}

// Row  asked is                            answer
// E1   none (-1)                           none: the asker knows no epoch
// E2   the latest                          the log end: it is still being written
// E3   above the latest, or cache empty    none: we were never under it
// E4   below the first, if negative too    itself, to where the first begins: what was is gone
// E5   between                             the greatest known one that is not above it, to where
//                                          the next begins
std::optional<EpochEnd> EpochCache::end_of(LeaderEpoch asked, Offset log_end_offset) const {
  if (asked == k_no_leader_epoch || entries_.empty()) return std::nullopt;     // E1, E3
  if (asked == entries_.back().epoch) return EpochEnd{asked, log_end_offset};  // E2
  const auto higher = std::ranges::upper_bound(entries_, asked, {}, &EpochStart::epoch);
  if (higher == entries_.end()) return std::nullopt;                             // E3
  if (higher == entries_.begin()) return EpochEnd{asked, higher->start_offset};  // E4
  return EpochEnd{std::prev(higher)->epoch, higher->start_offset};               // E5
}

std::optional<LeaderEpoch> EpochCache::epoch_at(Offset offset) const {
  const auto above = std::ranges::upper_bound(entries_, offset, {}, &EpochStart::start_offset);
  if (above == entries_.begin()) return std::nullopt;
  return std::prev(above)->epoch;
}

std::optional<EpochStart> EpochCache::latest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.back());
}

std::optional<EpochStart> EpochCache::earliest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.front());
}

bool EpochCache::truncate_from(Offset end) {
  const std::size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end) entries_.pop_back();
  return entries_.size() != before;
}

bool EpochCache::drop_before(Offset start) {
  const auto above = std::ranges::upper_bound(entries_, start, {}, &EpochStart::start_offset);
  if (above == entries_.begin()) return false;
  const auto spanning = std::prev(above);
  if (spanning == entries_.begin() && spanning->start_offset == start) return false;
  spanning->start_offset = start;
  entries_.erase(entries_.begin(), spanning);
  return true;
}

bool EpochCache::clear() {
  const bool changed = !entries_.empty();
  entries_.clear();
  return changed;
}

}  // namespace moldau::log
