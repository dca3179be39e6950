#include "os/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "os/system_error.h"

namespace moldau::os {
namespace {

constexpr std::size_t k_gather_parts_max = 256;

struct Filled {
  std::size_t size = 0;
  int error_number = 0;
};

// Reads until `size` bytes, the end of the file, or an error (EAGAIN: the rest is not cached).
Filled read_into(int fd, std::byte* into, std::size_t size, std::uint64_t position, int flags) {
  Filled filled;
  while (filled.size < size) {
    const iovec part{into + filled.size, size - filled.size};
    const ssize_t got = ::preadv2(fd, &part, 1, static_cast<off_t>(position + filled.size), flags);
    if (got == 0) break;
    if (got > 0) {
      filled.size += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      filled.error_number = errno;
      break;
    }
  }
  return filled;
}

// Writes everything. Returns 0 or the error.
int write_all(int fd, std::span<iovec> parts, std::uint64_t position) {
  while (!parts.empty()) {
    const std::size_t count = std::min(parts.size(), k_gather_parts_max);
    const ssize_t put =
        ::pwritev(fd, parts.data(), static_cast<int>(count), static_cast<off_t>(position));
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    position += static_cast<std::uint64_t>(put);
    auto left = static_cast<std::size_t>(put);
    while (!parts.empty() && left >= parts.front().iov_len) {
      left -= parts.front().iov_len;
      parts = parts.subspan(1);
    }
    if (left > 0) {
      parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + left;
      parts.front().iov_len -= left;
    }
  }
  return 0;
}

// cachestat(2), Linux 6.5, not in the C library yet.
constexpr long k_cachestat_call = 451;
struct CachestatRange {
  std::uint64_t position;
  std::uint64_t size;
};
struct Cachestat {
  std::uint64_t cached;
  std::uint64_t dirty;
  std::uint64_t writeback;
  std::uint64_t evicted;
  std::uint64_t recently_evicted;
};

// Touches every page so that all of them are cached when this returns; on a pool thread.
int read_through(int fd, std::uint64_t position, std::size_t size) {
  constexpr std::size_t k_scratch_size = std::size_t{64} << 10U;
  std::array<std::byte, k_scratch_size> scratch;
  ::readahead(fd, static_cast<off_t>(position), size);
  while (size > 0) {
    const Filled got = read_into(fd, scratch.data(), std::min(size, scratch.size()), position, 0);
    if (got.error_number != 0) return got.error_number;
    if (got.size == 0) return 0;
    position += got.size;
    size -= got.size;
  }
  return 0;
}

}  // namespace

struct PosixFile::SyncWait {
  PosixFile& file;
  std::coroutine_handle<> waiter;
  std::optional<Result<void>> outcome;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    file.next_sync_.push_back(this);
    if (!file.sync_running_) file.start_sync();
  }
  [[nodiscard]] Result<void> await_resume() { return *std::move(outcome); }
};

PosixFile::PosixFile(FileParts parts, Descriptor fd, std::string path)
    : parts_(parts), fd_(std::move(fd)), path_(std::move(path)) {}

PosixFile::~PosixFile() {
  struct stat facts{};
  if (::fstat(fd_.get(), &facts) == 0 && facts.st_nlink == 0) {
    // The last holder of a removed file frees its blocks, which takes long for a large one.
    parts_.readers.submit([fd = std::move(fd_)] {});
  }
}

env::Task<Result<SharedBytes>> PosixFile::read_at(std::uint64_t position, std::size_t size) {
  // The size asked may be far more than the file has: no memory for what is not there.
  CO_TRY(const std::uint64_t end, this->size());
  if (position >= end) co_return SharedBytes{};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, end - position));
  std::shared_ptr<std::byte[]> bytes = std::make_shared_for_overwrite<std::byte[]>(size);
  Filled got = read_into(fd_.get(), bytes.get(), size, position, RWF_NOWAIT);
  if (got.error_number != 0) {
    const std::size_t had = got.size;
    const std::shared_ptr<PosixFile> self = shared_from_this();
    got = co_await on_pool(parts_.shard, parts_.readers, [&] {
      return read_into(fd_.get(), bytes.get() + had, size - had, position + had, 0);
    });
    got.size += had;
  }
  if (got.error_number != 0) co_return file_error(path_, "read", got.error_number);
  const Bytes view{bytes.get(), got.size};
  co_return SharedBytes{std::move(bytes), view};
}

env::Task<Result<void>> PosixFile::write_at(std::uint64_t position,
                                            std::vector<SharedBytes> parts) {
  constexpr std::size_t k_parts_on_stack = 16;
  std::array<iovec, k_parts_on_stack> few;
  std::vector<iovec> many;
  if (parts.size() > few.size()) many.resize(parts.size());
  const std::span<iovec> gather =
      many.empty() ? std::span{few}.first(parts.size()) : std::span{many};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    gather[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
  }
  const int failed = write_all(fd_.get(), gather, position);
  if (failed != 0) co_return file_error(path_, "write", failed);
  co_return Result<void>{};
}

env::Task<Result<void>> PosixFile::sync() {
  if (sync_failed_) co_return fail(*sync_failed_);
  const std::shared_ptr<PosixFile> self = shared_from_this();
  co_return co_await SyncWait{*this, nullptr, std::nullopt};
}

void PosixFile::start_sync() {
  sync_running_ = true;
  syncing_.swap(next_sync_);
  parts_.flushers.submit([self = shared_from_this()]() mutable {
    const int failed = ::fdatasync(self->fd_.get()) == 0 ? 0 : errno;
    Shard& shard = self->parts_.shard;
    shard.inbox().push([self = std::move(self), failed] {
      self->sync_done(failed == 0 ? Result<void>{} : file_error(self->path_, "fdatasync", failed));
    });
  });
}

void PosixFile::sync_done(Result<void> outcome) {
  sync_running_ = false;
  if (!outcome) {
    sync_failed_ = outcome.error();
    // Those who came later share the fate: a second fdatasync would report success for lost pages.
    syncing_.insert(syncing_.end(), next_sync_.begin(), next_sync_.end());
    next_sync_.clear();
  }
  for (SyncWait* wait : std::exchange(syncing_, {})) {
    wait->outcome = outcome;
    parts_.shard.post(wait->waiter);
  }
  if (!next_sync_.empty()) start_sync();
}

env::Task<Result<void>> PosixFile::truncate(std::uint64_t size) {
  const std::shared_ptr<PosixFile> self = shared_from_this();
  const int failed = co_await on_pool(parts_.shard, parts_.readers, [this, size] {
    return ::ftruncate(fd_.get(), static_cast<off_t>(size)) == 0 ? 0 : errno;
  });
  reserved_ = size;
  if (failed != 0) co_return file_error(path_, "truncate", failed);
  co_return Result<void>{};
}

Result<std::uint64_t> PosixFile::size() const {
  struct stat facts{};
  if (::fstat(fd_.get(), &facts) != 0) return file_error(path_, "stat", errno);
  return static_cast<std::uint64_t>(facts.st_size);
}

void PosixFile::reserve(std::uint64_t size) {
  if (size <= reserved_) return;
  const std::uint64_t from = std::exchange(reserved_, size);
  parts_.readers.submit([self = shared_from_this(), from, size] {
    // A hint: a file system without fallocate, or a full disk, shows when the write comes.
    (void)::fallocate(self->fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                      static_cast<off_t>(size - from));
  });
}

bool PosixFile::is_resident(std::uint64_t position, std::size_t size) const {
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  CachestatRange range{position, size};
  Cachestat stat{};
  if (::syscall(k_cachestat_call, fd_.get(), &range, &stat, 0U) == 0) {
    const std::uint64_t first = position / page_size;
    const std::uint64_t last = (position + size - 1) / page_size;
    return stat.cached >= last - first + 1;
  }
  // An older kernel: ask for a byte here and there, which a cold page answers with EAGAIN.
  constexpr std::uint64_t k_probe_distance = std::uint64_t{128} << 10U;
  std::byte probe{};
  for (std::uint64_t at = position; at < position + size; at += k_probe_distance) {
    if (read_into(fd_.get(), &probe, 1, at, RWF_NOWAIT).error_number != 0) return false;
  }
  return read_into(fd_.get(), &probe, 1, position + size - 1, RWF_NOWAIT).error_number == 0;
}

env::Task<Result<void>> PosixFile::make_resident(std::uint64_t position, std::size_t size) {
  if (size == 0 || is_resident(position, size)) co_return Result<void>{};
  const std::shared_ptr<PosixFile> self = shared_from_this();
  Shard& caller = Shard::current() != nullptr ? *Shard::current() : parts_.shard;
  const int failed = co_await on_pool(caller, parts_.readers, [this, position, size] {
    return read_through(fd_.get(), position, size);
  });
  if (failed != 0) co_return file_error(path_, "read", failed);
  co_return Result<void>{};
}

}  // namespace moldau::os
