#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "bytes/shared_bytes.h"
#include "env/disk.h"
#include "env/env.h"
#include "env/task.h"
#include "log/epoch_cache.h"
#include "log/index_format.h"
#include "log/log_config.h"
#include "log/producer_state.h"
#include "log/recovery_facts.h"

namespace moldau::log {

class FilePool;

// What open() needs to know of one log beside its folder. LogDirectory knows it all.
struct LogLocation {
  std::string path;  // of the folder: "<log dir>/<topic>-<partition>"
  std::string topic;
  PartitionIndex partition{0};
  bool clean = false;          // the directory's last run ended with the clean shutdown marker
  Offset recovery_point{0};    // below it everything was synced; 0 when not known
  Offset log_start_offset{0};  // from log-start-offset-checkpoint; 0 when not there
  // What stands below it was durable, and must not be lost without a word: where a recovery would
  // cut there, open() fails and leaves the .log files as they are.
  Offset keep_below{0};
  // Of a log that does not exist yet: written to partition.metadata. Of one that does: must match
  // what the file says, when both are set.
  std::optional<Uuid> topic_id;
};

// How one append is to be done.
struct AppendOptions {
  LeaderEpoch leader_epoch{0};  // written into the batches
  AppendOrigin origin = AppendOrigin::client;
  std::int16_t txn_version = 0;          // of WriteTxnMarkers
  VerificationGuard guard = k_no_guard;  // of the transaction that it begins
};

struct Appended {
  Offset first_offset = k_no_offset;  // -1: there was nothing to append
  Offset last_offset = k_no_offset;   // inclusive
  Timestamp max_timestamp = k_no_timestamp;
  Timestamp log_append_time = k_no_timestamp;  // -1 when the topic keeps CreateTime
  Offset log_start_offset{0};
  bool duplicate = false;  // an idempotent producer sent it before: nothing was written now
};

struct ReadRequest {
  Offset from;
  std::int32_t bytes_max = 0;
  Offset limit;                     // no record at or above it: high watermark, LSO or log end
  bool at_least_one_batch = false;  // the first batch comes whole, however large it is
};
struct ReadRange {
  // Whole batches from the one that holds `from`; where bytes_max cuts, the last one is cut too, as
  // Kafka's is. Empty (no file): nothing to read below the limit. Holds the segment's file: the
  // bytes stay readable after truncation or deletion of the name, so send only what was read under
  // a leader epoch that still holds.
  env::FileRange range;
  Offset first_batch_offset = k_no_offset;  // base offset of the segment position, when not empty
  bool first_batch_cut = false;  // bytes_max is smaller than it: Kafka's brokers answer nothing
  // The limit lies in a later segment than the batches: more is there to read than a read can give.
  bool on_older_segment = false;
  Offset segment_base = k_no_offset;  // of what was read, when not empty
};

struct TimestampOffset {
  Timestamp timestamp = k_no_timestamp;
  Offset offset = k_no_offset;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  friend bool operator==(const TimestampOffset&, const TimestampOffset&) = default;
};

using AbortedTxn = AbortedEntry;

// The log of one partition on one disk, in Kafka's bytes: segments rolled by size and time, sparse
// indexes, leader epochs, producer state.
//
// Invariant: log_start_offset <= recovery_point, first_unstable_offset <= log_end_offset. Offsets
//   of records increase; a batch never spans segments.
// Context: the shard of its env. Every call may be made while others wait: those that change the
//   log (append, truncate, roll, flush's bookkeeping, close) are serialized inside, in the order of
//   the calls; reads take no turn and see what is complete. The object must outlive every call;
//   close() waits for the changes that were asked for before.
// Durability: an append is written, not synced, unless flush_messages is reached: then it completes
//   after a sync that it shares with whoever waits too. recovery_point() tells how far syncs went.
// Errors: what a client may cause is said at the call. When a write or sync fails the log goes
//   offline: this call answers kafka_storage_error with the reason, offline() tells it, and every
//   later call answers kafka_storage_error. It is never retried into success; whoever owns the
//   directory takes all of it offline.
// Memory: about 1 KB and 150 bytes for each segment when idle; nothing is mapped; no timer.
// Source: UnifiedLog, LocalLog, LogSegment, LogLoader.
class PartitionLog {
 public:
  // Opens the log in `where.path`, or creates it there (folder, partition.metadata, first segment
  // at where.log_start_offset). After a clean stop only the folder's listing, the index's tail and
  // the producer snapshot are read. Otherwise batches from the recovery point on are checked, a
  // torn tail is cut, indexes, epochs and producer state are built anew.
  // `env` and `files` outlive the log.
  // Errors: corrupt_data (names the file; also for damage below where.keep_below),
  // inconsistent_topic_id, kafka_storage_error.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<PartitionLog>>> open(
      env::Env& env, FilePool& files, LogLocation where, std::shared_ptr<const LogConfig> config);
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  // --- what it is -----------------------------------------------------------------------------
  [[nodiscard]] const std::string& topic() const;
  [[nodiscard]] PartitionIndex partition() const;
  [[nodiscard]] const std::string& path() const;
  [[nodiscard]] Uuid topic_id() const;  // zero: partition.metadata is not there
  [[nodiscard]] const LogConfig& config() const;
  void configure(std::shared_ptr<const LogConfig> config);
  // What open() did.
  [[nodiscard]] const RecoveryFacts& recovery() const;
  // Why it is offline; nullopt while it works.
  [[nodiscard]] const std::optional<Error>& offline() const;

  [[nodiscard]] Offset log_start_offset() const;
  [[nodiscard]] Offset log_end_offset() const;  // of the next record
  [[nodiscard]] Offset recovery_point() const;  // below it everything is synced
  [[nodiscard]] Offset first_segment_offset() const;
  [[nodiscard]] std::size_t segment_count() const;
  [[nodiscard]] std::uint64_t size() const;  // bytes of all .log files
  // The first offset a read_committed reader must not pass; the high watermark when none is open.
  [[nodiscard]] Offset last_stable_offset(Offset high_watermark) const;
  [[nodiscard]] const EpochCache& leader_epochs() const;
  [[nodiscard]] const ProducerState& producers() const;
  // Transactions that ended below it become stable. Call it when the high watermark moves.
  void on_high_watermark(Offset high_watermark);
  void expire_producers();
  // As ProducerState's; the guard goes into AppendOptions.
  [[nodiscard]] Result<VerificationGuard> begin_verification(const TxnStart& start);

  // --- writing --------------------------------------------------------------------------------
  // Appends batches (magic 2, one behind the other) at the log's end: gives them their offsets, the
  // leader epoch and, when the topic wants it, the append time. Headers are patched in a copy of
  // their own, bodies are written from `batches` in one gather call.
  // REQUIRES: the batches passed record::validate (checksum, counts, records); here only headers
  // are looked at. With origin raft_leader offsets and epochs are there already and must fit.
  // Errors: those of ProducerState::check; message_too_large, record_list_too_large,
  // corrupt_message (sizes that do not add up), kafka_storage_error. Nothing is written then.
  [[nodiscard]] env::Task<Result<Appended>> append_as_leader(SharedBytes batches,
                                                             AppendOptions options);
  // Appends batches that carry their offsets, as a follower or the metadata log does. Bytes behind
  // the last whole batch are left out, so are batches whose leader epoch is above `leader_epoch`
  // (KIP-595's race); checksums are checked here.
  // Errors: offset_out_of_range when the first offset is below the log end; corrupt_message;
  // invalid_record for offsets out of order; kafka_storage_error.
  [[nodiscard]] env::Task<Result<Appended>> append_as_follower(SharedBytes batches,
                                                               LeaderEpoch leader_epoch);
  // `epoch` begins at `start` (a leader does this before its first append); durable when done.
  [[nodiscard]] env::Task<Result<void>> assign_leader_epoch(LeaderEpoch epoch, Offset start);
  // Begins a new segment at the log end, when the active one is not empty.
  [[nodiscard]] env::Task<Result<void>> roll();
  // Everything appended before the call is durable and below recovery_point() when it completes.
  // Calls that wait at the same time share a sync.
  [[nodiscard]] env::Task<Result<void>> flush();

  // --- reading --------------------------------------------------------------------------------
  // Errors: offset_out_of_range (below the log start or above the log end), corrupt_data,
  // kafka_storage_error.
  [[nodiscard]] env::Task<Result<ReadRange>> read(ReadRequest request);
  // The bytes of read(), cut to whole batches: for replaying a log. Empty when there is nothing.
  [[nodiscard]] env::Task<Result<SharedBytes>> read_batches(ReadRequest request);
  // Aborted transactions that a reader of this range must know of. `from` and `end` are offsets.
  [[nodiscard]] env::Task<Result<std::vector<AbortedTxn>>> aborted_transactions(Offset from,
                                                                                Offset end);
  // The same for what read() gave from `from` on: up to the first entry of the offset index behind
  // it, as Kafka does, for nothing else tells the offset at which a range of bytes ends.
  [[nodiscard]] env::Task<Result<std::vector<AbortedTxn>>> aborted_transactions(Offset from,
                                                                                ReadRange read);
  // The first record at or above the log start whose timestamp is not below `asked`.
  // Errors: as read(); unsupported_compression_type, corrupt_message from a batch that does not
  // open.
  [[nodiscard]] env::Task<Result<std::optional<TimestampOffset>>> offset_for_timestamp(
      Timestamp asked);
  // The record with the greatest timestamp (the first of equals), or nullopt when there is none.
  [[nodiscard]] env::Task<Result<std::optional<TimestampOffset>>> offset_of_max_timestamp();
  // ListOffsets -2 and -1: the offset with the epoch that wrote it. Timestamp is -1.
  [[nodiscard]] TimestampOffset earliest() const;
  [[nodiscard]] TimestampOffset latest() const;
  // Where `epoch` ends here (OffsetForLeaderEpoch).
  [[nodiscard]] std::optional<EpochEnd> end_of_epoch(LeaderEpoch epoch) const;

  // --- cutting --------------------------------------------------------------------------------
  // Forgets records at and above `end`, durably. No effect when the log ends there already. An
  // `end` inside a batch cuts the whole batch, as Kafka does.
  // Duty: write the recovery point checkpoint before the next append, and after open() when
  // recovery_point() is below what the checkpoint said: else the next start trusts bytes that were
  // never synced.
  [[nodiscard]] env::Task<Result<void>> truncate_to(Offset end);
  // Forgets everything; the log is empty and begins at `start`.
  [[nodiscard]] env::Task<Result<void>> truncate_fully_and_start_at(Offset start);
  // DeleteRecords, retention and snapshots: no effect when it is not above the log start.
  // REQUIRES: start <= log end. Durable with the next log-start-offset checkpoint.
  [[nodiscard]] env::Task<Result<void>> advance_log_start_offset(Offset start);
  // Removes segments that end at or below the log start offset, never the active one. Returns how
  // many.
  [[nodiscard]] env::Task<Result<std::size_t>> delete_old_segments();

  // --- the end --------------------------------------------------------------------------------
  // Clean: producer snapshot, last time index entry, files cut to their size, everything synced.
  // After it recovery_point() is the log end and every call answers kafka_storage_error.
  [[nodiscard]] env::Task<Result<void>> close();
  // Renames the folder to "<topic>-<partition>.<unique>-delete" and removes it. The log is closed.
  [[nodiscard]] env::Task<Result<void>> remove(std::string unique);

 private:
  class Store;
  explicit PartitionLog(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace moldau::log
