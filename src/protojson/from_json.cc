#include <fmt/core.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "protocol/access.h"
#include "protojson/json.h"
#include "protojson/json_text.h"
#include "protojson/order.h"

namespace moldau::protojson {
namespace {

using protocol::as;
using protocol::FieldFacts;
using protocol::StructFacts;
using protocol::Wire;

class FromJson {
 public:
  FromJson(int version, Storage& storage) : version_(version), storage_(storage) {}

  Result<void> structure(const StructFacts& facts, const Json& json, void* object) {
    if (!json.is_object()) return wrong(facts.name, "an object", json);
    Result<void> done;
    for_each_in_order(facts, [&](const FieldFacts& field) {
      if (!done || !field.versions.contains(version_)) return;
      const auto found = json.find(field.name);
      if (found != json.end()) {
        done = this->field(field, *found, protocol::at(object, field.offset));
      } else if (field.tag < 0) {
        done = fail(Errc::invalid_request, "{}: the field {} is missing", facts.name, field.name);
      }
    });
    return done;
  }

 private:
  static std::unexpected<Error> wrong(const char* name, const char* expected, const Json& json) {
    return fail(Errc::invalid_request, "{}: expected {}, got {}", name, expected, json.type_name());
  }

  Result<void> field(const FieldFacts& field, const Json& json, void* value) {
    const bool may_be_null = !protocol::is_fixed(field.wire) || field.list != nullptr;
    if (may_be_null && json.is_null()) {
      if (!field.nullable.contains(version_)) return wrong(field.name, "a value", json);
      if (field.optional != nullptr) {
        field.optional->reset(value);
      } else {
        as<protocol::Records>(value) = {};
      }
      return {};
    }
    if (field.optional != nullptr) value = field.optional->emplace(value);
    if (field.list == nullptr) return single(field, json, value);
    if (!json.is_array()) return wrong(field.name, "an array", json);
    auto* element = static_cast<std::byte*>(field.list->renew(value, json.size()));
    for (const Json& item : json) {
      TRY_OK(single(field, item, element));
      element += field.list->stride;
    }
    return {};
  }

  Result<void> single(const FieldFacts& field, const Json& json, void* value) {
    switch (field.wire) {
      case Wire::boolean:
        if (!json.is_boolean()) return wrong(field.name, "true or false", json);
        protocol::store(value, json.get<bool>());
        return {};
      case Wire::i8:
        return number<std::int8_t>(field, json, value);
      case Wire::i16:
        return number<std::int16_t>(field, json, value);
      case Wire::u16:
        return number<std::uint16_t>(field, json, value);
      case Wire::i32:
        return number<std::int32_t>(field, json, value);
      case Wire::u32:
        return number<std::uint32_t>(field, json, value);
      case Wire::i64:
        return number<std::int64_t>(field, json, value);
      case Wire::error: {
        std::int16_t code = 0;
        TRY_OK(number<std::int16_t>(field, json, &code));
        protocol::store(value, protocol::errc_of_wire(code));
        return {};
      }
      case Wire::millis32: {
        std::int32_t milliseconds = 0;
        TRY_OK(number<std::int32_t>(field, json, &milliseconds));
        protocol::store(value, static_cast<std::int64_t>(milliseconds));
        return {};
      }
      case Wire::f64:
        if (!json.is_number()) return wrong(field.name, "a number", json);
        protocol::store(value, json.get<double>());
        return {};
      case Wire::structure:
        return structure(*field.of, json, value);
      case Wire::uuid:
      case Wire::text:
      case Wire::text_cut:
      case Wire::text_view:
      case Wire::bytes:
      case Wire::records_view:
      case Wire::records:
        if (!json.is_string()) return wrong(field.name, "a string", json);
        return text(field, json.get_ref<const std::string&>(), value);
    }
    return {};
  }

  template <class T>
  Result<void> number(const FieldFacts& field, const Json& json, void* value) {
    if (!json.is_number_integer()) return wrong(field.name, "a whole number", json);
    const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                : std::in_range<T>(json.get<std::int64_t>());
    if (!fits)
      return fail(Errc::invalid_request, "{}: {} does not lie in {} to {}", field.name,
                  json_text(json), std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    protocol::store(value, json.get<T>());
    return {};
  }

  // What JSON has as a string.
  Result<void> text(const FieldFacts& field, const std::string& text, void* value) {
    if (field.wire == Wire::uuid) {
      TRY(as<Uuid>(value), Uuid::parse(text));
      return {};
    }
    if (field.wire == Wire::text_view) {
      as<std::string_view>(value) = storage_.texts.emplace_back(text);
      return {};
    }
    if (protocol::is_text(field.wire)) {
      as<std::string>(value) = text;
      return {};
    }
    TRY(std::vector<std::byte> bytes, base64_decode(text));
    if (field.wire == Wire::bytes) {
      as<std::vector<std::byte>>(value) = std::move(bytes);
    } else if (field.wire == Wire::records_view) {
      as<Bytes>(value) = storage_.bytes.emplace_back(std::move(bytes));
    } else {
      as<protocol::Records>(value) = protocol::Records(SharedBytes::take(std::move(bytes)));
    }
    return {};
  }

  int version_;
  Storage& storage_;
};

}  // namespace

Result<void> from_json(const protocol::MessageFacts& facts, const Json& json, ApiVersion version,
                       void* message, Storage& storage) {
  if (!facts.versions.contains(version))
    return fail(Errc::unsupported_version, "{} has no version {}", facts.name, version.value());
  return FromJson(version.value(), storage).structure(*facts.body, json, message);
}

}  // namespace moldau::protojson
