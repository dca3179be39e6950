#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/disk.h"
#include "env/task.h"
#include "record/batch.h"

namespace moldau::cli {

// A file of any size, seen through a window of bounded memory.
// Context: the shard that opened it. Views are good until the next call.
class FileWindow {
 public:
  static constexpr std::size_t k_window = 1U << 18U;

  // A file no larger than `window` is read once. Errors: not_found; those of reading.
  [[nodiscard]] static env::Task<Result<FileWindow>> open(env::Disk& disk, std::string path,
                                                          std::size_t window = k_window);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Bytes [position, position + size), fewer at the end of the file. Memory: `size` or the
  // window, whichever is more.
  [[nodiscard]] env::Task<Result<Bytes>> at(std::uint64_t position, std::size_t size);

 private:
  FileWindow(std::shared_ptr<env::File> file, std::uint64_t size, std::size_t window)
      : file_(std::move(file)), size_(size), window_(window) {}
  std::shared_ptr<env::File> file_;
  std::uint64_t size_;
  std::size_t window_;
  SharedBytes held_;
  std::uint64_t held_at_ = 0;
};

// The batches of a segment or snapshot, one in memory at a time.
// Source: FileLogInputStream: bytes at the end that are no whole batch are left alone.
class BatchFile {
 public:
  // `window` must outlive it. Batches in [begin, end) of the file; `end` beyond the file means its
  // end.
  BatchFile(FileWindow& window, std::string path, std::uint64_t begin, std::uint64_t end);

  struct Batch {
    record::BatchView view;
    std::uint64_t position;
  };
  // The next whole batch, good until the next call; nullopt: no more.
  // Errors: corrupt_message in Kafka's words (the length or the magic cannot be).
  [[nodiscard]] env::Task<Result<std::optional<Batch>>> next();
  // Where the next batch would begin.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // Bytes behind the last whole batch, once next() gave nullopt.
  [[nodiscard]] std::uint64_t rest() const { return end_ - position_; }

 private:
  FileWindow& window_;
  std::string path_;
  std::uint64_t position_;
  std::uint64_t end_;
};

}  // namespace moldau::cli
