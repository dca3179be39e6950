#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/shard.h"
#include "env/task.h"
#include "log/file_pool.h"
#include "log/log_directory.h"
#include "log/partition_log.h"

namespace moldau::node {

// What the metadata want of one partition that this broker has a replica of.
struct ReplicaOrder {
  broker::TopicIdPartition id;
  log::LogLocation where;  // used when the log is not open yet
  bool leads = false;
  LeaderEpoch leader_epoch;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  Offset high_watermark{0};  // of the checkpoint, for a log that is opened now
  std::shared_ptr<const broker::TopicSettings> settings;
};
struct ReplicaFailure {
  log::LogLocation where;
  Error error;
};

// What the checkpoints of a log directory say of one partition.
struct ReplicaCheckpoint {
  std::string directory;
  log::PartitionOffset recovery_point;
  std::optional<log::PartitionOffset> log_start;
  log::PartitionOffset high_watermark;
  friend bool operator==(const ReplicaCheckpoint&, const ReplicaCheckpoint&) = default;
};

// Opens, closes and removes the replicas of one shard as the metadata say.
// Context: the shard. Calls do not overlap.
class ReplicaHost {
 public:
  // Logs that are opened at the same time.
  static constexpr std::size_t k_parallel = 16;

  ReplicaHost(broker::Shard& shard, std::size_t open_files_max)
      : shard_(shard), files_(shard.env.disk, open_files_max) {}

  // Opens what is not open, and gives each its role and settings. Answers what failed: such a
  // partition is not hosted.
  [[nodiscard]] env::Task<std::vector<ReplicaFailure>> apply(std::vector<ReplicaOrder> orders);
  // Closes and removes their folders. `unique` makes the names of the folders on their way out.
  [[nodiscard]] env::Task<std::vector<ReplicaFailure>> remove(
      std::vector<broker::TopicIdPartition> ids, std::vector<std::string> uniques);
  // Forgets producers that wrote nothing for producer.id.expiration.ms.
  [[nodiscard]] env::Task<bool> expire_producers();
  // The node stops: every log is closed cleanly; the last values for the checkpoints.
  [[nodiscard]] env::Task<std::vector<ReplicaFailure>> close_all();
  [[nodiscard]] env::Task<std::vector<ReplicaCheckpoint>> checkpoints();

 private:
  [[nodiscard]] env::Task<void> apply_one(ReplicaOrder order,
                                          std::vector<ReplicaFailure>& failures);

  void tell_recovery(const log::PartitionLog& log);

  broker::Shard& shard_;
  log::FilePool files_;
  std::vector<ReplicaCheckpoint> closed_;
  std::size_t indexes_missing_ = 0;  // of the logs that apply() opens
};

}  // namespace moldau::node
