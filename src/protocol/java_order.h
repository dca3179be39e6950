#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/uuid.h"
#include "protocol/primitives.h"

// The order in which a java.util.HashMap gives its keys. Kafka's assignors walk such maps, so who
// gets which partition depends on it. Keys that share a bucket, which Java gives in the order of
// their insertion, come here in the order of the list.
namespace moldau::protocol {

[[nodiscard]] inline std::int32_t java_hash(const std::string& key) {
  return java_string_hash(key);
}
[[nodiscard]] inline std::int32_t java_hash(const Uuid& key) { return java_uuid_hash(key); }
[[nodiscard]] inline std::int32_t java_hash(PartitionIndex key) { return key.value(); }

constexpr std::size_t k_java_capacity_min = 16;

// Of a map that grew with its entries.
[[nodiscard]] constexpr std::size_t java_capacity_grown(std::size_t count) {
  std::size_t capacity = k_java_capacity_min;
  while (count * 4 > capacity * 3) capacity *= 2;
  return capacity;
}
// Of a `new HashSet<>(collection)`.
[[nodiscard]] constexpr std::size_t java_capacity_of_copy(std::size_t count) {
  return std::bit_ceil(std::max(count * 4 / 3 + 1, k_java_capacity_min));
}

template <class Key>
[[nodiscard]] std::vector<Key> in_java_order(std::vector<Key> keys, std::size_t capacity) {
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  order.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto hash = static_cast<std::uint32_t>(java_hash(keys[i]));
    order.emplace_back((hash ^ (hash >> 16U)) & static_cast<std::uint32_t>(capacity - 1), i);
  }
  std::ranges::sort(order);
  std::vector<Key> sorted;
  sorted.reserve(keys.size());
  for (const auto& [bucket, i] : order) sorted.push_back(std::move(keys[i]));
  return sorted;
}

}  // namespace moldau::protocol
