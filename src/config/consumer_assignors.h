#pragma once
#include <array>
#include <string_view>

// What group.consumer.assignors may name: an assignor's own name, or Kafka's class of it. There are
// no others, for classes cannot be loaded.
namespace moldau::config {

struct ConsumerAssignor {
  std::string_view name;
  std::string_view java_class;
};
inline constexpr auto k_consumer_assignors = std::to_array<ConsumerAssignor>(
    {{"uniform", "org.apache.kafka.coordinator.group.assignor.UniformAssignor"},
     {"range", "org.apache.kafka.coordinator.group.assignor.RangeAssignor"}});

}  // namespace moldau::config
