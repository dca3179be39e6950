#pragma once
#include <cstdint>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/family/group.h"
#include "protocol/family/metadata.h"
#include "protocol/family/share.h"
#include "protocol/family/tiered.h"
#include "protocol/family/transaction.h"

// How records of the internal topics are framed in a record's key and value:
//   metadata, tiered storage   value = uvarint frame version 1, uvarint id, uvarint version, body
//   coordinators               key   = int16 id, body;  value = int16 version, body
// A coordinator value does not say what it is: its id is that of its key. A null value is a
// tombstone, which callers handle before they come here.
namespace moldau::protocol {

inline constexpr std::uint32_t k_record_frame_version = 1;

template <class Record>
struct Versioned {
  Record record;
  ApiVersion version;
  friend bool operator==(const Versioned&, const Versioned&) = default;
};

// Errors: corrupt_message (unknown frame version, id or version, or a body that does not decode).
// A committed metadata record that gives one stops the node.
[[nodiscard]] Result<Versioned<MetadataRecord>> decode_metadata_record(Bytes value);
// REQUIRES: the record is encodable in `version`.
void encode_metadata_record(Writer& out, const MetadataRecord& record, ApiVersion version);
[[nodiscard]] std::size_t metadata_record_size(const MetadataRecord& record, ApiVersion version);
// Its id and Kafka's name of it: 2, "TopicRecord".
[[nodiscard]] std::int16_t id_of(const MetadataRecord& record);
[[nodiscard]] std::string_view name_of(const MetadataRecord& record);

[[nodiscard]] Result<Versioned<TieredRecord>> decode_tiered_record(Bytes value);
void encode_tiered_record(Writer& out, const TieredRecord& record, ApiVersion version);

// Errors: unsupported_version for an id that is unknown (a newer release wrote it: coordinators log
// and skip such a record); corrupt_message for a body that does not decode.
[[nodiscard]] Result<GroupKey> decode_group_key(Bytes key);
[[nodiscard]] Result<ShareKey> decode_share_key(Bytes key);
[[nodiscard]] Result<TransactionKey> decode_transaction_key(Bytes key);
void encode_key(Writer& out, const GroupKey& key);
void encode_key(Writer& out, const ShareKey& key);
void encode_key(Writer& out, const TransactionKey& key);

// `id` is that of the key. Errors: unsupported_version for an unknown id or version;
// corrupt_message.
[[nodiscard]] Result<Versioned<GroupValue>> decode_group_value(std::int16_t id, Bytes value);
[[nodiscard]] Result<Versioned<ShareValue>> decode_share_value(std::int16_t id, Bytes value);
[[nodiscard]] Result<Versioned<TransactionValue>> decode_transaction_value(std::int16_t id,
                                                                           Bytes value);
void encode_value(Writer& out, const GroupValue& value, ApiVersion version);
void encode_value(Writer& out, const ShareValue& value, ApiVersion version);
void encode_value(Writer& out, const TransactionValue& value, ApiVersion version);

[[nodiscard]] std::int16_t id_of(const GroupKey& key);
[[nodiscard]] std::int16_t id_of(const ShareKey& key);
[[nodiscard]] std::int16_t id_of(const TransactionKey& key);

}  // namespace moldau::protocol
