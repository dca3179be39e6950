#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

// What the tools that measure print, in Kafka's form.
namespace moldau::cli {

// Latencies of records that were sent, over the whole run and the window since the last line.
// Context: pure. Source: ProducerPerformance.Stats.
class SendStats {
 public:
  // `is_steady`: of what follows the warm-up, which has a line of its own.
  SendStats(std::int64_t records, Milliseconds reporting_interval, bool is_steady, Timestamp now);
  // Returns what is to be printed now; often nothing.
  [[nodiscard]] std::string record(Milliseconds latency, std::size_t bytes, Timestamp now);
  [[nodiscard]] std::string total(Timestamp now) const;
  void be_quiet() { quiet_ = true; }

 private:
  [[nodiscard]] std::string window(Timestamp now) const;
  std::int64_t sampling_;
  Milliseconds interval_;
  bool steady_;
  bool quiet_ = false;
  Timestamp start_;
  Timestamp window_start_;
  std::vector<std::int64_t> latencies_;
  std::int64_t count_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t latency_sum_ = 0;
  std::int64_t latency_max_ = 0;
  std::int64_t window_count_ = 0;
  std::int64_t window_bytes_ = 0;
  std::int64_t window_latency_sum_ = 0;
  std::int64_t window_latency_max_ = 0;
};

// "2026-11-21 06:41:52:136" of "yyyy-MM-dd HH:mm:ss:SSS", UTC: the letters of SimpleDateFormat that
// make up dates and times of day; quoted text is kept.
[[nodiscard]] std::string format_date(Timestamp at, const std::string& pattern);

// "Metric Name   Value" and a line for each; the names are "group:name:{tags}".
// Source: ToolsUtils.printMetrics.
[[nodiscard]] std::string metrics_table(const std::map<std::string, double>& metrics);

// The share of sorted values that lie below, as Kafka's tools take it.
[[nodiscard]] std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share);

}  // namespace moldau::cli
