#include "cli/reset_plan.h"

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

namespace moldau::cli {
namespace {

// The cells of one line; a quoted one may hold commas, and a doubled quote is one.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

template <class T>
std::optional<T> number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  T value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct PlanLine {
  std::string group;
  client::TopicPartition partition;
  Offset offset;
};

Result<PlanLine> read_line(std::string_view line, bool with_group) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::vector<std::string> cells = cells_of(line);
  const std::size_t first = with_group ? 1 : 0;
  if (cells.size() != first + 3) {
    return fail(Errc::bad_configuration, "{} columns in the line \"{}\": expected {}", cells.size(),
                line, with_group ? "group,topic,partition,offset" : "topic,partition,offset");
  }
  const auto partition = number<std::int32_t>(cells[first + 1]);
  if (!partition) {
    return fail(
        Errc::bad_configuration,
        "Cannot deserialize value of type `int` from String \"{}\": not a valid `int` value",
        cells[first + 1]);
  }
  const auto offset = number<std::int64_t>(cells[first + 2]);
  if (!offset) {
    return fail(Errc::bad_configuration,
                "Cannot deserialize value of type `long` from String \"{}\": not a valid `long` "
                "value",
                cells[first + 2]);
  }
  return PlanLine{
      with_group ? cells[0] : "", {cells[first], PartitionIndex{*partition}}, Offset{*offset}};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n ") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

// Digits of exactly this many places, then `behind`.
std::optional<int> take(std::string_view& text, std::size_t places, char behind) {
  if (text.size() < places + (behind == 0 ? 0U : 1U)) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < places; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  if (behind != 0 && text[places] != behind) return std::nullopt;
  text.remove_prefix(places + (behind == 0 ? 0U : 1U));
  return value;
}

// "Z", "+01:00", "+0100" or "+01", as minutes.
std::optional<int> zone_of(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take(text, 2, 0);
  if (!hours) return std::nullopt;
  if (text.starts_with(':')) text.remove_prefix(1);
  std::optional<int> minutes = 0;
  if (!text.empty()) minutes = take(text, 2, 0);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

Result<ResetPlan> read_plan(std::string_view csv, const std::string& only_group) {
  const std::vector<std::string_view> lines = lines_of(csv);
  const bool short_form = !only_group.empty() && !lines.empty() && read_line(lines[0], false);
  ResetPlan plan;
  for (const std::string_view line : lines) {
    TRY(const PlanLine one, read_line(line, !short_form));
    plan[short_form ? only_group : one.group][one.partition] = one.offset;
  }
  return plan;
}

std::string plan_text(const ResetPlan& plan, bool with_group) {
  std::string out;
  for (const auto& [group, offsets] : plan) {
    for (const auto& [partition, offset] : offsets) {
      if (with_group) out += cell(group) + ",";
      out += fmt::format("{},{},{}\n", cell(partition.topic), partition.partition, offset);
    }
  }
  return out;
}

Result<Timestamp> parse_datetime(const std::string& text) {
  namespace chr = std::chrono;
  const std::size_t t = text.find('T');
  if (t == std::string::npos || t + 1 == text.size()) {
    return fail(Errc::bad_configuration,
                "java.text.ParseException: Error parsing timestamp. It does not contain a 'T' "
                "according to ISO8601 format");
  }
  std::string whole = text;
  if (text.find_first_of("+-Z", t) == std::string::npos) whole += "Z";
  std::string_view left = whole;
  const auto year = take(left, 4, '-');
  const auto month = year ? take(left, 2, '-') : std::nullopt;
  const auto day = month ? take(left, 2, 'T') : std::nullopt;
  const auto hour = day ? take(left, 2, ':') : std::nullopt;
  const auto minute = hour ? take(left, 2, ':') : std::nullopt;
  const auto second = minute ? take(left, 2, '.') : std::nullopt;
  const auto millis = second ? take(left, 3, 0) : std::nullopt;
  const auto zone = millis ? zone_of(left) : std::nullopt;
  const chr::year_month_day date{chr::year{year.value_or(0)},
                                 chr::month{static_cast<unsigned>(month.value_or(0))},
                                 chr::day{static_cast<unsigned>(day.value_or(0))}};
  if (!zone || !date.ok() || *hour > 23 || *minute > 59 || *second > 59) {
    return fail(Errc::bad_configuration, "java.text.ParseException: Unparseable date: \"{}\"",
                whole);
  }
  const auto at = chr::sys_days{date} + chr::hours{*hour} + chr::minutes{*minute - *zone} +
                  chr::seconds{*second} + chr::milliseconds{*millis};
  return timestamp_of(at.time_since_epoch() / chr::milliseconds{1});
}

}  // namespace moldau::cli
