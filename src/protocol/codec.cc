#include "protocol/codec.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "protocol/records.h"
#include "protocol/tagged.h"

namespace moldau::protocol {
namespace {

const std::byte* at(const void* object, std::size_t offset) {
  return static_cast<const std::byte*>(object) + offset;
}
std::byte* at(void* object, std::size_t offset) { return static_cast<std::byte*>(object) + offset; }

// Ids, durations and timestamps are their one number in memory.
template <class T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void store(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}
template <class T>
T& as(void* value) {
  return *static_cast<T*>(value);
}

// A code that we do not know is kept as a number, so that it can be passed on; one that collides
// with our internal conditions is not.
Errc errc_of_wire(std::int16_t code) {
  const auto errc = static_cast<Errc>(code);
  return facts(errc).errc == errc && facts(errc).wire != code ? Errc::unknown_server_error : errc;
}
std::int16_t wire_of_errc(Errc errc) {
  const ErrcFacts& row = facts(errc);
  return row.errc == errc ? row.wire : static_cast<std::int16_t>(errc);
}

bool is_fixed(Wire wire) { return wire < Wire::text; }

std::size_t fixed_size(Wire wire) {
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

std::int64_t load_number(Wire wire, const void* value) {
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

// The value itself, or nullptr when it is null. Records have their own null.
const void* present(const FieldFacts& field, const void* value) {
  if (field.optional != nullptr) return field.optional->get(value);
  if (field.wire == Wire::records && as<Records>(value).is_null()) return nullptr;
  return value;
}

class Decoder {
 public:
  Decoder(Reader& in, int version, bool flexible, const SharedBytes* owner)
      : in_(in), version_(version), flexible_(flexible), owner_(owner) {}

  void structure(const StructFacts& facts, void* object) {
    for (const FieldFacts& field : facts.fields) {
      if (field.tag >= 0) break;
      if (field.versions.contains(version_)) this->field(field, at(object, field.offset));
    }
    if (flexible_) tags(facts, object);
  }

 private:
  void tags(const StructFacts& facts, void* object) {
    const std::uint32_t count = in_.uvarint();
    if (count == 0) return;
    if (count > k_tagged_fields_max.value) return in_.breach("more tagged fields than allowed");
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
      const std::uint32_t tag = in_.uvarint();
      const std::uint32_t size = in_.uvarint();
      if (size > in_.remaining()) return in_.breach("a tagged field runs past the end");
      const FieldFacts* known = nullptr;
      for (const FieldFacts& field : facts.fields)
        if (field.tag >= 0 && static_cast<std::uint32_t>(field.tag) == tag) known = &field;
      if (known == nullptr) {
        const Bytes data = in_.bytes(size);
        as<UnknownTags>(at(object, facts.unknown_tags))
            .push_back({.tag = tag, .data{data.begin(), data.end()}});
        continue;
      }
      if (!known->versions.contains(version_))
        return in_.breach("a tagged field that this version does not have");
      const std::size_t before = in_.remaining();
      field(*known, at(object, known->offset));
      if (in_.ok() && before - in_.remaining() != size)
        return in_.breach("a tagged field is not as long as it says");
    }
  }

  void field(const FieldFacts& field, void* value) {
    if (is_fixed(field.wire) && field.list == nullptr) return number(field.wire, value);
    if (field.wire == Wire::structure && field.list == nullptr) return inner(field, value);
    const std::int32_t length = read_length(field);
    if (length < 0) return null(field, value);
    if (static_cast<std::size_t>(length) > in_.remaining())
      return in_.breach("a length runs past the end");
    if (field.optional != nullptr) value = field.optional->emplace(value);
    if (field.list != nullptr) return list(field, static_cast<std::size_t>(length), value);
    variable(field, static_cast<std::size_t>(length), value);
  }

  void inner(const FieldFacts& field, void* value) {
    if (field.nullable.contains(version_)) {
      const bool is_null =
          field.tag >= 0 ? static_cast<std::int32_t>(in_.uvarint()) <= 0 : in_.i8() < 0;
      if (!in_.ok()) return;
      if (is_null) return null(field, value);
    }
    if (field.optional != nullptr) value = field.optional->emplace(value);
    structure(*field.of, value);
  }

  void null(const FieldFacts& field, void* value) {
    if (!in_.ok()) return;
    if (!field.nullable.contains(version_)) return in_.breach("null where it is not allowed");
    if (field.optional != nullptr) return field.optional->reset(value);
    as<Records>(value) = Records{};  // the one nullable type with a null of its own
  }

  // Of a string, a byte string or a list; negative for null.
  std::int32_t read_length(const FieldFacts& field) {
    if (flexible_ && !field.never_compact) return static_cast<std::int32_t>(in_.uvarint() - 1U);
    const bool is_text =
        field.list == nullptr && field.wire >= Wire::text && field.wire <= Wire::text_view;
    return is_text ? in_.i16() : in_.i32();
  }

  void list(const FieldFacts& field, std::size_t count, void* value) {
    if (count > static_cast<std::size_t>(k_array_elements_max.value))
      return in_.breach("a list has more elements than allowed");
    if (count * element_size_min(field) > in_.remaining())
      return in_.breach("a list is longer than the bytes that remain");
    auto* element = static_cast<std::byte*>(field.list->resize(value, count));
    for (std::size_t i = 0; i < count && in_.ok(); ++i, element += field.list->stride) {
      if (field.wire == Wire::structure) {
        structure(*field.of, element);
      } else if (is_fixed(field.wire)) {
        number(field.wire, element);
      } else {
        const std::int32_t length =
            flexible_ ? static_cast<std::int32_t>(in_.uvarint() - 1U) : in_.i16();
        if (length < 0) return in_.breach("null where it is not allowed");
        variable(field, static_cast<std::size_t>(length), element);
      }
    }
  }

  static std::size_t element_size_min(const FieldFacts& field) {
    if (field.wire == Wire::structure) return field.of->size_min;
    return is_fixed(field.wire) ? fixed_size(field.wire) : 1;
  }

  void variable(const FieldFacts& field, std::size_t size, void* value) {
    if (field.wire <= Wire::text_view && size > k_text_bytes_max)
      return in_.breach("a string is longer than allowed");
    const Bytes bytes = in_.bytes(size);
    switch (field.wire) {
      case Wire::text:
      case Wire::text_cut:
        as<std::string>(value).assign(as_text(bytes));
        return;
      case Wire::text_view:
        as<std::string_view>(value) = as_text(bytes);
        return;
      case Wire::bytes:
        as<std::vector<std::byte>>(value).assign(bytes.begin(), bytes.end());
        return;
      case Wire::records_view:
        as<Bytes>(value) = bytes;
        return;
      case Wire::records:
        as<Records>(value) = Records(SharedBytes(owner_ ? owner_->owner() : nullptr, bytes));
        return;
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

  void number(Wire wire, void* value) {
    switch (wire) {
      case Wire::boolean:
        return store(value, in_.boolean());
      case Wire::i8:
        return store(value, in_.i8());
      case Wire::i16:
        return store(value, in_.i16());
      case Wire::u16:
        return store(value, in_.u16());
      case Wire::i32:
        return store(value, in_.i32());
      case Wire::u32:
        return store(value, in_.u32());
      case Wire::i64:
        return store(value, in_.i64());
      case Wire::f64:
        return store(value, in_.f64());
      case Wire::uuid:
        return store(value, in_.uuid());
      case Wire::error:
        return store(value, errc_of_wire(in_.i16()));
      case Wire::millis32:
        return store(value, static_cast<std::int64_t>(in_.i32()));
      case Wire::text:
      case Wire::text_cut:
      case Wire::text_view:
      case Wire::bytes:
      case Wire::records_view:
      case Wire::records:
      case Wire::structure:
        break;
    }
    CHECK(false);
  }

  Reader& in_;
  int version_;
  bool flexible_;
  const SharedBytes* owner_;
};

// The text or bytes of one variable-length value.
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

// What Sizer and Encoder agree on: which form a length has, which fields are written.
struct Form {
  int version;
  bool flexible;

  [[nodiscard]] bool compact(const FieldFacts& field) const {
    return flexible && !field.never_compact;
  }
  [[nodiscard]] static bool is_text(const FieldFacts& field) {
    return field.wire >= Wire::text && field.wire <= Wire::text_view;
  }
  [[nodiscard]] bool writes_tag(const FieldFacts& field, const void* object) const {
    return field.tag >= 0 && field.versions.contains(version) && !is_default(field, object);
  }
  // Whether an unknown tag must give way to a field that is written.
  [[nodiscard]] bool is_taken(const StructFacts& facts, std::uint32_t tag) const {
    for (const FieldFacts& field : facts.fields)
      if (field.tag >= 0 && static_cast<std::uint32_t>(field.tag) == tag) return true;
    return false;
  }
};

class Sizer {
 public:
  explicit Sizer(Form form) : form_(form) {}

  // The first field that this version cannot say; nullptr: none.
  [[nodiscard]] const FieldFacts* breach() const { return breach_; }

  std::size_t structure(const StructFacts& facts, const void* object) {
    std::size_t size = 0;
    std::uint32_t tags = 0;
    for (const FieldFacts& field : facts.fields) {
      const void* value = at(object, field.offset);
      if (!field.versions.contains(form_.version)) {
        if (!field.ignorable && !is_default(field, object)) breach_ = &field;
      } else if (field.tag < 0) {
        size += this->field(field, value);
      } else if (form_.writes_tag(field, object)) {
        ++tags;
        const std::size_t payload = this->field(field, value);
        size +=
            uvarint_size(static_cast<std::uint64_t>(field.tag)) + uvarint_size(payload) + payload;
      }
    }
    if (!form_.flexible) return size;
    for (const TaggedField& unknown : as<UnknownTags>(at(object, facts.unknown_tags))) {
      if (form_.is_taken(facts, unknown.tag)) continue;
      ++tags;
      size += uvarint_size(unknown.tag) + uvarint_size(unknown.data.size()) + unknown.data.size();
    }
    return size + uvarint_size(tags);
  }

  std::size_t field(const FieldFacts& field, const void* holder) {
    if (is_fixed(field.wire) && field.list == nullptr) return fixed_size(field.wire);
    const void* value = present(field, holder);
    if (value == nullptr && !field.nullable.contains(form_.version)) breach_ = &field;
    if (field.wire == Wire::structure && field.list == nullptr) {
      const std::size_t marker = field.nullable.contains(form_.version) ? 1 : 0;
      return marker + (value == nullptr ? 0 : structure(*field.of, value));
    }
    if (value == nullptr) return length_size(field, 0);
    if (field.list != nullptr) return list(field, value);
    const std::size_t size = content_size(field.wire, value);
    if (Form::is_text(field) && size > k_text_bytes_max) breach_ = &field;
    return length_size(field, size) + size;
  }

 private:
  std::size_t length_size(const FieldFacts& field, std::size_t length) const {
    if (form_.compact(field)) return uvarint_size(length + 1);
    return Form::is_text(field) && field.list == nullptr ? 2 : 4;
  }

  std::size_t list(const FieldFacts& field, const void* value) {
    const std::size_t count = field.list->size(value);
    std::size_t size = form_.compact(field) ? uvarint_size(count + 1) : 4;
    if (is_fixed(field.wire)) return size + count * fixed_size(field.wire);
    const auto* element = static_cast<const std::byte*>(field.list->data(value));
    for (std::size_t i = 0; i < count; ++i, element += field.list->stride) {
      if (field.wire == Wire::structure) {
        size += structure(*field.of, element);
        continue;
      }
      const std::size_t text = content_size(field.wire, element);
      if (text > k_text_bytes_max) breach_ = &field;
      size += (form_.compact(field) ? uvarint_size(text + 1) : 2) + text;
    }
    return size;
  }

  Form form_;
  const FieldFacts* breach_ = nullptr;
};

class Encoder {
 public:
  Encoder(Writer& out, Form form) : out_(out), form_(form) {}

  void structure(const StructFacts& facts, const void* object) {
    for (const FieldFacts& field : facts.fields) {
      if (field.tag >= 0) break;
      if (field.versions.contains(form_.version)) this->field(field, at(object, field.offset));
    }
    if (form_.flexible) tags(facts, object);
  }

 private:
  // Known and unknown ones merged, ordered by tag.
  void tags(const StructFacts& facts, const void* object) {
    std::vector<const TaggedField*> unknown;
    for (const TaggedField& field : as<UnknownTags>(at(object, facts.unknown_tags)))
      if (!form_.is_taken(facts, field.tag)) unknown.push_back(&field);
    std::ranges::sort(unknown, {}, [](const TaggedField* f) { return std::pair(f->tag, f); });
    std::uint32_t count = static_cast<std::uint32_t>(unknown.size());
    for (const FieldFacts& field : facts.fields)
      if (form_.writes_tag(field, object)) ++count;
    out_.uvarint(count);
    if (count == 0) return;
    auto next = unknown.begin();
    const auto write_unknown_below = [&](std::uint32_t tag) {
      for (; next != unknown.end() && (*next)->tag < tag; ++next) raw_tag(**next);
    };
    for (const FieldFacts& field : facts.fields) {
      if (!form_.writes_tag(field, object)) continue;
      write_unknown_below(static_cast<std::uint32_t>(field.tag));
      const void* value = at(object, field.offset);
      out_.uvarint(static_cast<std::uint32_t>(field.tag));
      out_.uvarint(static_cast<std::uint32_t>(Sizer(form_).field(field, value)));
      this->field(field, value);
    }
    for (; next != unknown.end(); ++next) raw_tag(**next);
  }

  void raw_tag(const TaggedField& field) {
    out_.uvarint(field.tag);
    out_.uvarint(static_cast<std::uint32_t>(field.data.size()));
    out_.bytes(field.data);
  }

  void field(const FieldFacts& field, const void* holder) {
    if (is_fixed(field.wire) && field.list == nullptr) return number(field.wire, holder);
    const void* value = present(field, holder);
    if (field.wire == Wire::structure && field.list == nullptr) return inner(field, value);
    if (value == nullptr) return null_length(field);
    if (field.list != nullptr) return list(field, value);
    const std::size_t size = content_size(field.wire, value);
    length(field, size, Form::is_text(field));
    if (field.wire == Wire::records && as<Records>(value).is_splice()) return out_.splice(size);
    out_.bytes(content(field.wire, value));
  }

  void inner(const FieldFacts& field, const void* value) {
    if (field.nullable.contains(form_.version)) {
      if (field.tag >= 0) {
        out_.uvarint(value == nullptr ? 0 : 1);
      } else {
        out_.i8(value == nullptr ? -1 : 1);
      }
    }
    if (value != nullptr) structure(*field.of, value);
  }

  void null_length(const FieldFacts& field) {
    if (form_.compact(field)) return out_.uvarint(0);
    if (Form::is_text(field) && field.list == nullptr) return out_.i16(-1);
    out_.i32(-1);
  }

  void length(const FieldFacts& field, std::size_t length, bool is_text) {
    if (form_.compact(field)) return out_.uvarint(static_cast<std::uint32_t>(length + 1));
    if (is_text) return out_.i16(static_cast<std::int16_t>(length));
    out_.i32(static_cast<std::int32_t>(length));
  }

  void list(const FieldFacts& field, const void* value) {
    const std::size_t count = field.list->size(value);
    length(field, count, false);
    const auto* element = static_cast<const std::byte*>(field.list->data(value));
    for (std::size_t i = 0; i < count; ++i, element += field.list->stride) {
      if (field.wire == Wire::structure) {
        structure(*field.of, element);
      } else if (is_fixed(field.wire)) {
        number(field.wire, element);
      } else {
        const Bytes text = content(field.wire, element);
        length(field, text.size(), true);
        out_.bytes(text);
      }
    }
  }

  void number(Wire wire, const void* value) {
    if (wire == Wire::uuid) return out_.uuid(as<Uuid>(value));
    if (wire == Wire::error) return out_.i16(wire_of_errc(load<Errc>(value)));
    const std::int64_t number = load_number(wire, value);
    switch (fixed_size(wire)) {
      case 1:
        return out_.i8(static_cast<std::int8_t>(number));
      case 2:
        return out_.i16(static_cast<std::int16_t>(number));
      case 4:
        return out_.i32(static_cast<std::int32_t>(number));
      default:
        return out_.i64(number);
    }
  }

  Writer& out_;
  Form form_;
};

Form form_of(const MessageFacts& facts, ApiVersion version) {
  return {.version = version.value(), .flexible = facts.is_flexible(version)};
}

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

bool is_default(const FieldFacts& field, const void* object) {
  const void* value = present(field, at(object, field.offset));
  if (value == nullptr || field.default_null) return value == nullptr && field.default_null;
  if (field.list != nullptr) return field.list->size(value) == 0;
  if (is_fixed(field.wire)) return load_number(field.wire, value) == field.default_value;
  if (field.wire != Wire::structure) return content_size(field.wire, value) == 0;
  for (const FieldFacts& inner : field.of->fields)
    if (!is_default(inner, value)) return false;
  return as<UnknownTags>(at(value, field.of->unknown_tags)).empty();
}

void decode_prefix(const MessageFacts& facts, Reader& in, ApiVersion version, void* message,
                   const SharedBytes* owner) {
  Decoder(in, version.value(), facts.is_flexible(version), owner).structure(*facts.body, message);
}

Result<void> decode_into(const MessageFacts& facts, Bytes bytes, ApiVersion version, void* message,
                         const SharedBytes* owner) {
  if (!facts.versions.contains(version))
    return fail(Errc::unsupported_version, "{} has no version {}", facts.name, version);
  Reader in(bytes);
  decode_prefix(facts, in, version, message, owner);
  if (in.ok() && in.remaining() > 0) in.breach("bytes are left over");
  if (in.ok()) return {};
  return fail(Errc::bad_frame, "{} version {}: {}", facts.name, version,
              in.status().error().text());
}

Result<std::size_t> measure(const MessageFacts& facts, const void* message, ApiVersion version) {
  if (!facts.versions.contains(version))
    return fail(Errc::unsupported_version, "{} has no version {}", facts.name, version);
  Sizer sizer(form_of(facts, version));
  const std::size_t size = sizer.structure(*facts.body, message);
  if (sizer.breach() == nullptr) return size;
  return fail(Errc::invalid_request, "{} version {} cannot say this value of {}", facts.name,
              version, sizer.breach()->name);
}

void encode(const MessageFacts& facts, const void* message, Writer& out, ApiVersion version) {
  const Result<std::size_t> size = measure(facts, message, version);
  CHECK_OK(size);
  out.reserve(*size);
  Encoder(out, form_of(facts, version)).structure(*facts.body, message);
}

}  // namespace moldau::protocol
