#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "protocol/access.h"
#include "protocol/codec.h"

namespace moldau::protocol {
namespace {

// What Sizer and Encoder agree on: which form a length has, which fields are written.
struct Form {
  int version;
  bool flexible;

  [[nodiscard]] bool compact(const FieldFacts& field) const {
    return flexible && !field.never_compact;
  }
  [[nodiscard]] bool writes_tag(const FieldFacts& field, const void* object) const {
    return field.versions.contains(version) && !is_default(field, object);
  }
  // Whether an unknown tag must give way to a field that is written.
  [[nodiscard]] bool is_taken(const StructFacts& facts, std::uint32_t tag) const {
    for (const FieldFacts& field : facts.tagged())
      if (static_cast<std::uint32_t>(field.tag) == tag) return true;
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
    if (is_text(field.wire) && size > k_text_bytes_max) breach_ = &field;
    return length_size(field, size) + size;
  }

 private:
  std::size_t length_size(const FieldFacts& field, std::size_t length) const {
    if (form_.compact(field)) return uvarint_size(length + 1);
    return is_text(field.wire) && field.list == nullptr ? 2 : 4;
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
    for (const FieldFacts& field : facts.plain())
      if (field.versions.contains(form_.version)) this->field(field, at(object, field.offset));
    if (form_.flexible) tags(facts, object);
  }

 private:
  // Known and unknown ones merged, ordered by tag.
  void tags(const StructFacts& facts, const void* object) {
    std::vector<const TaggedField*> unknown;
    for (const TaggedField& field : as<UnknownTags>(at(object, facts.unknown_tags)))
      if (!form_.is_taken(facts, field.tag)) unknown.push_back(&field);
    std::ranges::sort(unknown, {}, [](const TaggedField* f) { return std::pair(f->tag, f); });
    std::array<const FieldFacts*, k_tags_known_max> known;
    std::size_t known_count = 0;
    for (const FieldFacts& field : facts.tagged())
      if (form_.writes_tag(field, object)) known[known_count++] = &field;
    out_.uvarint(static_cast<std::uint32_t>(unknown.size() + known_count));
    auto next = unknown.begin();
    const auto write_unknown_below = [&](std::uint32_t tag) {
      for (; next != unknown.end() && (*next)->tag < tag; ++next) raw_tag(**next);
    };
    for (const FieldFacts* each : std::span(known).first(known_count)) {
      const FieldFacts& field = *each;
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
    length(field, size, is_text(field.wire));
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
    if (is_text(field.wire) && field.list == nullptr) return out_.i16(-1);
    out_.i32(-1);
  }

  void length(const FieldFacts& field, std::size_t length, bool of_text) {
    if (form_.compact(field)) return out_.uvarint(static_cast<std::uint32_t>(length + 1));
    if (of_text) return out_.i16(static_cast<std::int16_t>(length));
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

}  // namespace

Result<std::size_t> measure(const MessageFacts& facts, const void* message, ApiVersion version) {
  if (!facts.versions.contains(version))
    return fail(Errc::unsupported_version, "{} has no version {}", facts.name, version.value());
  Sizer sizer(form_of(facts, version));
  const std::size_t size = sizer.structure(*facts.body, message);
  if (sizer.breach() == nullptr) return size;
  return fail(Errc::invalid_request, "{} version {} cannot say this value of {}", facts.name,
              version.value(), sizer.breach()->name);
}

Result<void> encode_checked(const MessageFacts& facts, const void* message, Writer& out,
                            ApiVersion version) {
  TRY(const std::size_t size, measure(facts, message, version));
  out.reserve(size);
  Encoder(out, form_of(facts, version)).structure(*facts.body, message);
  return {};
}

Result<SharedBytes> encoded(const MessageFacts& facts, const void* message, ApiVersion version) {
  Writer out;
  TRY_OK(encode_checked(facts, message, out, version));
  return SharedBytes::take(out.take());
}

void encode(const MessageFacts& facts, const void* message, Writer& out, ApiVersion version) {
  const Result<void> done = encode_checked(facts, message, out, version);
  CHECK_OK(done);
}

}  // namespace moldau::protocol
