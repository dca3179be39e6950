#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "env/env.h"
#include "env/task.h"
#include "log/log_directory.h"
#include "node/replica_host.h"

namespace moldau::node {

// All directories of the node: which one a partition lives in, and their checkpoints.
// Context: shard 0. Source: LogManager (getOrCreateLog, nextLogDirs, checkpointLogRecoveryOffsets).
class LogDirectories {
 public:
  // Locks and reads each. Errors: those of LogDirectory::open.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<LogDirectories>>> open(
      env::Env& env, std::vector<std::string> paths);

  // Errors: bad_configuration, with the command to type, when one is not formatted or belongs to
  // another node or cluster. Gives the cluster id. `voters`: where the node is told of them.
  enum class Voters : std::uint8_t { in_the_file, in_the_log };
  [[nodiscard]] Result<std::string> check_formatted(BrokerId node_id, Voters voters) const;
  // Of the directory's meta.properties; zero when it has none.
  [[nodiscard]] Uuid id_of(const std::string& path) const;
  // Makes an id for each directory whose meta.properties has none, as Kafka does, and writes it.
  // Returns the paths of those.
  [[nodiscard]] env::Task<Result<std::vector<std::string>>> complete_ids();
  // The id of the directory that the replica lies in; nullopt when it lies nowhere.
  [[nodiscard]] std::optional<Uuid> home_of(const std::string& topic,
                                            PartitionIndex partition) const;
  // Of all of them, sorted.
  [[nodiscard]] std::vector<Uuid> ids() const;
  [[nodiscard]] bool was_clean() const;
  // Checkpoints that count as empty because they do not parse, for the node's log.
  [[nodiscard]] std::vector<std::string> unreadable_checkpoints() const;
  [[nodiscard]] std::optional<BrokerEpoch> previous_broker_epoch() const;

  // cordoned.log.dirs as the broker has it now: these get no new logs unless all of them are, and
  // then the first does. "*" is all.
  void cordon(const std::vector<std::string>& paths);
  [[nodiscard]] std::vector<Uuid> cordoned_ids() const;  // sorted
  // Where the log of a partition is; for one that is nowhere, the directory that the metadata name,
  // else the one with the fewest partitions.
  [[nodiscard]] log::LogLocation place(const std::string& topic, PartitionIndex partition,
                                       const Uuid& topic_id, const Uuid& wanted_directory);
  [[nodiscard]] log::LogLocation locate_in(const std::string& path, const std::string& topic,
                                           PartitionIndex partition, const Uuid& topic_id) const;
  [[nodiscard]] Offset high_watermark(const std::string& topic, PartitionIndex partition) const;
  void forget(const std::string& topic, PartitionIndex partition);
  // What the scan found that place() was never asked for, apart from the metadata log: the metadata
  // do not place it here. Set aside, never deleted; folders that were on their way out go.
  [[nodiscard]] env::Task<Result<std::size_t>> put_in_order();
  // The folder of another topic of the same name stands where a new one must go.
  [[nodiscard]] env::Task<Result<void>> set_aside(log::LogLocation where);

  // How far the metadata log in `path` is durable: goes into that directory's checkpoint from now
  // on, which keeps what it said until then.
  void note_metadata_log(const std::string& path, Offset recovery_point);
  // Whether the checkpoints that the last run left say more than `checkpoints` of a log, or
  // anything of one that is gone. They must be written before anything is appended, else the next
  // start trusts bytes that were never synced, or drops records.
  [[nodiscard]] bool last_run_says_too_much(
      const std::vector<ReplicaCheckpoint>& checkpoints) const;
  // Partitions that are not among them, because their logs were not opened, keep what the
  // checkpoints said.
  [[nodiscard]] env::Task<Result<void>> write_checkpoints(
      std::vector<ReplicaCheckpoint> checkpoints);
  [[nodiscard]] env::Task<Result<void>> mark_clean_shutdown(std::optional<BrokerEpoch> epoch);
  // A start that opened no log leaves the markers that it found.
  [[nodiscard]] env::Task<Result<void>> give_back_markers();

 private:
  using Key = std::pair<std::string, PartitionIndex>;
  struct Home {
    std::size_t directory;
    bool found = false;  // by the scan: the checkpoints are about this folder
    bool placed = false;
  };
  explicit LogDirectories(env::Env& env) : env_(env) {}
  void take_inventory();
  [[nodiscard]] std::size_t emptiest() const;
  [[nodiscard]] std::optional<log::PartitionOffset> metadata_log_in(
      const log::LogDirectory& directory) const;

  env::Env& env_;
  std::vector<std::unique_ptr<log::LogDirectory>> directories_;
  std::vector<bool> cordoned_;  // by directory
  std::map<Key, Home> homes_;
  std::map<Key, Offset> high_watermarks_;
  std::optional<std::pair<std::string, Offset>> metadata_log_;  // its directory, recovery point
  std::vector<std::size_t> counts_;                             // partitions of each directory
};

}  // namespace moldau::node
