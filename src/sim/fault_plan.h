#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"

namespace moldau::sim {

enum class DiskOp : std::uint8_t {
  open,
  read,
  write,
  sync,
  truncate,
  rename,
  remove,  // of a file or an empty directory
  make_directory,
  sync_directory,
  list,  // and exists
  lock,
};

enum class DiskFault : std::uint8_t {
  none,
  io_failure,  // EIO; a write may have left any prefix, a sync leaves the unsynced bytes unknown
  no_space,    // ENOSPC; as io_failure for a write
};

// What happens to one disk call.
struct DiskVerdict {
  DiskFault fault = DiskFault::none;
  Duration stall{0};  // added to the call's time
};

// One scripted fault: of the calls that match, the first `skip` pass, the next `times` suffer.
struct FaultRule {
  std::optional<DiskOp> op;  // none: every call
  std::string path_part;     // the path contains it; "": every path
  std::uint64_t skip = 0;
  std::uint64_t times = 1;
  DiskFault fault = DiskFault::io_failure;
  Duration stall{0};
};

// Which disk calls fail or stall: scripted rules first, then chances.
// Context: one host; asked once for each call, in order, so its draws are part of the run.
class FaultPlan {
 public:
  void add(FaultRule rule) { rules_.push_back(std::move(rule)); }
  // One call in `n` fails or stalls; 0: never. Chances do not hit open, list and lock.
  void set_failure_one_in(std::uint64_t n) { failure_one_in_ = n; }
  void set_stall_one_in(std::uint64_t n, Duration up_to);
  // The disk is well again; suffered() stays.
  void clear();
  // Calls that failed, ever.
  [[nodiscard]] std::uint64_t suffered() const { return suffered_; }
  void count_failure() { ++suffered_; }
  [[nodiscard]] DiskVerdict judge(DiskOp op, const std::string& path, Rng& rng);

 private:
  std::vector<FaultRule> rules_;
  std::uint64_t failure_one_in_ = 0;
  std::uint64_t stall_one_in_ = 0;
  Duration stall_up_to_{0};
  std::uint64_t suffered_ = 0;
};

}  // namespace moldau::sim
