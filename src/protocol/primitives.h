#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/uuid.h"
#include "bytes/shared_bytes.h"

// The hashes by which clients and brokers agree on a partition without asking each other.
namespace moldau::protocol {

// What the Java client and librdkafka choose a record's partition with. Source: Utils.murmur2.
[[nodiscard]] std::int32_t murmur2(Bytes data);

// String.hashCode() of UTF-8 text, which Java hashes as UTF-16. Malformed bytes hash like the
// replacement characters that Java decodes them to.
[[nodiscard]] std::int32_t java_string_hash(std::string_view text);

// Clears the sign bit. Source: Utils.toPositive.
[[nodiscard]] constexpr std::int32_t to_positive(std::int32_t number) {
  return number & 0x7fffffff;
}
// The magnitude, but 0 for the least number. Source: Utils.abs.
[[nodiscard]] constexpr std::int32_t java_abs(std::int32_t number) {
  if (number == INT32_MIN) return 0;
  return number < 0 ? -number : number;
}

// The partition for a record with this key. REQUIRES: partition_count > 0.
[[nodiscard]] PartitionIndex partition_of_key(Bytes key, std::int32_t partition_count);
// The partition of __consumer_offsets, __transaction_state or __share_group_state that decides for
// `id`: a group id, a transactional id, or share_coordinator_key(). REQUIRES: partition_count > 0.
[[nodiscard]] PartitionIndex coordinator_partition(std::string_view id,
                                                   std::int32_t partition_count);
// "group:topic id:partition". Source: SharePartitionKey.
[[nodiscard]] std::string share_coordinator_key(std::string_view group, const Uuid& topic,
                                                PartitionIndex partition);
// Uuid.hashCode().
[[nodiscard]] std::int32_t java_uuid_hash(const Uuid& id);

}  // namespace moldau::protocol
