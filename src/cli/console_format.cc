#include "cli/console_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "bytes/endian.h"
#include "cli/java_text.h"
#include "protocol/data/group_metadata_key.h"
#include "protocol/data/group_metadata_value.h"
#include "protocol/data/legacy_offset_commit_key.h"
#include "protocol/data/legacy_offset_commit_value.h"
#include "protocol/data/offset_commit_key.h"
#include "protocol/data/offset_commit_value.h"
#include "protocol/data/transaction_log_key.h"
#include "protocol/data/transaction_log_value.h"
#include "protojson/json.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

struct NamedDeserializer {
  std::string_view name;
  Deserializer which;
};
constexpr auto k_deserializers = std::to_array<NamedDeserializer>({
    {"StringDeserializer", Deserializer::text},
    {"ByteArrayDeserializer", Deserializer::text},
    {"ShortDeserializer", Deserializer::int16},
    {"IntegerDeserializer", Deserializer::int32},
    {"LongDeserializer", Deserializer::int64},
    {"FloatDeserializer", Deserializer::float32},
    {"DoubleDeserializer", Deserializer::float64},
    {"BooleanDeserializer", Deserializer::flag},
    {"UUIDDeserializer", Deserializer::uuid},
    {"BytesDeserializer", Deserializer::bytes},
    {"ByteBufferDeserializer", Deserializer::buffer},
    {"VoidDeserializer", Deserializer::nothing},
});
constexpr std::string_view k_package = "org.apache.kafka.common.serialization.";

Result<Deserializer> deserializer_of(const PropertyMap& properties, std::string_view key) {
  const auto found = properties.find(key);
  if (found == properties.end()) return Deserializer::text;
  std::string_view name = found->second;
  if (name.starts_with(k_package)) name.remove_prefix(k_package.size());
  for (const NamedDeserializer& known : k_deserializers) {
    if (known.name == name) return known.which;
  }
  return fail(Errc::bad_configuration, "Unable to instantiate a deserializer from {}",
              found->second);
}

template <class T>
Result<void> write_number(Bytes bytes, std::string_view name, std::string& out) {
  if (bytes.size() != sizeof(T)) {
    return fail(Errc::invalid_record, "Size of data received by {} is not {}", name, sizeof(T));
  }
  out += std::to_string(load_big<T>(bytes.data()));
  return {};
}

template <class T, class Bits>
Result<void> write_real(Bytes bytes, std::string& out) {
  if (bytes.size() != sizeof(T)) {
    return fail(Errc::invalid_record, "Size of data received by Deserializer is not {}", sizeof(T));
  }
  out += java_number(std::bit_cast<T>(load_big<Bits>(bytes.data())));
  return {};
}

// UUID.fromString takes numbers of any length between four dashes, and keeps their last digits.
Result<void> write_uuid(std::string_view text, std::string& out) {
  constexpr std::size_t k_text_max = 36;
  constexpr auto k_digits = std::to_array<std::size_t>({8, 4, 4, 4, 12});
  const std::unexpected<Error> refused = fail(Errc::invalid_record, "Error parsing data into UUID");
  if (text.size() > k_text_max || std::ranges::count(text, '-') + 1 != std::ssize(k_digits)) {
    return refused;
  }
  std::string uuid;
  for (const std::size_t digits : k_digits) {
    const std::string_view part = text.substr(0, text.find('-'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), number, 16);
    if (problem != std::errc{} || end != part.data() + part.size()) return refused;
    const std::string all = fmt::format("{:016x}", number);
    uuid += (uuid.empty() ? "" : "-") + all.substr(all.size() - digits);
  }
  out += uuid;
  return {};
}

// As org.apache.kafka.common.utils.Bytes shows itself.
void write_bytes(Bytes bytes, std::string& out) {
  for (const std::byte byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c >= ' ' && c <= '~' && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02X}", std::to_integer<unsigned>(byte));
    }
  }
}

Result<void> write_value(Deserializer as, Bytes bytes, std::string& out) {
  switch (as) {
    case Deserializer::text:
      out += as_text(bytes);
      return {};
    case Deserializer::int16:
      return write_number<std::int16_t>(bytes, "ShortDeserializer", out);
    case Deserializer::int32:
      return write_number<std::int32_t>(bytes, "IntegerDeserializer", out);
    case Deserializer::int64:
      return write_number<std::int64_t>(bytes, "LongDeserializer", out);
    case Deserializer::float32:
      return write_real<float, std::uint32_t>(bytes, out);
    case Deserializer::float64:
      return write_real<double, std::uint64_t>(bytes, out);
    case Deserializer::flag:
      if (bytes.size() != 1) {
        return fail(Errc::invalid_record, "Size of data received by BooleanDeserializer is not 1");
      }
      out += bytes[0] == std::byte{0} ? "false" : "true";
      return {};
    case Deserializer::uuid:
      return write_uuid(as_text(bytes), out);
    case Deserializer::bytes:
      write_bytes(bytes, out);
      return {};
    case Deserializer::buffer:
      out += fmt::format("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.size());
      return {};
    case Deserializer::nothing:
      return fail(Errc::invalid_request, "Data should be null for a VoidDeserializer.");
  }
  return {};
}

struct Coordinated {
  std::optional<Bytes> key, value;
  std::string& out;
};

std::optional<ApiVersion> version_at_front(Bytes bytes) {
  if (bytes.size() < sizeof(std::int16_t)) return std::nullopt;
  return ApiVersion{load_big<std::int16_t>(bytes.data())};
}

// {"key":{"type":1,"data":{...}},"value":{"version":4,"data":{...}}}, as Kafka without a line end.
template <class Key, class Value>
Result<void> write_coordinated(const Coordinated& record) {
  constexpr std::size_t k_prefix = sizeof(std::int16_t);
  TRY(const Key key, Key::decode(record.key->subspan(k_prefix), ApiVersion{0}));
  protojson::Json json;
  json["key"] = {{"type", Key::k_id}, {"data", protojson::to_json(key, ApiVersion{0})}};
  json["value"] = nullptr;
  if (record.value) {
    const std::optional<ApiVersion> version = version_at_front(*record.value);
    if (!version || !Value::k_versions.contains(*version)) {
      return fail(Errc::invalid_record, "The value has a version that is not known");
    }
    TRY(const Value value, Value::decode(record.value->subspan(k_prefix), *version));
    json["value"] = {{"version", version->value()}, {"data", protojson::to_json(value, *version)}};
  }
  record.out += protojson::json_text(json);
  return {};
}

}  // namespace

bool is_deserializer(std::string_view class_name) {
  if (class_name.starts_with(k_package)) class_name.remove_prefix(k_package.size());
  return std::ranges::find(k_deserializers, class_name, &NamedDeserializer::name) !=
         k_deserializers.end();
}

Result<MessageFormatter> MessageFormatter::from(std::string_view class_name,
                                                const PropertyMap& properties) {
  struct NamedKind {
    std::string_view name;
    Kind kind;
  };
  // The last part of the name is enough: packages moved, classes kept their names.
  constexpr auto k_kinds = std::to_array<NamedKind>({
      {"DefaultMessageFormatter", Kind::columns},
      {"LoggingMessageFormatter", Kind::columns},  // the logger's lines go nowhere by default
      {"NoOpMessageFormatter", Kind::nothing},
      {"OffsetsMessageFormatter", Kind::offsets},
      {"GroupMetadataMessageFormatter", Kind::group_metadata},
      {"TransactionLogMessageFormatter", Kind::transactions},
  });
  const std::size_t last = class_name.find_last_of(".$");
  const std::string_view name = class_name.substr(last == std::string_view::npos ? 0 : last + 1);
  const auto* const found = std::ranges::find(k_kinds, name, &NamedKind::name);
  if (found == k_kinds.end() ||
      (!class_name.starts_with("org.apache.kafka.") && !class_name.starts_with("kafka."))) {
    return fail(Errc::invalid_request, "{}", class_name);
  }
  MessageFormatter out;
  out.kind_ = found->kind;
  out.timestamp_ = is_true(properties, "print.timestamp", false);
  out.partition_ = is_true(properties, "print.partition", false);
  out.offset_ = is_true(properties, "print.offset", false);
  out.delivery_ = is_true(properties, "print.delivery", false);
  out.epoch_ = is_true(properties, "print.epoch", false);
  out.headers_ = is_true(properties, "print.headers", false);
  out.key_ = is_true(properties, "print.key", false);
  out.value_ = is_true(properties, "print.value", true);
  const auto take = [&](std::string_view key, std::string& into) {
    if (const auto it = properties.find(key); it != properties.end()) into = it->second;
  };
  take("key.separator", out.key_separator_);
  take("line.separator", out.line_separator_);
  take("headers.separator", out.headers_separator_);
  take("null.literal", out.null_literal_);
  TRY(out.key_reader_, deserializer_of(properties, "key.deserializer"));
  TRY(out.value_reader_, deserializer_of(properties, "value.deserializer"));
  TRY(out.headers_reader_, deserializer_of(properties, "headers.deserializer"));
  return out;
}

Result<void> MessageFormatter::write_headers(const client::IncomingRecord& record,
                                             std::string& out) const {
  if (record.headers.empty()) out += "NO_HEADERS";
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    const client::Header& header = record.headers[i];
    if (i > 0) out += headers_separator_;
    out += header.key + ":";
    TRY_OK(write_value(headers_reader_,
                       header.value ? Bytes(*header.value) : as_bytes(null_literal_), out));
  }
  return {};
}

Result<void> MessageFormatter::write_columns(const client::IncomingRecord& record,
                                             PartitionIndex partition, std::string& out) const {
  const auto part = [&](bool last) { out += last ? line_separator_ : key_separator_; };
  // Whether a column follows each of them, from the right.
  const bool after_headers = key_ || value_;
  const bool after_epoch = headers_ || after_headers;
  const bool after_delivery = epoch_ || after_epoch;
  const bool after_offset = delivery_ || after_delivery;
  const bool after_partition = offset_ || after_offset;
  const bool after_timestamp = partition_ || after_partition;
  const auto bytes_of = [&](const std::optional<SharedBytes>& bytes) {
    return bytes ? bytes->view() : as_bytes(null_literal_);
  };
  if (timestamp_) {
    out += record.timestamp == k_no_timestamp
               ? std::string("NO_TIMESTAMP")
               : fmt::format("{}:{}", record.log_append_time ? "LogAppendTime" : "CreateTime",
                             to_millis(record.timestamp));
    part(!after_timestamp);
  }
  if (partition_) {
    out += fmt::format("Partition:{}", partition);
    part(!after_partition);
  }
  if (offset_) {
    out += fmt::format("Offset:{}", record.offset);
    part(!after_offset);
  }
  // Kafka's consumer loses these two on the way to its formatter.
  if (delivery_) {
    out += "Delivery:NOT_PRESENT";
    part(!after_delivery);
  }
  if (epoch_) {
    out += "Epoch:NOT_PRESENT";
    part(!after_epoch);
  }
  if (headers_) {
    TRY_OK(write_headers(record, out));
    part(!after_headers);
  }
  if (key_) {
    TRY_OK(write_value(key_reader_, bytes_of(record.key), out));
    part(!value_);
  }
  if (value_) {
    TRY_OK(write_value(value_reader_, bytes_of(record.value), out));
    part(true);
  }
  return {};
}

Result<void> MessageFormatter::write(const client::IncomingRecord& record, PartitionIndex partition,
                                     std::string& out) const {
  if (kind_ == Kind::columns) return write_columns(record, partition, out);
  if (kind_ == Kind::nothing || !record.key) return {};
  const std::optional<ApiVersion> type = version_at_front(record.key->view());
  if (!type) return {};
  Coordinated parts{record.key->view(), std::nullopt, out};
  if (record.value) parts.value = record.value->view();
  const auto is = [&](Kind kind, std::int16_t id) { return kind_ == kind && type->value() == id; };
  using namespace protocol;
  Result<void> done;
  if (is(Kind::offsets, LegacyOffsetCommitKey::k_id)) {
    done = write_coordinated<LegacyOffsetCommitKey, LegacyOffsetCommitValue>(parts);
  } else if (is(Kind::offsets, OffsetCommitKey::k_id)) {
    done = write_coordinated<OffsetCommitKey, OffsetCommitValue>(parts);
  } else if (is(Kind::group_metadata, GroupMetadataKey::k_id)) {
    done = write_coordinated<GroupMetadataKey, GroupMetadataValue>(parts);
  } else if (is(Kind::transactions, TransactionLogKey::k_id)) {
    done = write_coordinated<TransactionLogKey, TransactionLogValue>(parts);
  }
  if (done) return {};
  return fail(Errc::invalid_record, "Could not read record at offset {} due to: {}", record.offset,
              done.error().describe());
}

}  // namespace moldau::cli
