#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytes/writer.h"
#include "metadata/features.h"
#include "node/raft_driver.h"
#include "record/batch.h"
#include "unit/node/driver_world.h"

namespace moldau::node {

inline constexpr const char* k_log = "data/__cluster_metadata-0/00000000000000000000.log";

// Keeps what it is told.
class Recorder final : public MetadataLogUser {
 public:
  Result<void> load_snapshot(const raft::SnapshotId& id, const SharedBytes&) override {
    loaded.push_back(id);
    next = id.end_offset;
    return {};
  }
  Result<void> committed(const SharedBytes& bytes) override {
    record::BatchesView batches(bytes.view());
    while (true) {
      const auto batch = batches.next();
      if (!batch || !*batch) return refusal ? Result<void>{fail(*refusal)} : Result<void>{};
      EXPECT_EQ((*batch)->base_offset(), next);
      next = (*batch)->next_offset();
      if (!(*batch)->is_control()) values += (*batch)->count();
    }
  }
  void high_watermark(Offset end) override {
    EXPECT_GE(end, watermark);
    EXPECT_GE(next, end) << "given to committed() before";
    watermark = end;
  }
  Result<void> leadership_gained(const raft::LeadershipGained& gained) override {
    EXPECT_GE(next, gained.start_offset);
    epoch = gained.epoch;
    return {};
  }
  void leadership_lost(const raft::LeadershipLost&) override { epoch = k_no_leader_epoch; }
  std::optional<Image> snapshot() override {
    if (next == Offset{0}) return std::nullopt;
    Image image;
    image.id = {next, epoch};
    image.last_contained_log_time = timestamp_of(1);
    for (const auto& record : *metadata::bootstrap_records(metadata::FeatureLevel{33})) {
      image.records.push_back(metadata::encode_record(record));
    }
    return image;
  }
  void metadata_log_failed(const Error& error) override { failure = error; }

  std::vector<raft::SnapshotId> loaded;
  Offset next{0};
  Offset watermark{0};
  int values = 0;
  LeaderEpoch epoch = k_no_leader_epoch;
  std::optional<Error> refusal;
  std::optional<Error> failure;
};

class RaftDriverTest : public DriverWorld {
 protected:
  void start() {
    user = std::make_unique<Recorder>();
    driver = open_driver(*user);
    ASSERT_NE(driver, nullptr);
    driver->start();
    ASSERT_TRUE(world.run_until([this] { return user->epoch != k_no_leader_epoch; }));
  }
  void stop() {
    EXPECT_TRUE(run(driver->stop()).has_value());
    driver.reset();
  }
  // Where each of `count` batches, committed one after the other, ends.
  std::vector<Offset> run_and_stop(int count) {
    start();
    std::vector<Offset> ends;
    for (int i = 0; i < count; ++i) {
      ends.push_back(propose()->end_offset);
      EXPECT_TRUE(world.run_until([&] { return user->watermark >= ends.back(); }));
    }
    stop();
    return ends;
  }
  Error refused_start() {
    open_directory();
    Recorder nobody;
    auto opened = run(
        RaftDriver::open(env, files, driver_settings(), nobody, telemetry::Logger(sink, "test")));
    EXPECT_FALSE(opened.has_value());
    return opened ? Error(Errc::none) : opened.error();
  }
  std::string content(const std::string& path) {
    const auto bytes = run(env::read_file(env.disk, path, 1 << 20));
    EXPECT_TRUE(bytes.has_value()) << path;
    return std::string(as_text(bytes->view()));
  }
  void write(const std::string& path, const std::string& text) {
    EXPECT_TRUE(
        run(env::replace_file(env.disk, path, SharedBytes::copy_of(as_bytes(text)))).has_value());
  }
  // Of the batch that ends at `end`.
  std::size_t position_before(Offset end) {
    const std::string bytes = content(k_log);
    record::BatchesView batches(as_bytes(bytes));
    std::size_t position = 0;
    while (true) {
      const auto batch = batches.next();
      if (!batch || !*batch || (*batch)->next_offset() == end) return position;
      position += (*batch)->size();
    }
  }
  void flip_in_batch_before(Offset end) {
    std::string bytes = content(k_log);
    char& one = bytes.at(position_before(end) + 75);
    one = static_cast<char>(one ^ 1);
    write(k_log, bytes);
  }
  Result<raft::Accepted> propose(std::size_t size = 20) {
    return driver->propose(user->epoch, {std::vector<std::byte>(size, std::byte{1})}, true);
  }
  ~RaftDriverTest() override {
    if (driver) (void)run(driver->stop());
  }
  std::unique_ptr<Recorder> user;
  std::unique_ptr<RaftDriver> driver;
};

}  // namespace moldau::node
