#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/task.h"

namespace moldau::env {

// One open file. Shared by whoever reads or sends from it; it is closed with its last holder, and
// stays readable after its name was removed.
// Written is not synced: only what a completed sync() covers survives a power cut. Errors of every
// call: io_failure (with the path and the system's text), no_space, cancelled when the env closes.
// After a failed sync the file's content is unknown: never retry it into success.
// Context: the shard that opened it. Sending (Stream::try_send_file) and make_resident() before it
// may be on another shard, and go on there.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  // Up to `size` bytes from `position`; shorter only at the end of the file. Does not stall the
  // loop: what is not in the page cache is read by the pool.
  [[nodiscard]] virtual Task<Result<SharedBytes>> read_at(std::uint64_t position,
                                                          std::size_t size) = 0;
  // All parts one behind the other from `position`, in one gather call. A write that fails may
  // have written any prefix.
  [[nodiscard]] virtual Task<Result<void>> write_at(std::uint64_t position,
                                                    std::vector<SharedBytes> parts) = 0;
  // Completes when everything written before the call is durable (fdatasync). Calls that wait at
  // the same time share one sync of the disk (group commit).
  [[nodiscard]] virtual Task<Result<void>> sync() = 0;
  [[nodiscard]] virtual Task<Result<void>> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
  // Room on the disk for [0, size) ahead of the writes, without changing size(). Only a hint.
  virtual void reserve(std::uint64_t size) = 0;
  // Completes when [position, position + size) is in the page cache, so that try_send_file of it
  // does not stall the loop. Completes at once when it is there already.
  [[nodiscard]] virtual Task<Result<void>> make_resident(std::uint64_t position,
                                                         std::size_t size) = 0;
  [[nodiscard]] virtual const std::string& path() const = 0;
};

// Bytes of a file that somebody will send; holding it holds the file.
struct FileRange {
  std::shared_ptr<File> file;
  std::uint64_t position = 0;
  std::size_t size = 0;
};

enum class OpenMode : std::uint8_t {
  read,              // must exist
  read_write,        // must exist
  create,            // read and write; made empty when missing
  create_exclusive,  // read and write; already_exists when there
};

struct DirectoryEntry {
  std::string name;
  bool is_directory;
  std::uint64_t size;  // 0 for a directory
};

// How much fits on the file system that a directory lies on.
struct DiskSpace {
  std::string directory;  // as an absolute path
  std::uint64_t total_bytes = 0;
  std::uint64_t usable_bytes = 0;  // left for this process
};

// A file system as one node sees it. Paths are as the configuration gives them, '/' between parts.
// Errors: not_found, already_exists, io_failure, no_space.
// A created, renamed or removed name is durable only after sync_directory() of its folder.
class Disk {
 public:
  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  [[nodiscard]] virtual Task<Result<std::shared_ptr<File>>> open(std::string path,
                                                                 OpenMode mode) = 0;
  // Replaces `to` when it is there: the one atomic step that file updates build on.
  [[nodiscard]] virtual Task<Result<void>> rename(std::string from, std::string to) = 0;
  [[nodiscard]] virtual Task<Result<void>> remove(std::string path) = 0;            // a file
  [[nodiscard]] virtual Task<Result<void>> remove_directory(std::string path) = 0;  // an empty one
  // With missing parents; no error when it is there.
  [[nodiscard]] virtual Task<Result<void>> make_directory(std::string path) = 0;
  [[nodiscard]] virtual Task<Result<void>> sync_directory(std::string path) = 0;
  // Sorted by name.
  [[nodiscard]] virtual Task<Result<std::vector<DirectoryEntry>>> list(std::string path) = 0;
  [[nodiscard]] virtual Task<Result<bool>> exists(std::string path) = 0;
  [[nodiscard]] virtual Task<Result<DiskSpace>> space_of(std::string directory) = 0;
  // Takes the directory's `.lock` for this process until the returned holder goes. Errors:
  // already_exists when another process has it.
  [[nodiscard]] virtual Task<Result<std::shared_ptr<void>>> lock(std::string path) = 0;
};

// The whole file. Errors: as open and read; limit_reached when it is larger than `size_max`.
[[nodiscard]] Task<Result<SharedBytes>> read_file(Disk& disk, std::string path,
                                                  std::size_t size_max);
// Writes `path`.tmp, syncs it, renames it over `path`, syncs the folder: after a crash the file
// is the old one or the new one.
[[nodiscard]] Task<Result<void>> replace_file(Disk& disk, std::string path, SharedBytes content);
// make_directory(), and its name is durable with those of the parents that it made. One that was
// there counts as new too: whoever made it may have died before its name was synced.
[[nodiscard]] Task<Result<void>> make_durable_directory(Disk& disk, std::string path);
// Everything below `path` and itself; no error when it is not there.
[[nodiscard]] Task<Result<void>> remove_tree(Disk& disk, std::string path);

// "a/b" of "a" and "b".
[[nodiscard]] std::string join_path(const std::string& folder, const std::string& name);
// The folder part: "." when there is none.
[[nodiscard]] std::string parent_path(const std::string& path);

}  // namespace moldau::env
