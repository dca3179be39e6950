#include "log/file_pool.h"

#include "base/check.h"

namespace moldau::log {

void PooledFile::close() {
  if (pool_ != nullptr) pool_->unlink(*this);
}

FilePool::~FilePool() { CHECK_OP(count_, ==, 0U); }

std::shared_ptr<env::File> FilePool::find(PooledFile& slot) {
  if (slot.pool_ == nullptr) return nullptr;
  if (newest_ != &slot) {
    std::shared_ptr<env::File> file = slot.file_;
    unlink(slot);
    slot.file_ = std::move(file);
    push_front(slot);
  }
  return slot.file_;
}

env::Task<Result<std::shared_ptr<env::File>>> FilePool::open(PooledFile& slot, std::string path,
                                                             env::OpenMode mode) {
  if (std::shared_ptr<env::File> open = find(slot)) co_return open;
  CO_TRY(std::shared_ptr<env::File> file, co_await disk_.open(std::move(path), mode));
  // Another caller may have opened it meanwhile.
  if (std::shared_ptr<env::File> open = find(slot)) co_return open;
  slot.file_ = file;
  push_front(slot);
  while (count_ > open_max_ && oldest_ != &slot) unlink(*oldest_);
  co_return file;
}

void FilePool::push_front(PooledFile& slot) {
  slot.pool_ = this;
  slot.newer_ = nullptr;
  slot.older_ = newest_;
  (newest_ == nullptr ? oldest_ : newest_->newer_) = &slot;
  newest_ = &slot;
  ++count_;
}

void FilePool::unlink(PooledFile& slot) {
  (slot.newer_ == nullptr ? newest_ : slot.newer_->older_) = slot.older_;
  (slot.older_ == nullptr ? oldest_ : slot.older_->newer_) = slot.newer_;
  slot.newer_ = nullptr;
  slot.older_ = nullptr;
  slot.pool_ = nullptr;
  slot.file_.reset();
  --count_;
}

}  // namespace moldau::log
