#include "env/disk.h"

namespace moldau::env {

std::string join_path(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string parent_path(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Task<Result<SharedBytes>> read_file(Disk& disk, std::string path, std::size_t size_max) {
  CO_TRY(std::shared_ptr<File> file, co_await disk.open(path, OpenMode::read));
  CO_TRY(const std::uint64_t size, file->size());
  if (size > size_max) {
    co_return fail(Errc::limit_reached, "{}: {} bytes, more than the {} that are read", path, size,
                   size_max);
  }
  co_return co_await file->read_at(0, static_cast<std::size_t>(size));
}

Task<Result<void>> replace_file(Disk& disk, std::string path, SharedBytes content) {
  const std::string draft = path + ".tmp";
  {
    CO_TRY(std::shared_ptr<File> file, co_await disk.open(draft, OpenMode::create));
    CO_TRY_OK(co_await file->truncate(0));
    CO_TRY_OK(co_await file->write_at(0, {content}));
    CO_TRY_OK(co_await file->sync());
  }
  CO_TRY_OK(co_await disk.rename(draft, path));
  co_return co_await disk.sync_directory(parent_path(path));
}

Task<Result<void>> make_durable_directory(Disk& disk, std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::vector<std::string> holders{parent_path(path)};
  while (true) {
    CO_TRY(const bool there, co_await disk.exists(holders.back()));
    if (there) break;
    holders.push_back(parent_path(holders.back()));
  }
  CO_TRY_OK(co_await disk.make_directory(path));
  for (const std::string& holder : holders) {
    CO_TRY_OK(co_await disk.sync_directory(holder));
  }
  co_return Result<void>{};
}

Task<Result<void>> remove_tree(Disk& disk, std::string path) {
  CO_TRY(const bool there, co_await disk.exists(path));
  if (!there) co_return Result<void>{};
  CO_TRY(const std::vector<DirectoryEntry> entries, co_await disk.list(path));
  for (const DirectoryEntry& entry : entries) {
    const std::string child = join_path(path, entry.name);
    if (entry.is_directory) {
      CO_TRY_OK(co_await remove_tree(disk, child));
    } else {
      CO_TRY_OK(co_await disk.remove(child));
    }
  }
  co_return co_await disk.remove_directory(path);
}

}  // namespace moldau::env
