#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "bytes/writer.h"

namespace moldau::coordinator {

// One record of a coordinator's topic as Kafka writes it: the key begins with the record type and
// the value with its version, both int16; no value: a tombstone.
// Source: CoordinatorRecord, CoordinatorRecordSerde.
struct Record {
  std::vector<std::byte> key;
  std::optional<std::vector<std::byte>> value;
  bool operator==(const Record&) const = default;
};

// Who wrote a record inside of a transaction.
struct Producer {
  ProducerId id;
  ProducerEpoch epoch;
  bool operator==(const Producer&) const = default;
};

template <class Key>
[[nodiscard]] std::vector<std::byte> encode_key(const Key& key) {
  Writer writer;
  writer.i16(Key::k_id);
  key.encode(writer, ApiVersion{0});
  return writer.take();
}

// `version` is the value's; keys have the one version 0.
template <class Key, class Value>
[[nodiscard]] Record make_record(const Key& key, const Value& value, ApiVersion version) {
  Writer writer;
  writer.i16(version.value());
  value.encode(writer, version);
  return {.key = encode_key(key), .value = writer.take()};
}

template <class Key>
[[nodiscard]] Record make_tombstone(const Key& key) {
  return {.key = encode_key(key), .value = std::nullopt};
}

}  // namespace moldau::coordinator
