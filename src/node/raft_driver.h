#pragma once
#include <absl/container/flat_hash_map.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/completion.h"
#include "env/env.h"
#include "env/task.h"
#include "env/task_group.h"
#include "log/partition_log.h"
#include "node/metadata_snapshots.h"
#include "raft/control_scan.h"
#include "raft/machine.h"
#include "raft/retention.h"
#include "telemetry/log.h"

namespace moldau::node {

// What the node does with the metadata log. Called on the driver's shard, in the order of the log.
class MetadataLogUser {
 public:
  MetadataLogUser() = default;
  MetadataLogUser(const MetadataLogUser&) = delete;
  MetadataLogUser& operator=(const MetadataLogUser&) = delete;
  virtual ~MetadataLogUser() = default;

  // The newest snapshot, before any batch. `batches` are those of the file.
  [[nodiscard]] virtual Result<void> load_snapshot(const raft::SnapshotId& id,
                                                   const SharedBytes& batches) = 0;
  // Whole batches, control batches too, that are committed. Each once, in order.
  [[nodiscard]] virtual Result<void> committed(const SharedBytes& batches) = 0;
  // Everything below is committed and was given to committed().
  virtual void high_watermark(Offset end) = 0;
  // This node leads: everything below gained.start_offset was given to committed().
  [[nodiscard]] virtual Result<void> leadership_gained(const raft::LeadershipGained& gained) = 0;
  virtual void leadership_lost(const raft::LeadershipLost& lost) = 0;
  // The records of a snapshot and what they stand for; nullopt: not now.
  struct Image {
    std::vector<std::vector<std::byte>> records;  // encoded
    raft::SnapshotId id;
    Timestamp last_contained_log_time;
  };
  [[nodiscard]] virtual std::optional<Image> snapshot() = 0;
  // The metadata log cannot go on: a write failed, or a committed record cannot be applied.
  virtual void metadata_log_failed(const Error& error) = 0;
};

// Executes what raft::Machine asks for: persists quorum-state, appends to __cluster_metadata-0,
// syncs before anything counts, hands committed batches on, answers other nodes, takes snapshots.
// Order:   as raft::Outputs demands. Writes that come while a sync runs share the next one.
// Context: one shard. open(), then start(); stop() before it goes.
class RaftDriver {
 public:
  struct Settings {
    raft::Settings raft;
    log::LogLocation log;  // of __cluster_metadata-0
    std::shared_ptr<const log::LogConfig> log_config;
    raft::RetentionSettings retention;
  };
  // Reads what the directory holds, all of it checked. What is damaged at the end of the log is cut
  // off, with a line, when nothing tells that it had been durable. Errors: those of
  // PartitionLog::open and Machine::open; corrupt_data, with the file, for quorum-state, a snapshot
  // or a batch that had been durable: metadata that were shown must not be gone. env, files and
  // user outlive the driver.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<RaftDriver>>> open(env::Env& env,
                                                                           log::FilePool& files,
                                                                           Settings settings,
                                                                           MetadataLogUser& user,
                                                                           telemetry::Logger log);
  RaftDriver(const RaftDriver&) = delete;
  RaftDriver& operator=(const RaftDriver&) = delete;
  ~RaftDriver();

  // Begins: loads the snapshot, then campaigns.
  void start();
  // Resigns, writes what is left, closes the log. Idempotent.
  [[nodiscard]] env::Task<Result<void>> stop();

  // Appends one operation of the leader of `epoch`; where it will stand is known at once, that it
  // is committed when high_watermark() passes it. Errors: not_controller, record_list_too_large.
  [[nodiscard]] Result<raft::Accepted> propose(LeaderEpoch epoch,
                                               std::vector<std::vector<std::byte>> values,
                                               bool atomic);
  // A request of another node, or DescribeQuorum: the encoded body of the answer.
  // Errors: bad_frame; unsupported_version for an API that is none of raft's.
  [[nodiscard]] env::Task<Result<SharedBytes>> answer(protocol::ApiKey api, ApiVersion version,
                                                      std::string listener, SharedBytes body);

  [[nodiscard]] const raft::Machine& machine() const { return *machine_; }
  // Below it the metadata log is durable.
  [[nodiscard]] Offset recovery_point() const { return log_->recovery_point(); }

 private:
  using AnswerBell = env::Completion<std::optional<raft::Answer>>;
  RaftDriver(env::Env& env, Settings settings, MetadataLogUser& user, telemetry::Logger log);

  static constexpr std::size_t k_read_bytes = 1U << 20U;  // of the log, at a time
  [[nodiscard]] std::string quorum_state_path() const;
  // raft_driver_restore.cc
  [[nodiscard]] env::Task<Result<void>> restore(log::FilePool& files);
  [[nodiscard]] env::Task<Result<Offset>> known_durable();
  [[nodiscard]] env::Task<Result<void>> open_log(log::FilePool& files);
  [[nodiscard]] env::Task<Result<void>> scan_snapshot(raft::ControlScan& scan, raft::SnapshotId id);
  [[nodiscard]] env::Task<Result<void>> damaged_at(Offset at);
  [[nodiscard]] env::Task<Result<void>> scan_log(raft::ControlScan& scan, Offset from,
                                                 raft::Restored& restored);
  void step(raft::Input input);
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<Result<void>> execute(raft::Outputs out);
  [[nodiscard]] env::Task<Result<void>> persist(raft::PersistQuorumState state);
  [[nodiscard]] env::Task<Result<void>> sync_log();
  [[nodiscard]] env::Task<Result<void>> publish_until(Offset end);
  [[nodiscard]] env::Task<void> take_snapshot();
  [[nodiscard]] env::Task<Result<void>> write_snapshot(MetadataLogUser::Image image);
  [[nodiscard]] env::Task<void> run_cleaning();
  [[nodiscard]] env::Task<Result<bool>> clean_once();
  void hand_out(raft::Answer answer);
  [[nodiscard]] env::Task<Result<SharedBytes>> encode(raft::Answer answer, ApiVersion version);
  void arm(Instant when);
  void fail_with(const Error& error);

  env::Env& env_;
  Settings settings_;
  MetadataLogUser& user_;
  telemetry::Logger logger_;
  std::unique_ptr<log::PartitionLog> log_;
  std::unique_ptr<MetadataSnapshots> snapshots_;
  std::optional<raft::Machine> machine_;
  env::TaskGroup tasks_;
  env::Signal work_;
  std::deque<raft::Outputs> outputs_;
  std::deque<raft::Input> held_;  // while quorum-state is being written
  bool persisting_ = false;
  bool unsynced_ = false;
  bool stopping_ = false;
  bool failed_ = false;
  Offset published_{0};
  std::uint64_t last_ticket_ = 0;
  absl::flat_hash_map<raft::Ticket, AnswerBell*> asking_;
  std::optional<env::Timers::TimerId> timer_;
  env::Signal cleaning_bell_;
};

}  // namespace moldau::node
