#include "broker/partition_metadata.h"

#include <gtest/gtest.h>

#include <memory>

namespace moldau::broker {
namespace {

TEST(PartitionMetadata, ReplicasThatCannotBeReachedAreOffline) {
  metadata::Image image;
  const auto add = [&](std::int32_t id, bool fenced, std::vector<Uuid> dirs) {
    auto broker = std::make_shared<metadata::BrokerRegistration>();
    broker->id = BrokerId{id};
    broker->fenced = fenced;
    broker->log_dirs = std::move(dirs);
    broker->endpoints = {{id == 4 ? "OTHER" : "PLAINTEXT", "h", 1}};
    image.cluster.brokers.set(BrokerId{id}, broker);
  };
  add(1, false, {Uuid{1, 1}});
  add(2, true, {Uuid{1, 1}});
  add(3, false, {Uuid{9, 9}});
  add(4, false, {Uuid{1, 1}});
  metadata::Partition partition;
  for (std::int32_t id = 1; id <= 5; ++id) {
    partition.replicas.push_back(BrokerId{id});
    partition.directories.push_back(Uuid{1, 1});
  }
  // 2 is fenced, 3 lost the directory, 4 has no such listener, 5 is not registered.
  EXPECT_EQ(offline_replicas(image, partition, "PLAINTEXT"),
            (std::vector{BrokerId{2}, BrokerId{3}, BrokerId{4}, BrokerId{5}}));
}

}  // namespace
}  // namespace moldau::broker
