#pragma once
#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"

namespace moldau::harness {

// What a run found wrong, and, when somebody wants to look, what it did.
class Verdict {
 public:
  // `time` goes before each line of the trace.
  explicit Verdict(bool trace = false, std::function<Instant()> time = {})
      : trace_(trace), time_(std::move(time)) {}
  // The first counts.
  void fail(std::string what) {
    note("FAILED {}", what);
    if (!failure_) failure_ = std::move(what);
  }
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  [[nodiscard]] std::string text() const { return failure_.value_or(""); }
  // A line of the trace, to standard error.
  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    if (!trace_) return;
    const std::int64_t at = time_ ? time_().time_since_epoch() / std::chrono::milliseconds(1) : 0;
    fmt::print(stderr, "{:6} {}\n", at, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool trace_;
  std::function<Instant()> time_;
  std::optional<std::string> failure_;
};

}  // namespace moldau::harness
