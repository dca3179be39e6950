#include "protocol/primitives.h"

#include <fmt/core.h>

#include "base/check.h"
#include "protocol/utf16.h"

namespace moldau::protocol {

std::int32_t murmur2(Bytes data) {
  constexpr std::uint32_t k_seed = 0x9747b28c;
  constexpr std::uint32_t k_multiplier = 0x5bd1e995;
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(data[i]); };
  std::uint32_t hash = k_seed ^ static_cast<std::uint32_t>(data.size());
  std::size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    std::uint32_t word =
        byte(i) | (byte(i + 1) << 8U) | (byte(i + 2) << 16U) | (byte(i + 3) << 24U);
    word *= k_multiplier;
    word ^= word >> 24U;
    word *= k_multiplier;
    hash *= k_multiplier;
    hash ^= word;
  }
  const std::size_t left = data.size() - i;
  if (left == 3) hash ^= byte(i + 2) << 16U;
  if (left >= 2) hash ^= byte(i + 1) << 8U;
  if (left >= 1) {
    hash ^= byte(i);
    hash *= k_multiplier;
  }
  hash ^= hash >> 13U;
  hash *= k_multiplier;
  hash ^= hash >> 15U;
  return static_cast<std::int32_t>(hash);
}

std::int32_t java_string_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for_each_utf16_unit(text, [&](std::uint16_t unit) { hash = hash * 31U + unit; });
  return static_cast<std::int32_t>(hash);
}

PartitionIndex partition_of_key(Bytes key, std::int32_t partition_count) {
  CHECK_OP(partition_count, >, 0);
  return PartitionIndex{to_positive(murmur2(key)) % partition_count};
}

PartitionIndex coordinator_partition(std::string_view id, std::int32_t partition_count) {
  CHECK_OP(partition_count, >, 0);
  return PartitionIndex{java_abs(java_string_hash(id)) % partition_count};
}

std::string share_coordinator_key(std::string_view group, const Uuid& topic,
                                  PartitionIndex partition) {
  return fmt::format("{}:{}:{}", group, topic.to_string(), partition.value());
}

std::int32_t java_uuid_hash(const Uuid& id) {
  const std::uint64_t mixed = id.high() ^ id.low();
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(mixed >> 32U) ^
                                   static_cast<std::uint32_t>(mixed));
}

}  // namespace moldau::protocol
