#include "protocol/record_frame.h"

#include <algorithm>
#include <span>

#include "protocol/codec.h"

namespace moldau::protocol {
namespace {

// One kind of record in a family's variant, for those who do not know its type: what is written for
// each of them is all that a family takes to compile.
struct Alternative {
  std::int16_t id;
  const MessageFacts* facts;
  void* (*emplace)(void* family);
};
template <class Family>
struct Alternatives;
template <class... Records>
struct Alternatives<std::variant<Records...>> {
  static constexpr Alternative k_rows[] = {
      {Records::k_id, &Records::k_message, [](void* family) -> void* {
         return &static_cast<std::variant<Records...>*>(family)->template emplace<Records>();
       }}...};
};

// Makes `family` the alternative with this id, decoded.
// Errors: unsupported_version when there is none; corrupt_message.
Result<void> decode_alternative(std::span<const Alternative> rows, std::int64_t id, Bytes body,
                                ApiVersion version, void* family) {
  const auto row = std::ranges::find(rows, id, &Alternative::id);
  if (row == rows.end()) {
    return fail(Errc::unsupported_version, "no record of this family has the id {}", id);
  }
  Result<void> done = decode_into(*row->facts, body, version, row->emplace(family));
  if (done || done.error().code() == Errc::unsupported_version) return done;
  return fail(Errc::corrupt_message, "{}", done.error().text());
}

struct Frame {
  std::uint32_t id;
  ApiVersion version;
  Bytes body;
};
Result<Frame> read_frame(Bytes value) {
  Reader in(value);
  const std::uint32_t frame = in.uvarint();
  const std::uint32_t id = in.uvarint();
  const std::uint32_t version = in.uvarint();
  if (!in.ok()) return fail(Errc::corrupt_message, "{}", in.status().error().text());
  if (frame != k_record_frame_version)
    return fail(Errc::corrupt_message, "unknown frame version {}", frame);
  if (version > INT16_MAX) return fail(Errc::corrupt_message, "unknown version {}", version);
  return Frame{id, ApiVersion{static_cast<std::int16_t>(version)}, in.rest()};
}

struct Erased {
  const MessageFacts& facts;
  const void* record;
};
template <class Family>
Erased erase(const Family& family) {
  return std::visit(
      [](const auto& record) {
        return Erased{std::remove_cvref_t<decltype(record)>::k_message, &record};
      },
      family);
}

template <class Family>
Result<Versioned<Family>> decode_framed(Bytes value) {
  TRY(const Frame frame, read_frame(value));
  Versioned<Family> out{.record = {}, .version = frame.version};
  if (const Result<void> done = decode_alternative(Alternatives<Family>::k_rows, frame.id,
                                                   frame.body, frame.version, &out.record);
      !done)
    return fail(Errc::corrupt_message, "{}", done.error().text());
  return out;
}

std::size_t framed_size(const Erased& erased, ApiVersion version) {
  const Result<std::size_t> body = measure(erased.facts, erased.record, version);
  CHECK_OK(body);
  return uvarint_size(k_record_frame_version) +
         uvarint_size(static_cast<std::uint64_t>(erased.facts.id)) +
         uvarint_size(static_cast<std::uint64_t>(version.value())) + *body;
}

void encode_framed(Writer& out, const Erased& erased, ApiVersion version) {
  out.uvarint(k_record_frame_version);
  out.uvarint(static_cast<std::uint32_t>(erased.facts.id));
  out.uvarint(static_cast<std::uint32_t>(version.value()));
  encode(erased.facts, erased.record, out, version);
}

template <class Family>
Result<Family> decode_key(Bytes key) {
  Reader in(key);
  const std::int16_t id = in.i16();
  if (!in.ok()) return fail(Errc::corrupt_message, "a key without an id");
  Family out;
  TRY_OK(decode_alternative(Alternatives<Family>::k_rows, id, in.rest(), ApiVersion{0}, &out));
  return out;
}

template <class Family>
Result<Versioned<Family>> decode_value(std::int16_t id, Bytes value) {
  Reader in(value);
  const ApiVersion version{in.i16()};
  if (!in.ok()) return fail(Errc::corrupt_message, "a value without a version");
  Versioned<Family> out{.record = {}, .version = version};
  TRY_OK(decode_alternative(Alternatives<Family>::k_rows, id, in.rest(), version, &out.record));
  return out;
}

void encode_coordinator_key(Writer& out, const Erased& erased) {
  out.i16(erased.facts.id);
  encode(erased.facts, erased.record, out, ApiVersion{0});
}

void encode_coordinator_value(Writer& out, const Erased& erased, ApiVersion version) {
  out.i16(version.value());
  encode(erased.facts, erased.record, out, version);
}

}  // namespace

Result<Versioned<MetadataRecord>> decode_metadata_record(Bytes value) {
  return decode_framed<MetadataRecord>(value);
}
void encode_metadata_record(Writer& out, const MetadataRecord& record, ApiVersion version) {
  encode_framed(out, erase(record), version);
}
std::size_t metadata_record_size(const MetadataRecord& record, ApiVersion version) {
  return framed_size(erase(record), version);
}
std::int16_t id_of(const MetadataRecord& record) { return erase(record).facts.id; }
std::string_view name_of(const MetadataRecord& record) { return erase(record).facts.name; }

Result<Versioned<TieredRecord>> decode_tiered_record(Bytes value) {
  return decode_framed<TieredRecord>(value);
}
void encode_tiered_record(Writer& out, const TieredRecord& record, ApiVersion version) {
  encode_framed(out, erase(record), version);
}

Result<GroupKey> decode_group_key(Bytes key) { return decode_key<GroupKey>(key); }
Result<ShareKey> decode_share_key(Bytes key) { return decode_key<ShareKey>(key); }
Result<TransactionKey> decode_transaction_key(Bytes key) { return decode_key<TransactionKey>(key); }
void encode_key(Writer& out, const GroupKey& key) { encode_coordinator_key(out, erase(key)); }
void encode_key(Writer& out, const ShareKey& key) { encode_coordinator_key(out, erase(key)); }
void encode_key(Writer& out, const TransactionKey& key) { encode_coordinator_key(out, erase(key)); }

Result<Versioned<GroupValue>> decode_group_value(std::int16_t id, Bytes value) {
  return decode_value<GroupValue>(id, value);
}
Result<Versioned<ShareValue>> decode_share_value(std::int16_t id, Bytes value) {
  return decode_value<ShareValue>(id, value);
}
Result<Versioned<TransactionValue>> decode_transaction_value(std::int16_t id, Bytes value) {
  return decode_value<TransactionValue>(id, value);
}
void encode_value(Writer& out, const GroupValue& value, ApiVersion version) {
  encode_coordinator_value(out, erase(value), version);
}
void encode_value(Writer& out, const ShareValue& value, ApiVersion version) {
  encode_coordinator_value(out, erase(value), version);
}
void encode_value(Writer& out, const TransactionValue& value, ApiVersion version) {
  encode_coordinator_value(out, erase(value), version);
}

std::int16_t id_of(const GroupKey& key) { return erase(key).facts.id; }
std::int16_t id_of(const ShareKey& key) { return erase(key).facts.id; }
std::int16_t id_of(const TransactionKey& key) { return erase(key).facts.id; }

}  // namespace moldau::protocol
