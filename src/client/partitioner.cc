#include "client/partitioner.h"

#include "protocol/primitives.h"

namespace moldau::client {

PartitionIndex Partitioner::choose(const std::string& topic, std::optional<Bytes> key,
                                   std::size_t record_bytes, std::int32_t count) {
  CHECK_OP(count, >, 0);
  if (key) return protocol::partition_of_key(*key, count);
  auto [found, is_new] = sticky_.try_emplace(topic);
  Sticky& sticky = found->second;
  if (is_new || sticky.bytes >= sticky_bytes_ || sticky.partition.value() >= count) {
    sticky.partition =
        PartitionIndex{static_cast<std::int32_t>(rng_.below(static_cast<std::uint64_t>(count)))};
    sticky.bytes = 0;
  }
  sticky.bytes += record_bytes;
  return sticky.partition;
}

}  // namespace moldau::client
