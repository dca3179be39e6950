#pragma once
#include <memory>
#include <string>
#include <vector>

#include "env/disk.h"
#include "sim/volume.h"

namespace moldau::sim {

class ShardEnv;

// When the calls of a disk complete, in the world's time. Drawn evenly from [min, max].
struct DiskTiming {
  Duration call_min = std::chrono::microseconds(2);
  Duration call_max = std::chrono::microseconds(60);
  Duration sync_min = std::chrono::microseconds(100);
  Duration sync_max = std::chrono::milliseconds(4);
  // Of 8 reads, how many are in the page cache and complete at once.
  std::uint32_t cached_reads_of_8 = 6;
};

// env::Disk on a Volume. Two kinds:
//  - Disk(volume): no clock, every call completes at once. For unit tests of what stands on
//    env::Disk: no world is needed, and volume.cut_power(), faults() and filters work as well.
//  - Disk(volume, shard): a shard's disk in a World; calls take the world's time, in order for
//    each file; when the boot has ended every call answers cancelled and does nothing.
// A file that was opened stays usable after its Disk is gone, as the others' contract says.
class Disk final : public env::Disk {
 public:
  explicit Disk(Volume& volume);
  Disk(Volume& volume, ShardEnv& shard, DiskTiming timing);
  ~Disk() override;

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
  [[nodiscard]] env::Task<Result<std::shared_ptr<void>>> lock(std::string path) override;

  [[nodiscard]] Volume& volume() const;
  // What a stream sends of a simulated file. Errors: io_failure when the file is shorter than the
  // range says. REQUIRES: the range's file was opened by a sim::Disk.
  [[nodiscard]] static Result<std::vector<std::byte>> read_range(const env::FileRange& range);

 private:
  struct Core;
  class File;
  [[nodiscard]] env::Task<Result<void>> call(DiskOp op, std::string path);
  std::shared_ptr<Core> core_;
};

}  // namespace moldau::sim
