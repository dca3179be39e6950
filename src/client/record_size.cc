#include "client/record_size.h"

#include "bytes/varint.h"
#include "record/batch.h"

namespace moldau::client {
namespace {

// The longest length of the record, its attributes and the longest deltas.
constexpr std::size_t k_record_overhead_max = 21;

std::size_t counted(std::size_t size) {
  return varint_size(static_cast<std::int32_t>(size)) + size;
}

std::size_t counted(const std::optional<std::vector<std::byte>>& bytes) {
  return bytes ? counted(bytes->size()) : varint_size(-1);
}

}  // namespace

std::size_t record_size_max(const OutgoingRecord& record) {
  std::size_t size = k_record_overhead_max + counted(record.key) + counted(record.value) +
                     varint_size(static_cast<std::int32_t>(record.headers.size()));
  for (const Header& header : record.headers) {
    size += counted(header.key.size()) + counted(header.value);
  }
  return size;
}

std::size_t serialized_size_max(const OutgoingRecord& record) {
  return record::k_batch_header_size + record_size_max(record);
}

}  // namespace moldau::client
