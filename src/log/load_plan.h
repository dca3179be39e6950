#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace moldau::log {

// Decides from the listing of a partition's folder what to load, and what an interrupted
// compaction, split or deletion left to be cleared away first. Pure. Source: LogLoader.

struct FolderFile {
  std::string name;
  std::uint64_t size = 0;
};

// Step 1. `remove` goes first, in order. Segments in `swaps` were about to replace others: the
// store finds out which offsets they cover.
struct Leftovers {
  std::vector<std::string> remove;
  std::vector<Offset> swaps;  // bases of the .log.swap files that stay, rising
};
[[nodiscard]] Leftovers find_leftovers(std::span<const FolderFile> files);

// Step 2, when there are swaps. They cover [from, end): what else stands there is removed, then
// the swap files take their names.
struct SwapPlan {
  std::vector<std::string> remove;
  std::vector<std::pair<std::string, std::string>> rename;
};
[[nodiscard]] SwapPlan plan_swap(std::span<const FolderFile> files, Offset from, Offset end);

// Step 3, on the listing after steps 1 and 2.
struct FoundSegment {
  Offset base;
  std::uint64_t log_size = 0;
  std::optional<std::uint64_t> offset_index_size;  // none: the segment is to be recovered
  std::optional<std::uint64_t> time_index_size;
  std::optional<std::uint64_t> txn_index_size;
};
struct FoundSnapshot {
  Offset end;
  std::uint64_t size = 0;
  friend bool operator==(const FoundSnapshot&, const FoundSnapshot&) = default;
};
struct LoadPlan {
  std::vector<std::string> remove;       // indexes without a .log
  std::vector<FoundSegment> segments;    // rising
  std::vector<FoundSnapshot> snapshots;  // rising
  bool has_epoch_checkpoint = false;
  bool has_partition_metadata = false;
};
[[nodiscard]] LoadPlan plan_load(std::span<const FolderFile> files);

// Of these snapshots, the ones that belong to no segment, except for the latest when it lies above
// all segments: a clean stop took it at the log end. Both rising.
[[nodiscard]] std::vector<Offset> stray_snapshots(std::span<const FoundSnapshot> snapshots,
                                                  std::span<const Offset> segment_bases);

}  // namespace moldau::log
