#include "telemetry/log.h"

#include <fmt/core.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace moldau::telemetry {
namespace {

constexpr auto k_pattern = "[%Y-%m-%d %H:%M:%S,%e] %v";

std::string_view kafka_name(Level level) {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warn:
      return "WARN";
    case Level::error:
      return "ERROR";
  }
  return "?";
}

class StandardErrorSink final : public LogSink {
 public:
  explicit StandardErrorSink(std::function<Timestamp()> wall) : wall_(std::move(wall)) {
    sink_.set_formatter(std::make_unique<spdlog::pattern_formatter>(k_pattern));
  }

  void write(const LogEvent& event) override {
    // The level and the logger are part of the text because spdlog's names are not Kafka's.
    const std::string text =
        fmt::format("{} {} ({})", kafka_name(event.level), event.text, event.logger);
    const spdlog::log_clock::time_point time{
        std::chrono::duration_cast<spdlog::log_clock::duration>(wall_().time_since_epoch())};
    sink_.log(spdlog::details::log_msg(time, spdlog::source_loc{}, "", spdlog::level::info,
                                       {text.data(), text.size()}));
  }

 private:
  std::function<Timestamp()> wall_;
  spdlog::sinks::stderr_sink_mt sink_;
};

}  // namespace

std::unique_ptr<LogSink> standard_error_sink(std::function<Timestamp()> wall) {
  return std::make_unique<StandardErrorSink>(std::move(wall));
}

std::optional<std::uint64_t> RateLimit::admit(Instant now) {
  if (!window_start_ || now - *window_start_ >= window_) {
    window_start_ = now;
    said_ = 0;
  }
  if (said_ == burst_) {
    ++silenced_;
    return std::nullopt;
  }
  ++said_;
  return std::exchange(silenced_, 0);
}

void Logger::say(Level level, fmt::string_view format, fmt::format_args args) const {
  const std::string text = fmt::vformat(format, args);
  sink_->write({level, name_, text});
}

void Logger::say_after(std::uint64_t silenced, fmt::string_view format,
                       fmt::format_args args) const {
  std::string text = fmt::vformat(format, args);
  if (silenced > 0) text += fmt::format(" ({} similar lines left out before this one)", silenced);
  sink_->write({Level::warn, name_, text});
}

std::string printable(std::string_view text, std::size_t size_max) {
  constexpr char k_first_printable = ' ';
  constexpr char k_last_printable = '~';
  std::string out;
  for (const char c : text.substr(0, size_max)) {
    if (c >= k_first_printable && c <= k_last_printable && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > size_max) out += "...";
  return out;
}

}  // namespace moldau::telemetry
