#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "env/disk.h"
#include "log/producer_state.h"

namespace moldau::log {

class FilePool;

// A file that is open while it is used: the pool closes the least recently used ones. Cheap to
// have (40 bytes), part of the log's segment, and not movable while it is in the pool.
// Whoever holds the std::shared_ptr<env::File> keeps the descriptor open beyond its eviction.
class PooledFile {
 public:
  PooledFile() = default;
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;
  ~PooledFile() { close(); }
  // Leaves the pool. Who got the file from it keeps it.
  void close();

 private:
  friend class FilePool;
  FilePool* pool_ = nullptr;  // null: not open
  PooledFile* newer_ = nullptr;
  PooledFile* older_ = nullptr;
  std::shared_ptr<env::File> file_;
};

// What the logs of one shard share: their descriptors, at most `open_max` (the node's
// k_open_log_files_max divided by its shards), and how many producers they remember. Outlives all
// logs.
// Context: one shard.
class FilePool {
 public:
  FilePool(env::Disk& disk, std::size_t open_max) : disk_(disk), open_max_(open_max) {}
  FilePool(const FilePool&) = delete;
  FilePool& operator=(const FilePool&) = delete;
  ~FilePool();

  // The file if it is open; it is the most recently used then.
  [[nodiscard]] std::shared_ptr<env::File> find(PooledFile& slot);
  // Opens it and takes it into the pool. `slot` must live until the call completes.
  [[nodiscard]] env::Task<Result<std::shared_ptr<env::File>>> open(PooledFile& slot,
                                                                   std::string path,
                                                                   env::OpenMode mode);
  [[nodiscard]] std::size_t open_count() const { return count_; }
  [[nodiscard]] env::Disk& disk() { return disk_; }
  [[nodiscard]] ProducerBudget& producer_budget() { return producer_budget_; }

 private:
  friend class PooledFile;
  void push_front(PooledFile& slot);
  void unlink(PooledFile& slot);

  env::Disk& disk_;
  std::size_t open_max_;
  ProducerBudget producer_budget_{k_producers_per_shard_max.value};
  std::size_t count_ = 0;
  PooledFile* newest_ = nullptr;
  PooledFile* oldest_ = nullptr;
};

}  // namespace moldau::log
