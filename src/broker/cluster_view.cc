#include "broker/cluster_view.h"

#include <fmt/core.h>

#include <algorithm>

namespace moldau::broker {
namespace {
constexpr std::size_t k_topic_name_size_max = 249;

bool may_stand_in_topic_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}
}  // namespace

std::string topic_name_fault(std::string_view name) {
  if (name.empty()) return "Topic name is invalid: the empty string is not allowed";
  if (name == "." || name == "..") return "Topic name is invalid: '.' or '..' is not allowed";
  if (name.size() > k_topic_name_size_max) {
    return fmt::format(
        "Topic name is invalid: the length of '{}' is longer than the max allowed length {}", name,
        k_topic_name_size_max);
  }
  if (!std::ranges::all_of(name, may_stand_in_topic_name)) {
    return fmt::format(
        "Topic name is invalid: '{}' contains one or more characters other than ASCII "
        "alphanumerics, '.', '_' and '-'",
        name);
  }
  return {};
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

const metadata::Endpoint* endpoint_of(const metadata::Image& image, BrokerId id,
                                      std::string_view listener) {
  const metadata::BrokerRegistration* broker = image.cluster.broker(id);
  return broker == nullptr ? nullptr : broker->endpoint(listener);
}

std::optional<std::string> rack_of(const metadata::Image& image, BrokerId id) {
  const metadata::BrokerRegistration* broker = image.cluster.broker(id);
  return broker == nullptr ? std::nullopt : broker->rack;
}

BrokerId some_alive_broker(const metadata::Image& image, std::uint64_t draw) {
  std::vector<BrokerId> alive;
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (!broker->fenced) alive.push_back(id);
  }
  return alive.empty() ? k_no_broker : alive[draw % alive.size()];
}

Located locate(const metadata::Image& image, std::string_view topic, PartitionIndex partition) {
  const metadata::Topic* found = image.topics.find(topic);
  if (found == nullptr || found->partition(partition) == nullptr) {
    return {.error = Errc::unknown_topic_or_partition, .id = {}};
  }
  return {.error = Errc::none, .id = {found->id, partition}};
}

}  // namespace moldau::broker
