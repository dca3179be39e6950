#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.h"
#include "base/uuid.h"
#include "protocol/records.h"
#include "protocol/tables.h"
#include "protocol/tagged.h"

// How the walkers of the tables (codec, protojson) reach into a message that they know only by its
// table. Nobody else needs this.
namespace moldau::protocol {

[[nodiscard]] inline const std::byte* at(const void* object, std::size_t offset) {
  return static_cast<const std::byte*>(object) + offset;
}
[[nodiscard]] inline std::byte* at(void* object, std::size_t offset) {
  return static_cast<std::byte*>(object) + offset;
}

// Numbers; ids, durations and timestamps are their one number in memory.
template <class T>
[[nodiscard]] T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void store(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
template <class T>
[[nodiscard]] const T& as(const void* value) {
  return *static_cast<const T*>(value);
}
template <class T>
[[nodiscard]] T& as(void* value) {
  return *static_cast<T*>(value);
}

[[nodiscard]] inline bool is_fixed(Wire wire) { return wire < Wire::text; }
[[nodiscard]] inline bool is_text(Wire wire) {
  return wire >= Wire::text && wire <= Wire::text_view;
}
// Bytes on the wire; 0 for what has no fixed size.
[[nodiscard]] inline std::size_t fixed_size(Wire wire) {
  switch (wire) {
    case Wire::boolean:
    case Wire::i8:
      return 1;
    case Wire::i16:
    case Wire::u16:
    case Wire::error:
      return 2;
    case Wire::i32:
    case Wire::u32:
    case Wire::millis32:
      return 4;
    case Wire::i64:
    case Wire::f64:
      return 8;
    case Wire::uuid:
      return 16;
    case Wire::text:
    case Wire::text_cut:
    case Wire::text_view:
    case Wire::bytes:
    case Wire::records_view:
    case Wire::records:
    case Wire::structure:
      break;
  }
  return 0;
}

// A fixed value as a number: a double's bits, whether a uuid is not zero.
[[nodiscard]] inline std::int64_t load_number(Wire wire, const void* value) {
  switch (wire) {
    case Wire::boolean:
      return load<bool>(value) ? 1 : 0;
    case Wire::i8:
      return load<std::int8_t>(value);
    case Wire::i16:
    case Wire::error:
      return load<std::int16_t>(value);
    case Wire::u16:
      return load<std::uint16_t>(value);
    case Wire::i32:
      return load<std::int32_t>(value);
    case Wire::u32:
      return load<std::uint32_t>(value);
    case Wire::i64:
    case Wire::f64:
    case Wire::millis32:
      return load<std::int64_t>(value);
    case Wire::uuid:
      return as<Uuid>(value).is_zero() ? 0 : 1;
    case Wire::text:
    case Wire::text_cut:
    case Wire::text_view:
    case Wire::bytes:
    case Wire::records_view:
    case Wire::records:
    case Wire::structure:
      break;
  }
  return 0;
}

// A code that we do not know stays the number it is, so that it can be passed on; one that collides
// with our internal conditions becomes unknown_server_error.
[[nodiscard]] Errc errc_of_wire(std::int16_t code);
[[nodiscard]] std::int16_t wire_of_errc(Errc errc);
// The text or bytes of a value of variable size. REQUIRES: no list, no splice.
[[nodiscard]] Bytes content(Wire wire, const void* value);
[[nodiscard]] std::size_t content_size(Wire wire, const void* value);
// The value that a field holds, or nullptr when it is null.
[[nodiscard]] const void* present(const FieldFacts& field, const void* holder);
// Whether a field is as a default-constructed struct has it.
[[nodiscard]] bool is_default_other(const FieldFacts& field, const void* object);
[[nodiscard]] inline bool is_default(const FieldFacts& field, const void* object) {
  if (!is_fixed(field.wire) || field.list != nullptr) return is_default_other(field, object);
  return load_number(field.wire, at(object, field.offset)) == field.default_value;
}
// Equality of all fields, unknown tags included; bytes and views by content.
[[nodiscard]] bool equal(const StructFacts& facts, const void* a, const void* b);

}  // namespace moldau::protocol
