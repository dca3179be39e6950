#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "broker/topic_partition.h"
#include "broker/waiters.h"
#include "bytes/shared_bytes.h"
#include "compress/decompressor.h"
#include "config/topic_config.h"
#include "env/env.h"
#include "env/task.h"
#include "log/partition_log.h"
#include "record/validate.h"
#include "replica/leader.h"

namespace moldau::broker {

// The settings of one topic in the forms that its partitions use; shared by all of them.
struct TopicSettings {
  config::TopicConfig config;
  std::shared_ptr<const log::LogConfig> log;
  record::AppendRules rules;  // of clients
};
// What the node says for all of its logs.
struct ProducerRules {
  Milliseconds id_expiration{};
  bool verify_transactions = false;
};
[[nodiscard]] std::shared_ptr<const TopicSettings> make_topic_settings(
    const config::TopicConfig& config, ProducerRules producers);

// What an append came to, as ProduceResponse tells it.
struct AppendAnswer {
  Errc error = Errc::none;
  Offset base_offset = k_no_offset;
  Timestamp log_append_time = k_no_timestamp;
  Offset log_start_offset = k_no_offset;
  std::vector<record::RecordError> record_errors;
  std::optional<std::string> error_message;
  Offset end_offset = k_no_offset;  // what acks=all waits for; k_no_offset: nothing to wait for
  LeaderEpoch leader_epoch = k_no_leader_epoch;  // that the records were written under
};

// What came of DeleteRecords.
struct DeletedRecords {
  Errc error = Errc::none;
  Offset low_watermark = k_no_offset;  // where the log begins now
};

// What a reader asks of one partition.
struct ReadAsk {
  TopicIdPartition id;
  Offset fetch_offset;
  std::int32_t bytes_max = 0;
  LeaderEpoch current_leader_epoch = k_no_leader_epoch;  // the asker's view; none: no check
  LeaderEpoch last_fetched_epoch = k_no_leader_epoch;
};
struct ReadLimits {
  replica::Visible visible = replica::Visible::high_watermark;
  std::int64_t bytes_max = 0;  // of the whole answer
};
struct ReadAnswer {
  Errc error = Errc::none;
  Offset high_watermark = k_no_offset;
  Offset last_stable_offset = k_no_offset;
  Offset log_start_offset = k_no_offset;
  env::FileRange records;
  std::optional<log::EpochEnd> diverging;
  // Of read_committed. nullopt: not asked for, or an error.
  std::optional<std::vector<log::AbortedTxn>> aborted;
  Offset seen_end = k_no_offset;  // what end_of(visible) was: wait for more than this
  bool on_older_segment = false;  // no later read from here gets more, however long it waits
};

// One replica that this broker holds: its log, and while it leads the machine of the leader.
// Glue: validates and appends, reads, and lets the leader machine decide who waits for what.
// Context: the shard that owns the partition. Held as shared_ptr: whoever awaits a call holds it.
class Partition {
 public:
  // Parts of the shard, shared by its partitions. They outlive the partitions.
  struct Parts {
    env::Env& env;
    Waiters& waiters;
    compress::Decompressor& decompressor;
    BrokerId self;
    // A write or sync of a log failed: its directory cannot be trusted any more.
    std::function<void(const Error&)> log_failed = {};
  };
  Partition(Parts& parts, TopicIdPartition id, std::unique_ptr<log::PartitionLog> log,
            std::shared_ptr<const TopicSettings> settings)
      : parts_(parts), id_(id), log_(std::move(log)), settings_(std::move(settings)) {}
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;
  ~Partition() = default;

  // ---- role ------------------------------------------------------------------------------------
  // Leads under `epoch`, which becomes durable in the log first when it is new. No effect but the
  // assignment's when it led under this epoch already. `high_watermark` counts only at the start.
  [[nodiscard]] env::Task<Result<void>> lead(LeaderEpoch epoch, std::vector<BrokerId> replicas,
                                             std::vector<BrokerId> isr, Offset high_watermark);
  // Somebody else leads, or nobody: waiters are told NOT_LEADER_OR_FOLLOWER.
  void follow(LeaderEpoch epoch);
  // The metadata no longer place it here, or the node stops. Waiters are told `error`.
  void retire(Errc error);
  void configure(std::shared_ptr<const TopicSettings> settings);

  // ---- the work of a leader
  // ---------------------------------------------------------------------- Validates and appends
  // the batch of one produce request. `batch` was split off already (record::the_one_batch). The
  // answer has Kafka's error; a wait for acknowledgements is the caller's (leader()->acknowledged).
  // `guard`: of the verified transaction that the batch begins here.
  [[nodiscard]] env::Task<AppendAnswer> append(SharedBytes batch, replica::Acks acks,
                                               log::VerificationGuard guard = log::k_no_guard);
  // As the log's. Errors: also not_leader_or_follower.
  [[nodiscard]] Result<log::VerificationGuard> begin_verification(const log::TxnStart& start);
  // Appends batches of this broker's own making (a coordinator's records, transaction markers),
  // which all replicas are to have; they are not checked again. `txn_version`: of markers.
  [[nodiscard]] env::Task<AppendAnswer> append_own(SharedBytes batches,
                                                   std::int16_t txn_version = 0,
                                                   log::VerificationGuard guard = log::k_no_guard);
  // Records below `end` are no longer there; -1: below the high watermark. Their segments go when
  // nothing of them is left. The new start is durable with the next checkpoint.
  // Errors: policy_violation, offset_out_of_range, not_leader_or_follower, kafka_storage_error.
  [[nodiscard]] env::Task<DeletedRecords> delete_records(Offset end);
  // `first_whole`: the first batch comes whole, however large.
  [[nodiscard]] env::Task<ReadAnswer> read(ReadAsk ask, replica::Visible visible,
                                           std::int64_t bytes_left, bool first_whole);
  // none: this broker leads the partition, under the epoch that the asker believes in.
  [[nodiscard]] Errc check_leader(LeaderEpoch asked) const;

  // ---- state -----------------------------------------------------------------------------------
  [[nodiscard]] const TopicIdPartition& id() const { return id_; }
  [[nodiscard]] log::PartitionLog& log() { return *log_; }
  [[nodiscard]] const TopicSettings& settings() const { return *settings_; }
  // nullptr while it does not lead.
  [[nodiscard]] replica::Leader* leader() { return leader_ ? &*leader_ : nullptr; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  // Where the log ended when this leader epoch began.
  [[nodiscard]] Offset epoch_start_offset() const { return epoch_start_offset_; }
  [[nodiscard]] Offset high_watermark() const;
  // After any change of the log: the machine sees its ends, waiters are told.
  void log_changed();
  // Registers a wait with the machine; forget() it before the waiter goes.
  [[nodiscard]] replica::WaiterId await_ack(Waiter& waiter, replica::Acks acks, Offset end);
  [[nodiscard]] replica::WaiterId await_data(Waiter& waiter, replica::Visible visible,
                                             Offset beyond);
  // No effect on a wait that is over.
  void forget(replica::WaiterId id);

 private:
  [[nodiscard]] replica::LogEnds ends() const;
  // What an append came to that began under `epoch`.
  void conclude(const Result<log::Appended>& done, LeaderEpoch epoch, AppendAnswer& answer);
  [[nodiscard]] Result<SharedBytes> checked(SharedBytes batch, record::RefusalDetails& details);
  void finish(replica::Outputs& out);
  // Reports a log that went offline, once.
  void watch_log();

  Parts& parts_;
  TopicIdPartition id_;
  std::unique_ptr<log::PartitionLog> log_;
  std::shared_ptr<const TopicSettings> settings_;
  std::optional<replica::Leader> leader_;
  LeaderEpoch leader_epoch_ = k_no_leader_epoch;
  Offset epoch_start_offset_{0};
  Offset high_watermark_{0};  // while it does not lead
  bool retired_ = false;
  bool log_failure_told_ = false;
  replica::Outputs outputs_;  // kept, so that a step allocates nothing
};

}  // namespace moldau::broker
