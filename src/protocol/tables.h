#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/versions.h"

// The tables that tools/codegen makes from schema/, one row for each field. One decoder, one
// encoder (codec.h) and one JSON converter (module protojson) walk them, so a message costs a
// struct and a table, not code. Callers of messages need none of this.
namespace moldau::protocol {

// Form on the wire and type in memory of one value.
enum class Wire : std::uint8_t {
  boolean,  // bool
  i8,
  i16,
  u16,
  i32,
  u32,
  i64,
  f64,
  uuid,
  error,         // Errc, its wire code as int16
  millis32,      // Milliseconds, as int32
  text,          // std::string
  text_cut,      // std::string, cut off at k_text_bytes_max when written
  text_view,     // std::string_view into the decoded bytes
  bytes,         // std::vector<std::byte>
  records_view,  // std::optional<Bytes> into the decoded bytes
  records,       // Records
  structure,     // a generated struct
};

struct Versions {
  std::int8_t first = 1;
  std::int8_t last = 0;
  [[nodiscard]] constexpr bool contains(int version) const {
    return first <= version && version <= last;
  }
};

// What the walker does to a std::vector<T> without knowing T.
struct ListOps {
  std::size_t stride;
  std::size_t (*size)(const void* list);
  const void* (*data)(const void* list);
  // Makes it `count` default elements, and gives the first.
  void* (*renew)(void* list, std::size_t count);
};
// The same for std::optional<T>.
struct OptionalOps {
  const void* (*get)(const void* optional);  // nullptr when empty
  void* (*emplace)(void* optional);
  void (*reset)(void* optional);
};

struct StructFacts;

struct FieldFacts {
  const char* name;  // as in Kafka's JSON: lowerCamel
  const StructFacts* of = nullptr;
  const ListOps* list = nullptr;          // set: a vector of `wire`
  const OptionalOps* optional = nullptr;  // set: std::optional around all that
  std::int64_t default_value = 0;         // of numbers; texts, lists and structs are empty or null
  std::uint16_t offset;                   // in the struct
  std::uint8_t place;                     // in order of the schema, which is that of JSON
  Wire wire;
  bool default_null = false;
  bool ignorable = false;  // dropped in versions without it; others must then be at their default
  bool never_compact = false;
  std::int8_t tag = -1;  // -1: not a tagged field
  Versions versions;
  Versions nullable;
};

struct StructFacts {
  const char* name;
  std::span<const FieldFacts> fields;  // in order of the wire; tagged ones by tag at the end
  std::uint16_t tagged_from;           // index of the first tagged one
  std::uint16_t unknown_tags;          // offset
  std::uint16_t size_min;              // bytes that the shortest value takes, in any version; >= 1

  [[nodiscard]] std::span<const FieldFacts> plain() const { return fields.first(tagged_from); }
  [[nodiscard]] std::span<const FieldFacts> tagged() const { return fields.subspan(tagged_from); }
};

struct MessageOps {
  void* (*create)();
  void (*destroy)(void* message);
};

enum class MessageKind : std::uint8_t { request, response, record };

struct MessageFacts {
  std::string_view name;
  MessageKind kind;
  std::int16_t id;  // API key, or record id; -1: none
  VersionRange versions;
  ApiVersion flexible_from;  // k_never_flexible: in no version
  const StructFacts* body;
  const MessageOps* ops;
  std::string_view family;  // of a record: the folder in schema/records

  // A default one, for those who know it only by its table.
  [[nodiscard]] std::unique_ptr<void, void (*)(void*)> make() const {
    return {ops->create(), ops->destroy};
  }

  [[nodiscard]] bool is_flexible(ApiVersion version) const { return version >= flexible_from; }
};

inline constexpr ApiVersion k_never_flexible{127};
// Tagged fields that one struct of the schema may have; the generator holds it.
inline constexpr std::size_t k_tags_known_max = 16;
// A string is at most this long in Kafka, in every version.
inline constexpr std::size_t k_text_bytes_max = 0x7fff;

// All messages and records, for tests, fuzzing and tools: requests and responses by key, then
// records by family and id.
[[nodiscard]] std::span<const MessageFacts* const> all_messages();

template <class T>
inline constexpr ListOps k_list_ops{
    .stride = sizeof(T),
    .size = [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    .data = [](const void* list) -> const void* {
      return static_cast<const std::vector<T>*>(list)->data();
    },
    .renew = [](void* list, std::size_t count) -> void* {
      auto& vector = *static_cast<std::vector<T>*>(list);
      vector = std::vector<T>(count);
      return vector.data();
    },
};
template <class T>
inline constexpr OptionalOps k_optional_ops{
    .get = [](const void* optional) -> const void* {
      const auto& value = *static_cast<const std::optional<T>*>(optional);
      return value ? &*value : nullptr;
    },
    .emplace = [](void* optional) -> void* {
      return &static_cast<std::optional<T>*>(optional)->emplace();
    },
    .reset = [](void* optional) { static_cast<std::optional<T>*>(optional)->reset(); },
};
// For a struct that is no optional but may come twice, as a tagged field can: emplace() starts
// anew.
template <class T>
inline constexpr OptionalOps k_plain_ops{
    .get = [](const void* value) { return value; },
    .emplace = [](void* value) -> void* { return &(*static_cast<T*>(value) = T{}); },
    .reset = nullptr,
};
template <class T>
inline constexpr MessageOps k_message_ops{
    .create = []() -> void* { return std::make_unique<T>().release(); },
    .destroy = [](void* message) { delete static_cast<T*>(message); },
};

}  // namespace moldau::protocol
