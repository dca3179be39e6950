#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/env.h"
#include "env/task.h"
#include "raft/retention.h"
#include "raft/types.h"

namespace moldau::node {

// The .checkpoint files of one metadata log folder.
// Invariant: a file that bears a snapshot's name is whole and durable; drafts are called `.part`.
// Context: one shard.
class MetadataSnapshots {
 public:
  // A snapshot is as large as the metadata of a cluster.
  static constexpr std::size_t k_size_max = 1U << 30U;

  // Lists the folder and removes drafts that a crash left.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<MetadataSnapshots>>> open(
      env::Env& env, std::string folder);

  // With their sizes, oldest first.
  [[nodiscard]] const std::vector<std::pair<raft::SnapshotId, std::int64_t>>& all() const {
    return all_;
  }
  [[nodiscard]] env::Task<Result<SharedBytes>> read(raft::SnapshotId id);
  [[nodiscard]] env::Task<Result<SharedBytes>> read_part(raft::SnapshotId id,
                                                         std::uint64_t position, std::size_t size);
  // Durable when done. No effect on one that is there.
  [[nodiscard]] env::Task<Result<void>> write(raft::SnapshotId id, SharedBytes content);
  // With the time of the last record that each contains, for retention.
  [[nodiscard]] env::Task<Result<std::vector<raft::SnapshotOnDisk>>> described();
  [[nodiscard]] env::Task<Result<void>> remove_before(raft::SnapshotId oldest_kept);

 private:
  MetadataSnapshots(env::Env& env, std::string folder) : env_(env), folder_(std::move(folder)) {}
  [[nodiscard]] std::string path_of(const raft::SnapshotId& id) const;

  env::Env& env_;
  std::string folder_;
  std::vector<std::pair<raft::SnapshotId, std::int64_t>> all_;
};

}  // namespace moldau::node
