#include "os/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "os/system_error.h"

namespace moldau::os {
namespace {

constexpr mode_t k_file_permissions = 0644;
constexpr mode_t k_directory_permissions = 0755;

int flags_of(env::OpenMode mode) {
  switch (mode) {
    case env::OpenMode::read:
      return O_RDONLY | O_CLOEXEC;
    case env::OpenMode::read_write:
      return O_RDWR | O_CLOEXEC;
    case env::OpenMode::create:
      return O_RDWR | O_CREAT | O_CLOEXEC;
    case env::OpenMode::create_exclusive:
      return O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

struct Opened {
  Descriptor fd;
  int error_number = 0;
};

Opened open_now(const std::string& path, int flags) {
  Opened opened;
  opened.fd = Descriptor(::open(path.c_str(), flags, k_file_permissions));
  if (!opened.fd.open()) opened.error_number = errno;
  return opened;
}

// Opens without any wait: EAGAIN when the name is not in the kernel's caches, or when the kernel is
// too old to tell.
Opened open_cached(const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_CACHED;
  Opened opened;
  opened.fd = Descriptor(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
  if (!opened.fd.open()) opened.error_number = errno == ENOENT ? ENOENT : EAGAIN;
  return opened;
}

int make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), k_directory_permissions) == 0) return 0;
  if (errno == ENOENT) {
    const std::string parent = env::parent_path(path);
    if (parent == path) return ENOENT;
    const int failed = make_directories(parent);
    if (failed != 0) return failed;
    if (::mkdir(path.c_str(), k_directory_permissions) == 0) return 0;
  }
  if (errno != EEXIST) return errno;
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return errno;
  return S_ISDIR(facts.st_mode) ? 0 : ENOTDIR;
}

int sync_directory_now(const std::string& path) {
  const Opened folder = open_now(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder.error_number != 0) return folder.error_number;
  return ::fsync(folder.fd.get()) == 0 ? 0 : errno;
}

struct Listed {
  std::vector<env::DirectoryEntry> entries;
  int error_number = 0;
};

Listed list_now(const std::string& path) {
  Listed listed;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) {
    listed.error_number = errno;
    return listed;
  }
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder);
    if (entry == nullptr) {
      listed.error_number = errno;
      break;
    }
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat facts{};
    // Gone since readdir saw it: then it is not in the directory.
    if (::fstatat(::dirfd(folder), entry->d_name, &facts, 0) != 0) continue;
    const bool is_directory = S_ISDIR(facts.st_mode);
    listed.entries.push_back(
        {name, is_directory, is_directory ? 0 : static_cast<std::uint64_t>(facts.st_size)});
  }
  ::closedir(folder);
  std::ranges::sort(listed.entries, {}, &env::DirectoryEntry::name);
  return listed;
}

struct Measured {
  env::DiskSpace space;
  int error_number = 0;
};

Measured space_now(const std::string& directory) {
  Measured measured;
  struct statvfs facts{};
  if (::statvfs(directory.c_str(), &facts) != 0) {
    measured.error_number = errno;
    return measured;
  }
  std::error_code error;
  measured.space.directory = std::filesystem::absolute(directory, error).string();
  while (measured.space.directory.size() > 1 && measured.space.directory.ends_with('/')) {
    measured.space.directory.pop_back();
  }
  if (error) measured.error_number = error.value();
  measured.space.total_bytes = std::uint64_t{facts.f_blocks} * facts.f_frsize;
  measured.space.usable_bytes = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  return measured;
}

Opened lock_now(const std::string& path) {
  Opened opened = open_now(path, O_RDWR | O_CREAT | O_CLOEXEC);
  if (opened.error_number != 0) return opened;
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(opened.fd.get(), F_OFD_SETLK, &whole) != 0) opened.error_number = errno;
  return opened;
}

Result<void> outcome_of(const std::string& path, const char* call, int error_number) {
  if (error_number != 0) return file_error(path, call, error_number);
  return {};
}

}  // namespace

env::Task<Result<std::shared_ptr<env::File>>> PosixDisk::open(std::string path,
                                                              env::OpenMode mode) {
  const int flags = flags_of(mode);
  Opened opened{.fd = {}, .error_number = EAGAIN};
  if ((flags & O_CREAT) == 0) opened = open_cached(path, flags);
  if (opened.error_number == EAGAIN) {
    opened = co_await on_pool(parts_.shard, parts_.readers,
                              [&path, flags] { return open_now(path, flags); });
  }
  if (opened.error_number != 0) co_return file_error(path, "open", opened.error_number);
  co_return std::make_shared<PosixFile>(parts_, std::move(opened.fd), std::move(path));
}

env::Task<Result<void>> PosixDisk::rename(std::string from, std::string to) {
  const int failed = co_await on_pool(parts_.shard, parts_.readers, [&from, &to] {
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
  });
  co_return outcome_of(from, "rename", failed);
}

env::Task<Result<void>> PosixDisk::remove(std::string path) {
  const int failed = co_await on_pool(parts_.shard, parts_.readers,
                                      [&path] { return ::unlink(path.c_str()) == 0 ? 0 : errno; });
  co_return outcome_of(path, "remove", failed);
}

env::Task<Result<void>> PosixDisk::remove_directory(std::string path) {
  const int failed = co_await on_pool(parts_.shard, parts_.readers,
                                      [&path] { return ::rmdir(path.c_str()) == 0 ? 0 : errno; });
  co_return outcome_of(path, "remove directory", failed);
}

env::Task<Result<void>> PosixDisk::make_directory(std::string path) {
  const int failed =
      co_await on_pool(parts_.shard, parts_.readers, [&path] { return make_directories(path); });
  co_return outcome_of(path, "make directory", failed);
}

env::Task<Result<void>> PosixDisk::sync_directory(std::string path) {
  const int failed =
      co_await on_pool(parts_.shard, parts_.flushers, [&path] { return sync_directory_now(path); });
  co_return outcome_of(path, "fsync of the directory", failed);
}

env::Task<Result<std::vector<env::DirectoryEntry>>> PosixDisk::list(std::string path) {
  Listed listed =
      co_await on_pool(parts_.shard, parts_.readers, [&path] { return list_now(path); });
  if (listed.error_number != 0) co_return file_error(path, "list", listed.error_number);
  co_return std::move(listed.entries);
}

env::Task<Result<bool>> PosixDisk::exists(std::string path) {
  int failed = open_cached(path, O_PATH | O_CLOEXEC).error_number;
  if (failed == EAGAIN) {
    failed = co_await on_pool(parts_.shard, parts_.readers, [&path] {
      struct stat facts{};
      return ::stat(path.c_str(), &facts) == 0 ? 0 : errno;
    });
  }
  if (failed == 0) co_return true;
  if (failed == ENOENT || failed == ENOTDIR) co_return false;
  co_return file_error(path, "stat", failed);
}

env::Task<Result<env::DiskSpace>> PosixDisk::space_of(std::string directory) {
  Measured measured =
      co_await on_pool(parts_.shard, parts_.readers, [&directory] { return space_now(directory); });
  if (measured.error_number != 0) co_return file_error(directory, "statvfs", measured.error_number);
  co_return std::move(measured.space);
}

env::Task<Result<std::shared_ptr<void>>> PosixDisk::lock(std::string path) {
  const std::string file = env::join_path(path, ".lock");
  Opened opened =
      co_await on_pool(parts_.shard, parts_.readers, [&file] { return lock_now(file); });
  if (opened.error_number == EAGAIN || opened.error_number == EACCES) {
    co_return fail(Errc::already_exists,
                   "{}: another process uses this directory. Stop it, or point log.dirs elsewhere.",
                   path);
  }
  if (opened.error_number != 0) co_return file_error(file, "lock", opened.error_number);
  co_return std::make_shared<Descriptor>(std::move(opened.fd));
}

}  // namespace moldau::os
