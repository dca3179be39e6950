#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cluster.h"
#include "client/record.h"
#include "env/task.h"
#include "protocol/api/fetch.h"

namespace moldau::client {

enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

// What to do when the position is outside the partition's log (auto.offset.reset).
enum class OnOutOfRange : std::uint8_t { earliest, latest, fail };

struct ReaderSettings {
  Milliseconds max_wait{500};                         // fetch.max.wait.ms
  std::int32_t min_bytes = 1;                         // fetch.min.bytes
  std::int32_t max_bytes = 50 << 20;                  // fetch.max.bytes
  std::int32_t partition_max_bytes = 1 << 20;         // max.partition.fetch.bytes
  Isolation isolation = Isolation::read_uncommitted;  // isolation.level
  OnOutOfRange on_out_of_range = OnOutOfRange::latest;
  std::size_t decompressed_bytes_max = 1 << 30;  // of one batch
  bool check_crcs = true;                        // check.crcs
};

// Records of one partition, in offset order.
struct PartitionRecords {
  TopicPartition partition;
  std::vector<IncomingRecord> records;
};

// Where a partition begins, ends, or reaches a time.
enum class OffsetSpec : std::int64_t {
  latest = -1,
  earliest = -2,
  max_timestamp = -3,
  earliest_local = -4,
  latest_tiered = -5,
  earliest_pending_upload = -6,
};
struct FoundOffset {
  Offset offset = k_no_offset;  // k_no_offset: nothing there (no record that late)
  Timestamp timestamp = k_no_timestamp;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
};

// Reads partitions that the program names, from positions that it gives: a consumer with assign()
// and without a group. Control records and, in read_committed, records of aborted transactions are
// left out.
// Errors of poll(): offset_out_of_range (with OnOutOfRange::fail), unknown_topic_or_partition after
// the API timeout, corrupt_message. Everything that may pass is retried.
// Context: one shard, one poll() at a time; the cluster outlives it.
// Source:  KafkaConsumer, AbstractFetch, OffsetFetcher.
class PartitionReader {
 public:
  PartitionReader(Cluster& cluster, ReaderSettings settings);
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;
  ~PartitionReader();

  // From now on `partition` is read from `position`.
  void assign(TopicPartition partition, Offset position);
  [[nodiscard]] Offset position(const TopicPartition& partition) const;
  // Records that came, of any of the partitions; empty when `wait` is over first.
  [[nodiscard]] env::Task<Result<std::vector<PartitionRecords>>> poll(Milliseconds wait);

 private:
  struct State;
  [[nodiscard]] env::Task<Result<std::vector<PartitionRecords>>> fetch(BrokerId leader,
                                                                       Milliseconds wait);
  // The records of one partition's answer; moves its position. `data` outlives the task.
  [[nodiscard]] env::Task<Result<std::vector<IncomingRecord>>> take(
      TopicPartition partition, protocol::FetchResponse::PartitionData& data);
  std::unique_ptr<State> state_;
};

// ListOffsets for one partition: a special position or the first record at or after a time.
// Retries while the leader is unknown, until the API timeout.
[[nodiscard]] env::Task<Result<FoundOffset>> find_offset(
    Cluster& cluster, TopicPartition partition, OffsetSpec spec,
    Isolation isolation = Isolation::read_uncommitted);
[[nodiscard]] env::Task<Result<FoundOffset>> find_offset_for_time(Cluster& cluster,
                                                                  TopicPartition partition,
                                                                  Timestamp at);

}  // namespace moldau::client
