#include "node/log_directories.h"

#include <gtest/gtest.h>

#include "node/format.h"
#include "sim/world.h"

namespace moldau::node {
namespace {

constexpr Uuid k_topic{1, 9};

class LogDirectoriesTest : public testing::Test {
 protected:
  LogDirectoriesTest() : host(world.add_host({.name = "node"})), env(host.boot().env(0)) {}
  template <class T>
  T run(env::Task<T> task) {
    EXPECT_TRUE(world.run_until([&task] { return task.done(); }));
    return task.take_result();
  }
  void format() {
    FormatSettings settings;
    settings.cluster_id = "c";
    settings.node_id = BrokerId{1};
    settings.directories = {"a", "b"};
    settings.metadata_directory = "a";
    ASSERT_TRUE(run(format_directories(env, settings, true)).has_value());
  }
  void open() {
    directories.reset();
    auto opened = run(LogDirectories::open(env, {"a", "b"}));
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();
    directories = *std::move(opened);
  }
  void folder(const std::string& path) {
    ASSERT_TRUE(run(env.disk.make_directory(path)).has_value());
  }
  bool exists(const std::string& path) { return *run(env.disk.exists(path)); }
  std::string place(const std::string& topic, std::int32_t partition, const Uuid& wanted = {}) {
    return directories->place(topic, PartitionIndex{partition}, k_topic, wanted).path;
  }

  log::LogLocation locate(const std::string& topic, std::int32_t partition) {
    return directories->place(topic, PartitionIndex{partition}, k_topic, {});
  }
  static ReplicaCheckpoint checkpoint(const std::string& directory, const std::string& topic,
                                      std::int64_t recovery_point, std::int64_t log_start,
                                      std::int64_t high_watermark, std::int32_t partition = 0) {
    const PartitionIndex index{partition};
    ReplicaCheckpoint one{.directory = directory,
                          .recovery_point = {topic, index, Offset{recovery_point}},
                          .log_start = std::nullopt,
                          .high_watermark = {topic, index, Offset{high_watermark}}};
    if (log_start > 0) one.log_start = log::PartitionOffset{topic, index, Offset{log_start}};
    return one;
  }
  void write(std::vector<ReplicaCheckpoint> checkpoints) {
    const auto written = run(directories->write_checkpoints(std::move(checkpoints)));
    ASSERT_TRUE(written.has_value()) << written.error().describe();
  }

  sim::World world{3};
  sim::Host& host;
  env::Env& env;
  std::unique_ptr<LogDirectories> directories;
};

TEST_F(LogDirectoriesTest, UnformattedOneIsRefusedWithTheCommand) {
  open();
  using enum LogDirectories::Voters;
  const Result<std::string> cluster = directories->check_formatted(BrokerId{1}, in_the_file);
  ASSERT_FALSE(cluster.has_value());
  EXPECT_TRUE(cluster.error().text().contains("moldau storage format -t CLUSTER_ID -c FILE"));
  EXPECT_TRUE(directories->check_formatted(BrokerId{1}, in_the_log)
                  .error()
                  .text()
                  .contains("moldau storage format --standalone -t CLUSTER_ID -c FILE"));
}

TEST_F(LogDirectoriesTest, AnotherNodesIsRefused) {
  format();
  open();
  EXPECT_EQ(*directories->check_formatted(BrokerId{1}, LogDirectories::Voters::in_the_file), "c");
  EXPECT_EQ(
      directories->check_formatted(BrokerId{2}, LogDirectories::Voters::in_the_file).error().code(),
      Errc::bad_configuration);
}

TEST_F(LogDirectoriesTest, PartitionStaysWhereItIs) {
  format();
  folder("b/t-0");
  open();
  EXPECT_EQ(place("t", 0), "b/t-0");
}

TEST_F(LogDirectoriesTest, NewPartitionGoesWhereTheMetadataWantItOrWhereThereAreFewest) {
  format();
  folder("a/t-0");
  open();
  EXPECT_EQ(place("t", 1), "b/t-1");
  EXPECT_EQ(place("t", 2, directories->id_of("a")), "a/t-2");
  EXPECT_EQ(directories->ids().size(), 2U);
}

TEST_F(LogDirectoriesTest, CordonedDirectoryGetsNothingNewUnlessAllAre) {
  format();
  open();
  EXPECT_EQ(place("t", 0), "a/t-0");
  directories->cordon({"b", "elsewhere"});
  EXPECT_EQ(directories->cordoned_ids(), std::vector<Uuid>{directories->id_of("b")});
  EXPECT_EQ(place("t", 1), "a/t-1");
  EXPECT_EQ(place("t", 2, directories->id_of("b")), "b/t-2") << "the metadata want it there";
  directories->cordon({"*"});
  EXPECT_EQ(directories->cordoned_ids().size(), 2U);
  EXPECT_EQ(place("t", 3), "a/t-3");
  directories->cordon({});
  EXPECT_TRUE(directories->cordoned_ids().empty());
  EXPECT_EQ(place("t", 4), "b/t-4");
}

TEST_F(LogDirectoriesTest, WhatNobodyPlacesIsSetAsideAndWhatWasGoingGoes) {
  format();
  folder("a/t-0");
  folder("a/stranger-0");
  folder("a/old-0.0123456789abcdef0123456789abcdef-delete");
  folder("a/__cluster_metadata-0");
  open();
  (void)place("t", 0);
  const Result<std::size_t> strays = run(directories->put_in_order());
  ASSERT_TRUE(strays.has_value());
  EXPECT_EQ(*strays, 1U);
  EXPECT_TRUE(exists("a/t-0"));
  EXPECT_FALSE(exists("a/stranger-0"));
  EXPECT_FALSE(exists("a/old-0.0123456789abcdef0123456789abcdef-delete"));
  EXPECT_TRUE(exists("a/__cluster_metadata-0"));
}

TEST_F(LogDirectoriesTest, PartitionMadeAgainKnowsNothingOfItsPredecessor) {
  format();
  open();
  folder("b/t-0");
  write({checkpoint("b", "t", 7, 2, 9)});
  open();
  EXPECT_EQ(locate("t", 0).recovery_point, Offset{7});
  directories->forget("t", PartitionIndex{0});
  EXPECT_EQ(locate("t", 0).recovery_point, Offset{0});
  EXPECT_EQ(locate("t", 0).log_start_offset, Offset{0});
  EXPECT_EQ(directories->high_watermark("t", PartitionIndex{0}), Offset{0});
}

TEST_F(LogDirectoriesTest, CheckpointsOfLogsThatWereNotOpenedStay) {
  format();
  open();
  for (const char* path : {"a/t-0", "b/t-1", "b/t-2"}) folder(path);
  write({checkpoint("a", "t", 7, 2, 9), checkpoint("b", "t", 8, 0, 8, 1),
         checkpoint("b", "t", 5, 0, 6, 2)});
  open();
  directories->forget("t", PartitionIndex{2});
  write({checkpoint("b", "t", 20, 0, 30, 1)});
  open();
  EXPECT_EQ(locate("t", 0).recovery_point, Offset{7});
  EXPECT_EQ(locate("t", 0).log_start_offset, Offset{2});
  EXPECT_EQ(directories->high_watermark("t", PartitionIndex{0}), Offset{9});
  EXPECT_EQ(locate("t", 1).recovery_point, Offset{20});
  EXPECT_EQ(directories->high_watermark("t", PartitionIndex{1}), Offset{30});
  EXPECT_EQ(locate("t", 2).recovery_point, Offset{0}) << "deleted";
}

TEST_F(LogDirectoriesTest, CheckpointGoesToTheDirectoryOfItsPartition) {
  format();
  open();
  folder("a/t-0");
  folder("b/t-1");
  write({checkpoint("a", "t", 7, 0, 9), checkpoint("b", "t", 8, 3, 8, 1)});
  const auto in = [&](const std::string& file) {
    const auto bytes = run(env::read_file(env.disk, file, 1 << 20));
    return std::string(as_text(bytes->view()));
  };
  EXPECT_EQ(in("a/recovery-point-offset-checkpoint"), "0\n1\nt 0 7\n");
  EXPECT_EQ(in("b/recovery-point-offset-checkpoint"), "0\n1\nt 1 8\n");
  EXPECT_EQ(in("a/replication-offset-checkpoint"), "0\n1\nt 0 9\n");
  EXPECT_EQ(in("a/log-start-offset-checkpoint"), "0\n0\n") << "0 needs no entry";
  EXPECT_EQ(in("b/log-start-offset-checkpoint"), "0\n1\nt 1 3\n");
}

TEST_F(LogDirectoriesTest, CheckpointThatCannotBeWrittenIsAnErrorAndLeavesTheOldOne) {
  format();
  open();
  folder("a/t-0");
  write({checkpoint("a", "t", 7, 0, 9)});
  host.volume().faults().add({.op = sim::DiskOp::sync, .path_part = "a/"});
  const auto failed = run(directories->write_checkpoints({checkpoint("a", "t", 9, 0, 9)}));
  ASSERT_FALSE(failed.has_value());
  open();
  EXPECT_EQ(locate("t", 0).recovery_point, Offset{7});
}

TEST_F(LogDirectoriesTest, CheckpointsSurviveAPowerCut) {
  format();
  open();
  folder("a/t-0");
  write({checkpoint("a", "t", 7, 3, 9)});
  write({checkpoint("a", "t", 8, 3, 10)});
  directories.reset();
  host.volume().cut_power(sim::PowerCut::lose_all());
  folder("a/t-0");
  open();
  EXPECT_EQ(locate("t", 0).recovery_point, Offset{8});
  EXPECT_EQ(directories->high_watermark("t", PartitionIndex{0}), Offset{10});
  EXPECT_FALSE(directories->was_clean());
}

TEST_F(LogDirectoriesTest, OneUncleanDirectoryMakesTheNodeUnclean) {
  format();
  open();
  ASSERT_TRUE(run(directories->mark_clean_shutdown(BrokerEpoch{5})).has_value());
  directories.reset();
  ASSERT_TRUE(run(env.disk.remove("b/.kafka_cleanshutdown")).has_value());
  open();
  EXPECT_FALSE(directories->was_clean());
  EXPECT_EQ(directories->previous_broker_epoch(), std::nullopt) << "they do not agree";
}

TEST_F(LogDirectoriesTest, DirectoryInUseIsRefused) {
  format();
  open();
  const auto second = run(LogDirectories::open(env, {"a", "b"}));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), Errc::already_exists);
}

TEST_F(LogDirectoriesTest, DirectoriesOfTwoClustersAreRefused) {
  format();
  ASSERT_TRUE(run(env.disk.remove("b/meta.properties")).has_value());
  FormatSettings settings;
  settings.cluster_id = "other";
  settings.node_id = BrokerId{1};
  settings.directories = {"b"};
  settings.metadata_directory = "b";
  ASSERT_TRUE(run(format_directories(env, settings, true)).has_value());
  open();
  EXPECT_EQ(
      directories->check_formatted(BrokerId{1}, LogDirectories::Voters::in_the_file).error().code(),
      Errc::bad_configuration);
}

TEST_F(LogDirectoriesTest, FolderSetAsideIsKeptUnderAnotherName) {
  format();
  folder("b/t-0");
  open();
  const log::LogLocation where = locate("t", 0);
  ASSERT_TRUE(run(directories->set_aside(where)).has_value());
  EXPECT_FALSE(exists("b/t-0"));
  const auto entries = run(env.disk.list("b"));
  ASSERT_TRUE(entries.has_value());
  EXPECT_TRUE(std::ranges::any_of(*entries, [](const env::DirectoryEntry& entry) {
    return entry.name.starts_with("t-0.") && entry.name.ends_with("-stray");
  }));
}

TEST_F(LogDirectoriesTest, CheckpointsAreReadBack) {
  format();
  open();
  folder("b/t-0");
  write({checkpoint("b", "t", 7, 2, 9)});
  ASSERT_TRUE(run(directories->mark_clean_shutdown(BrokerEpoch{5})).has_value());
  open();
  EXPECT_TRUE(directories->was_clean());
  EXPECT_EQ(directories->previous_broker_epoch(), BrokerEpoch{5});
  EXPECT_EQ(directories->high_watermark("t", PartitionIndex{0}), Offset{9});
  const log::LogLocation where = directories->place("t", PartitionIndex{0}, k_topic, {});
  EXPECT_EQ(where.recovery_point, Offset{7});
  EXPECT_EQ(where.log_start_offset, Offset{2});
  open();
  EXPECT_FALSE(directories->was_clean()) << "whoever opens takes the marker";
}

TEST_F(LogDirectoriesTest, LastRunThatSaysMoreThanALogHasSaysTooMuch) {
  format();
  folder("a/t-0");
  folder("a/shut-0");
  open();
  write({checkpoint("a", "t", 10, 4, 10), checkpoint("a", "shut", 3, 0, 3)});
  open();
  const auto says_too_much = [this](std::int64_t recovery_point, std::int64_t log_start) {
    return directories->last_run_says_too_much(
        {checkpoint("a", "t", recovery_point, log_start, 0)});
  };
  EXPECT_FALSE(says_too_much(10, 4));
  EXPECT_FALSE(says_too_much(11, 5));
  EXPECT_TRUE(says_too_much(9, 4));
  EXPECT_TRUE(says_too_much(10, 3));
}

TEST_F(LogDirectoriesTest, LastRunThatSpeaksOfALogThatIsGoneSaysTooMuch) {
  format();
  folder("a/t-0");
  open();
  write({checkpoint("a", "t", 10, 0, 10), checkpoint("a", "gone", 1, 0, 1)});
  open();
  EXPECT_TRUE(directories->last_run_says_too_much({checkpoint("a", "t", 10, 0, 0)}));
}

}  // namespace
}  // namespace moldau::node
