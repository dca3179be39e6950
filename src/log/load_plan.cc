#include "log/load_plan.h"

#include <algorithm>

#include "log/file_names.h"

namespace moldau::log {
namespace {

bool is_index(FileKind kind) {
  switch (kind) {
    case FileKind::offset_index:
    case FileKind::time_index:
    case FileKind::txn_index:
      return true;
    case FileKind::log:
    case FileKind::snapshot:
      return false;
  }
  return false;
}

std::string without_swap(const std::string& name) {
  return name.substr(0, name.size() - std::string_view{".swap"}.size());
}

void add_index(FoundSegment& segment, FileKind kind, std::uint64_t size) {
  if (kind == FileKind::offset_index) segment.offset_index_size = size;
  if (kind == FileKind::time_index) segment.time_index_size = size;
  if (kind == FileKind::txn_index) segment.txn_index_size = size;
}

}  // namespace

// A split renames its drafts from .cleaned to .swap from the highest offset down. A .swap at or
// above a .cleaned is therefore one of a split that did not get through: both go.
Leftovers find_leftovers(std::span<const FolderFile> files) {
  Leftovers found;
  std::optional<Offset> lowest_draft;
  for (const FolderFile& file : files) {
    const auto name = parse_file_name(file.name);
    if (name && name->state == FileState::cleaned &&
        (!lowest_draft || name->base < *lowest_draft)) {
      lowest_draft = name->base;
    }
  }
  for (const FolderFile& file : files) {
    const auto name = parse_file_name(file.name);
    if (!name) continue;
    const bool invalid_swap =
        name->state == FileState::swap && lowest_draft && name->base >= *lowest_draft;
    if (name->state == FileState::deleted || name->state == FileState::cleaned || invalid_swap) {
      found.remove.push_back(file.name);
    } else if (name->state == FileState::swap && name->kind == FileKind::log) {
      found.swaps.push_back(name->base);
    }
  }
  std::ranges::sort(found.swaps);
  return found;
}

SwapPlan plan_swap(std::span<const FolderFile> files, Offset from, Offset end) {
  SwapPlan plan;
  for (const FolderFile& file : files) {
    const auto name = parse_file_name(file.name);
    if (!name) continue;
    if (name->state == FileState::swap) {
      plan.rename.emplace_back(file.name, without_swap(file.name));
    } else if (name->state == FileState::live && name->base >= from && name->base < end) {
      plan.remove.push_back(file.name);
    }
  }
  return plan;
}

LoadPlan plan_load(std::span<const FolderFile> files) {
  LoadPlan plan;
  for (const FolderFile& file : files) {
    if (file.name == k_leader_epoch_checkpoint) plan.has_epoch_checkpoint = true;
    if (file.name == k_partition_metadata) plan.has_partition_metadata = true;
    const auto name = parse_file_name(file.name);
    if (!name || name->state != FileState::live) continue;
    if (name->kind == FileKind::log) {
      plan.segments.push_back({.base = name->base, .log_size = file.size});
    } else if (name->kind == FileKind::snapshot) {
      plan.snapshots.push_back({name->base, file.size});
    }
  }
  std::ranges::sort(plan.segments, {}, &FoundSegment::base);
  std::ranges::sort(plan.snapshots, {}, &FoundSnapshot::end);
  for (const FolderFile& file : files) {
    const auto name = parse_file_name(file.name);
    if (!name || name->state != FileState::live || !is_index(name->kind)) continue;
    const auto segment =
        std::ranges::lower_bound(plan.segments, name->base, {}, &FoundSegment::base);
    if (segment == plan.segments.end() || segment->base != name->base) {
      plan.remove.push_back(file.name);
    } else {
      add_index(*segment, name->kind, file.size);
    }
  }
  return plan;
}

std::vector<Offset> stray_snapshots(std::span<const FoundSnapshot> snapshots,
                                    std::span<const Offset> segment_bases) {
  std::vector<Offset> strays;
  for (const FoundSnapshot& snapshot : snapshots) {
    if (!std::ranges::binary_search(segment_bases, snapshot.end)) strays.push_back(snapshot.end);
  }
  if (!strays.empty() && (segment_bases.empty() || strays.back() > segment_bases.back())) {
    strays.pop_back();
  }
  return strays;
}

}  // namespace moldau::log
