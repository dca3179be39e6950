#include "harness/planted_bugs.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bytes/writer.h"
#include "group/records.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "log/index_format.h"
#include "log/producer_snapshot.h"
#include "record/batch.h"
#include "record/control.h"
#include "record/records.h"

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

// The transaction index names other producers than those whose transactions were aborted.
class AbortedListWrong final : public sim::DiskFilter {
 public:
  void on_write(const std::string& path, std::uint64_t&, std::vector<std::byte>& bytes) override {
    if (!path.ends_with(".txnindex")) return;
    const auto entries = log::parse_aborted_entries(Bytes{bytes});
    if (!entries) return;
    bytes.clear();
    for (log::AbortedEntry entry : *entries) {
      entry.producer_id = ProducerId{entry.producer_id.value() + 1000};
      log::append_aborted_entry(bytes, entry);
    }
  }
};

// What a log knows of its producers, as `change` says, when it is opened again.
class SnapshotsWrong final : public sim::DiskFilter {
 public:
  using Change = void (*)(std::vector<log::ProducerEntry>& entries);
  explicit SnapshotsWrong(Change change) : change_(change) {}
  void on_write(const std::string& path, std::uint64_t& position,
                std::vector<std::byte>& bytes) override {
    if (!path.contains(".snapshot") || position != 0) return;
    auto entries = log::parse_producer_snapshot(Bytes{bytes});
    if (!entries) return;
    change_(*entries);
    bytes = log::write_producer_snapshot(*entries);
  }

 private:
  Change change_;
};

// A batch whose bytes were changed has its checksum again.
void seal(std::span<std::byte> batch) {
  const std::uint32_t crc = crc32c(Bytes{batch}.subspan(record::at::k_attributes));
  for (std::size_t i = 0; i < sizeof crc; ++i) {
    batch[record::at::k_crc + i] = static_cast<std::byte>(crc >> (24 - 8 * i));
  }
}

// A marker that aborts a transaction stands in the log of __consumer_offsets as one that commits.
class AbortedOffsetsApplied final : public sim::DiskFilter {
 public:
  void on_write(const std::string& path, std::uint64_t&, std::vector<std::byte>& bytes) override {
    if (!path.contains("__consumer_offsets") || !path.ends_with(".log")) return;
    std::size_t begin = 0;
    record::BatchesView batches{Bytes{bytes}};
    while (const auto batch = batches.next()) {
      if (!*batch) return;
      const std::size_t size = (*batch)->size();
      if ((*batch)->is_control()) commit(**batch, std::span(bytes).subspan(begin, size));
      begin += size;
    }
  }

 private:
  static void commit(const record::BatchView& batch, std::span<std::byte> bytes) {
    constexpr std::size_t k_body_max = 1 << 20;
    const auto records = record::Records::read(batch, k_body_max);
    if (!records || records->all().empty() || !records->all().front().key) return;
    const Bytes key = *records->all().front().key;
    if (key.size() != sizeof(record::ControlKey)) return;
    const auto is = record::control_key(record::ControlType::commit);
    std::ranges::copy(is, bytes.begin() + (key.data() - bytes.data()));
    seal(bytes);
  }
};

// The log of __consumer_offsets, as it is written and read. Changes keep the size.
class OffsetsLogWrong : public sim::DiskFilter {
 public:
  void on_write(const std::string& path, std::uint64_t&, std::vector<std::byte>& bytes) final {
    if (is_offsets_log(path)) for_each_batch(bytes, &OffsetsLogWrong::written);
  }
  void on_read(const std::string& path, std::uint64_t, std::vector<std::byte>& bytes) final {
    if (is_offsets_log(path)) for_each_batch(bytes, &OffsetsLogWrong::read);
  }

 protected:
  struct Record {
    Offset offset;
    group::GroupRecord says;
    std::span<std::byte> key;
    std::span<std::byte> value;  // empty: a tombstone
  };
  // Whether a record was changed.
  virtual bool written(std::vector<Record>& /*batch*/) { return false; }
  virtual bool read(std::vector<Record>& /*batch*/) { return false; }

  // The record of a commit speaks of a partition that there is not.
  static void misdirect(Record& record) { record.key[record.key.size() - 4] = std::byte{0x40}; }

 private:
  static bool is_offsets_log(const std::string& path) {
    return path.contains("__consumer_offsets") && path.ends_with(".log");
  }
  static std::span<std::byte> part_of(std::span<std::byte> bytes, Bytes part) {
    return bytes.subspan(static_cast<std::size_t>(part.data() - bytes.data()), part.size());
  }

  void for_each_batch(std::span<std::byte> bytes,
                      bool (OffsetsLogWrong::*change)(std::vector<Record>&)) {
    std::size_t begin = 0;
    record::BatchesView batches{Bytes{bytes}};
    while (const auto batch = batches.next()) {
      if (!*batch) return;
      const std::size_t size = (*batch)->size();
      std::vector<Record> records;
      if (!(*batch)->is_control()) records = records_of(**batch, bytes);
      if (!records.empty() && (this->*change)(records)) seal(bytes.subspan(begin, size));
      begin += size;
    }
  }

  static std::vector<Record> records_of(const record::BatchView& batch,
                                        std::span<std::byte> bytes) {
    std::vector<Record> out;
    const auto records = record::Records::read(batch, 1 << 20);
    if (!records) return out;
    for (const record::RecordView& one : *records) {
      if (!one.key) continue;
      coordinator::Record plain{.key = {one.key->begin(), one.key->end()}, .value = {}};
      if (one.value) plain.value.emplace(one.value->begin(), one.value->end());
      auto says = group::read_record(plain);
      if (!says) continue;
      out.push_back({.offset = one.offset,
                     .says = *std::move(says),
                     .key = part_of(bytes, *one.key),
                     .value = one.value ? part_of(bytes, *one.value) : std::span<std::byte>{}});
    }
    return out;
  }
};

// Offsets bear no topic id in the log, and nothing in it says that they were dropped.
class DeletedOffsetsSurvive final : public OffsetsLogWrong {
  bool written(std::vector<Record>& batch) override {
    bool changed = false;
    for (Record& record : batch) {
      const auto* commit = std::get_if<group::OffsetCommitEntry>(&record.says);
      if (commit == nullptr) continue;
      changed = true;
      if (commit->value) {
        forget(commit->value->topic_id, record.value);
      } else {
        misdirect(record);
      }
    }
    return changed;
  }
  static void forget(const Uuid& id, std::span<std::byte> value) {
    Writer wanted;
    wanted.uuid(id);
    const auto found = std::ranges::search(value, wanted.take());
    std::ranges::fill(found, std::byte{0});
  }
};

// A group that goes from one protocol to the other has no offsets any more once its log is read.
class ConversionDropsOffsets final : public OffsetsLogWrong {
  bool written(std::vector<Record>& batch) override {
    std::set<std::string> ended;
    for (const Record& record : batch) {
      const auto* classic = std::get_if<group::GroupMetadataEntry>(&record.says);
      const auto* consumer = std::get_if<group::ConsumerMetadataEntry>(&record.says);
      if (classic == nullptr && consumer == nullptr) continue;
      const std::string& id = classic != nullptr ? classic->key.group : consumer->key.group_id;
      const bool is_there =
          classic != nullptr ? classic->value.has_value() : consumer->value.has_value();
      if (!is_there) {
        ended.insert(id);
      } else if (ended.contains(id)) {
        converted_[id] = record.offset;
      }
    }
    return false;
  }
  bool read(std::vector<Record>& batch) override {
    bool changed = false;
    for (Record& record : batch) {
      const auto* commit = std::get_if<group::OffsetCommitEntry>(&record.says);
      if (commit == nullptr || !commit->value) continue;
      const auto conversion = converted_.find(commit->key.group);
      if (conversion == converted_.end() || record.offset >= conversion->second) continue;
      changed = true;
      misdirect(record);
    }
    return changed;
  }

  std::map<std::string, Offset> converted_;  // where the last conversion of a group is
};

std::unique_ptr<sim::DiskFilter> plant_conversion_drops_offsets() {
  return std::make_unique<ConversionDropsOffsets>();
}
std::unique_ptr<sim::DiskFilter> plant_deleted_offsets_survive() {
  return std::make_unique<DeletedOffsetsSurvive>();
}
std::unique_ptr<sim::DiskFilter> plant_aborted_list_wrong() {
  return std::make_unique<AbortedListWrong>();
}
std::unique_ptr<sim::DiskFilter> plant_producers_forgotten() {
  return std::make_unique<SnapshotsWrong>([](auto& entries) { entries.clear(); });
}
std::unique_ptr<sim::DiskFilter> plant_open_transactions_forgotten() {
  return std::make_unique<SnapshotsWrong>([](auto& entries) {
    for (log::ProducerEntry& entry : entries) entry.txn_first_offset.reset();
  });
}
std::unique_ptr<sim::DiskFilter> plant_aborted_offsets_applied() {
  return std::make_unique<AbortedOffsetsApplied>();
}
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
    {.name = "aborted-list-wrong",
     .about = "readers are not told which transactions were aborted",
     .plant = &plant_aborted_list_wrong},
    {.name = "aborted-offsets-applied",
     .about = "offsets of an aborted transaction count when the coordinator reads its log",
     .plant = &plant_aborted_offsets_applied},
    {.name = "ack-before-sync",
     .about = "appends are acknowledged before their sync is done",
     .plant = &plant_ack_before_sync},
    {.name = "commits-not-fenced",
     .about = "offsets are taken from members whose generation or epoch is over",
     .on_the_wire = WireBug::commits_not_fenced},
    {.name = "conversion-drops-offsets",
     .about = "a group that changes its protocol loses its offsets when its log is read again",
     .plant = &plant_conversion_drops_offsets},
    {.name = "deleted-offsets-survive",
     .about = "offsets of a deleted topic count for the next one of its name",
     .plant = &plant_deleted_offsets_survive},
    {.name = "eager-checkpoint",
     .about = "the recovery point checkpoint is written before what it vouches for is synced",
     .plant = &plant_eager_checkpoint},
    {.name = "names-not-synced",
     .about = "folders are never synced",
     .plant = &plant_names_not_synced},
    {.name = "offsets-not-synced",
     .about = "commits of groups are answered although a crash can take them back",
     .plant = &plant_offsets_not_synced},
    {.name = "open-transactions-forgotten",
     .about = "readers see into transactions that were open when the node stopped",
     .plant = &plant_open_transactions_forgotten},
    {.name = "producers-forgotten",
     .about = "a log that is opened again does not know what its producers sent last",
     .plant = &plant_producers_forgotten},
    {.name = "revocation-not-awaited",
     .about = "a partition is given to the next member before the last one has given it up",
     .on_the_wire = WireBug::revocation_not_awaited},
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
