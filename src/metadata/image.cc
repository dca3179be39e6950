#include "metadata/image.h"

#include <algorithm>

namespace moldau::metadata {

const Endpoint* BrokerRegistration::endpoint(std::string_view listener) const {
  const auto at = std::ranges::find(endpoints, listener, &Endpoint::name);
  return at == endpoints.end() ? nullptr : &*at;
}

bool BrokerRegistration::has_online_dir(const Uuid& dir) const {
  if (dir == k_dir_lost) return false;
  if (dir == k_dir_unassigned || dir == k_dir_migrating) return true;
  // Brokers older than 3.7-IV2 told of no directory.
  return log_dirs.empty() || std::ranges::binary_search(log_dirs, dir);
}

const BrokerRegistration* Cluster::broker(BrokerId id) const {
  const auto* found = brokers.find(id);
  return found == nullptr ? nullptr : found->get();
}
const ControllerRegistration* Cluster::controller(BrokerId id) const {
  const auto* found = controllers.find(id);
  return found == nullptr ? nullptr : found->get();
}

BrokerId Partition::preferred_leader() const {
  return replicas.empty() ? k_no_broker : replicas.front();
}
Uuid Partition::directory_of(BrokerId replica) const {
  const auto at = std::ranges::find(replicas, replica);
  if (at == replicas.end()) return k_dir_unassigned;
  const auto position = static_cast<std::size_t>(at - replicas.begin());
  return position < directories.size() ? directories[position] : k_dir_unassigned;
}

const Partition* Topic::partition(PartitionIndex index) const {
  // Indexes are dense in every log that Kafka wrote, so the position is nearly always the index.
  const auto position = static_cast<std::size_t>(index.value());
  if (index.value() >= 0 && position < partitions.size() && partitions[position]->index == index) {
    return partitions[position].get();
  }
  const auto at =
      std::ranges::lower_bound(partitions, index, {}, [](const auto& p) { return p->index; });
  return at == partitions.end() || (*at)->index != index ? nullptr : at->get();
}
bool operator==(const Topic& a, const Topic& b) {
  return a.name == b.name && a.id == b.id &&
         std::ranges::equal(a.partitions, b.partitions,
                            [](const auto& x, const auto& y) { return x == y || *x == *y; });
}

const Topic* Topics::find(std::string_view name) const {
  const auto* found = by_name.find(name);
  return found == nullptr ? nullptr : found->get();
}
const Topic* Topics::find(const Uuid& id) const {
  const auto* found = by_id.find(id);
  return found == nullptr ? nullptr : found->get();
}
const Partition* Topics::find(const Uuid& id, PartitionIndex index) const {
  const Topic* topic = find(id);
  return topic == nullptr ? nullptr : topic->partition(index);
}

const ConfigMap& Configs::of(const ConfigResource& resource) const {
  static const ConfigMap k_none;
  const auto* found = resources.find(resource);
  return found == nullptr ? k_none : **found;
}
std::optional<std::string_view> Configs::value(const ConfigResource& resource,
                                               std::string_view key) const {
  const ConfigMap& map = of(resource);
  const auto at = map.find(key);
  if (at == map.end()) return std::nullopt;
  return at->second;
}

FeatureLevel Features::level(std::string_view feature) const {
  const auto at = finalized.find(feature);
  return at == finalized.end() ? FeatureLevel{} : at->second;
}

bool Image::empty() const { return same_content(*this, Image{}); }

namespace {
template <class Map>
bool same(const Map& a, const Map& b) {
  if (a.is_same(b)) return true;
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
           return x.first == y.first && (x.second == y.second || *x.second == *y.second);
         });
}
}  // namespace

bool same_content(const Image& a, const Image& b) {
  return a.features == b.features && same(a.cluster.brokers, b.cluster.brokers) &&
         same(a.cluster.controllers, b.cluster.controllers) &&
         same(a.topics.by_id, b.topics.by_id) && same(a.configs.resources, b.configs.resources) &&
         same(a.client_quotas.entities, b.client_quotas.entities) &&
         a.producer_ids == b.producer_ids && same(a.acls.entries, b.acls.entries) &&
         same(a.scram.credentials, b.scram.credentials) &&
         same(a.delegation_tokens.by_id, b.delegation_tokens.by_id);
}

}  // namespace moldau::metadata
