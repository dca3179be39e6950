#pragma once
#include <absl/container/flat_hash_map.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "bytes/shared_bytes.h"

namespace moldau::client {

struct PartitionerSettings {
  enum class Kind : std::uint8_t { built_in, round_robin };
  Kind kind = Kind::built_in;         // partitioner.class
  bool ignore_keys = false;           // partitioner.ignore.keys
  bool adaptive = true;               // partitioner.adaptive.partitioning.enable
  std::size_t sticky_bytes = 16'384;  // batch.size
};

// A topic as the producer has it now.
class PartitionView {
 public:
  PartitionView() = default;
  PartitionView(const PartitionView&) = delete;
  PartitionView& operator=(const PartitionView&) = delete;
  virtual ~PartitionView() = default;
  [[nodiscard]] virtual std::int32_t count() const = 0;  // > 0
  [[nodiscard]] virtual bool has_leader(PartitionIndex partition) const = 0;
  // Batches that wait to be sent there; nullopt: nothing ever went there.
  [[nodiscard]] virtual std::optional<std::size_t> queued(PartitionIndex partition) const = 0;
  // No batch waits there that more records fit into.
  [[nodiscard]] virtual bool is_all_full(PartitionIndex partition) const = 0;
};

// Which partition a record goes to when the program does not say: the key's murmur2 hash, so that
// every client puts the same key on the same partition; without a key (or with keys ignored), one
// partition at a time until about a batch has gone there, then another, chosen the more seldom the
// more waits for it (KIP-480, KIP-794). Or each in its turn, whatever the key.
// Context: one shard. Source: BuiltInPartitioner, RoundRobinPartitioner.
class Partitioner {
 public:
  // From all 31-bit numbers.
  using Random = std::function<std::uint32_t()>;
  Partitioner(PartitionerSettings settings, Random random)
      : settings_(settings), random_(std::move(random)) {}
  [[nodiscard]] PartitionIndex choose(const std::string& topic, std::optional<Bytes> key,
                                      const PartitionView& view);
  // What the record that choose() placed there added to its batch.
  void appended(const std::string& topic, PartitionIndex partition, std::size_t bytes);

 private:
  struct Topic {
    std::optional<PartitionIndex> sticky;
    std::size_t bytes = 0;  // that went there
    std::uint32_t turn = 0;
  };
  [[nodiscard]] PartitionIndex in_turn(Topic& topic, const PartitionView& view) const;
  [[nodiscard]] PartitionIndex another(const PartitionView& view) const;
  PartitionerSettings settings_;
  Random random_;
  absl::flat_hash_map<std::string, Topic> topics_;
};

// The partition that a number of 31 bits picks by load; nullopt when loads do not tell them apart.
// `all`: how many partitions something went to, those without a leader among them.
struct PartitionLoad {
  PartitionIndex partition;
  std::size_t queued = 0;
};
[[nodiscard]] std::optional<PartitionIndex> pick_by_load(const std::vector<PartitionLoad>& loads,
                                                         std::size_t all, std::uint32_t number);

}  // namespace moldau::client
