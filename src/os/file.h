#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/disk.h"
#include "os/descriptor.h"
#include "os/shard.h"
#include "os/thread_pool.h"

namespace moldau::os {

// What file calls need from the runtime; outlives every file.
struct FileParts {
  Shard& shard;
  ThreadPool& readers;   // calls that may wait for the disk to read or for the journal
  ThreadPool& flushers;  // fdatasync
};

// A file of the system. Writes go to the page cache from the loop's own thread; what could wait for
// the disk runs on a pool.
class PosixFile final : public env::File, public std::enable_shared_from_this<PosixFile> {
 public:
  PosixFile(FileParts parts, Descriptor fd, std::string path);
  ~PosixFile() override;

  [[nodiscard]] env::Task<Result<SharedBytes>> read_at(std::uint64_t position,
                                                       std::size_t size) override;
  [[nodiscard]] env::Task<Result<void>> write_at(std::uint64_t position,
                                                 std::vector<SharedBytes> parts) override;
  [[nodiscard]] env::Task<Result<void>> sync() override;
  [[nodiscard]] env::Task<Result<void>> truncate(std::uint64_t size) override;
  [[nodiscard]] Result<std::uint64_t> size() const override;
  void reserve(std::uint64_t size) override;
  [[nodiscard]] env::Task<Result<void>> make_resident(std::uint64_t position,
                                                      std::size_t size) override;
  [[nodiscard]] const std::string& path() const override { return path_; }

  [[nodiscard]] int descriptor() const { return fd_.get(); }

 private:
  struct SyncWait;
  [[nodiscard]] bool is_resident(std::uint64_t position, std::size_t size) const;
  void start_sync();
  void sync_done(Result<void> outcome);

  FileParts parts_;
  Descriptor fd_;
  std::string path_;
  std::uint64_t reserved_ = 0;
  bool sync_running_ = false;
  std::vector<SyncWait*> syncing_;    // the running fdatasync began after their writes
  std::vector<SyncWait*> next_sync_;  // came later: the next one is theirs
  std::optional<Error> sync_failed_;  // for good: the content is unknown from then on
};

}  // namespace moldau::os
