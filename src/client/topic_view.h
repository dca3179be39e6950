#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/partitioner.h"

namespace moldau::client {

// A topic as the partitioner looks at it: leaders from the cluster, queues from the accumulator.
// Borrows all that it is given.
class TopicView final : public PartitionView {
 public:
  TopicView(const Cluster& cluster, const Accumulator& accumulator, const std::string& topic,
            std::int32_t count)
      : cluster_(cluster), accumulator_(accumulator), topic_(topic), count_(count) {}
  [[nodiscard]] std::int32_t count() const override { return count_; }
  [[nodiscard]] bool has_leader(PartitionIndex partition) const override {
    const auto place = cluster_.place_of(topic_, partition);
    return place && place->leader != k_no_broker;
  }
  [[nodiscard]] std::optional<std::size_t> queued(PartitionIndex partition) const override {
    return accumulator_.queued({topic_, partition});
  }
  [[nodiscard]] bool is_all_full(PartitionIndex partition) const override {
    return accumulator_.is_all_full({topic_, partition});
  }

 private:
  const Cluster& cluster_;
  const Accumulator& accumulator_;
  const std::string& topic_;
  std::int32_t count_;
};

}  // namespace moldau::client
