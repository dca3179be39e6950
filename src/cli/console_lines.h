#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/console_settings.h"
#include "client/record.h"

namespace moldau::cli {

// How a line of text becomes a record: headers, then key, then value, each part when asked for.
// Errors carry Kafka's words and name the line, counted from 1.
// Context: pure.
// Source:  org.apache.kafka.tools.LineMessageReader. Unlike there, headers.separator is no pattern.
class LineReader {
 public:
  // Reads parse.key, key.separator, parse.headers, headers.delimiter, headers.separator,
  // headers.key.separator, ignore.error and null.marker; other properties are left alone.
  // Errors: bad_configuration when two separators are the same.
  [[nodiscard]] static Result<LineReader> from(const PropertyMap& properties);
  // Errors: invalid_record; none with ignore.error.
  [[nodiscard]] Result<client::OutgoingRecord> read(std::string_view line);

 private:
  [[nodiscard]] Result<std::optional<std::string_view>> part(bool wanted, std::string_view line,
                                                             std::size_t from, std::string_view end,
                                                             std::string_view name) const;
  [[nodiscard]] Result<std::vector<client::Header>> headers_of(std::string_view text) const;
  [[nodiscard]] std::optional<std::vector<std::byte>> bytes_of(std::string_view text) const;

  bool parse_key_ = false;
  bool parse_headers_ = false;
  bool ignore_error_ = false;
  std::string key_separator_ = "\t";
  std::string headers_delimiter_ = "\t";
  std::string headers_separator_ = ",";
  std::string headers_key_separator_ = ":";
  std::optional<std::string> null_marker_;
  std::int64_t line_number_ = 0;
};

}  // namespace moldau::cli
