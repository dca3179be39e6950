#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "env/env.h"
#include "env/task.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "log/partition_log.h"

namespace moldau::log {

// A folder of a log directory, as the scan found it.
struct FoundFolder {
  FolderName name;
  LogLocation where;  // ready for PartitionLog::open
};

// One entry of log.dirs (or metadata.log.dir): its lock, meta.properties, checkpoints, marker of a
// clean stop, and the folders of partitions in it. It does not hold logs: they live on their
// shards. The owner opens them (open_logs), and gives their offsets back for the checkpoints.
// Context: one shard, for all directories of the node.
// Errors of every call: kafka_storage_error with the path; corrupt_data where a file does not
// parse. Source: LogManager.loadLogs, shutdown.
class LogDirectory {
 public:
  // Takes `.lock`, reads meta.properties and checkpoints, lists the folders, and takes the clean
  // shutdown marker away: whoever dies from here on leaves an unclean directory.
  // Makes the directory when it is missing. Opens no partition: their topic ids come with their
  // logs. Errors: already_exists when another process holds the lock.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<LogDirectory>>> open(env::Env& env,
                                                                             std::string path);
  LogDirectory(const LogDirectory&) = delete;
  LogDirectory& operator=(const LogDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::optional<MetaProperties>& meta() const {
    return meta_;
  }  // none: not formatted
  [[nodiscard]] env::Task<Result<void>> write_meta(MetaProperties meta);
  // The last run ended with the marker.
  [[nodiscard]] bool was_clean() const { return marker_.has_value(); }
  // Which epoch the broker had then (RegisterBroker's previous epoch, KIP-966).
  [[nodiscard]] std::optional<BrokerEpoch> previous_broker_epoch() const;
  // Every folder of a partition, sorted by topic and partition; `__cluster_metadata-0` among them.
  // Folders that wait for deletion (`-delete`) and strays are among them too: kind tells.
  [[nodiscard]] const std::vector<FoundFolder>& folders() const { return folders_; }
  // What the checkpoints said when it was opened.
  [[nodiscard]] const std::vector<PartitionOffset>& recovery_points() const {
    return recovery_points_;
  }
  [[nodiscard]] const std::vector<PartitionOffset>& log_starts() const { return log_starts_; }
  // What replication-offset-checkpoint said: the high watermarks of the last run, sorted.
  [[nodiscard]] const std::vector<PartitionOffset>& high_watermarks() const {
    return high_watermarks_;
  }
  // Checkpoints that did not parse and count as empty: their paths, each with what is wrong.
  [[nodiscard]] const std::vector<std::string>& unreadable() const { return unreadable_; }
  // Where the log of this partition is, or will be made.
  [[nodiscard]] LogLocation locate(const std::string& topic, PartitionIndex partition,
                                   std::optional<Uuid> topic_id) const;
  // Renames "<topic>-<partition>" to a stray: the metadata does not place it here. It is kept.
  [[nodiscard]] env::Task<Result<void>> set_aside(std::string topic, PartitionIndex partition,
                                                  std::string unique);
  // Removes a folder of kind `deleted`.
  [[nodiscard]] env::Task<Result<void>> remove_folder(FolderName name);

  // The whole file each time; entries in any order. Write the checkpoint of log start offsets with
  // only the logs whose start is above their first segment, as Kafka does.
  [[nodiscard]] env::Task<Result<void>> write_recovery_points(std::vector<PartitionOffset> entries);
  [[nodiscard]] env::Task<Result<void>> write_log_start_offsets(
      std::vector<PartitionOffset> entries);
  [[nodiscard]] env::Task<Result<void>> write_high_watermarks(std::vector<PartitionOffset> entries);
  // The last step of a clean stop: every log was closed, the checkpoints are written. Without it
  // the next start recovers.
  [[nodiscard]] env::Task<Result<void>> mark_clean_shutdown(std::optional<BrokerEpoch> epoch);

 private:
  LogDirectory(env::Env& env, std::string path) : env_(env), path_(std::move(path)) {}
  env::Task<Result<void>> load();
  std::string file(std::string_view name) const;
  LogLocation locate_in(const FolderName& name, const std::string& folder) const;

  env::Env& env_;
  std::string path_;
  std::shared_ptr<void> lock_;
  std::optional<MetaProperties> meta_;
  std::optional<CleanShutdown> marker_;
  std::vector<FoundFolder> folders_;
  std::vector<PartitionOffset> recovery_points_;
  std::vector<PartitionOffset> log_starts_;
  std::vector<PartitionOffset> high_watermarks_;
  std::vector<std::string> unreadable_;
};

struct OpenedLog {
  LogLocation where;
  Result<std::unique_ptr<PartitionLog>> log;
};
// Opens many logs of one shard, at most `parallel` at a time. The result is in the order of
// `where`. Clean logs take a few small reads each; unclean ones are recovered.
[[nodiscard]] env::Task<std::vector<OpenedLog>> open_logs(
    env::Env& env, FilePool& files, std::vector<LogLocation> where,
    std::function<std::shared_ptr<const LogConfig>(const std::string& topic)> config_of,
    std::size_t parallel);

// What the logs give back for the checkpoints: recovery points of all, and log start offsets of
// those that begin inside a segment.
[[nodiscard]] PartitionOffset recovery_point_of(const PartitionLog& log);
[[nodiscard]] std::optional<PartitionOffset> log_start_of(const PartitionLog& log);

}  // namespace moldau::log
