#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cluster.h"
#include "client/list_offsets.h"
#include "client/record.h"
#include "env/task.h"

namespace moldau::client {

struct ReaderSettings {
  Milliseconds max_wait{500};                         // fetch.max.wait.ms
  std::int32_t min_bytes = 1;                         // fetch.min.bytes
  std::int32_t max_bytes = 50 << 20;                  // fetch.max.bytes
  std::int32_t partition_max_bytes = 1 << 20;         // max.partition.fetch.bytes
  std::size_t poll_records_max = 500;                 // max.poll.records
  Isolation isolation = Isolation::read_uncommitted;  // isolation.level
  ResetPolicy reset;                                  // auto.offset.reset
  std::string rack;                                   // client.rack
  std::size_t decompressed_bytes_max = 1 << 30;       // of one batch
  bool check_crcs = true;                             // check.crcs
};

// Records of one partition, in offset order.
struct PartitionRecords {
  TopicPartition partition;
  std::vector<IncomingRecord> records;
};

// Reads partitions that the program names, from positions that it gives: a consumer with assign()
// and without a group. While the program works on records, the next are on their way. Control
// records and, in read_committed, records of aborted transactions are left out. With a rack, reads
// from the replica that the leader names while metadata are fresh (metadata.max.age.ms, KIP-392).
// Errors of poll(): offset_out_of_range (with ResetPolicy none), corrupt_message, what the broker
// refuses for good. Everything that may pass is retried.
// Context: one shard, one poll() at a time; the cluster outlives it. Await close() before it goes.
// Source:  KafkaConsumer, AbstractFetch, OffsetFetcher.
class PartitionReader {
 public:
  PartitionReader(Cluster& cluster, ReaderSettings settings);
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;
  ~PartitionReader();

  // From now on `partition` is read from `position`; what was read ahead is dropped.
  void assign(TopicPartition partition, Offset position,
              LeaderEpoch leader_epoch = k_no_leader_epoch);
  void drop(const TopicPartition& partition);
  [[nodiscard]] bool has(const TopicPartition& partition) const;
  [[nodiscard]] std::vector<TopicPartition> partitions() const;
  // What was returned last plus one; k_no_offset for a partition that is not read.
  [[nodiscard]] Offset position(const TopicPartition& partition) const;
  // Of the record before the position, when that is known.
  [[nodiscard]] LeaderEpoch leader_epoch(const TopicPartition& partition) const;
  // A paused partition gives nothing and keeps its position.
  void pause(const TopicPartition& partition);
  void resume(const TopicPartition& partition);
  [[nodiscard]] bool is_paused(const TopicPartition& partition) const;

  // Records that came, of any of the partitions; empty when `wait` is over first, or woken.
  [[nodiscard]] env::Task<Result<std::vector<PartitionRecords>>> poll(Milliseconds wait);
  // Lets a poll() that waits, or the next one, return at once.
  void wake();
  // Ends what is on its way. Idempotent.
  [[nodiscard]] env::Task<void> close();

 private:
  struct State;
  struct Wanted;
  [[nodiscard]] std::vector<PartitionRecords> take_ready();
  [[nodiscard]] env::Task<void> find_leaders();
  void send_fetches();
  [[nodiscard]] env::Task<void> fetch(BrokerId leader, std::vector<Wanted> wanted);
  [[nodiscard]] env::Task<Result<void>> ask(BrokerId leader, std::vector<Wanted> wanted);
  [[nodiscard]] env::Task<Result<void>> reset(Wanted wanted);
  std::unique_ptr<State> state_;
};

}  // namespace moldau::client
