#include "cli/perf_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace moldau::cli {
namespace {

constexpr std::int64_t k_samples_max = 500'000;
constexpr double k_mebibyte = 1024.0 * 1024.0;

double per_second(std::int64_t amount, Milliseconds time) {
  return 1000.0 * static_cast<double>(amount) / static_cast<double>(time.count());
}

}  // namespace

SendStats::SendStats(std::int64_t records, Milliseconds reporting_interval, bool is_steady,
                     Timestamp now)
    : sampling_(records / std::min(records, k_samples_max)),
      interval_(reporting_interval),
      steady_(is_steady),
      start_(now),
      window_start_(now) {}

std::string SendStats::record(Milliseconds latency, std::size_t bytes, Timestamp now) {
  const std::int64_t millis = latency.count();
  if (count_ % sampling_ == 0) latencies_.push_back(millis);
  ++count_;
  bytes_ += static_cast<std::int64_t>(bytes);
  latency_sum_ += millis;
  latency_max_ = std::max(latency_max_, millis);
  ++window_count_;
  window_bytes_ += static_cast<std::int64_t>(bytes);
  window_latency_sum_ += millis;
  window_latency_max_ = std::max(window_latency_max_, millis);
  if (now - window_start_ < interval_) return {};
  std::string out;
  if (steady_ && count_ == window_count_) out += "In steady state.\n";
  if (!quiet_) out += window(now);
  window_start_ = now;
  window_count_ = 0;
  window_bytes_ = 0;
  window_latency_sum_ = 0;
  window_latency_max_ = 0;
  return out;
}

std::string SendStats::window(Timestamp now) const {
  const Milliseconds time = now - window_start_;
  return fmt::format(
      "{} records sent, {:.1f} records/sec ({:.2f} MB/sec), {:.1f} ms avg latency, {:.1f} ms max "
      "latency.\n",
      window_count_, per_second(window_count_, time), per_second(window_bytes_, time) / k_mebibyte,
      static_cast<double>(window_latency_sum_) / static_cast<double>(window_count_),
      static_cast<double>(window_latency_max_));
}

std::string SendStats::total(Timestamp now) const {
  const Milliseconds time = now - start_;
  std::vector<std::int64_t> sorted = latencies_;
  std::ranges::sort(sorted);
  return fmt::format(
      "{}{} records sent, {:f} records/sec ({:.2f} MB/sec), {:.2f} ms avg latency, {:.2f} ms max "
      "latency, {} ms 50th, {} ms 95th, {} ms 99th, {} ms 99.9th.\n",
      count_, steady_ ? " steady state" : "", per_second(count_, time),
      per_second(bytes_, time) / k_mebibyte,
      static_cast<double>(latency_sum_) / static_cast<double>(count_),
      static_cast<double>(latency_max_), percentile(sorted, 0.5), percentile(sorted, 0.95),
      percentile(sorted, 0.99), percentile(sorted, 0.999));
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size()))];
}

std::string metrics_table(const std::map<std::string, double>& metrics) {
  std::size_t width = 0;
  for (const auto& [name, value] : metrics) width = std::max(width, name.size());
  std::string out = fmt::format("\n{:<{}}   Value\n", "Metric Name", width);
  for (const auto& [name, value] : metrics) {
    out += fmt::format("{:<{}} : {:.3f}\n", name, width, value);
  }
  return out;
}

std::string format_date(Timestamp at, const std::string& pattern) {
  namespace chr = std::chrono;
  const chr::sys_time<chr::milliseconds> moment{chr::milliseconds{to_millis(at)}};
  const auto day = chr::floor<chr::days>(moment);
  const chr::year_month_day date{day};
  const chr::hh_mm_ss time{moment - day};
  const auto field = [&](char letter) -> std::int64_t {
    switch (letter) {
      case 'y':
        return static_cast<int>(date.year());
      case 'M':
        return static_cast<unsigned>(date.month());
      case 'd':
        return static_cast<unsigned>(date.day());
      case 'H':
        return time.hours().count();
      case 'm':
        return time.minutes().count();
      case 's':
        return time.seconds().count();
      case 'S':
        return time.subseconds().count();
      default:
        return -1;
    }
  };
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const std::size_t end = std::min(pattern.find_first_not_of(c, i), pattern.size());
    if (c == '\'') {
      const std::size_t close = std::min(pattern.find('\'', i + 1), pattern.size());
      out += close == i + 1 ? "'" : pattern.substr(i + 1, close - i - 1);
      i = close + 1;
      continue;
    }
    const std::int64_t value = field(c);
    if (value < 0) {
      out += pattern.substr(i, end - i);
    } else if (c == 'y' && end - i == 2) {
      out += fmt::format("{:02}", value % 100);
    } else {
      out += fmt::format("{:0{}}", value, end - i);
    }
    i = end;
  }
  return out;
}

}  // namespace moldau::cli
