#include "protocol/api/write_txn_markers.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <utility>

#include "base/limits.h"
#include "broker/handlers/handlers.h"
#include "broker/txn_markers.h"

namespace moldau::broker {
namespace {

using protocol::WriteTxnMarkersRequest;
using protocol::WriteTxnMarkersResponse;
using security::Operation;
using RequestMarker = WriteTxnMarkersRequest::WritableTxnMarker;

// One marker for one partition, and what became of it.
struct Write {
  Marker marker;
  const std::string* topic;  // in the request
  PartitionIndex partition;
  Located located;
  Errc error = Errc::none;
};

Marker marker_of(const RequestMarker& asked) {
  return {.id = asked.producer_id,
          .epoch = asked.producer_epoch,
          .commit = asked.transaction_result,
          .coordinator_epoch = asked.coordinator_epoch,
          .txn_version = asked.transaction_version};
}

// In the order of the request; a partition that one marker names twice gets it once.
std::vector<Write> writes_of(const RequestContext& context, const WriteTxnMarkersRequest& request) {
  std::vector<Write> writes;
  for (const RequestMarker& asked : request.markers) {
    absl::flat_hash_set<std::pair<std::string_view, PartitionIndex>> seen;
    for (const auto& topic : asked.topics) {
      for (const PartitionIndex partition : topic.partition_indexes) {
        if (!seen.insert({topic.name, partition}).second) continue;
        writes.push_back({.marker = marker_of(asked),
                          .topic = &topic.name,
                          .partition = partition,
                          .located = locate(context.image(), topic.name, partition)});
      }
    }
  }
  return writes;
}

env::Task<void> finish(std::vector<std::pair<Write*, env::Task<Errc>>>& running) {
  for (auto& [write, task] : running) write->error = co_await task;
  running.clear();
}

env::Task<void> carry_out(RequestContext& context, std::vector<Write>& writes) {
  std::vector<std::pair<Write*, env::Task<Errc>>> running;
  for (Write& write : writes) {
    write.error = write.located.error;
    if (write.error != Errc::none) continue;
    running.emplace_back(&write, write_marker(context.shard, write.located.id, write.marker));
    if (std::cmp_greater_equal(running.size(), k_markers_at_once_max.value)) {
      co_await finish(running);
    }
  }
  co_await finish(running);
}

// A marker without a producer cannot be put into a batch; Kafka fails the request then.
bool cannot_be_encoded(const Write& write) {
  return write.located.error == Errc::none && !is_of_producer(write.marker);
}

void refuse(std::vector<Write>& writes, Errc error) {
  for (Write& write : writes) write.error = error;
}

// The markers of one producer id come together, and so do the partitions of a topic in them.
WriteTxnMarkersResponse answer_of(const std::vector<Write>& writes) {
  WriteTxnMarkersResponse response;
  absl::flat_hash_map<ProducerId, std::size_t> markers;
  absl::flat_hash_map<std::pair<std::size_t, std::string_view>, std::size_t> topics;
  for (const Write& write : writes) {
    const auto [marker, new_marker] = markers.try_emplace(write.marker.id, response.markers.size());
    if (new_marker) response.markers.emplace_back().producer_id = write.marker.id;
    auto& answered = response.markers[marker->second].topics;
    const auto [topic, new_topic] =
        topics.try_emplace({marker->second, *write.topic}, answered.size());
    if (new_topic) answered.emplace_back().name = *write.topic;
    answered[topic->second].partitions.push_back(
        {.partition_index = write.partition, .error_code = write.error});
  }
  return response;
}

}  // namespace

Answer<WriteTxnMarkersResponse> write_txn_markers(RequestContext& context,
                                                  WriteTxnMarkersRequest request) {
  std::vector<Write> writes = writes_of(context, request);
  // Who may alter the cluster may end a hanging transaction by hand (KIP-664).
  if (!context.allows_on_cluster(Operation::alter) &&
      !context.allows_on_cluster(Operation::cluster_action)) {
    refuse(writes, Errc::cluster_authorization_failed);
  } else if (std::ranges::any_of(writes, cannot_be_encoded)) {
    refuse(writes, Errc::unknown_server_error);
  } else {
    co_await carry_out(context, writes);
  }
  co_return answer_of(writes);
}

}  // namespace moldau::broker
