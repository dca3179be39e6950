#include "rpc/connection_quotas.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace moldau::rpc {
namespace {

// quota.window.size.seconds and quota.window.num, as they are when nobody sets them.
constexpr Milliseconds k_window{1000};
constexpr std::int64_t k_windows = 11;

}  // namespace

bool ConnectionLimits::any() const {
  return total != INT32_MAX || of_address != INT32_MAX || in_a_second != INT32_MAX ||
         !of_addresses.empty();
}

Milliseconds ConnectionQuotas::arrived(std::string_view listener, Instant now) {
  if (limits_.in_a_second == INT32_MAX || listener == limits_.protected_listener) return {};
  if (samples_.empty() || now - samples_.back().begun >= k_window) samples_.push_back({now, 0});
  ++samples_.back().count;
  while (now - samples_.front().begun >= k_windows * k_window) samples_.pop_front();
  std::int64_t count = 0;
  for (const Sample& sample : samples_) count += sample.count;
  // As long as is looked back at, and never less than all windows but one.
  const auto looked_at = std::chrono::duration_cast<Milliseconds>(now - samples_.front().begun);
  const auto missing = std::max<std::int64_t>(0, k_windows - 1 - looked_at / k_window);
  const double seconds = static_cast<double>((looked_at + missing * k_window).count()) / 1000.0;
  const double rate = static_cast<double>(count) / seconds;
  const double allowed = limits_.in_a_second;
  if (rate <= allowed) return {};
  if (allowed == 0) return k_window;
  const double wait = (rate - allowed) / allowed * seconds * 1000.0;
  return std::min(k_window, Milliseconds{std::llround(wait)});
}

ConnectionQuotas::Verdict ConnectionQuotas::enter(std::string_view listener,
                                                  std::string_view address) {
  if (total_ >= limits_.total && listener != limits_.protected_listener) return Verdict::wait;
  const auto place = find(address);
  const bool known = place != counts_.end() && place->first == address;
  if ((known ? place->second : 0) >= limit_of(address)) return Verdict::refused;
  if (known) {
    ++place->second;
  } else {
    counts_.emplace(place, address, 1);
  }
  ++total_;
  return Verdict::taken;
}

void ConnectionQuotas::left(std::string_view address) {
  const auto place = find(address);
  CHECK(place != counts_.end() && place->first == address);
  --total_;
  if (--place->second == 0) counts_.erase(place);
}

std::int32_t ConnectionQuotas::limit_of(std::string_view address) const {
  const auto found = std::ranges::find(limits_.of_addresses, address,
                                       &std::pair<std::string, std::int32_t>::first);
  return found == limits_.of_addresses.end() ? limits_.of_address : found->second;
}

ConnectionQuotas::Counts::iterator ConnectionQuotas::find(std::string_view address) {
  return std::ranges::lower_bound(counts_, address, {},
                                  &std::pair<std::string, std::int32_t>::first);
}

}  // namespace moldau::rpc
