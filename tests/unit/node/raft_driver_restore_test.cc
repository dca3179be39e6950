#include <algorithm>

#include "unit/node/raft_driver_world.h"

namespace moldau::node {
namespace {

using RaftDriverRestore = RaftDriverTest;

TEST_F(RaftDriverRestore, DamageAfterACleanStopIsRefusedAndLeavesTheFiles) {
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

TEST_F(RaftDriverRestore, TornEndAfterACleanStopIsRefused) {
  (void)run_and_stop(3);
  ASSERT_TRUE(run(directories->mark_clean_shutdown(std::nullopt)).has_value());
  const std::string torn = content(k_log).substr(0, content(k_log).size() - 5);
  write(k_log, torn);
  EXPECT_EQ(refused_start().code(), Errc::corrupt_data);
  EXPECT_EQ(content(k_log), torn);
}

TEST_F(RaftDriverRestore, DamageBelowTheCheckpointOrTheLastEpochIsRefusedAfterAnUncleanStop) {
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

TEST_F(RaftDriverRestore, TornEndThatNothingVouchesForIsCutWithALine) {
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

TEST_F(RaftDriverRestore, LogThatIsShorterThanItWasIsTold) {
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

TEST_F(RaftDriverRestore, DamagedSnapshotAndQuorumStateAreRefusedByName) {
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

}  // namespace
}  // namespace moldau::node
