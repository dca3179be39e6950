#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/rng.h"
#include "bytes/shared_bytes.h"
#include "env/disk.h"
#include "sim/fault_plan.h"

namespace moldau::sim {

// How much of what was not synced a power cut leaves. Each file draws one of the fates, each
// unsynced name one of its own.
struct PowerCut {
  // Weights of the fates of a file's unsynced writes.
  std::uint32_t lose_weight = 1;     // none of them
  std::uint32_t keep_weight = 1;     // all of them
  std::uint32_t prefix_weight = 1;   // the first ones, the last of those torn
  std::uint32_t scatter_weight = 1;  // any sectors of them; the others are old, or zeros
  enum class Tear : std::uint8_t { byte, sector };
  Tear tear = Tear::byte;
  bool flip_bits = false;   // now and then one bit of an unsynced write that stayed
  bool zero_tails = false;  // now and then a file has its new size, but zeros for lost bytes
  // Unsynced names: of 8, how many stay. 8 keeps all, 0 drops all. In order: the first ones stay,
  // as on a file system that journals its names; else each by itself, as env::Disk allows.
  std::uint32_t names_kept_of_8 = 4;
  bool names_in_order = false;

  [[nodiscard]] static PowerCut lose_all();
  [[nodiscard]] static PowerCut keep_all();
  // Any mixture, with names in order: no file system in use loses an older name and keeps a newer.
  [[nodiscard]] static PowerCut any(Rng& rng);
};

enum class SyncAnswer : std::uint8_t {
  honest,
  early,  // answered before it is done; it is done a little later
  lie,    // answered and never done
};

// Changes what the disk does behind the node's back. Only a simulation installs one: to plant a
// bug that the checkers must find.
class DiskFilter {
 public:
  DiskFilter() = default;
  DiskFilter(const DiskFilter&) = delete;
  DiskFilter& operator=(const DiskFilter&) = delete;
  virtual ~DiskFilter() = default;
  virtual void on_write(const std::string& /*path*/, std::uint64_t& /*position*/,
                        std::vector<std::byte>& /*bytes*/) {}
  // `content` is the file as it is; `size` is what it shall be cut to.
  virtual void on_truncate(const std::string& /*path*/, Bytes /*content*/,
                           std::uint64_t& /*size*/) {}
  virtual void on_read(const std::string& /*path*/, std::uint64_t /*position*/,
                       std::vector<std::byte>& /*bytes*/) {}
  [[nodiscard]] virtual SyncAnswer on_sync(const std::string& /*path*/) {
    return SyncAnswer::honest;
  }
  [[nodiscard]] virtual SyncAnswer on_sync_directory(const std::string& /*path*/) {
    return SyncAnswer::honest;
  }
};

// The file system of one host: what programs see, and what is on the platter. Survives the boots
// of its host. Synchronous; sim::Disk puts it behind env::Disk.
// Invariant: what programs see is what is on the platter plus the unsynced changes, in order.
// Data becomes durable by finish_sync(), a name (create, rename, remove, make_directory) by
// sync_directory() of its folder, and by nothing else.
// Context: one thread. Paths: '/' between parts, "." and repeated '/' ignored; ".." is refused.
class Volume {
 public:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  using LockId = Id<struct LockIdTag, std::uint64_t>;
  using SyncMark = Id<struct SyncMarkTag, std::uint64_t>;

  explicit Volume(std::uint64_t seed = 1);
  ~Volume();
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  [[nodiscard]] Result<NodePtr> open(const std::string& path, env::OpenMode mode);
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to);
  [[nodiscard]] Result<void> remove(const std::string& path);
  [[nodiscard]] Result<void> remove_directory(const std::string& path);
  [[nodiscard]] Result<void> make_directory(const std::string& path);
  [[nodiscard]] Result<void> sync_directory(const std::string& path);
  [[nodiscard]] Result<std::vector<env::DirectoryEntry>> list(const std::string& path) const;
  [[nodiscard]] Result<bool> exists(const std::string& path) const;

  // Shorter only at the end of the file.
  [[nodiscard]] static std::vector<std::byte> read(const Node& file, std::uint64_t position,
                                                   std::size_t size);
  [[nodiscard]] static std::uint64_t size(const Node& file);
  [[nodiscard]] static Bytes content(const Node& file);
  // Errors: no_space; then a prefix was written.
  [[nodiscard]] Result<void> write(Node& file, std::uint64_t position,
                                   std::vector<std::byte> bytes);
  void truncate(Node& file, std::uint64_t size);
  // What a sync that begins now will cover.
  [[nodiscard]] static SyncMark begin_sync(const Node& file);
  static void finish_sync(Node& file, SyncMark mark);
  // The sync failed: the unsynced writes below the mark are on the platter or not, and no later
  // sync will bring them there.
  void fail_sync(Node& file, SyncMark mark);

  // The lock of a directory: nullopt when it is taken.
  [[nodiscard]] std::optional<LockId> try_lock(const std::string& path);
  // No effect when that lock went with a crash.
  void unlock(const std::string& path, LockId lock);

  // Power goes: what programs see becomes what is left on the platter; locks go.
  void cut_power(const PowerCut& how);
  // The process dies, the machine does not: everything written stays, locks go. But of a file whose
  // sync has failed the pages may be dropped: what is on the platter counts.
  void kill_process();

  // Bytes of all files together; writes beyond are refused with no_space. 0: no limit.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  [[nodiscard]] std::uint64_t used() const;
  // How large it says it is: the capacity, or a terabyte when there is no limit.
  [[nodiscard]] std::uint64_t size_told() const {
    return capacity_ == 0 ? std::uint64_t{1} << 40U : capacity_;
  }
  [[nodiscard]] FaultPlan& faults() { return faults_; }
  // nullptr removes it. Borrowed.
  void set_filter(DiskFilter* filter) { filter_ = filter; }
  [[nodiscard]] DiskFilter* filter() const { return filter_; }
  [[nodiscard]] Rng& rng() { return rng_; }
  // The whole file as programs see it, for checkers. Errors: not_found.
  [[nodiscard]] Result<Bytes> peek(const std::string& path) const;
  // Bytes that a power cut could take, over all files.
  [[nodiscard]] std::uint64_t unsynced() const;

 private:
  struct NameChange;
  struct Place {
    NodePtr folder;
    std::string name;
  };
  [[nodiscard]] Result<Place> place_of(const std::string& path) const;
  [[nodiscard]] Result<NodePtr> find(const std::string& path) const;
  [[nodiscard]] NodePtr make_node(bool is_directory);
  void change_name(NameChange change);
  void settle(Node& node, const PowerCut& how);
  static void drop_failed_pages(Node& node);
  [[nodiscard]] static std::uint64_t unsynced_below(const Node& node);

  Rng rng_;
  NodePtr root_;
  std::vector<NameChange> unsynced_names_;
  std::map<std::string, LockId> locks_;
  LockId next_lock_{1};
  std::uint64_t capacity_ = 0;
  std::uint64_t next_node_ = 0;
  std::shared_ptr<std::uint64_t> used_;
  FaultPlan faults_;
  DiskFilter* filter_ = nullptr;
};

}  // namespace moldau::sim
