#pragma once
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/tables.h"

// Messages and records as JSON, in the form that Kafka's own converters use (kafka-dump-log, the
// metadata shell, request logs): names in lowerCamel in the order of the schema, bytes as base64,
// uuids as url-safe base64, a tagged field left out at its default, nothing that the version lacks.
// Source: JsonConverterGenerator of Apache Kafka.
namespace moldau::protojson {

using Json = nlohmann::ordered_json;

// Kafka writes record batches as an empty string; we write what they are, or their size alone as
// `recordsSizeInBytes` where it does that too (KIP-673).
enum class RecordsAs : std::uint8_t { base64, size_in_bytes };

// Splices have no bytes here and are written as their size.
[[nodiscard]] Json to_json(const protocol::MessageFacts& facts, const void* message,
                           ApiVersion version, RecordsAs records = RecordsAs::base64);

// Keeps what the views of a message point to.
struct Storage {
  std::deque<std::string> texts;
  std::deque<std::vector<std::byte>> bytes;
};

// Fills `message`, a default-constructed one. Unknown names are passed over, as in Kafka.
// Errors: invalid_request, naming the field: missing though no tagged one, of the wrong type, out
// of range, null where it may not be; unsupported_version.
[[nodiscard]] Result<void> from_json(const protocol::MessageFacts& facts, const Json& json,
                                     ApiVersion version, void* message, Storage& storage);

// `auto`, as Json is only declared here; callers include nlohmann/json.hpp.
template <class T>
[[nodiscard]] auto to_json(const T& message, ApiVersion version,
                           RecordsAs records = RecordsAs::base64) {
  return to_json(T::k_message, &message, version, records);
}
template <class T>
[[nodiscard]] Result<T> from_json(const Json& json, ApiVersion version, Storage& storage) {
  Result<T> message{std::in_place};
  if (auto done = from_json(T::k_message, json, version, &*message, storage); !done)
    return fail(std::move(done).error());
  return message;
}

}  // namespace moldau::protojson
