#pragma once
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "protocol/family/metadata.h"

namespace moldau::metadata {

// Every record that __cluster_metadata may hold in Kafka 4.4: a variant of protocol's structs.
using AnyRecord = protocol::MetadataRecord;

// A metadata record and the version it is written at (the metadata.version decides which).
struct MetadataRecord {
  AnyRecord data;
  ApiVersion version{0};
  friend bool operator==(const MetadataRecord&, const MetadataRecord&) = default;
};

// The value of a record of __cluster_metadata or of a .checkpoint: uvarint frame version 1, uvarint
// record id, uvarint record version, body. docs/format/metadata_log.md.
// Errors: unusable_record (frame version, id or version unknown; body malformed or too long).
[[nodiscard]] Result<MetadataRecord> decode_record(Bytes value);
// REQUIRES: the version can say what the record holds.
[[nodiscard]] std::vector<std::byte> encode_record(const MetadataRecord& record);

// "TopicRecord", as the schema names it.
[[nodiscard]] std::string_view name_of(const AnyRecord& record);

}  // namespace moldau::metadata
