#pragma once
#include <absl/container/flat_hash_map.h>

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/rng.h"
#include "bytes/shared_bytes.h"

namespace moldau::client {

// Which partition a record goes to when the program does not say: the key's murmur2 hash, so that
// every client puts the same key on the same partition; without a key, one partition at a time
// until about a batch has gone there (KIP-480, KIP-794).
// Context: one shard. Source: BuiltInPartitioner.
class Partitioner {
 public:
  explicit Partitioner(std::uint64_t seed, std::size_t sticky_bytes = 16'384)
      : rng_(seed), sticky_bytes_(sticky_bytes) {}
  // REQUIRES: count > 0.
  [[nodiscard]] PartitionIndex choose(const std::string& topic, std::optional<Bytes> key,
                                      std::size_t record_bytes, std::int32_t count);

 private:
  struct Sticky {
    PartitionIndex partition;
    std::size_t bytes = 0;
  };
  Rng rng_;
  std::size_t sticky_bytes_;
  absl::flat_hash_map<std::string, Sticky> sticky_;
};

}  // namespace moldau::client
