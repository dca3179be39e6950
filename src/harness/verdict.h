#pragma once
#include <fmt/core.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace moldau::harness {

// What a run found wrong, and, when somebody wants to look, what it did.
class Verdict {
 public:
  explicit Verdict(bool trace = false) : trace_(trace) {}
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
    if (trace_) fmt::print(stderr, "{}\n", fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool trace_;
  std::optional<std::string> failure_;
};

}  // namespace moldau::harness
