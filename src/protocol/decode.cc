#include "base/check.h"
#include "base/limits.h"
#include "protocol/access.h"
#include "protocol/codec.h"

namespace moldau::protocol {
namespace {

class Decoder {
 public:
  Decoder(Reader& in, int version, bool flexible, const SharedBytes* owner)
      : in_(in),
        memory_left_(static_cast<std::size_t>(k_decoded_lists_bytes_max.value) +
                     4 * in.remaining()),
        version_(version),
        flexible_(flexible),
        owner_(owner) {}

  void structure(const StructFacts& facts, void* object) {
    for (const FieldFacts& field : facts.plain())
      if (field.versions.contains(version_)) this->field(field, at(object, field.offset));
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
      for (const FieldFacts& field : facts.tagged())
        if (static_cast<std::uint32_t>(field.tag) == tag) known = &field;
      if (known == nullptr) {
        if (!takes_memory(sizeof(TaggedField))) return;
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

  bool takes_memory(std::size_t size) {
    if (size > memory_left_) {
      in_.breach("it would take more memory than a message may");
      return false;
    }
    memory_left_ -= size;
    return true;
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
    return field.list == nullptr && is_text(field.wire) ? in_.i16() : in_.i32();
  }

  void list(const FieldFacts& field, std::size_t count, void* value) {
    if (count > static_cast<std::size_t>(k_array_elements_max.value))
      return in_.breach("a list has more elements than allowed");
    if (count * element_size_min(field) > in_.remaining())
      return in_.breach("a list is longer than the bytes that remain");
    if (!takes_memory(count * field.list->stride)) return;
    auto* element = static_cast<std::byte*>(field.list->renew(value, count));
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

  std::size_t element_size_min(const FieldFacts& field) const {
    if (field.wire == Wire::structure) return field.of->size_min;
    if (is_fixed(field.wire)) return fixed_size(field.wire);
    return flexible_ ? 1 : 2;
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
  std::size_t memory_left_;
  int version_;
  bool flexible_;
  const SharedBytes* owner_;
};

}  // namespace

void decode_prefix(const MessageFacts& facts, Reader& in, ApiVersion version, void* message,
                   const SharedBytes* owner) {
  Decoder(in, version.value(), facts.is_flexible(version), owner).structure(*facts.body, message);
}

Result<void> decode_into(const MessageFacts& facts, Bytes bytes, ApiVersion version, void* message,
                         const SharedBytes* owner) {
  if (!facts.versions.contains(version))
    return fail(Errc::unsupported_version, "{} has no version {}", facts.name, version.value());
  Reader in(bytes);
  decode_prefix(facts, in, version, message, owner);
  if (in.ok() && in.remaining() > 0) in.breach("bytes are left over");
  if (in.ok()) return {};
  return fail(Errc::bad_frame, "{} version {}: {}", facts.name, version.value(),
              in.status().error().text());
}

}  // namespace moldau::protocol
