#include "protocol/record_frame.h"

#include "protocol/codec.h"

namespace moldau::protocol {
namespace {

// The alternative of `Family` with this id, decoded; unsupported_version when there is none.
template <class Family>
struct Decode;
template <class... Records>
struct Decode<std::variant<Records...>> {
  using Family = std::variant<Records...>;
  template <class Record>
  static Result<Family> one(Bytes body, ApiVersion version) {
    Result<Family> family{std::in_place, std::in_place_type<Record>};
    Result<void> done = decode_into(Record::k_message, body, version, &std::get<Record>(*family));
    if (done) return family;
    if (done.error().code() == Errc::unsupported_version) return fail(std::move(done).error());
    return fail(Errc::corrupt_message, "{}", done.error().text());
  }
  static Result<Family> by_id(std::int64_t id, Bytes body, ApiVersion version) {
    using Decoder = Result<Family> (*)(Bytes, ApiVersion);
    struct Row {
      std::int16_t id;
      Decoder decode;
    };
    static constexpr Row k_rows[] = {{Records::k_id, &one<Records>}...};
    for (const Row& row : k_rows)
      if (row.id == id) return row.decode(body, version);
    return fail(Errc::unsupported_version, "no record of this family has the id {}", id);
  }
};

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
  Reader in(value);
  const std::uint32_t frame = in.uvarint();
  const std::uint32_t id = in.uvarint();
  const std::uint32_t version = in.uvarint();
  if (!in.ok()) return fail(Errc::corrupt_message, "{}", in.status().error().text());
  if (frame != k_record_frame_version)
    return fail(Errc::corrupt_message, "unknown frame version {}", frame);
  if (version > INT16_MAX) return fail(Errc::corrupt_message, "unknown version {}", version);
  const ApiVersion record_version{static_cast<std::int16_t>(version)};
  Result<Family> record = Decode<Family>::by_id(id, in.rest(), record_version);
  if (!record) return fail(Errc::corrupt_message, "{}", record.error().text());
  return Versioned<Family>{*std::move(record), record_version};
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
  return Decode<Family>::by_id(id, in.rest(), ApiVersion{0});
}

template <class Family>
Result<Versioned<Family>> decode_value(std::int16_t id, Bytes value) {
  Reader in(value);
  const ApiVersion version{in.i16()};
  if (!in.ok()) return fail(Errc::corrupt_message, "a value without a version");
  TRY(Family record, Decode<Family>::by_id(id, in.rest(), version));
  return Versioned<Family>{std::move(record), version};
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
