#include "config/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "config/keys.h"

namespace moldau::config {
namespace {

// Java's split("\\s*,\\s*") knows these blanks.
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

// One "<number><unit>" of a duration; moves `text` behind it.
std::optional<double> take_part(std::string_view& text, char unit, bool fraction) {
  std::size_t end = 0;
  if (end < text.size() && (text[end] == '-' || text[end] == '+')) ++end;
  const std::size_t digits = end;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  if (end == digits) return std::nullopt;
  std::size_t number_end = end;
  if (fraction && end < text.size() && (text[end] == '.' || text[end] == ',')) {
    ++end;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end - number_end > 10) return std::nullopt;  // at most 9 digits behind the point
    number_end = end;
  }
  if (end >= text.size() || (text[end] | 0x20) != (unit | 0x20)) return std::nullopt;
  std::string number(text.substr(0, number_end));
  for (char& c : number)
    if (c == ',') c = '.';
  text.remove_prefix(end + 1);
  return std::strtod(number.c_str(), nullptr);
}

}  // namespace

std::string_view java_trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t low,
                                          std::int64_t high) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < low || value > high) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  text = java_trim(text);
  double sign = 1;
  if (text.starts_with('+') || text.starts_with('-')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (text.empty() || !(text.front() == '.' || (text.front() >= '0' && text.front() <= '9')))
    return std::nullopt;
  const char last = text.back();
  if (text.size() > 1 && (last == 'f' || last == 'F' || last == 'd' || last == 'D'))
    text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Java rounds to infinity or to zero; the exponent's sign tells which.
    const bool tiny = text.find("e-") != std::string_view::npos ||
                      text.find("E-") != std::string_view::npos || text.starts_with("0.");
    return sign * (tiny ? 0.0 : std::numeric_limits<double>::infinity());
  }
  if (error != std::errc{}) return std::nullopt;
  return sign * value;
}

std::optional<IsoDuration> parse_iso_duration(std::string_view text) {
  double sign = 1;
  if (text.starts_with('-') || text.starts_with('+')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text.empty() || (text.front() | 0x20) != 'p') return std::nullopt;
  text.remove_prefix(1);
  IsoDuration sum;
  bool any = false;
  const auto take = [&](char unit, double seconds, bool fraction) {
    if (const auto part = take_part(text, unit, fraction)) {
      sum.seconds += *part * seconds;
      any = true;
    }
  };
  take('d', 86'400, false);
  if (!text.empty() && (text.front() | 0x20) == 't') {
    text.remove_prefix(1);
    any = false;
    take('h', 3'600, false);
    take('m', 60, false);
    take('s', 1, true);
  }
  if (!any || !text.empty()) return std::nullopt;
  sum.seconds *= sign;
  return sum;
}

std::vector<std::string_view> java_split(std::string_view text) {
  std::vector<std::string_view> items;
  const bool is_empty = text.empty();
  while (true) {
    const std::size_t comma = text.find(',');
    items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  while (!is_empty && !items.empty() && items.back().empty()) items.pop_back();
  return items;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  text = java_trim(text);
  if (text.empty()) return items;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (!item.empty() && is_blank(item.back())) item.remove_suffix(1);
    items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  }
}

std::string joined(const std::vector<std::string>& items, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += between;
    text += items[i];
  }
  return text;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string java_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  // The shortest digits that read back equal, as "d.ddde±xx"; but never fewer than two, which
  // shows at 4.9E-324.
  char buffer[64];
  const double magnitude = std::fabs(value);
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific).ptr;
  if (buffer[1] == 'e')
    end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific, 1)
              .ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  digits += text.substr(2, e - 2);
  if (digits.ends_with('0')) digits.pop_back();
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  std::string result = value < 0 ? "-" : "";
  if (exponent < -3 || exponent >= 7) {
    result += digits.substr(0, 1) + ".";
    result += digits.size() > 1 ? digits.substr(1) : "0";
    return result + "E" + std::to_string(exponent);
  }
  if (exponent < 0)
    return result + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) digits.append(whole - digits.size() + 1, '0');
  return result + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace moldau::config
