#pragma once
#include <memory>
#include <string>
#include <vector>

#include "env/disk.h"
#include "os/file.h"

namespace moldau::os {

// The file systems of this machine. Every call that could wait for a disk runs on a pool; opening
// what the kernel has in its caches does not need one.
// Context: one shard.
class PosixDisk final : public env::Disk {
 public:
  explicit PosixDisk(FileParts parts) : parts_(parts) {}

  [[nodiscard]] env::Task<Result<std::shared_ptr<env::File>>> open(std::string path,
                                                                   env::OpenMode mode) override;
  [[nodiscard]] env::Task<Result<void>> rename(std::string from, std::string to) override;
  [[nodiscard]] env::Task<Result<void>> remove(std::string path) override;
  [[nodiscard]] env::Task<Result<void>> remove_directory(std::string path) override;
  [[nodiscard]] env::Task<Result<void>> make_directory(std::string path) override;
  [[nodiscard]] env::Task<Result<void>> sync_directory(std::string path) override;
  [[nodiscard]] env::Task<Result<std::vector<env::DirectoryEntry>>> list(std::string path) override;
  [[nodiscard]] env::Task<Result<bool>> exists(std::string path) override;
  [[nodiscard]] env::Task<Result<env::DiskSpace>> space_of(std::string directory) override;
  // An open file description lock (fcntl): it keeps out a second Moldau and an Apache Kafka alike,
  // whose FileChannel.tryLock is the same kind of lock.
  [[nodiscard]] env::Task<Result<std::shared_ptr<void>>> lock(std::string path) override;

 private:
  FileParts parts_;
};

}  // namespace moldau::os
