#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/env.h"
#include "env/task_group.h"
#include "log/file_names.h"
#include "log/file_pool.h"
#include "log/partition_log.h"
#include "record/builder.h"
#include "sim/disk.h"
#include "sim/volume.h"
#include "support/test_data.h"
#include "unit/env/manual_scheduler.h"

namespace moldau::log {

// An env without a network whose disk completes at once, and words for logs on it.
class LogWorld {
 public:
  struct Clock final : env::Clock {
    [[nodiscard]] Instant now() const override { return Instant{}; }
    [[nodiscard]] Timestamp wall() const override { return at; }
    Timestamp at = timestamp_of(1'795'000'000'000);  // late 2026: later than the golden records
  };
  struct NoTimers final : env::Timers {
    [[nodiscard]] TimerId arm(Instant, std::move_only_function<void()>) override {
      return TimerId{0};
    }
    void cancel(TimerId) override {}
  };
  struct NoNetwork final : env::Network {
    [[nodiscard]] env::Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint) override {
      co_return fail(Errc::cancelled);
    }
    [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint) override {
      co_return fail(Errc::cancelled);
    }
  };
  struct Draws final : env::Entropy {
    [[nodiscard]] std::uint64_t next() override { return rng.next(); }
    Rng rng{1};
  };
  struct OneShard final : env::Mailbox {
    [[nodiscard]] ShardId self() const override { return ShardId{0}; }
    [[nodiscard]] std::int32_t shard_count() const override { return 1; }
    [[nodiscard]] env::Task<void> send(ShardId, Message message) override {
      message();
      co_return;
    }
    void reply(ShardId, Message message) override { message(); }
  };

  // Runs the task to its end. It must not wait for what never comes.
  template <class T>
  T run(env::Task<T> task) {
    scheduler.run();
    CHECK(task.done());
    return task.take_result();
  }
  template <class T>
  T ok(env::Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().describe());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  template <class T>
  Errc errc(env::Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    return result ? Errc::none : result.error().code();
  }

  void write(const std::string& path, Bytes bytes) {
    ok(disk.make_directory(env::parent_path(path)));
    const auto file = ok(disk.open(path, env::OpenMode::create));
    ok(file->truncate(0));
    if (!bytes.empty()) ok(file->write_at(0, {SharedBytes::copy_of(bytes)}));
  }
  std::string read(const std::string& path) {
    const SharedBytes bytes = ok(env::read_file(disk, path, 1 << 30));
    return std::string{as_text(bytes.view())};
  }
  // Name to content of every file of a folder.
  std::map<std::string, std::string> folder(const std::string& path) {
    std::map<std::string, std::string> found;
    for (const auto& entry : ok(disk.list(path))) {
      if (!entry.is_directory) found[entry.name] = read(env::join_path(path, entry.name));
    }
    return found;
  }
  // A folder below tests/data/log on the disk of the world.
  void copy_golden(const std::string& golden, const std::string& path) {
    for (const auto& [name, content] : golden_folder(golden)) {
      write(env::join_path(path, name), as_bytes(content));
    }
  }
  static std::map<std::string, std::string> golden_folder(const std::string& golden) {
    std::map<std::string, std::string> found;
    const std::filesystem::path folder = test_data() / "log" / golden;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      found[entry.path().filename().string()] = std::string{std::istreambuf_iterator<char>(in), {}};
    }
    EXPECT_FALSE(found.empty()) << folder;
    return found;
  }

  sim::Volume volume;
  sim::Disk disk{volume};
  env::ManualScheduler scheduler;
  Clock clock;
  NoTimers timers;
  NoNetwork network;
  Draws entropy;
  OneShard mailbox;
  env::Env env{.scheduler = scheduler,
               .clock = clock,
               .timers = timers,
               .disk = disk,
               .network = network,
               .entropy = entropy,
               .mailbox = mailbox};
  FilePool files{disk, 64};
};

// One log at "d/t-0", opened, closed and opened again.
class LogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world.ok(world.disk.make_directory("d"));
    world.ok(world.disk.sync_directory("."));
  }
  void TearDown() override {
    if (log != nullptr) (void)world.run(log->close());
  }
  void open(bool clean = true) {
    where.clean = clean;
    log = world.ok(PartitionLog::open(world.env, world.files, where,
                                      std::make_shared<const LogConfig>(config)));
  }
  void reopen(bool clean = true) {
    world.ok(log->close());
    where.recovery_point = log->recovery_point();
    where.log_start_offset = log->log_start_offset();
    log.reset();
    open(clean);
  }
  // Power goes; the next start knows the recovery point of the last checkpoint.
  void lose_power(const sim::PowerCut& how = sim::PowerCut::lose_all()) {
    where.recovery_point = log->recovery_point();
    where.log_start_offset = log->log_start_offset();
    log.reset();
    world.volume.cut_power(how);
    open(false);
  }
  void fail(sim::DiskOp op, std::string path_part) {
    world.volume.faults().add({.op = op, .path_part = std::move(path_part), .times = 1'000'000});
  }
  // A batch of `count` records, the value of each `value_size` bytes.
  static std::vector<std::byte> batch(int count, Timestamp timestamp, std::size_t value_size = 20,
                                      record::BatchFields fields = {}) {
    record::BatchBuilder builder(fields);
    const std::string value(value_size, 'v');
    for (int i = 0; i < count; ++i) {
      builder.append({.timestamp = timestamp, .key = std::nullopt, .value = as_bytes(value)});
    }
    return builder.build();
  }
  Result<Appended> try_append(std::vector<std::byte> bytes, AppendOptions options = {}) {
    return world.run(log->append_as_leader(SharedBytes::take(std::move(bytes)), options));
  }
  Appended append(int count, std::int64_t millis = 1000, std::size_t value_size = 20) {
    auto appended = try_append(batch(count, timestamp_of(millis), value_size));
    EXPECT_TRUE(appended.has_value()) << (appended ? "" : appended.error().describe());
    return *appended;
  }
  // Base offsets of the batches that a read gives.
  std::vector<std::int64_t> read_bases(ReadRequest request) {
    const SharedBytes bytes = world.ok(log->read_batches(request));
    std::vector<std::int64_t> bases;
    record::BatchesView view(bytes.view());
    while (auto next = view.next()) {
      if (!*next) break;
      bases.push_back((*next)->base_offset().value());
    }
    return bases;
  }
  std::vector<std::int64_t> all_bases() {
    std::vector<std::int64_t> bases;
    Offset at = log->log_start_offset();
    while (at < log->log_end_offset()) {
      const SharedBytes bytes = world.ok(log->read_batches({.from = at,
                                                            .bytes_max = 1 << 20,
                                                            .limit = log->log_end_offset(),
                                                            .at_least_one_batch = true}));
      record::BatchesView view(bytes.view());
      const Offset before = at;
      while (auto next = view.next()) {
        if (!*next) break;
        bases.push_back((*next)->base_offset().value());
        at = (*next)->next_offset();
      }
      if (at == before) break;
    }
    return bases;
  }
  [[nodiscard]] std::string path(std::int64_t base, FileKind kind) const {
    return env::join_path(where.path, file_name(Offset{base}, kind));
  }
  bool has(std::int64_t base, FileKind kind) {
    return world.ok(world.disk.exists(path(base, kind)));
  }
  std::map<std::string, std::string> files() { return world.folder(where.path); }

  LogWorld world;
  LogConfig config;
  LogLocation where{.path = "d/t-0", .topic = "t", .clean = true, .topic_id = Uuid{1, 2}};
  std::unique_ptr<PartitionLog> log;
};

}  // namespace moldau::log
