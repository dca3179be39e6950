#include "broker/txn_markers.h"

#include <memory>
#include <utility>

#include "broker/ack_wait.h"
#include "broker/group_coordinators.h"
#include "bytes/writer.h"
#include "protocol/data/end_txn_marker.h"
#include "record/control.h"

namespace moldau::broker {
namespace {

constexpr ApiVersion k_marker_version{0};

// The transaction coordinator does not expect what group coordinators answer: to it the partition
// is not ready yet, and it tries again.
Errc as_of_partition(Errc error) {
  const bool is_of_coordinator = error == Errc::coordinator_not_available ||
                                 error == Errc::coordinator_load_in_progress ||
                                 error == Errc::not_coordinator;
  return is_of_coordinator ? Errc::not_leader_or_follower : error;
}

env::Task<Errc> write_here(Shard& shard, TopicIdPartition id, Marker marker) {
  const std::shared_ptr<Partition> partition = shard.partitions.find(id);
  if (partition == nullptr) co_return Errc::unknown_topic_or_partition;
  SharedBytes batch = SharedBytes::take(encode_marker(marker, shard.env.clock.wall()));
  AppendAnswer appended;
  if (partition->log().topic() == k_offsets_topic) {
    appended = co_await shard.groups.end_transaction(id, {.producer = {marker.id, marker.epoch},
                                                          .commit = marker.commit,
                                                          .batch = std::move(batch),
                                                          .txn_version = marker.txn_version});
  } else {
    appended = co_await partition->append_own(std::move(batch), marker.txn_version);
  }
  if (appended.error != Errc::none) co_return as_of_partition(appended.error);
  Errc result = Errc::none;
  AckWait wait(shard.env);
  wait.add(partition, replica::Acks::all, appended, result);
  if (wait.pending()) co_await wait.wait(shard.view->node->network.request_timeout);
  co_return result;
}

}  // namespace

std::vector<std::byte> encode_marker(const Marker& marker, Timestamp now) {
  Writer value;
  value.i16(k_marker_version.value());
  protocol::EndTxnMarker end;
  end.coordinator_epoch = marker.coordinator_epoch;
  end.encode(value, k_marker_version);
  const std::vector<std::byte> bytes = value.take();
  return record::control_batch(
      {.producer_id = marker.id,
       .producer_epoch = marker.epoch,
       .is_transactional = true,
       .is_control = true},
      marker.commit ? record::ControlType::commit : record::ControlType::abort, now, Bytes{bytes});
}

env::Task<Errc> write_marker(Shard& from, TopicIdPartition id, Marker marker) {
  Shard& owner = from.facts.owner(id);
  co_return co_await env::call_on<Errc>(
      from.env, owner.port, [&owner, id, marker]() { return write_here(owner, id, marker); });
}

}  // namespace moldau::broker
