#include "node/log_directories.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "node/format.h"

namespace moldau::node {
namespace {
constexpr std::string_view k_metadata_topic = "__cluster_metadata";
}  // namespace

env::Task<Result<std::unique_ptr<LogDirectories>>> LogDirectories::open(
    env::Env& env, std::vector<std::string> paths) {
  std::unique_ptr<LogDirectories> all(new LogDirectories(env));
  for (std::string& path : paths) {
    CO_TRY(std::unique_ptr<log::LogDirectory> directory,
           co_await log::LogDirectory::open(env, std::move(path)));
    all->directories_.push_back(std::move(directory));
  }
  all->take_inventory();
  co_return all;
}

void LogDirectories::take_inventory() {
  counts_.assign(directories_.size(), 0);
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    for (const log::FoundFolder& folder : directories_[i]->folders()) {
      if (folder.name.kind != log::FolderKind::partition) continue;
      if (folder.name.topic == k_metadata_topic) continue;
      homes_[{folder.name.topic, folder.name.partition}] = {.directory = i, .found = true};
      ++counts_[i];
    }
    for (const log::PartitionOffset& entry : directories_[i]->high_watermarks()) {
      high_watermarks_[{entry.topic, entry.partition}] = entry.offset;
    }
  }
}

Result<std::string> LogDirectories::check_formatted(BrokerId node_id, Voters voters) const {
  std::optional<std::string> cluster;
  for (const auto& directory : directories_) {
    const std::optional<log::MetaProperties>& meta = directory->meta();
    if (meta && (!meta->cluster_id || !meta->node_id)) {
      return fail(
          Errc::bad_configuration,
          "log.dirs: {}/meta.properties has no {}. Put the file back from a copy, or write "
          "version=1, cluster.id, node.id and directory.id into it as the other directories "
          "or the metadata have them; `moldau storage format` is for empty directories only",
          directory->path(), meta->cluster_id ? "node.id" : "cluster.id");
    }
    if (!meta) {
      // The first controller makes the quorum; Kafka's tool wants to hear that.
      return fail(Errc::bad_configuration,
                  "log.dirs: {} is not formatted. Type: moldau storage format {}-t CLUSTER_ID -c "
                  "FILE (`moldau storage random-uuid` makes a cluster id)",
                  directory->path(), voters == Voters::in_the_log ? "--standalone " : "");
    }
    if (*meta->node_id != node_id) {
      return fail(
          Errc::bad_configuration,
          "log.dirs: {} belongs to node {}, and node.id is {}. Point log.dirs to this node's "
          "directory, or set node.id={}",
          directory->path(), *meta->node_id, node_id, *meta->node_id);
    }
    if (cluster && *cluster != *meta->cluster_id) {
      return fail(Errc::bad_configuration, "log.dirs: {} belongs to cluster {}, the others to {}",
                  directory->path(), *meta->cluster_id, *cluster);
    }
    cluster = meta->cluster_id;
  }
  return *cluster;
}

Uuid LogDirectories::id_of(const std::string& path) const {
  for (const auto& directory : directories_) {
    if (directory->path() != path || !directory->meta()) continue;
    return directory->meta()->directory_id.value_or(Uuid{});
  }
  return {};
}

env::Task<Result<std::vector<std::string>>> LogDirectories::complete_ids() {
  std::vector<std::string> completed;
  for (const auto& directory : directories_) {
    std::optional<log::MetaProperties> meta = directory->meta();
    if (!meta || meta->directory_id) continue;
    meta->directory_id = env::new_uuid(env_.entropy);
    CO_TRY_OK(co_await directory->write_meta(*std::move(meta)));
    completed.push_back(directory->path());
  }
  co_return completed;
}

std::optional<Uuid> LogDirectories::home_of(const std::string& topic,
                                            PartitionIndex partition) const {
  const auto home = homes_.find({topic, partition});
  if (home == homes_.end()) return std::nullopt;
  const std::optional<log::MetaProperties>& meta = directories_[home->second.directory]->meta();
  return meta ? meta->directory_id : std::nullopt;
}

std::vector<Uuid> LogDirectories::ids() const {
  std::vector<Uuid> ids;
  for (const auto& directory : directories_) {
    if (directory->meta() && directory->meta()->directory_id) {
      ids.push_back(*directory->meta()->directory_id);
    }
  }
  std::ranges::sort(ids);
  return ids;
}

bool LogDirectories::was_clean() const {
  return std::ranges::all_of(directories_,
                             [](const auto& directory) { return directory->was_clean(); });
}

std::vector<std::string> LogDirectories::unreadable_checkpoints() const {
  std::vector<std::string> all;
  for (const auto& directory : directories_) {
    all.insert(all.end(), directory->unreadable().begin(), directory->unreadable().end());
  }
  return all;
}

std::optional<BrokerEpoch> LogDirectories::previous_broker_epoch() const {
  std::optional<BrokerEpoch> epoch;
  for (const auto& directory : directories_) {
    const std::optional<BrokerEpoch> one = directory->previous_broker_epoch();
    if (!one || (epoch && *epoch != *one)) return std::nullopt;
    epoch = one;
  }
  return epoch;
}

log::LogLocation LogDirectories::locate_in(const std::string& path, const std::string& topic,
                                           PartitionIndex partition, const Uuid& topic_id) const {
  const auto at = std::ranges::find(directories_, path,
                                    [](const auto& directory) { return directory->path(); });
  CHECK(at != directories_.end());
  return (*at)->locate(topic, partition, topic_id);
}

void LogDirectories::cordon(const std::vector<std::string>& paths) {
  cordoned_.assign(directories_.size(), false);
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    cordoned_[i] = std::ranges::any_of(paths, [&](const std::string& path) {
      return path == "*" || path == directories_[i]->path();
    });
  }
}

std::vector<Uuid> LogDirectories::cordoned_ids() const {
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < cordoned_.size(); ++i) {
    if (cordoned_[i]) ids.push_back(id_of(directories_[i]->path()));
  }
  std::ranges::sort(ids);
  return ids;
}

std::size_t LogDirectories::emptiest() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (i < cordoned_.size() && cordoned_[i]) continue;
    if (!best || counts_[i] < counts_[*best]) best = i;
  }
  return best.value_or(0);
}

log::LogLocation LogDirectories::place(const std::string& topic, PartitionIndex partition,
                                       const Uuid& topic_id, const Uuid& wanted_directory) {
  const auto [home, is_new] = homes_.try_emplace({topic, partition}, Home{});
  if (is_new) {
    home->second.directory = emptiest();
    for (std::size_t i = 0; i < directories_.size(); ++i) {
      const std::optional<log::MetaProperties>& meta = directories_[i]->meta();
      if (meta && meta->directory_id && *meta->directory_id == wanted_directory) {
        home->second.directory = i;
      }
    }
    ++counts_[home->second.directory];
  }
  home->second.placed = true;
  log::LogLocation where = directories_[home->second.directory]->locate(topic, partition, topic_id);
  if (!home->second.found) {  // the scan may have seen a topic of that name that is gone now
    where.recovery_point = Offset{0};
    where.log_start_offset = Offset{0};
  }
  return where;
}

Offset LogDirectories::high_watermark(const std::string& topic, PartitionIndex partition) const {
  const auto at = high_watermarks_.find({topic, partition});
  return at == high_watermarks_.end() ? Offset{0} : at->second;
}

void LogDirectories::forget(const std::string& topic, PartitionIndex partition) {
  const auto at = homes_.find({topic, partition});
  if (at == homes_.end()) return;
  --counts_[at->second.directory];
  homes_.erase(at);
  high_watermarks_.erase({topic, partition});
}

env::Task<Result<void>> LogDirectories::set_aside(log::LogLocation where) {
  for (const auto& directory : directories_) {
    if (directory->path() != env::parent_path(where.path)) continue;
    co_return co_await directory->set_aside(where.topic, where.partition,
                                            env::new_uuid(env_.entropy).to_string());
  }
  co_return Result<void>{};
}

env::Task<Result<std::size_t>> LogDirectories::put_in_order() {
  std::vector<Key> strays;
  for (const auto& [key, home] : homes_) {
    if (!home.placed) strays.push_back(key);
  }
  for (const Key& key : strays) {
    log::LogDirectory& directory = *directories_[homes_[key].directory];
    CO_TRY_OK(co_await directory.set_aside(key.first, key.second,
                                           env::new_uuid(env_.entropy).to_string()));
    forget(key.first, key.second);
  }
  for (const auto& directory : directories_) {
    const std::vector<log::FoundFolder> folders = directory->folders();
    for (const log::FoundFolder& folder : folders) {
      if (folder.name.kind != log::FolderKind::deleted) continue;
      CO_TRY_OK(co_await directory->remove_folder(folder.name));
    }
  }
  co_return strays.size();
}

void LogDirectories::note_metadata_log(const std::string& path, Offset recovery_point) {
  metadata_log_ = {path, recovery_point};
}

std::optional<log::PartitionOffset> LogDirectories::metadata_log_in(
    const log::LogDirectory& directory) const {
  if (metadata_log_ && metadata_log_->first == directory.path()) {
    return log::PartitionOffset{std::string{k_metadata_topic}, PartitionIndex{0},
                                metadata_log_->second};
  }
  const auto& said = directory.recovery_points();
  const auto at = std::ranges::find(said, k_metadata_topic, &log::PartitionOffset::topic);
  if (at == said.end()) return std::nullopt;
  return *at;
}

bool LogDirectories::last_run_says_too_much(
    const std::vector<ReplicaCheckpoint>& checkpoints) const {
  std::map<Key, const ReplicaCheckpoint*> told;
  for (const ReplicaCheckpoint& one : checkpoints) {
    told[{one.recovery_point.topic, one.recovery_point.partition}] = &one;
  }
  const auto too_much = [&](const log::PartitionOffset& said, auto offset_of) {
    const Key key{said.topic, said.partition};
    if (said.topic == k_metadata_topic) return false;
    const auto at = told.find(key);
    if (at != told.end()) return said.offset > offset_of(*at->second);
    const auto home = homes_.find(key);  // there, but not opened
    return home == homes_.end() || !home->second.found;
  };
  const auto recovery_point = [](const ReplicaCheckpoint& one) {
    return one.recovery_point.offset;
  };
  const auto log_start = [](const ReplicaCheckpoint& one) {
    return one.log_start ? one.log_start->offset : Offset{0};
  };
  return std::ranges::any_of(directories_, [&](const auto& directory) {
    return std::ranges::any_of(directory->recovery_points(),
                               [&](const auto& said) { return too_much(said, recovery_point); }) ||
           std::ranges::any_of(directory->log_starts(),
                               [&](const auto& said) { return too_much(said, log_start); });
  });
}

env::Task<Result<void>> LogDirectories::write_checkpoints(
    std::vector<ReplicaCheckpoint> checkpoints) {
  std::set<Key> told;
  for (const ReplicaCheckpoint& one : checkpoints) {
    told.emplace(one.recovery_point.topic, one.recovery_point.partition);
  }
  for (const auto& [key, home] : homes_) {
    if (told.contains(key) || !home.found) continue;
    const log::LogDirectory& directory = *directories_[home.directory];
    const log::LogLocation where = directory.locate(key.first, key.second, std::nullopt);
    ReplicaCheckpoint kept{
        .directory = directory.path(),
        .recovery_point = {key.first, key.second, where.recovery_point},
        .log_start = std::nullopt,
        .high_watermark = {key.first, key.second, high_watermark(key.first, key.second)}};
    if (where.log_start_offset > Offset{0}) {
      kept.log_start = log::PartitionOffset{key.first, key.second, where.log_start_offset};
    }
    checkpoints.push_back(std::move(kept));
  }
  for (const auto& directory : directories_) {
    std::vector<log::PartitionOffset> recovery_points;
    std::vector<log::PartitionOffset> log_starts;
    std::vector<log::PartitionOffset> high_watermarks;
    if (const auto one = metadata_log_in(*directory)) recovery_points.push_back(*one);
    for (const ReplicaCheckpoint& one : checkpoints) {
      if (one.directory != directory->path()) continue;
      recovery_points.push_back(one.recovery_point);
      high_watermarks.push_back(one.high_watermark);
      if (one.log_start) log_starts.push_back(*one.log_start);
    }
    CO_TRY_OK(co_await directory->write_recovery_points(std::move(recovery_points)));
    CO_TRY_OK(co_await directory->write_log_start_offsets(std::move(log_starts)));
    CO_TRY_OK(co_await directory->write_high_watermarks(std::move(high_watermarks)));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> LogDirectories::give_back_markers() {
  for (const auto& directory : directories_) {
    if (!directory->was_clean()) continue;
    CO_TRY_OK(co_await directory->mark_clean_shutdown(directory->previous_broker_epoch()));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> LogDirectories::mark_clean_shutdown(std::optional<BrokerEpoch> epoch) {
  for (const auto& directory : directories_) {
    CO_TRY_OK(co_await directory->mark_clean_shutdown(epoch));
  }
  co_return Result<void>{};
}

}  // namespace moldau::node
