#include "group/topic_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "protocol/utf16.h"

namespace moldau::group {
namespace {

static_assert(std::endian::native == std::endian::little, "XXH3 reads little-endian words");

// The constants of the specification of XXH3 (xxhash, BSD licence).
constexpr std::uint64_t k_prime32_1 = 0x9E3779B1U;
constexpr std::uint64_t k_prime32_2 = 0x85EBCA77U;
constexpr std::uint64_t k_prime32_3 = 0xC2B2AE3DU;
constexpr std::uint64_t k_prime64_1 = 0x9E3779B185EBCA87U;
constexpr std::uint64_t k_prime64_2 = 0xC2B2AE3D27D4EB4FU;
constexpr std::uint64_t k_prime64_3 = 0x165667B19E3779F9U;
constexpr std::uint64_t k_prime64_4 = 0x85EBCA77C2B2AE63U;
constexpr std::uint64_t k_prime64_5 = 0x27D4EB2F165667C5U;
constexpr std::uint64_t k_prime_mx1 = 0x165667919E3779F9U;
constexpr std::uint64_t k_prime_mx2 = 0x9FB21C651E98DF25U;

constexpr std::array<unsigned char, 192> k_secret = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};
constexpr std::size_t k_stripe = 64;
constexpr std::size_t k_secret_step = 8;

template <class Word>
Word load(const void* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}
std::uint64_t read64(const std::byte* at) { return load<std::uint64_t>(at); }
std::uint64_t read32(const std::byte* at) { return load<std::uint32_t>(at); }
std::uint64_t secret64(std::size_t at) { return load<std::uint64_t>(k_secret.data() + at); }
std::uint64_t secret32(std::size_t at) { return load<std::uint32_t>(k_secret.data() + at); }

std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
  using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}
std::uint64_t avalanche(std::uint64_t hash) {
  hash ^= hash >> 37U;
  hash *= k_prime_mx1;
  return hash ^ (hash >> 32U);
}
std::uint64_t avalanche_xxh64(std::uint64_t hash) {
  hash ^= hash >> 33U;
  hash *= k_prime64_2;
  hash ^= hash >> 29U;
  hash *= k_prime64_3;
  return hash ^ (hash >> 32U);
}
std::uint64_t mix16(const std::byte* at, std::size_t secret) {
  return fold_product(read64(at) ^ secret64(secret), read64(at + 8) ^ secret64(secret + 8));
}

std::uint64_t hash_up_to_16(const std::byte* at, std::size_t size) {
  if (size > 8) {
    const std::uint64_t low = read64(at) ^ (secret64(24) ^ secret64(32));
    const std::uint64_t high = read64(at + size - 8) ^ (secret64(40) ^ secret64(48));
    return avalanche(size + std::byteswap(low) + high + fold_product(low, high));
  }
  if (size >= 4) {
    const std::uint64_t both = read32(at + size - 4) + (read32(at) << 32U);
    std::uint64_t hash = both ^ (secret64(8) ^ secret64(16));
    hash ^= std::rotl(hash, 49) ^ std::rotl(hash, 24);
    hash *= k_prime_mx2;
    hash ^= (hash >> 35U) + size;
    hash *= k_prime_mx2;
    return hash ^ (hash >> 28U);
  }
  if (size > 0) {
    const auto first = std::to_integer<std::uint64_t>(at[0]);
    const auto middle = std::to_integer<std::uint64_t>(at[size >> 1U]);
    const auto last = std::to_integer<std::uint64_t>(at[size - 1]);
    const std::uint64_t all = (first << 16U) | (middle << 24U) | last | (size << 8U);
    return avalanche_xxh64(all ^ (secret32(0) ^ secret32(4)));
  }
  return avalanche_xxh64(secret64(56) ^ secret64(64));
}

std::uint64_t hash_up_to_128(const std::byte* at, std::size_t size) {
  std::uint64_t hash = size * k_prime64_1;
  for (std::size_t i = (size - 1) / 32 + 1; i-- > 0;) {
    hash += mix16(at + 16 * i, 32 * i);
    hash += mix16(at + size - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(hash);
}

std::uint64_t hash_up_to_240(const std::byte* at, std::size_t size) {
  std::uint64_t hash = size * k_prime64_1;
  for (std::size_t i = 0; i < 8; ++i) hash += mix16(at + 16 * i, 16 * i);
  hash = avalanche(hash);
  for (std::size_t i = 8; i < size / 16; ++i) hash += mix16(at + 16 * i, 16 * (i - 8) + 3);
  hash += mix16(at + size - 16, 136 - 17);
  return avalanche(hash);
}

using Lanes = std::array<std::uint64_t, 8>;

void accumulate(Lanes& lanes, const std::byte* stripe, std::size_t secret) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::uint64_t value = read64(stripe + 8 * i);
    const std::uint64_t keyed = value ^ secret64(secret + 8 * i);
    lanes[i ^ 1U] += value;
    lanes[i] += (keyed & 0xffffffffU) * (keyed >> 32U);
  }
}
void scramble(Lanes& lanes) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes[i] ^= lanes[i] >> 47U;
    lanes[i] ^= secret64(k_secret.size() - k_stripe + 8 * i);
    lanes[i] *= k_prime32_1;
  }
}

std::uint64_t hash_long(const std::byte* at, std::size_t size) {
  Lanes lanes{k_prime32_3, k_prime64_1, k_prime64_2, k_prime64_3,
              k_prime64_4, k_prime32_2, k_prime64_5, k_prime32_1};
  constexpr std::size_t k_stripes_per_block = (k_secret.size() - k_stripe) / k_secret_step;
  const std::size_t stripes = (size - 1) / k_stripe;  // the last one is taken from the end
  for (std::size_t i = 0; i < stripes; ++i) {
    accumulate(lanes, at + k_stripe * i, k_secret_step * (i % k_stripes_per_block));
    if (i % k_stripes_per_block == k_stripes_per_block - 1) scramble(lanes);
  }
  accumulate(lanes, at + size - k_stripe, k_secret.size() - k_stripe - 7);
  std::uint64_t hash = size * k_prime64_1;
  for (std::size_t i = 0; i < 4; ++i) {
    hash += fold_product(lanes[2 * i] ^ secret64(11 + 16 * i),
                         lanes[2 * i + 1] ^ secret64(11 + 16 * i + 8));
  }
  return avalanche(hash);
}

// Numbers and UTF-16 units as hash4j puts them into a stream: little-endian, a text followed by how
// many units it has.
class Stream {
 public:
  template <class Number>
  void put(Number number) {
    std::array<std::byte, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, sizeof number);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void put_text(std::string_view text) { put(put_units(text)); }
  std::int32_t put_units(std::string_view text) {
    std::int32_t units = 0;
    protocol::for_each_utf16_unit(text, [&](std::uint16_t unit) {
      put(unit);
      ++units;
    });
    return units;
  }
  [[nodiscard]] std::int64_t hash() const { return static_cast<std::int64_t>(xxh3_64(bytes_)); }

 private:
  std::vector<std::byte> bytes_;
};

std::int32_t units_of(std::string_view text) {
  std::int32_t units = 0;
  protocol::for_each_utf16_unit(text, [&](std::uint16_t) { ++units; });
  return units;
}

std::vector<std::string> racks_of(const metadata::Partition& partition,
                                  const metadata::Cluster& cluster) {
  std::vector<std::string> racks;
  for (const BrokerId replica : partition.replicas) {
    const metadata::BrokerRegistration* broker = cluster.broker(replica);
    if (broker != nullptr && broker->rack) racks.push_back(*broker->rack);
  }
  std::ranges::sort(racks);
  return racks;
}

}  // namespace

std::uint64_t xxh3_64(Bytes bytes) {
  const std::byte* at = bytes.data();
  if (bytes.size() <= 16) return hash_up_to_16(at, bytes.size());
  if (bytes.size() <= 128) return hash_up_to_128(at, bytes.size());
  if (bytes.size() <= 240) return hash_up_to_240(at, bytes.size());
  return hash_long(at, bytes.size());
}

std::int64_t topic_hash(const metadata::Topic& topic, const metadata::Cluster& cluster) {
  Stream stream;
  stream.put(std::int8_t{0});  // the version of the format
  stream.put(topic.id.high());
  stream.put(topic.id.low());
  stream.put_text(topic.name);
  stream.put(static_cast<std::int32_t>(topic.partitions.size()));
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    stream.put(static_cast<std::int32_t>(i));
    for (const std::string& rack : racks_of(*topic.partitions[i], cluster)) {
      stream.put(units_of(rack));
      stream.put_text(rack);
    }
  }
  return stream.hash();
}

std::int64_t group_hash(const std::map<std::string, std::int64_t>& topics) {
  if (topics.empty()) return 0;
  Stream stream;
  for (const auto& [name, hash] : topics) stream.put(hash);
  return stream.hash();
}

}  // namespace moldau::group
