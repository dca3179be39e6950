#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace moldau::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error };

struct LogEvent {
  Level level;
  std::string_view logger;  // the part of the node that speaks, such as "rpc.Connection"
  std::string_view text;    // one sentence or more; further lines are indented by the writer of it
};

// Where log events go: standard error in production, a list in a simulation or a test.
// Context: write() is called from any shard, at the same time.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  virtual ~LogSink() = default;
  virtual void write(const LogEvent& event) = 0;
};

// Lines as Kafka's log4j pattern has them: "[2026-11-21 10:00:00,123] INFO text (logger)", local
// time, one write per event. `wall` tells the time; it is called from any shard.
[[nodiscard]] std::unique_ptr<LogSink> standard_error_sink(std::function<Timestamp()> wall);

// What a caller may say in a while, for lines that a stranger can provoke: the first `burst` in
// each window go out, the rest are counted and told with the next line that does.
// Context: one shard. One object per place in the code, a member of what lives as long as the
// shard.
class RateLimit {
 public:
  explicit RateLimit(std::uint32_t burst = 10, Duration window = std::chrono::seconds{10})
      : burst_(burst), window_(window) {}
  // nullopt: be silent. Otherwise how many were silenced since the last line.
  [[nodiscard]] std::optional<std::uint64_t> admit(Instant now);

 private:
  std::uint32_t burst_;
  Duration window_;
  std::optional<Instant> window_start_;
  std::uint32_t said_ = 0;
  std::uint64_t silenced_ = 0;
};

// The voice of one part of the node. A small value: copy it. `name` must outlive it (a literal).
// The sink outlives all loggers.
class Logger {
 public:
  Logger(LogSink& sink, std::string_view name, Level least = Level::info)
      : sink_(&sink), name_(name), least_(least) {}
  [[nodiscard]] Logger named(std::string_view name) const { return {*sink_, name, least_}; }
  [[nodiscard]] bool says(Level level) const { return level >= least_; }

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    if (says(Level::debug)) say(Level::debug, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    if (says(Level::info)) say(Level::info, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    if (says(Level::warn)) say(Level::warn, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    if (says(Level::error)) say(Level::error, format, fmt::make_format_args(args...));
  }
  // The same at warn, at most as often as `limit` admits: for input that a stranger controls.
  template <class... Args>
  void warn_limited(RateLimit& limit, Instant now, fmt::format_string<Args...> format,
                    Args&&... args) const {
    if (!says(Level::warn)) return;
    const std::optional<std::uint64_t> silenced = limit.admit(now);
    if (silenced) say_after(*silenced, format, fmt::make_format_args(args...));
  }

 private:
  void say(Level level, fmt::string_view format, fmt::format_args args) const;
  void say_after(std::uint64_t silenced, fmt::string_view format, fmt::format_args args) const;

  LogSink* sink_;
  std::string_view name_;
  Level least_;
};

// Text of a stranger made fit for one log line: what is not printable ASCII becomes \xHH, and what
// is longer than `size_max` is cut with "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t size_max = 80);

}  // namespace moldau::telemetry
