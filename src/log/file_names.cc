#include "log/file_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_offset_digits = 20;
constexpr std::size_t k_epoch_digits = 10;
constexpr std::size_t k_name_size_max = 255;
constexpr std::string_view k_deleted = ".deleted";
constexpr std::string_view k_cleaned = ".cleaned";
constexpr std::string_view k_swap = ".swap";
constexpr std::string_view k_metadata_snapshot = ".checkpoint";
constexpr std::string_view k_part = ".part";

constexpr auto k_kinds =
    std::to_array<FileKind>({FileKind::log, FileKind::offset_index, FileKind::time_index,
                             FileKind::txn_index, FileKind::snapshot});

bool drop_suffix(std::string_view& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return true;
}

// Digits only: from_chars alone would take a sign.
template <class T>
std::optional<T> parse_digits(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view folder_suffix(FolderKind kind) {
  switch (kind) {
    case FolderKind::partition:
      return "";
    case FolderKind::deleted:
      return "-delete";
    case FolderKind::future:
      return "-future";
    case FolderKind::stray:
      return "-stray";
  }
  return "";
}

}  // namespace

std::string_view suffix_of(FileKind kind) {
  switch (kind) {
    case FileKind::log:
      return ".log";
    case FileKind::offset_index:
      return ".index";
    case FileKind::time_index:
      return ".timeindex";
    case FileKind::txn_index:
      return ".txnindex";
    case FileKind::snapshot:
      return ".snapshot";
  }
  return "";
}

std::string file_name(Offset base, FileKind kind) {
  return fmt::format("{:020}{}", base.value(), suffix_of(kind));
}

std::optional<SegmentFileName> parse_file_name(std::string_view name) {
  SegmentFileName parsed{.base = Offset{0}, .kind = FileKind::log, .state = FileState::live};
  if (drop_suffix(name, k_deleted)) {
    parsed.state = FileState::deleted;
  } else if (drop_suffix(name, k_cleaned)) {
    parsed.state = FileState::cleaned;
  } else if (drop_suffix(name, k_swap)) {
    parsed.state = FileState::swap;
  }
  for (const FileKind kind : k_kinds) {
    std::string_view digits = name;
    if (!drop_suffix(digits, suffix_of(kind))) continue;
    const auto base = parse_digits<std::int64_t>(digits);
    if (!base) return std::nullopt;
    parsed.base = Offset{*base};
    parsed.kind = kind;
    return parsed;
  }
  return std::nullopt;
}

std::string folder_name(std::string_view topic, PartitionIndex partition) {
  return fmt::format("{}-{}", topic, partition.value());
}

std::string folder_name(std::string_view topic, PartitionIndex partition, FolderKind kind,
                        std::string_view unique) {
  CHECK(kind != FolderKind::partition);
  CHECK(!unique.empty());
  const std::string tail = fmt::format("-{}.{}{}", partition.value(), unique, folder_suffix(kind));
  CHECK_OP(tail.size(), <, k_name_size_max);
  return std::string{topic.substr(0, k_name_size_max - tail.size())} + tail;
}

Result<FolderName> parse_folder_name(std::string_view name) {
  FolderName parsed{
      .topic = {}, .partition = PartitionIndex{0}, .kind = FolderKind::partition, .unique = {}};
  std::string_view rest = name;
  for (const FolderKind kind : {FolderKind::deleted, FolderKind::future, FolderKind::stray}) {
    if (!drop_suffix(rest, folder_suffix(kind))) continue;
    const std::size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == rest.size()) {
      return fail(Errc::corrupt_data, "{}: not the name of a partition's folder", name);
    }
    parsed.kind = kind;
    parsed.unique = rest.substr(dot + 1);
    rest = rest.substr(0, dot);
    break;
  }
  const std::size_t dash = rest.rfind('-');
  const auto number = dash == std::string_view::npos
                          ? std::nullopt
                          : parse_digits<std::int32_t>(rest.substr(dash + 1));
  if (!number || dash == 0) {
    return fail(Errc::corrupt_data,
                "{}: not the name of a partition's folder (topic-number); move it out of the log "
                "directory",
                name);
  }
  parsed.topic = rest.substr(0, dash);
  parsed.partition = PartitionIndex{*number};
  return parsed;
}

std::string metadata_snapshot_name(MetadataSnapshotId id) {
  return fmt::format("{:020}-{:010}{}", id.end_offset.value(), id.epoch.value(),
                     k_metadata_snapshot);
}

std::optional<MetadataSnapshotName> parse_metadata_snapshot_name(std::string_view name) {
  MetadataSnapshotName parsed{.id = {}, .state = MetadataSnapshotState::complete};
  if (drop_suffix(name, k_deleted)) {
    parsed.state = MetadataSnapshotState::deleted;
  } else if (name.ends_with(k_part)) {
    // A draft has a random number between: "…checkpoint1234.part".
    const std::size_t end = name.find(k_metadata_snapshot);
    if (end == std::string_view::npos) return std::nullopt;
    name = name.substr(0, end + k_metadata_snapshot.size());
    parsed.state = MetadataSnapshotState::partial;
  }
  if (!drop_suffix(name, k_metadata_snapshot)) return std::nullopt;
  if (name.size() != k_offset_digits + 1 + k_epoch_digits || name[k_offset_digits] != '-') {
    return std::nullopt;
  }
  const auto end_offset = parse_digits<std::int64_t>(name.substr(0, k_offset_digits));
  const auto epoch = parse_digits<std::int32_t>(name.substr(k_offset_digits + 1));
  if (!end_offset || !epoch) return std::nullopt;
  parsed.id = {.end_offset = Offset{*end_offset}, .epoch = LeaderEpoch{*epoch}};
  return parsed;
}

}  // namespace moldau::log
