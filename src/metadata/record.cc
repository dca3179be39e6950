#include "metadata/record.h"

#include "bytes/writer.h"
#include "protocol/record_frame.h"

namespace moldau::metadata {

Result<MetadataRecord> decode_record(Bytes value) {
  auto decoded = protocol::decode_metadata_record(value);
  if (!decoded) {
    return fail(Errc::unusable_record, "{}", decoded.error().describe());
  }
  return MetadataRecord{std::move(decoded->record), decoded->version};
}

std::vector<std::byte> encode_record(const MetadataRecord& record) {
  Writer out;
  out.reserve(protocol::metadata_record_size(record.data, record.version));
  protocol::encode_metadata_record(out, record.data, record.version);
  return out.take();
}

std::string_view name_of(const AnyRecord& record) { return protocol::name_of(record); }

}  // namespace moldau::metadata
