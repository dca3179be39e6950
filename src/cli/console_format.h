#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/console_settings.h"
#include "client/record.h"

namespace moldau::cli {

// How a value is written; the classes that Kafka's own serializers have names for.
enum class Deserializer : std::uint8_t {
  text,
  int16,
  int32,
  int64,
  float32,
  float64,
  flag,
  uuid,
  bytes,
  buffer,
  nothing
};
// Whether Kafka has a deserializer of this class.
[[nodiscard]] bool is_deserializer(std::string_view class_name);

// Writes records as text for the console consumer.
// Context: pure.
// Source:  DefaultMessageFormatter and its neighbours in org.apache.kafka.tools.consumer.
class MessageFormatter {
 public:
  // `class_name` is Kafka's name for the formatter, today's or an older one.
  // Errors: invalid_request, the text being the class name, for a formatter that there is not;
  // bad_configuration for an unknown deserializer.
  [[nodiscard]] static Result<MessageFormatter> from(std::string_view class_name,
                                                     const PropertyMap& properties);
  // Appends the record to `out`. Errors: invalid_record (a value that the deserializer refuses),
  // invalid_request (one that Java calls an illegal argument); what was written before it stays in
  // `out`, as in Kafka.
  [[nodiscard]] Result<void> write(const client::IncomingRecord& record, PartitionIndex partition,
                                   std::string& out) const;

 private:
  enum class Kind : std::uint8_t { columns, nothing, offsets, group_metadata, transactions };
  [[nodiscard]] Result<void> write_columns(const client::IncomingRecord& record,
                                           PartitionIndex partition, std::string& out) const;
  [[nodiscard]] Result<void> write_headers(const client::IncomingRecord& record,
                                           std::string& out) const;

  Kind kind_ = Kind::columns;
  bool timestamp_ = false;
  bool partition_ = false;
  bool offset_ = false;
  bool delivery_ = false;
  bool epoch_ = false;
  bool headers_ = false;
  bool key_ = false;
  bool value_ = true;
  std::string key_separator_ = "\t";
  std::string line_separator_ = "\n";
  std::string headers_separator_ = ",";
  std::string null_literal_ = "null";
  Deserializer key_reader_ = Deserializer::text;
  Deserializer value_reader_ = Deserializer::text;
  Deserializer headers_reader_ = Deserializer::text;
};

}  // namespace moldau::cli
