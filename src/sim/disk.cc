#include "sim/disk.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sim/event_hash.h"
#include "sim/shard_env.h"
#include "sim/volume_node.h"

namespace moldau::sim {

namespace {

Duration draw(Rng& rng, Duration min, Duration max) {
  if (max <= min) return min;
  return min + Duration{rng.below(static_cast<std::uint64_t>((max - min).count()))};
}

std::uint64_t detail_of(DiskOp op, const std::string& path, std::uint64_t extra) {
  EventHash hash;
  hash.fold(static_cast<std::uint64_t>(op));
  hash.fold(std::string_view{path});
  hash.fold(extra);
  return hash.value();
}

std::vector<std::byte> join(const std::vector<SharedBytes>& parts) {
  std::size_t size = 0;
  for (const SharedBytes& part : parts) size += part.size();
  std::vector<std::byte> bytes;
  bytes.reserve(size);
  for (const SharedBytes& part : parts) {
    bytes.insert(bytes.end(), part.view().begin(), part.view().end());
  }
  return bytes;
}

}  // namespace

// What a Disk and its open files share.
struct Disk::Core {
  Volume& volume;
  ShardEnv* shard = nullptr;  // nullptr: no clock
  DiskTiming timing;
  bool timed = false;

  [[nodiscard]] bool closed() const { return timed && (shard == nullptr || !shard->alive()); }
};

namespace {

struct Call {
  DiskOp op;
  std::string path;
  Volume::NodePtr file;     // nullptr: a call on names
  std::uint64_t extra = 0;  // folded into the hash: sizes, content
};

}  // namespace

// Waits until the call is done. The fault that it suffers; cancelled when the boot has ended.
static env::Task<Result<DiskFault>> pass(Volume& volume, ShardEnv* shard, DiskTiming timing,
                                         bool timed, Call call) {
  const DiskVerdict verdict = volume.faults().judge(call.op, call.path, volume.rng());
  if (!timed) {
    co_return verdict.fault;
  }
  if (shard == nullptr || !shard->alive()) co_return fail(Errc::cancelled);
  const bool at_once = call.op == DiskOp::read && verdict.stall == Duration{0} &&
                       volume.rng().below(8) < timing.cached_reads_of_8;
  if (at_once) co_return verdict.fault;
  const bool sync = call.op == DiskOp::sync || call.op == DiskOp::sync_directory;
  const Duration time =
      verdict.stall + (sync ? draw(volume.rng(), timing.sync_min, timing.sync_max)
                            : draw(volume.rng(), timing.call_min, timing.call_max));
  const Instant now = shard->env().clock.now();
  Instant done = now + time;
  // Writes and cuts of a file take effect in the order of the calls.
  const bool ordered = call.op == DiskOp::write || call.op == DiskOp::truncate;
  if (call.file && (ordered || sync)) done = std::max(done, call.file->busy_until + time);
  if (call.file && ordered) call.file->busy_until = done;
  co_await shard->pause(done - now, EventKind::disk, detail_of(call.op, call.path, call.extra));
  if (!shard->alive()) co_return fail(Errc::cancelled);
  co_return verdict.fault;
}

class Disk::File final : public env::File {
 public:
  File(std::shared_ptr<Core> core, Volume::NodePtr node, std::string path, bool writable)
      : core_(std::move(core)),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable) {}

  [[nodiscard]] env::Task<Result<SharedBytes>> read_at(std::uint64_t position,
                                                       std::size_t size) override {
    CO_TRY(const DiskFault fault, co_await begin(DiskOp::read, size));
    if (fault != DiskFault::none) co_return failure("read");
    std::vector<std::byte> bytes = Volume::read(*node_, position, size);
    if (DiskFilter* filter = core_->volume.filter()) filter->on_read(path_, position, bytes);
    co_return SharedBytes::take(std::move(bytes));
  }

  [[nodiscard]] env::Task<Result<void>> write_at(std::uint64_t position,
                                                 std::vector<SharedBytes> parts) override {
    CHECK(writable_);
    std::vector<std::byte> bytes = join(parts);
    parts.clear();
    EventHash hash;
    if (core_->timed) hash.fold(Bytes{bytes});
    CO_TRY(const DiskFault fault, co_await begin(DiskOp::write, hash.value()));
    Volume& volume = core_->volume;
    if (DiskFilter* filter = volume.filter()) filter->on_write(path_, position, bytes);
    if (fault != DiskFault::none) bytes.resize(volume.rng().below(bytes.size() + 1));
    CO_TRY_OK(volume.write(*node_, position, std::move(bytes)));
    if (fault == DiskFault::no_space) {
      co_return fail(Errc::no_space, "write {}: No space left on device", path_);
    }
    if (fault != DiskFault::none) co_return failure("write");
    co_return Result<void>{};
  }

  [[nodiscard]] env::Task<Result<void>> sync() override {
    const Volume::SyncMark mark = Volume::begin_sync(*node_);
    DiskFilter* filter = core_->volume.filter();
    const SyncAnswer answer = filter ? filter->on_sync(path_) : SyncAnswer::honest;
    if (answer != SyncAnswer::honest) {
      if (core_->closed()) co_return fail(Errc::cancelled);
      if (answer == SyncAnswer::early) sync_later(mark);
      co_return Result<void>{};
    }
    CO_TRY(const DiskFault fault, co_await begin(DiskOp::sync, mark.value()));
    if (fault != DiskFault::none) {
      core_->volume.fail_sync(*node_, mark);
      co_return failure("fdatasync");
    }
    Volume::finish_sync(*node_, mark);
    co_return Result<void>{};
  }

  [[nodiscard]] env::Task<Result<void>> truncate(std::uint64_t size) override {
    CHECK(writable_);
    CO_TRY(const DiskFault fault, co_await begin(DiskOp::truncate, size));
    if (fault != DiskFault::none) co_return failure("ftruncate");
    if (DiskFilter* filter = core_->volume.filter()) {
      filter->on_truncate(path_, Volume::content(*node_), size);
    }
    core_->volume.truncate(*node_, size);
    co_return Result<void>{};
  }

  [[nodiscard]] Result<std::uint64_t> size() const override {
    if (core_->closed()) return fail(Errc::cancelled);
    return Volume::size(*node_);
  }
  void reserve(std::uint64_t) override {}
  [[nodiscard]] env::Task<Result<void>> make_resident(std::uint64_t, std::size_t size) override {
    CO_TRY(const DiskFault fault, co_await begin(DiskOp::read, size));
    if (fault != DiskFault::none) co_return failure("readahead");
    co_return Result<void>{};
  }
  [[nodiscard]] const std::string& path() const override { return path_; }
  [[nodiscard]] const Volume::Node& node() const { return *node_; }

 private:
  [[nodiscard]] env::Task<Result<DiskFault>> begin(DiskOp op, std::uint64_t extra) {
    return pass(core_->volume, core_->shard, core_->timing, core_->timed,
                {.op = op, .path = path_, .file = node_, .extra = extra});
  }
  [[nodiscard]] std::unexpected<Error> failure(const char* call) const {
    return fail(Errc::io_failure, "{} {}: Input/output error (simulated)", call, path_);
  }
  void sync_later(Volume::SyncMark mark) {
    if (!core_->timed) return;
    const Duration delay = draw(core_->volume.rng(), core_->timing.sync_min,
                                core_->timing.sync_max + std::chrono::milliseconds(20));
    core_->shard->push(core_->shard->env().clock.now() + delay, EventKind::disk,
                       detail_of(DiskOp::sync, path_, mark.value()),
                       [node = node_, mark] { Volume::finish_sync(*node, mark); });
  }

  std::shared_ptr<Core> core_;
  Volume::NodePtr node_;
  std::string path_;
  bool writable_;
};

Disk::Disk(Volume& volume) : core_(std::make_shared<Core>(volume)) {}
Disk::Disk(Volume& volume, ShardEnv& shard, DiskTiming timing)
    : core_(std::make_shared<Core>(volume, &shard, timing, true)) {}
Disk::~Disk() { core_->shard = nullptr; }

Volume& Disk::volume() const { return core_->volume; }

env::Task<Result<void>> Disk::call(DiskOp op, std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY(const DiskFault fault, co_await pass(core->volume, core->shard, core->timing, core->timed,
                                              {.op = op, .path = path, .file = nullptr}));
  if (fault == DiskFault::no_space) {
    co_return fail(Errc::no_space, "{}: No space left on device", path);
  }
  if (fault != DiskFault::none) {
    co_return fail(Errc::io_failure, "{}: Input/output error (simulated)", path);
  }
  co_return Result<void>{};
}

env::Task<Result<std::shared_ptr<env::File>>> Disk::open(std::string path, env::OpenMode mode) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::open, path));
  CO_TRY(Volume::NodePtr node, core->volume.open(path, mode));
  const bool writable = mode != env::OpenMode::read;
  co_return std::make_shared<File>(core, std::move(node), std::move(path), writable);
}

env::Task<Result<void>> Disk::rename(std::string from, std::string to) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::rename, to));
  co_return core->volume.rename(from, to);
}

env::Task<Result<void>> Disk::remove(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::remove, path));
  co_return core->volume.remove(path);
}

env::Task<Result<void>> Disk::remove_directory(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::remove, path));
  co_return core->volume.remove_directory(path);
}

env::Task<Result<void>> Disk::make_directory(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::make_directory, path));
  co_return core->volume.make_directory(path);
}

env::Task<Result<void>> Disk::sync_directory(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::sync_directory, path));
  DiskFilter* filter = core->volume.filter();
  if (filter && filter->on_sync_directory(path) != SyncAnswer::honest) co_return Result<void>{};
  co_return core->volume.sync_directory(path);
}

env::Task<Result<std::vector<env::DirectoryEntry>>> Disk::list(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::list, path));
  co_return core->volume.list(path);
}

env::Task<Result<bool>> Disk::exists(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::list, path));
  co_return core->volume.exists(path);
}

env::Task<Result<env::DiskSpace>> Disk::space_of(std::string directory) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::list, directory));
  CO_TRY(const bool there, core->volume.exists(directory));
  if (!there) co_return fail(Errc::not_found, "{}", directory);
  const std::uint64_t total = core->volume.size_told();
  env::DiskSpace space{.directory = directory.starts_with('/') ? directory : "/" + directory,
                       .total_bytes = total};
  space.usable_bytes = total - std::min(total, core->volume.used());
  co_return space;
}

env::Task<Result<std::shared_ptr<void>>> Disk::lock(std::string path) {
  const std::shared_ptr<Core> core = core_;
  CO_TRY_OK(co_await call(DiskOp::lock, path));
  const std::string lock_file = env::join_path(path, ".lock");
  CO_TRY_OK(core->volume.open(lock_file, env::OpenMode::create));
  const auto lock = core->volume.try_lock(lock_file);
  if (!lock) co_return fail(Errc::already_exists, "{}: is locked by another process", path);
  co_return std::shared_ptr<void>(nullptr, [volume = &core->volume, lock_file, lock](void*) {
    volume->unlock(lock_file, *lock);
  });
}

Result<std::vector<std::byte>> Disk::read_range(const env::FileRange& range) {
  const auto* file = dynamic_cast<const File*>(range.file.get());
  CHECK(file != nullptr);
  std::vector<std::byte> bytes = Volume::read(file->node(), range.position, range.size);
  if (bytes.size() < range.size) {
    return fail(Errc::io_failure, "{}: {} bytes at {}, {} were to be sent", file->path(),
                bytes.size(), range.position, range.size);
  }
  return bytes;
}

}  // namespace moldau::sim
