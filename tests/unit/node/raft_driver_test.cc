#include "node/raft_driver.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bytes/writer.h"
#include "metadata/features.h"
#include "unit/node/driver_world.h"

namespace moldau::node {
namespace {

constexpr const char* k_log = "data/__cluster_metadata-0/00000000000000000000.log";

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

TEST_F(RaftDriverTest, OnlyVoterElectsItself) {
  start();
  EXPECT_EQ(user->epoch, LeaderEpoch{1});
  EXPECT_TRUE(driver->machine().is_leader());
  EXPECT_TRUE(*run(env.disk.exists("data/__cluster_metadata-0/quorum-state")));
}

TEST_F(RaftDriverTest, ProposalIsCommittedOnceItIsDurable) {
  start();
  const Result<raft::Accepted> accepted = propose();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_LT(user->watermark, accepted->end_offset);
  ASSERT_TRUE(world.run_until([&] { return user->watermark >= accepted->end_offset; }));
  EXPECT_EQ(user->values, 1);
}

TEST_F(RaftDriverTest, ProposalsThatComeTogetherAreAllCommitted) {
  start();
  Offset end{0};
  for (int i = 0; i < 50; ++i) end = propose()->end_offset;
  ASSERT_TRUE(world.run_until([&] { return user->watermark >= end; }));
  EXPECT_EQ(user->values, 50);
}

TEST_F(RaftDriverTest, NextStartCommitsWhatWasThereAndLeadsInAHigherEpoch) {
  start();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(propose().has_value());
  ASSERT_TRUE(world.run_until([&] { return user->values == 5; }));
  stop();
  start();
  EXPECT_EQ(user->values, 5);
  EXPECT_EQ(user->epoch, LeaderEpoch{2});
}

TEST_F(RaftDriverTest, ProposalUnderAnotherEpochIsRefused) {
  start();
  const Result<raft::Accepted> refused =
      driver->propose(LeaderEpoch{9}, {std::vector<std::byte>(1)}, true);
  EXPECT_EQ(refused.error().code(), Errc::not_controller);
}

TEST_F(RaftDriverTest, SnapshotIsTakenAndLoadedAtTheNextStart) {
  snapshot_after_bytes = 2000;
  start();
  for (int i = 0; i < 10; ++i) {
    const auto accepted = propose(500);
    ASSERT_TRUE(world.run_until([&] { return user->watermark >= accepted->end_offset; }));
  }
  ASSERT_TRUE(world.run_until(
      [&] { return driver->machine().newest_snapshot() > raft::k_bootstrap_snapshot; }));
  stop();
  start();
  ASSERT_EQ(user->loaded.size(), 1U);
  EXPECT_GT(user->loaded[0].end_offset, Offset{0});
}

TEST_F(RaftDriverTest, QuorumApisAreAnswered) {
  start();
  protocol::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  Writer body;
  request.encode(body, ApiVersion{2});
  const Result<SharedBytes> answer =
      run(driver->answer(protocol::ApiKey::describe_quorum, ApiVersion{2}, "CONTROLLER",
                         SharedBytes::take(body.take())));
  ASSERT_TRUE(answer.has_value());
  const auto response = protocol::DescribeQuorumResponse::decode(answer->view(), ApiVersion{2});
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->topics.at(0).partitions.at(0).leader_id, BrokerId{1});
}

TEST_F(RaftDriverTest, DamageAfterACleanStopIsRefusedAndLeavesTheFiles) {
  const Offset damaged = run_and_stop(3).at(1);
  ASSERT_TRUE(run(directories->mark_clean_shutdown(std::nullopt)).has_value());
  flip_in_batch_before(damaged);
  const std::string before = content(k_log);
  const Error error = refused_start();
  EXPECT_EQ(error.code(), Errc::corrupt_data);
  EXPECT_NE(error.text().find("00000000000000000000.log: damaged at byte"), std::string_view::npos)
      << error.text();
  EXPECT_EQ(content(k_log), before);
}

TEST_F(RaftDriverTest, TornEndAfterACleanStopIsRefused) {
  (void)run_and_stop(3);
  ASSERT_TRUE(run(directories->mark_clean_shutdown(std::nullopt)).has_value());
  const std::string torn = content(k_log).substr(0, content(k_log).size() - 5);
  write(k_log, torn);
  EXPECT_EQ(refused_start().code(), Errc::corrupt_data);
  EXPECT_EQ(content(k_log), torn);
}

TEST_F(RaftDriverTest, DamageBelowTheCheckpointOrTheLastEpochIsRefusedAfterAnUncleanStop) {
  const std::vector<Offset> ends = run_and_stop(3);
  directories->note_metadata_log("data", ends.at(1));
  ASSERT_TRUE(run(directories->write_checkpoints({})).has_value());
  flip_in_batch_before(ends.at(1));
  EXPECT_EQ(refused_start().code(), Errc::corrupt_data);
  flip_in_batch_before(ends.at(1));  // as it was
  directories->note_metadata_log("data", Offset{0});
  ASSERT_TRUE(run(directories->write_checkpoints({})).has_value());
  start();  // in the next epoch: all before it was synced
  stop();
  flip_in_batch_before(ends.at(2));
  EXPECT_EQ(refused_start().code(), Errc::corrupt_data);
}

TEST_F(RaftDriverTest, TornEndThatNothingVouchesForIsCutWithALine) {
  (void)run_and_stop(3);
  const std::string whole = content(k_log);
  write(k_log, whole.substr(0, whole.size() - 5));
  start();
  EXPECT_EQ(user->values, 2);
  const auto lines = sink.lines();
  EXPECT_TRUE(std::ranges::any_of(lines, [](const std::string& line) {
    return line.starts_with("ERROR") && line.contains("lost its end") &&
           line.contains("00000000000000000000.log: cut at byte");
  }));
}

TEST_F(RaftDriverTest, LogThatIsShorterThanItWasIsTold) {
  const std::vector<Offset> ends = run_and_stop(3);
  directories->note_metadata_log("data", ends.at(2));
  ASSERT_TRUE(run(directories->write_checkpoints({})).has_value());
  write(k_log, content(k_log).substr(0, position_before(ends.at(2))));
  start();
  const auto lines = sink.lines();
  EXPECT_TRUE(std::ranges::any_of(lines, [](const std::string& line) {
    return line.starts_with("ERROR") && line.contains("what stood between is gone");
  }));
}

TEST_F(RaftDriverTest, DamagedSnapshotAndQuorumStateAreRefusedByName) {
  (void)run_and_stop(1);
  const std::string state = "data/__cluster_metadata-0/quorum-state";
  const std::string whole = content(state);
  write(state, "{");
  EXPECT_NE(refused_start().text().find("quorum-state: "), std::string_view::npos);
  write(state, whole);
  const std::string snapshot =
      "data/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
  std::string bytes = content(snapshot);
  bytes.at(100) = static_cast<char>(bytes.at(100) ^ 1);
  write(snapshot, bytes);
  EXPECT_NE(refused_start().text().find(".checkpoint: damaged at byte"), std::string_view::npos);
}

TEST_F(RaftDriverTest, RecordThatCannotBeAppliedIsReported) {
  start();
  user->refusal = Error(Errc::unusable_record);
  ASSERT_TRUE(propose().has_value());
  ASSERT_TRUE(world.run_until([&] { return user->failure.has_value(); }));
  EXPECT_EQ(user->failure->code(), Errc::unusable_record);
  EXPECT_EQ(propose().error().code(), Errc::not_controller);
  EXPECT_FALSE(run(driver->stop()).has_value());
  driver.reset();
}

}  // namespace
}  // namespace moldau::node
