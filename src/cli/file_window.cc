#include "cli/file_window.h"

#include <algorithm>

#include "bytes/endian.h"

namespace moldau::cli {

env::Task<Result<FileWindow>> FileWindow::open(env::Disk& disk, std::string path,
                                               std::size_t window) {
  CO_TRY(auto file, co_await disk.open(std::move(path), env::OpenMode::read));
  CO_TRY(const std::uint64_t size, file->size());
  co_return FileWindow(std::move(file), size, window);
}

env::Task<Result<Bytes>> FileWindow::at(std::uint64_t position, std::size_t size) {
  if (position >= size_) co_return Bytes{};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - position));
  const bool inside = position >= held_at_ && position + size <= held_at_ + held_.size();
  if (!inside) {
    held_ = {};  // never two windows at once
    held_at_ = size_ <= window_ ? 0 : position;
    const std::uint64_t wanted = std::min<std::uint64_t>(std::max(size, window_), size_ - held_at_);
    CO_TRY(held_, co_await file_->read_at(held_at_, static_cast<std::size_t>(wanted)));
  }
  if (position - held_at_ >= held_.size()) co_return Bytes{};  // it became shorter meanwhile
  const Bytes held = held_.view().subspan(static_cast<std::size_t>(position - held_at_));
  co_return held.first(std::min(size, held.size()));
}

BatchFile::BatchFile(FileWindow& window, std::string path, std::uint64_t begin, std::uint64_t end)
    : window_(window),
      path_(std::move(path)),
      position_(std::min(begin, window.size())),
      end_(std::min(std::max(begin, end), window.size())) {}

env::Task<Result<std::optional<BatchFile::Batch>>> BatchFile::next() {
  const std::uint64_t left = end_ - position_;
  if (left <= record::k_size_up_to_magic) co_return std::optional<Batch>{};
  CO_TRY(const Bytes head, co_await window_.at(position_, record::k_size_up_to_magic));
  if (head.size() < record::k_size_up_to_magic) co_return std::optional<Batch>{};
  const auto length = load_big<std::int32_t>(head.data() + record::at::k_length);
  if (length < static_cast<std::int32_t>(record::k_legacy_length_min)) {
    co_return fail(Errc::corrupt_message,
                   "Found record size {} smaller than minimum record overhead ({}) in file {}.",
                   length, record::k_legacy_length_min, path_);
  }
  const std::uint64_t size = record::k_log_overhead + static_cast<std::uint64_t>(length);
  if (size > left) co_return std::optional<Batch>{};
  CO_TRY(const Bytes bytes, co_await window_.at(position_, static_cast<std::size_t>(size)));
  CO_TRY(const record::BatchView view, record::BatchView::read(bytes));
  const Batch batch{view, position_};
  position_ += size;
  co_return batch;
}

}  // namespace moldau::cli
