#pragma once
#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry/log.h"

namespace moldau::telemetry {

// Keeps what was said, as "LEVEL logger: text". For tests.
class CapturedLog final : public LogSink {
 public:
  void write(const LogEvent& event) override {
    static constexpr std::array<std::string_view, 4> k_names{"DEBUG", "INFO", "WARN", "ERROR"};
    const std::lock_guard lock(mutex_);
    lines_.push_back(fmt::format("{} {}: {}", k_names[static_cast<std::size_t>(event.level)],
                                 event.logger, event.text));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace moldau::telemetry
