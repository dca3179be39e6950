#include "cli/console_lines.h"

#include <array>

namespace moldau::cli {
namespace {

void take(const PropertyMap& properties, std::string_view key, std::string& into) {
  if (const auto found = properties.find(key); found != properties.end()) into = found->second;
}

}  // namespace

Result<LineReader> LineReader::from(const PropertyMap& properties) {
  LineReader out;
  out.parse_key_ = is_true(properties, "parse.key", false);
  out.parse_headers_ = is_true(properties, "parse.headers", false);
  out.ignore_error_ = is_true(properties, "ignore.error", false);
  take(properties, "key.separator", out.key_separator_);
  take(properties, "headers.delimiter", out.headers_delimiter_);
  take(properties, "headers.separator", out.headers_separator_);
  take(properties, "headers.key.separator", out.headers_key_separator_);
  if (const auto found = properties.find("null.marker"); found != properties.end()) {
    out.null_marker_ = found->second;
  }
  struct Pair {
    std::string_view first, second;
    bool equal;
  };
  const auto is_null = [&](const std::string& text) { return out.null_marker_ == text; };
  const std::array pairs{
      Pair{"headers.delimiter", "headers.separator",
           out.headers_delimiter_ == out.headers_separator_},
      Pair{"headers.delimiter", "headers.key.separator",
           out.headers_delimiter_ == out.headers_key_separator_},
      Pair{"headers.separator", "headers.key.separator",
           out.headers_separator_ == out.headers_key_separator_},
      Pair{"null.marker", "key.separator", is_null(out.key_separator_)},
      Pair{"null.marker", "headers.separator", is_null(out.headers_separator_)},
      Pair{"null.marker", "headers.delimiter", is_null(out.headers_delimiter_)},
      Pair{"null.marker", "headers.key.separator", is_null(out.headers_key_separator_)},
  };
  for (const Pair& pair : pairs) {
    if (pair.equal) {
      return fail(Errc::bad_configuration, "{} and {} may not be equal", pair.first, pair.second);
    }
  }
  return out;
}

std::optional<std::vector<std::byte>> LineReader::bytes_of(std::string_view text) const {
  if (null_marker_ == text) return std::nullopt;
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return std::vector<std::byte>(data, data + text.size());
}

Result<std::optional<std::string_view>> LineReader::part(bool wanted, std::string_view line,
                                                         std::size_t from, std::string_view end,
                                                         std::string_view name) const {
  if (!wanted) return std::optional<std::string_view>{};
  const std::size_t at = line.find(end, from);
  if (at != std::string_view::npos) return std::optional{line.substr(from, at - from)};
  if (ignore_error_) return std::optional<std::string_view>{};
  return fail(Errc::invalid_record, "No {} found on line number {}: '{}'", name, line_number_,
              line);
}

Result<std::vector<client::Header>> LineReader::headers_of(std::string_view text) const {
  std::vector<std::string_view> pairs;
  std::size_t at = 0;
  while (!headers_separator_.empty()) {
    const std::size_t end = text.find(headers_separator_, at);
    if (end == std::string_view::npos) break;
    pairs.push_back(text.substr(at, end - at));
    at = end + headers_separator_.size();
  }
  pairs.push_back(text.substr(at));
  while (pairs.size() > 1 && pairs.back().empty()) pairs.pop_back();  // as Java's split does
  std::vector<client::Header> out;
  for (const std::string_view pair : pairs) {
    const std::size_t middle = pair.find(headers_key_separator_);
    if (middle == std::string_view::npos) {
      if (!ignore_error_) {
        return fail(Errc::invalid_record,
                    "No header key separator found in pair '{}' on line number {}", pair,
                    line_number_);
      }
      out.push_back({std::string(pair), std::nullopt});
      continue;
    }
    const std::string_view key = pair.substr(0, middle);
    if (null_marker_ == key) {
      return fail(Errc::invalid_record,
                  "Header keys should not be equal to the null marker '{}' as they can't be null",
                  key);
    }
    out.push_back(
        {std::string(key), bytes_of(pair.substr(middle + headers_key_separator_.size()))});
  }
  return out;
}

Result<client::OutgoingRecord> LineReader::read(std::string_view line) {
  ++line_number_;
  TRY(const std::optional<std::string_view> headers,
      part(parse_headers_, line, 0, headers_delimiter_, "headers delimiter"));
  std::size_t at = headers ? headers->size() + headers_delimiter_.size() : 0;
  TRY(const std::optional<std::string_view> key,
      part(parse_key_, line, at, key_separator_, "key separator"));
  if (key) at += key->size() + key_separator_.size();
  client::OutgoingRecord record;
  if (key) record.key = bytes_of(*key);
  record.value = bytes_of(line.substr(at));
  if (headers && null_marker_ != *headers) {
    TRY(record.headers, headers_of(*headers));
  }
  return record;
}

}  // namespace moldau::cli
