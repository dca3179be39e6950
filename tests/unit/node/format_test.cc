#include "node/format.h"

#include <gtest/gtest.h>

#include "log/checkpoint_files.h"
#include "node/metadata_flow.h"
#include "raft/control_scan.h"
#include "record/batch.h"
#include "sim/world.h"

namespace moldau::node {
namespace {

class FormatTest : public testing::Test {
 protected:
  FormatTest() : host(world.add_host({.name = "node"})), env(host.boot().env(0)) {
    settings.cluster_id = "the-cluster";
    settings.node_id = BrokerId{4};
    settings.directories = {"a", "b"};
    settings.metadata_directory = "b";
  }
  template <class T>
  T run(env::Task<T> task) {
    EXPECT_TRUE(world.run_until([&task] { return task.done(); }));
    return task.take_result();
  }
  Result<FormatReport> format(bool ignore_formatted = false) {
    return run(format_directories(env, settings, ignore_formatted));
  }
  SharedBytes read(const std::string& path) {
    const Result<SharedBytes> bytes = run(env::read_file(env.disk, path, 1 << 20));
    EXPECT_TRUE(bytes.has_value()) << path;
    return bytes.value_or(SharedBytes{});
  }
  log::MetaProperties meta(const std::string& folder) {
    const SharedBytes bytes = read(folder + "/meta.properties");
    const auto parsed = log::parse_meta_properties(as_text(bytes.view()));
    EXPECT_TRUE(parsed.has_value());
    return parsed.value_or(log::MetaProperties{});
  }
  static constexpr const char* k_zero_snapshot =
      "b/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";

  sim::World world{3};
  sim::Host& host;
  env::Env& env;
  FormatSettings settings;
};

TEST_F(FormatTest, EachDirectoryGetsItsPropertiesAndAnIdOfItsOwn) {
  const Result<FormatReport> report = format();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->formatted, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(meta("a").cluster_id, "the-cluster");
  EXPECT_EQ(meta("a").node_id, BrokerId{4});
  ASSERT_TRUE(meta("a").directory_id.has_value());
  EXPECT_NE(meta("a").directory_id, meta("b").directory_id);
  EXPECT_EQ(meta("b").directory_id, report->metadata_directory_id);
}

TEST_F(FormatTest, MetadataDirectoryGetsTheBootstrapRecords) {
  ASSERT_TRUE(format().has_value());
  const Result<std::vector<metadata::MetadataRecord>> records = run(read_bootstrap(env, "b"));
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(*records, *metadata::bootstrap_records(metadata::k_latest_production_metadata_version));
  EXPECT_FALSE(*run(env.disk.exists("a/__cluster_metadata-0")));
}

TEST_F(FormatTest, DynamicVotersStandInTheSnapshotWithTheOwnDirectory) {
  raft::Voter voter;
  voter.key.id = BrokerId{4};
  settings.voters = *raft::VoterSet::of({voter});
  const Result<FormatReport> report = format();
  ASSERT_TRUE(report.has_value());
  const SharedBytes snapshot = read(k_zero_snapshot);
  raft::ControlScan scan;
  record::BatchesView batches(snapshot.view());
  while (true) {
    const auto batch = batches.next();
    ASSERT_TRUE(batch.has_value());
    if (!*batch) break;
    ASSERT_TRUE(scan.snapshot_batch(raft::k_bootstrap_snapshot, **batch).has_value());
  }
  EXPECT_TRUE(scan.snapshot_complete());
  bool found = false;
  for (const raft::ControlFound& control : scan.found()) {
    const auto* voters = std::get_if<protocol::VotersRecord>(&control.record);
    if (voters == nullptr) continue;
    found = true;
    EXPECT_EQ(raft::VoterSet::from_record(*voters)->all().at(0).key.directory_id,
              report->metadata_directory_id);
  }
  EXPECT_TRUE(found);
}

TEST_F(FormatTest, FormattedDirectoryIsLeftAloneOrRefused) {
  ASSERT_TRUE(format().has_value());
  const log::MetaProperties before = meta("a");
  EXPECT_EQ(format().error().code(), Errc::already_exists);
  const Result<FormatReport> again = format(true);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->already_formatted.size(), 2U);
  EXPECT_EQ(meta("a"), before);
  EXPECT_EQ(again->metadata_directory_id, *meta("b").directory_id);
}

TEST_F(FormatTest, DirectoryOfAnotherClusterOrNodeIsRefused) {
  ASSERT_TRUE(format().has_value());
  settings.cluster_id = "another";
  EXPECT_EQ(format(true).error().code(), Errc::bad_configuration);
  settings.cluster_id = "the-cluster";
  settings.node_id = BrokerId{5};
  EXPECT_EQ(format(true).error().code(), Errc::bad_configuration);
}

TEST_F(FormatTest, WhatWasFormattedSurvivesAPowerCut) {
  settings.directories = {"deep/er/a", "b"};
  ASSERT_TRUE(format().has_value());
  host.volume().cut_power(sim::PowerCut::lose_all());
  const Result<FormatReport> again = format(true);
  ASSERT_TRUE(again.has_value()) << again.error().describe();
  EXPECT_EQ(again->already_formatted.size(), 2U);
  EXPECT_TRUE(*run(env.disk.exists(k_zero_snapshot)));
}

// A directory counts as formatted when all of it is there.
TEST_F(FormatTest, FailureAtAnyDiskCallLeavesNothingThatLooksFormattedAndIsNot) {
  bool failed = true;
  for (std::uint64_t call = 0; failed && !HasFailure(); ++call) {
    ASSERT_TRUE(run(env::remove_tree(env.disk, "a")).has_value());
    ASSERT_TRUE(run(env::remove_tree(env.disk, "b")).has_value());
    host.volume().faults().add({.op = std::nullopt, .path_part = "", .skip = call});
    failed = !format().has_value();
    host.volume().faults().clear();
    host.volume().cut_power(sim::PowerCut::lose_all());
    const Result<FormatReport> again = format(true);
    ASSERT_TRUE(again.has_value()) << call;
    EXPECT_EQ(meta("a").node_id, BrokerId{4});
    EXPECT_EQ(meta("b").node_id, BrokerId{4});
    EXPECT_EQ(run(read_bootstrap(env, "b"))->size(),
              metadata::bootstrap_records(metadata::k_latest_production_metadata_version)->size());
    EXPECT_TRUE(*run(env.disk.exists(k_zero_snapshot))) << call;
  }
}

TEST_F(FormatTest, UnknownFeatureIsRefusedAndNothingIsFormatted) {
  settings.features["no.such.feature"] = metadata::FeatureLevel{1};
  ASSERT_FALSE(format().has_value());
  EXPECT_FALSE(*run(env.disk.exists("b/meta.properties")));
}

TEST_F(FormatTest, NewIdsAreNeverReserved) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(new_uuid(env.entropy).usable_as_new());
}

}  // namespace
}  // namespace moldau::node
