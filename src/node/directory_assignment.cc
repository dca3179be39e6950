#include "node/directory_assignment.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace moldau::node {
namespace {

using Request = protocol::AssignReplicasToDirsRequest;

void add(Request& request, const Uuid& directory, const Uuid& topic, PartitionIndex partition) {
  auto dir = std::ranges::find(request.directories, directory, &Request::DirectoryData::id);
  if (dir == request.directories.end()) {
    request.directories.emplace_back().id = directory;
    dir = std::prev(request.directories.end());
  }
  // The caller goes topic by topic.
  if (dir->topics.empty() || dir->topics.back().topic_id != topic) {
    dir->topics.emplace_back().topic_id = topic;
  }
  dir->topics.back().partitions.emplace_back().partition_index = partition;
}

}  // namespace

std::vector<Request> directory_corrections(const metadata::Image& image, BrokerId self,
                                           BrokerEpoch epoch, const LogDirectories& directories) {
  std::vector<Request> requests;
  std::size_t in_last = k_assignments_per_request;
  for (const auto& [id, topic] : image.topics.by_id) {
    for (const auto& partition : topic->partitions) {
      if (std::ranges::find(partition->replicas, self) == partition->replicas.end()) continue;
      const Uuid said = partition->directory_of(self);
      // Those are served wherever they lie.
      if (said == metadata::k_dir_unassigned || said == metadata::k_dir_migrating) continue;
      const std::optional<Uuid> home = directories.home_of(topic->name, partition->index);
      if (!home || *home == said) continue;
      if (in_last == k_assignments_per_request) {
        requests.push_back({.broker_id = self, .broker_epoch = epoch});
        in_last = 0;
      }
      add(requests.back(), *home, id, partition->index);
      ++in_last;
    }
  }
  return requests;
}

std::size_t replicas_in(const Request& request) {
  std::size_t count = 0;
  for (const auto& directory : request.directories) {
    for (const auto& topic : directory.topics) count += topic.partitions.size();
  }
  return count;
}

}  // namespace moldau::node
