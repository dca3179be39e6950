#include "protocol/access.h"

#include "base/check.h"

namespace moldau::protocol {

Errc errc_of_wire(std::int16_t code) {
  const auto errc = static_cast<Errc>(code);
  return facts(errc).errc == errc && facts(errc).wire != code ? Errc::unknown_server_error : errc;
}
std::int16_t wire_of_errc(Errc errc) {
  const ErrcFacts& row = facts(errc);
  return row.errc == errc ? row.wire : static_cast<std::int16_t>(errc);
}

const void* present(const FieldFacts& field, const void* holder) {
  if (field.optional != nullptr) return field.optional->get(holder);
  if (field.wire == Wire::records && as<Records>(holder).is_null()) return nullptr;
  return holder;
}

Bytes content(Wire wire, const void* value) {
  switch (wire) {
    case Wire::text:
      return as_bytes(as<std::string>(value));
    case Wire::text_cut: {
      std::string_view text = as<std::string>(value);
      if (text.size() <= k_text_bytes_max) return as_bytes(text);
      std::size_t end = k_text_bytes_max;  // not inside a character
      while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
      return as_bytes(text.substr(0, end));
    }
    case Wire::text_view:
      return as_bytes(as<std::string_view>(value));
    case Wire::bytes:
      return as<std::vector<std::byte>>(value);
    case Wire::records_view:
      return as<Bytes>(value);
    case Wire::records:
      return as<Records>(value).bytes().view();
    case Wire::boolean:
    case Wire::i8:
    case Wire::i16:
    case Wire::u16:
    case Wire::i32:
    case Wire::u32:
    case Wire::i64:
    case Wire::f64:
    case Wire::uuid:
    case Wire::error:
    case Wire::millis32:
    case Wire::structure:
      break;
  }
  CHECK(false);
}

std::size_t content_size(Wire wire, const void* value) {
  return wire == Wire::records ? as<Records>(value).size() : content(wire, value).size();
}

namespace {

bool equal_value(const FieldFacts& field, const void* a, const void* b) {
  if (is_fixed(field.wire)) {
    if (field.wire == Wire::uuid) return as<Uuid>(a) == as<Uuid>(b);
    return load_number(field.wire, a) == load_number(field.wire, b);
  }
  if (field.wire == Wire::structure) return equal(*field.of, a, b);
  if (field.wire == Wire::text_cut) return as<std::string>(a) == as<std::string>(b);
  if (field.wire == Wire::records) return as<Records>(a) == as<Records>(b);
  return as_text(content(field.wire, a)) == as_text(content(field.wire, b));
}

bool equal_list(const FieldFacts& field, const void* a, const void* b) {
  const std::size_t count = field.list->size(a);
  if (count != field.list->size(b)) return false;
  const void* left = field.list->data(a);
  const void* right = field.list->data(b);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i * field.list->stride;
    if (!equal_value(field, at(left, from), at(right, from))) return false;
  }
  return true;
}

}  // namespace

bool operator==(const Records& a, const Records& b) {
  if (a.state_ != b.state_) return false;
  if (a.is_splice()) return a.size() == b.size();
  return as_text(a.bytes_.view()) == as_text(b.bytes_.view());
}

bool equal(const StructFacts& facts, const void* a, const void* b) {
  for (const FieldFacts& field : facts.fields) {
    const void* left = present(field, at(a, field.offset));
    const void* right = present(field, at(b, field.offset));
    if ((left == nullptr) != (right == nullptr)) return false;
    if (left == nullptr) continue;
    const bool same =
        field.list != nullptr ? equal_list(field, left, right) : equal_value(field, left, right);
    if (!same) return false;
  }
  return as<UnknownTags>(at(a, facts.unknown_tags)) == as<UnknownTags>(at(b, facts.unknown_tags));
}

bool is_default_other(const FieldFacts& field, const void* object) {
  const void* value = present(field, at(object, field.offset));
  if (value == nullptr || field.default_null) return value == nullptr && field.default_null;
  if (field.list != nullptr) return field.list->size(value) == 0;
  if (is_fixed(field.wire)) return load_number(field.wire, value) == field.default_value;
  if (field.wire != Wire::structure) return content_size(field.wire, value) == 0;
  for (const FieldFacts& inner : field.of->fields)
    if (!is_default(inner, value)) return false;
  return as<UnknownTags>(at(value, field.of->unknown_tags)).empty();
}

}  // namespace moldau::protocol
