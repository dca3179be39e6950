#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "env/env.h"
#include "env/task_group.h"
#include "env/turns.h"
#include "log/file_names.h"
#include "log/file_pool.h"
#include "log/load_plan.h"
#include "log/partition_log.h"
#include "log/roll.h"
#include "log/segment_indexer.h"

namespace moldau::log {

// One segment's files. Held by the log and by whoever reads it; its names may be gone then.
struct Segment {
  explicit Segment(Offset base_) : base(base_) {}
  const Offset base;
  std::uint64_t size = 0;            // of .log
  std::uint64_t offset_entries = 0;  // in .index and, of the active segment, still in memory
  std::uint64_t time_entries = 0;
  std::optional<TimeEntry> max;  // greatest timestamp; none: ask the time index
  std::optional<std::uint64_t> txn_index_size;
  // Its index files are durable; of the active segment that is never asked.
  bool indexes_synced = true;
  PooledFile log, offset_index, time_index, txn_index;
};
using SegmentPtr = std::shared_ptr<Segment>;

// The newest entries of one index of the active segment. `bytes` holds entries from `first` on, of
// which those before `written` are in the file too. Bounded: see k_tail_entries_max.
struct IndexTail {
  std::uint64_t first = 0;
  std::uint64_t written = 0;
  std::vector<std::byte> bytes;
  void reset(std::uint64_t entries) { *this = {.first = entries, .written = entries, .bytes = {}}; }
};
// Entries are written to their file in runs of this many: the active segment's indexes are rebuilt
// after a crash anyway, and a run is one write of a page.
inline constexpr std::uint64_t k_tail_entries_written_at = 512;
// Of those in memory, at most this many are kept for readers near the log end.
inline constexpr std::uint64_t k_tail_entries_max = 1024;

// Where an offset begins a batch: what a reader at the log end asks next.
struct Boundary {
  Offset offset;
  Offset segment_base;
  std::uint64_t position = 0;
};

struct FoundBatch {
  std::uint64_t position = 0;
  BatchFacts facts;
};

// Walks the fronts of batches in a .log without reading their bodies.
class FrontScan {
 public:
  FrontScan(std::shared_ptr<env::File> file, std::uint64_t position, std::uint64_t end)
      : file_(std::move(file)), position_(position), end_(end) {}
  // The next whole batch below `end`. nullopt: none; position() tells whether all was batches.
  [[nodiscard]] env::Task<Result<std::optional<FoundBatch>>> next();
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  std::shared_ptr<env::File> file_;
  std::uint64_t position_;
  std::uint64_t end_;
  std::uint64_t chunk_at_ = 0;
  SharedBytes chunk_;
};

// The only part of log/ that touches the disk. What it does in which file:
//   store_open     load and create          store_recover  after an unclean stop
//   store_append   leader and follower      store_roll     roll, flush, close, remove
//   store_read     offset to range          store_search   timestamp to offset, aborted
//   transactions store_truncate cut at either end        store_files    segments' files and index
//   look-ups store_producers snapshots and rebuilding of producer state
class PartitionLog::Store {
 public:
  Store(env::Env& env, FilePool& files, LogLocation where, std::shared_ptr<const LogConfig> config);

  // store_open.cc
  env::Task<Result<void>> open();

  // store_append.cc
  env::Task<Result<Appended>> append_as_leader(SharedBytes batches, AppendOptions options);
  env::Task<Result<Appended>> append_as_follower(SharedBytes batches, LeaderEpoch leader_epoch);
  env::Task<Result<void>> assign_leader_epoch(LeaderEpoch epoch, Offset start);

  // store_roll.cc
  env::Task<Result<void>> roll();
  env::Task<Result<void>> flush();
  env::Task<Result<void>> close();
  env::Task<Result<void>> remove(std::string unique);

  // store_read.cc
  env::Task<Result<ReadRange>> read(ReadRequest request);
  env::Task<Result<SharedBytes>> read_batches(ReadRequest request);

  // store_search.cc
  env::Task<Result<std::vector<AbortedTxn>>> aborted_transactions(Offset from, Offset end);
  env::Task<Result<std::vector<AbortedTxn>>> aborted_transactions_of(Offset from, ReadRange read);
  env::Task<Result<std::optional<TimestampOffset>>> offset_for_timestamp(Timestamp asked);
  env::Task<Result<std::optional<TimestampOffset>>> offset_of_max_timestamp();

  // store_truncate.cc
  env::Task<Result<void>> truncate_to(Offset end);
  env::Task<Result<void>> truncate_fully_and_start_at(Offset start);
  env::Task<Result<void>> advance_log_start_offset(Offset start);
  env::Task<Result<std::size_t>> delete_old_segments();

  env::Env& env;
  FilePool& files;
  LogLocation where;
  std::shared_ptr<const LogConfig> config;
  Uuid topic_id;
  std::optional<Error> offline;
  Offset log_start{0};
  Offset log_end{0};
  Offset recovery_point{0};
  EpochCache epochs;
  ProducerState producers;
  std::vector<SegmentPtr> segments;  // rising, never empty once open
  RecoveryFacts recovered;

 private:
  // What one append is to write: patched headers and bodies, and what stands in them.
  struct Run {
    std::vector<SharedBytes> parts;
    std::vector<BatchFacts> facts;
    std::vector<ProducerBatch> producers;
    std::uint64_t size = 0;
    Timestamp max_timestamp = k_no_timestamp;
    void clear();
  };

  // store_open.cc
  env::Task<Result<void>> create();
  env::Task<Result<void>> load();
  env::Task<Result<LoadPlan>> tidy_folder();
  env::Task<Result<std::vector<FolderFile>>> list_files();
  env::Task<Result<void>> finish_swaps(std::vector<Offset> swaps);
  env::Task<Result<void>> load_small_files(LoadPlan& plan);
  env::Task<Result<void>> check_topic_id(bool has_file);
  env::Task<Result<void>> load_segments(LoadPlan& plan);
  env::Task<Result<Offset>> find_log_end(bool& intact);
  env::Task<Result<void>> trim_padding(SegmentPtr segment);
  env::Task<Result<void>> settle_epochs();

  // store_recover.cc
  env::Task<Result<void>> recover_from(std::size_t first);
  env::Task<Result<bool>> recover_segment(SegmentPtr segment);
  Result<void> note_cut(const Segment& segment, std::uint64_t position, Offset end);
  struct Rebuilt {
    std::vector<std::byte> offset_index;
    std::vector<std::byte> time_index;
    std::vector<std::byte> txn_index;
    std::uint64_t valid_size = 0;
    Offset end;
    TimeEntry max;
  };
  env::Task<Result<void>> scan_segment(SegmentPtr segment, Rebuilt& rebuilt);
  bool take_batch(const record::BatchView& batch, const Segment& segment, SegmentIndexer& indexer,
                  Rebuilt& rebuilt);
  bool take_producer(const record::BatchView& batch, Rebuilt& rebuilt);

  // store_read.cc
  struct Start {
    std::uint64_t position = 0;
    Offset first_offset;
    std::size_t first_size = 0;  // 0: not known yet
  };
  env::Task<Result<ReadRange>> locate(ReadRequest request);
  std::optional<std::uint64_t> boundary_at(const Segment& segment, Offset offset) const;
  env::Task<Result<std::optional<Start>>> find_start(SegmentPtr segment, Offset from,
                                                     std::uint64_t size);
  env::Task<Result<std::uint64_t>> limit_position(SegmentPtr segment, Offset limit,
                                                  std::uint64_t size);
  env::Task<Result<ReadRange>> cut_range(SegmentPtr segment, Start start, std::uint64_t end,
                                         ReadRequest request);

  // store_search.cc
  env::Task<Result<std::optional<TimestampOffset>>> search_records(
      SegmentPtr segment, std::uint64_t position, std::uint64_t size,
      std::function<bool(const BatchFacts&)> batch_matters,
      std::function<bool(Timestamp, Offset)> wanted);

  // store_append.cc
  env::Task<Result<Appended>> append_run(AppendOptions options);
  Result<void> prepare_leader(const SharedBytes& batches, const AppendOptions& options,
                              Timestamp append_time);
  Result<void> prepare_follower(const SharedBytes& batches, LeaderEpoch leader_epoch);
  Result<void> note_batch(Bytes whole, const BatchFacts& facts);
  env::Task<Result<void>> assign_epochs();
  env::Task<Result<void>> write_run(Offset last_offset);
  env::Task<Result<void>> write_completed_txns();
  void index_run();
  void remember(Boundary boundary);

  // store_roll.cc
  env::Task<Result<void>> roll_to(Offset base);
  env::Task<Result<void>> load_active();
  env::Task<Result<void>> seal_active();
  env::Task<Result<void>> write_index_tail(bool offset_index);
  env::Task<Result<void>> add_segment(Offset base);
  env::Task<Result<void>> sync_segments(std::vector<SegmentPtr> dirty, Offset end,
                                        std::uint64_t generation);
  env::Task<Result<void>> sync_one(SegmentPtr segment, bool with_indexes);
  env::Task<Result<void>> sync_names();
  env::Task<void> flush_rolled(std::vector<SegmentPtr> rolled, Offset end, std::string snapshot);
  std::vector<SegmentPtr> unsynced_segments() const;
  RollState roll_state() const;

  // store_files.cc
  [[nodiscard]] Segment& active() { return *segments.back(); }
  [[nodiscard]] const Segment& active() const { return *segments.back(); }
  std::string path_of(const Segment& segment, FileKind kind) const;
  std::string path_of(std::string_view name) const;
  env::Task<Result<std::shared_ptr<env::File>>> file_of(SegmentPtr segment, FileKind kind);
  std::size_t segment_index(Offset offset) const;  // of the last that begins at or below it
  env::Task<Result<void>> remove_segment_files(SegmentPtr segment);
  // Position from which the batch that holds `offset` is found by walking on.
  env::Task<Result<std::uint64_t>> floor_position(SegmentPtr segment, Offset offset);
  // Of the first offset index entry at or behind `position`, or where the next segment or the log
  // ends. Source: LocalLog.addAbortedTransactions, OffsetIndex.fetchUpperBoundOffset.
  env::Task<Result<Offset>> upper_offset(SegmentPtr segment, std::uint64_t position);
  // The last time index entry not above `asked`; {-1, base} when there is none.
  env::Task<Result<TimeEntry>> floor_time(SegmentPtr segment, Timestamp asked);
  // The first batch whose last offset is at or above `offset`; nullopt at the end of the segment,
  // or where bytes are no batches any more: with `or_damaged` that is corrupt_message.
  env::Task<Result<std::optional<FoundBatch>>> find_batch(SegmentPtr segment, Offset offset,
                                                          std::uint64_t size,
                                                          bool or_damaged = false);
  // An index that led astray, made anew. Not that of the active segment, which is still written.
  env::Task<Result<void>> remake_offset_index(SegmentPtr segment);
  struct IndexPage {
    std::uint64_t first = 0;  // number of its first entry
    SharedBytes entries;
  };
  env::Task<Result<std::optional<IndexPage>>> find_page(
      std::shared_ptr<env::File> file, std::size_t entry_size, std::uint64_t count,
      std::function<std::optional<std::size_t>(Bytes)> floor);
  env::Task<Result<TimeEntry>> last_time_entry(SegmentPtr segment);
  env::Task<Result<TimeEntry>> max_of(SegmentPtr segment);
  Result<void> usable() const;
  std::unexpected<Error> go_offline(const Error& why);

  // store_producers.cc
  env::Task<Result<void>> take_snapshot(bool sync);
  env::Task<Result<void>> rebuild_producers(Offset end, bool clean);
  env::Task<Result<void>> reload_producers(Offset start, Offset end);
  env::Task<Result<void>> load_latest_snapshot(Offset start);
  env::Task<Result<void>> replay_producers(SegmentPtr segment, Offset end);
  env::Task<Result<void>> remove_snapshot(Offset end);
  env::Task<Result<void>> remove_stray_snapshots();
  void replay_batch(const record::BatchView& batch);
  env::Task<Result<void>> write_epochs();

  // store_truncate.cc
  env::Task<Result<void>> truncate_in_turn(Offset end);
  env::Task<Result<void>> cut_segment(SegmentPtr segment, Offset end);
  env::Task<Result<void>> cut_txn_index(SegmentPtr segment, Offset end);
  env::Task<Result<void>> reload_times(SegmentPtr segment);
  env::Task<Result<void>> restart_at(Offset start);
  void forget_positions();

  env::Turns turns_;
  env::TaskGroup background_;
  std::vector<FoundSnapshot> snapshots_;  // rising
  Offset last_snapshot_{0};
  std::uint64_t generation_ = 0;  // counts truncations: what was found before one is void
  // Names of the folder that were changed, and how many of the changes are durable. Counted, not
  // flagged: a change that comes while the folder is synced is not covered by that sync.
  std::uint64_t names_changed_ = 0;
  std::uint64_t names_synced_ = 0;
  // Files are being removed, by so many nested changes; flush() waits.
  class Removing {
   public:
    explicit Removing(int& count) : count_(count) { ++count_; }
    Removing(const Removing&) = delete;
    Removing& operator=(const Removing&) = delete;
    ~Removing() { --count_; }

   private:
    int& count_;
  };
  int removing_ = 0;
  bool closed_ = false;
  // By a recovery. close() syncs them even when nothing was appended.
  bool indexes_made_anew_ = false;

  // Of the active segment. Loaded at the first append or roll after opening.
  bool active_loaded_ = false;
  SegmentIndexer indexer_;
  IndexTail offset_tail_;
  IndexTail time_tail_;
  Timestamp first_timestamp_ = k_no_timestamp;
  Timestamp created_ = k_no_timestamp;
  Milliseconds jitter_{0};
  std::uint64_t reserved_ = 0;
  std::int64_t unflushed_ = 0;  // records since the last flush that flush_messages asked for

  // Reused by appends, which take turns.
  Run run_;
  std::shared_ptr<std::vector<std::byte>> headers_;
  ProducerState::Checked checked_;

  std::array<Boundary, 8> boundaries_{};
  std::size_t next_boundary_ = 0;
  struct CachedPage {
    Offset segment_base = k_no_offset;
    SharedBytes entries;
  } page_;
};

}  // namespace moldau::log
