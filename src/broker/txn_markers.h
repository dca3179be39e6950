#pragma once
#include <cstdint>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/time.h"
#include "broker/shard.h"
#include "broker/topic_partition.h"
#include "env/task.h"

namespace moldau::broker {

// The end of a producer's transaction as one partition's log keeps it.
struct Marker {
  ProducerId id;
  ProducerEpoch epoch;  // of transaction version 2: above that of the transaction's records
  bool commit = false;
  std::int32_t coordinator_epoch = 0;
  std::int16_t txn_version = 0;  // decides how strictly `epoch` is checked; not in the log
};

// Whether it names a producer at all; one that does not cannot be encoded.
[[nodiscard]] constexpr bool is_of_producer(const Marker& marker) {
  return marker.id >= ProducerId{0} && marker.epoch >= ProducerEpoch{0};
}

// The control batch of it, in Kafka's bytes. REQUIRES: is_of_producer(marker).
// Source: MemoryRecords.withEndTransactionMarker.
[[nodiscard]] std::vector<std::byte> encode_marker(const Marker& marker, Timestamp now);

// Appends the marker to a partition of this node, whichever shard it lives on, and waits until it
// is on all in-sync replicas. In a partition of __consumer_offsets its group coordinator sees it in
// the order of the log, so that offsets which were pending count, or are gone.
// REQUIRES: is_of_producer(marker).
// Answers none, or:
//   unknown_topic_or_partition      no replica of it is here
//   not_leader_or_follower          it does not lead here, or its coordinator is not ready: retry
//   invalid_producer_epoch, transaction_coordinator_fenced   the log refuses it: do not retry
//   not_enough_replicas(_after_append), request_timed_out, kafka_storage_error
// Source: KafkaApis.handleWriteTxnMarkersRequest.
[[nodiscard]] env::Task<Errc> write_marker(Shard& from, TopicIdPartition id, Marker marker);

}  // namespace moldau::broker
