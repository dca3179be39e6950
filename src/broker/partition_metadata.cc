#include "broker/partition_metadata.h"

namespace moldau::broker {

std::vector<BrokerId> offline_replicas(const metadata::Image& image,
                                       const metadata::Partition& partition,
                                       std::string_view listener) {
  std::vector<BrokerId> offline;
  for (const BrokerId id : partition.replicas) {
    const metadata::BrokerRegistration* broker = image.cluster.broker(id);
    if (broker == nullptr || broker->fenced || broker->endpoint(listener) == nullptr ||
        !broker->has_online_dir(partition.directory_of(id))) {
      offline.push_back(id);
    }
  }
  return offline;
}

}  // namespace moldau::broker
