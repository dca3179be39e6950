#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace moldau::telemetry {

// Counts events of one kind. add() belongs to one shard; value() may be asked from any.
class Counter {
 public:
  explicit Counter(std::string name) : name_(std::move(name)) {}
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::atomic<std::uint64_t> value_ = 0;
};

struct CounterValue {
  std::string name;
  std::uint64_t value;
  friend bool operator==(const CounterValue&, const CounterValue&) = default;
};

// The counters of one shard: above all how often each limit of base/limits.h was reached. Names are
// those of the code, never from outside, so their number is fixed.
// Context: named() belongs to the shard and to its start; a Counter stays where it is for good.
class Counters {
 public:
  // The counter of this name, made at the first call. Ask once and keep the reference.
  [[nodiscard]] Counter& named(std::string_view name);
  // Sorted by name.
  [[nodiscard]] std::vector<CounterValue> snapshot() const;

 private:
  std::deque<Counter> counters_;
};

}  // namespace moldau::telemetry
