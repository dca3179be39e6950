#include "log/log_directory.h"

#include <fmt/core.h>

#include <algorithm>

#include "env/task_group.h"
#include "log/file_pool.h"

namespace moldau::log {
namespace {

constexpr std::size_t k_checkpoint_size_max = 256 << 20;
constexpr std::size_t k_small_file_max = 1 << 20;
constexpr std::string_view k_remote_index_cache = "remote-log-index-cache";

// nullopt: the file is not there.
env::Task<Result<std::optional<SharedBytes>>> read_if_there(env::Disk& disk, std::string path,
                                                            std::size_t size_max) {
  auto bytes = co_await env::read_file(disk, std::move(path), size_max);
  if (bytes) co_return std::optional(*std::move(bytes));
  if (bytes.error().code() == Errc::not_found) co_return std::optional<SharedBytes>{};
  co_return fail(bytes.error());
}

// What does not parse counts as not there, as in Kafka, and is put into `unreadable`.
env::Task<Result<std::vector<PartitionOffset>>> read_checkpoint(
    env::Disk& disk, std::string path, std::vector<std::string>& unreadable) {
  CO_TRY(const auto bytes, co_await read_if_there(disk, path, k_checkpoint_size_max));
  if (!bytes) co_return std::vector<PartitionOffset>{};
  auto entries = parse_offset_checkpoint(as_text(bytes->view()));
  if (!entries) {
    unreadable.push_back(fmt::format("{}: {}", path, entries.error().describe()));
    co_return std::vector<PartitionOffset>{};
  }
  std::ranges::sort(*entries);
  co_return *std::move(entries);
}

Offset offset_in(const std::vector<PartitionOffset>& sorted, const FolderName& name) {
  const auto found = std::ranges::lower_bound(
      sorted, std::tie(name.topic, name.partition), {},
      [](const PartitionOffset& one) { return std::tie(one.topic, one.partition); });
  if (found == sorted.end() || found->topic != name.topic || found->partition != name.partition) {
    return Offset{0};
  }
  return std::max(found->offset, Offset{0});
}

env::Task<Result<void>> replace_text(env::Disk& disk, std::string path, std::string text) {
  return env::replace_file(disk, std::move(path), SharedBytes::copy_of(as_bytes(text)));
}

env::Task<Result<void>> replace_checkpoint(env::Disk& disk, std::string path,
                                           std::vector<PartitionOffset> entries) {
  std::ranges::sort(entries);
  return replace_text(disk, std::move(path), write_offset_checkpoint(entries));
}

}  // namespace

env::Task<Result<std::unique_ptr<LogDirectory>>> LogDirectory::open(env::Env& env,
                                                                    std::string path) {
  std::unique_ptr<LogDirectory> directory(new LogDirectory(env, std::move(path)));
  CO_TRY_OK(co_await directory->load());
  co_return directory;
}

env::Task<Result<void>> LogDirectory::load() {
  env::Disk& disk = env_.disk;
  CO_TRY(const bool there, co_await disk.exists(path_));
  if (!there) {
    CO_TRY_OK(co_await env::make_durable_directory(disk, path_));
  }
  CO_TRY(lock_, co_await disk.lock(path_));
  CO_TRY(const auto meta, co_await read_if_there(disk, file(k_meta_properties), k_small_file_max));
  if (meta) {
    auto parsed = parse_meta_properties(as_text(meta->view()));
    if (!parsed) {
      co_return fail(Errc::corrupt_data, "{}: {}", file(k_meta_properties),
                     parsed.error().describe());
    }
    meta_ = *std::move(parsed);
  }
  CO_TRY(const auto marker, co_await read_if_there(disk, file(k_clean_shutdown), k_small_file_max));
  if (marker) {
    marker_ = parse_clean_shutdown(as_text(marker->view()));
    CO_TRY_OK(co_await disk.remove(file(k_clean_shutdown)));
  }
  // Also makes durable the folders that the last life made and had no time to sync.
  CO_TRY_OK(co_await disk.sync_directory(path_));
  CO_TRY(recovery_points_,
         co_await read_checkpoint(disk, file(k_recovery_point_checkpoint), unreadable_));
  CO_TRY(log_starts_, co_await read_checkpoint(disk, file(k_log_start_checkpoint), unreadable_));
  CO_TRY(high_watermarks_,
         co_await read_checkpoint(disk, file(k_replication_checkpoint), unreadable_));
  CO_TRY(const std::vector<env::DirectoryEntry> entries, co_await disk.list(path_));
  for (const env::DirectoryEntry& entry : entries) {
    if (!entry.is_directory || entry.name == k_remote_index_cache) continue;
    auto name = parse_folder_name(entry.name);
    if (!name) co_return fail(Errc::corrupt_data, "{}: {}", path_, name.error().describe());
    LogLocation where = locate_in(*name, entry.name);
    folders_.push_back({*std::move(name), std::move(where)});
  }
  std::ranges::sort(folders_, {}, [](const FoundFolder& one) {
    return std::tie(one.name.topic, one.name.partition, one.name.unique);
  });
  co_return Result<void>{};
}

LogLocation LogDirectory::locate_in(const FolderName& name, const std::string& folder) const {
  return {.path = file(folder),
          .topic = name.topic,
          .partition = name.partition,
          .clean = was_clean(),
          .recovery_point = offset_in(recovery_points_, name),
          .log_start_offset = offset_in(log_starts_, name),
          .topic_id = std::nullopt};
}

LogLocation LogDirectory::locate(const std::string& topic, PartitionIndex partition,
                                 std::optional<Uuid> topic_id) const {
  const FolderName name{
      .topic = topic, .partition = partition, .kind = FolderKind::partition, .unique = {}};
  const auto same = [&](const FoundFolder& one) { return one.name == name; };
  const bool found = std::ranges::any_of(folders_, same);
  LogLocation where = locate_in(name, folder_name(topic, partition));
  where.topic_id = topic_id;
  if (!found) {  // the checkpoints may remember a deleted topic of the same name
    where.recovery_point = Offset{0};
    where.log_start_offset = Offset{0};
  }
  return where;
}

std::optional<BrokerEpoch> LogDirectory::previous_broker_epoch() const {
  return marker_ ? marker_->broker_epoch : std::nullopt;
}

std::string LogDirectory::file(std::string_view name) const {
  return env::join_path(path_, std::string{name});
}

env::Task<Result<void>> LogDirectory::write_meta(MetaProperties meta) {
  CO_TRY_OK(co_await replace_text(env_.disk, file(k_meta_properties),
                                  write_meta_properties(meta, env_.clock.wall())));
  meta_ = std::move(meta);
  co_return Result<void>{};
}

env::Task<Result<void>> LogDirectory::set_aside(std::string topic, PartitionIndex partition,
                                                std::string unique) {
  const std::string from = file(folder_name(topic, partition));
  const std::string to = file(folder_name(topic, partition, FolderKind::stray, unique));
  CO_TRY_OK(co_await env_.disk.rename(from, to));
  std::erase_if(folders_, [&](const FoundFolder& one) { return one.where.path == from; });
  co_return co_await env_.disk.sync_directory(path_);
}

env::Task<Result<void>> LogDirectory::remove_folder(FolderName name) {
  const std::string path = file(folder_name(name.topic, name.partition, name.kind, name.unique));
  CO_TRY_OK(co_await env::remove_tree(env_.disk, path));
  std::erase_if(folders_, [&](const FoundFolder& one) { return one.where.path == path; });
  co_return Result<void>{};
}

env::Task<Result<void>> LogDirectory::write_recovery_points(std::vector<PartitionOffset> entries) {
  return replace_checkpoint(env_.disk, file(k_recovery_point_checkpoint), std::move(entries));
}
env::Task<Result<void>> LogDirectory::write_log_start_offsets(
    std::vector<PartitionOffset> entries) {
  return replace_checkpoint(env_.disk, file(k_log_start_checkpoint), std::move(entries));
}
env::Task<Result<void>> LogDirectory::write_high_watermarks(std::vector<PartitionOffset> entries) {
  return replace_checkpoint(env_.disk, file(k_replication_checkpoint), std::move(entries));
}
env::Task<Result<void>> LogDirectory::mark_clean_shutdown(std::optional<BrokerEpoch> epoch) {
  return replace_text(env_.disk, file(k_clean_shutdown),
                      write_clean_shutdown({.broker_epoch = epoch}));
}

namespace {

struct OpenQueue {
  env::Env& env;
  FilePool& files;
  std::function<std::shared_ptr<const LogConfig>(const std::string& topic)> config_of;
  std::vector<OpenedLog> logs;
  std::size_t next = 0;
};

env::Task<void> open_from(OpenQueue& queue) {
  while (queue.next < queue.logs.size()) {
    const std::size_t mine = queue.next++;
    const LogLocation where = queue.logs[mine].where;
    auto log =
        co_await PartitionLog::open(queue.env, queue.files, where, queue.config_of(where.topic));
    queue.logs[mine].log = std::move(log);
  }
}

}  // namespace

env::Task<std::vector<OpenedLog>> open_logs(
    env::Env& env, FilePool& files, std::vector<LogLocation> where,
    std::function<std::shared_ptr<const LogConfig>(const std::string& topic)> config_of,
    std::size_t parallel) {
  OpenQueue queue{.env = env, .files = files, .config_of = std::move(config_of), .logs = {}};
  queue.logs.reserve(where.size());
  for (LogLocation& one : where) {
    queue.logs.push_back({std::move(one), Result<std::unique_ptr<PartitionLog>>(nullptr)});
  }
  env::TaskGroup openers(env.scheduler);
  for (std::size_t i = 0; i < std::max<std::size_t>(parallel, 1); ++i) {
    openers.spawn(open_from(queue));
  }
  co_await openers.join();
  co_return std::move(queue.logs);
}

PartitionOffset recovery_point_of(const PartitionLog& log) {
  return {log.topic(), log.partition(), log.recovery_point()};
}

std::optional<PartitionOffset> log_start_of(const PartitionLog& log) {
  if (log.log_start_offset() <= log.first_segment_offset()) return std::nullopt;
  return PartitionOffset{log.topic(), log.partition(), log.log_start_offset()};
}

}  // namespace moldau::log
