#include "harness/planted_bugs.h"

#include <algorithm>
#include <array>
#include <map>

#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "record/batch.h"

namespace moldau::harness {

namespace {

// The answer to a sync of a segment comes before the bytes are on the platter.
class AckBeforeSync final : public sim::DiskFilter {
 public:
  sim::SyncAnswer on_sync(const std::string& path) override {
    return path.ends_with(".log") ? sim::SyncAnswer::early : sim::SyncAnswer::honest;
  }
};

// A segment that is cut keeps one batch too many.
class ShortTruncation final : public sim::DiskFilter {
 public:
  void on_truncate(const std::string& path, Bytes content, std::uint64_t& size) override {
    if (!path.ends_with(".log") || size >= content.size()) return;
    const auto batch = record::BatchView::read(content.subspan(size));
    if (batch) size += batch->size();
  }
};

// The recovery point checkpoint vouches for all that was written, synced or not.
class EagerCheckpoint final : public sim::DiskFilter {
 public:
  void on_write(const std::string& path, std::uint64_t& position,
                std::vector<std::byte>& bytes) override {
    if (path.ends_with(".log")) note_end(path, Bytes{bytes});
    if (!path.contains(log::k_recovery_point_checkpoint) || position != 0) return;
    auto entries = log::parse_offset_checkpoint(as_text(Bytes{bytes}));
    if (!entries) return;
    for (log::PartitionOffset& entry : *entries) {
      const auto end = ends_.find(log::folder_name(entry.topic, entry.partition));
      if (end != ends_.end()) entry.offset = std::max(entry.offset, end->second);
    }
    const std::string eager = log::write_offset_checkpoint(*entries);
    bytes.assign(as_bytes(eager).begin(), as_bytes(eager).end());
  }
  void on_truncate(const std::string& path, Bytes content, std::uint64_t& size) override {
    if (path.ends_with(".log")) note_end(path, content.first(std::min(size, content.size())));
  }
  // A new life reads what the last one vouched for, and may find less.
  void on_read(const std::string& path, std::uint64_t, std::vector<std::byte>&) override {
    if (path.ends_with(log::k_recovery_point_checkpoint)) ends_.clear();
  }

 private:
  void note_end(const std::string& path, Bytes run) {
    const std::string folder = env::parent_path(path);
    record::BatchesView batches(run);
    while (const auto batch = batches.next()) {
      if (!*batch) return;
      ends_[folder.substr(folder.rfind('/') + 1)] = (*batch)->next_offset();
    }
  }

  std::map<std::string, Offset> ends_;  // of the logs, by folder
};

// Names are never made durable.
class NamesNotSynced final : public sim::DiskFilter {
 public:
  sim::SyncAnswer on_sync_directory(const std::string&) override { return sim::SyncAnswer::lie; }
};

// What group coordinators decide, offsets above all, is answered and never reaches the platter.
class OffsetsNotSynced final : public sim::DiskFilter {
 public:
  sim::SyncAnswer on_sync(const std::string& path) override {
    return path.contains("__consumer_offsets") && path.ends_with(".log") ? sim::SyncAnswer::lie
                                                                         : sim::SyncAnswer::honest;
  }
};

// What transaction coordinators decide never reaches the platter.
class TransactionStateNotSynced final : public sim::DiskFilter {
 public:
  sim::SyncAnswer on_sync(const std::string& path) override {
    return path.contains("__transaction_state") && path.ends_with(".log") ? sim::SyncAnswer::lie
                                                                          : sim::SyncAnswer::honest;
  }
};

std::unique_ptr<sim::DiskFilter> plant_offsets_not_synced() {
  return std::make_unique<OffsetsNotSynced>();
}
std::unique_ptr<sim::DiskFilter> plant_transaction_state_not_synced() {
  return std::make_unique<TransactionStateNotSynced>();
}
std::unique_ptr<sim::DiskFilter> plant_ack_before_sync() {
  return std::make_unique<AckBeforeSync>();
}
std::unique_ptr<sim::DiskFilter> plant_short_truncation() {
  return std::make_unique<ShortTruncation>();
}
std::unique_ptr<sim::DiskFilter> plant_eager_checkpoint() {
  return std::make_unique<EagerCheckpoint>();
}
std::unique_ptr<sim::DiskFilter> plant_names_not_synced() {
  return std::make_unique<NamesNotSynced>();
}

constexpr auto k_planted_bugs = std::to_array<PlantedBug>({
    {.name = "ack-before-sync",
     .about = "appends are acknowledged before their sync is done",
     .plant = &plant_ack_before_sync},
    {.name = "eager-checkpoint",
     .about = "the recovery point checkpoint is written before what it vouches for is synced",
     .plant = &plant_eager_checkpoint},
    {.name = "names-not-synced",
     .about = "folders are never synced",
     .plant = &plant_names_not_synced},
    {.name = "offsets-not-synced",
     .about = "commits of groups are answered although a crash can take them back",
     .plant = &plant_offsets_not_synced},
    {.name = "short-truncation",
     .about = "a truncation leaves one batch too many",
     .plant = &plant_short_truncation},
    {.name = "transaction-state-not-synced",
     .about = "markers are written for decisions that a crash can take back",
     .plant = &plant_transaction_state_not_synced},
});

}  // namespace

std::span<const PlantedBug> planted_bugs() { return k_planted_bugs; }

const PlantedBug* find_planted_bug(std::string_view name) {
  const auto found = std::ranges::find(k_planted_bugs, name, &PlantedBug::name);
  return found == k_planted_bugs.end() ? nullptr : &*found;
}

}  // namespace moldau::harness
