#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/image.h"

// Images of clusters with just topics and racks.
namespace moldau::group::test {

class TopicsBuilder {
 public:
  TopicsBuilder& broker(int id, std::optional<std::string> rack) {
    metadata::BrokerRegistration broker{.id = BrokerId{id}};
    broker.rack = std::move(rack);
    image_.cluster.brokers.set(broker.id,
                               std::make_shared<const metadata::BrokerRegistration>(broker));
    return *this;
  }
  // One list of replicas for each partition.
  TopicsBuilder& topic(const std::string& name, Uuid id, std::vector<std::vector<int>> replicas) {
    metadata::Topic topic{.name = name, .id = id, .partitions = {}};
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      metadata::Partition partition{.index = PartitionIndex{static_cast<std::int32_t>(i)}};
      for (const int replica : replicas[i]) partition.replicas.emplace_back(replica);
      topic.partitions.push_back(std::make_shared<const metadata::Partition>(partition));
    }
    auto shared = std::make_shared<const metadata::Topic>(std::move(topic));
    image_.topics.by_id.set(id, shared);
    image_.topics.by_name.set(name, shared);
    return *this;
  }
  TopicsBuilder& topic(const std::string& name, Uuid id, int partitions) {
    return topic(name, id, std::vector<std::vector<int>>(static_cast<std::size_t>(partitions)));
  }
  TopicsBuilder& without(const std::string& name) {
    const auto* topic = image_.topics.find(name);
    image_.topics.by_id.erase(Uuid(topic->id));
    image_.topics.by_name.erase(std::string(name));
    return *this;
  }
  TopicsBuilder& group_config(const std::string& group, metadata::ConfigMap values) {
    image_.configs.resources.set({metadata::ConfigType::group, group},
                                 std::make_shared<const metadata::ConfigMap>(std::move(values)));
    return *this;
  }
  TopicsBuilder& version(std::int64_t offset) {
    image_.provenance.last_contained_offset = Offset{offset};
    return *this;
  }
  [[nodiscard]] std::shared_ptr<const metadata::Image> build() const {
    return std::make_shared<const metadata::Image>(image_);
  }

 private:
  metadata::Image image_;
};

}  // namespace moldau::group::test
