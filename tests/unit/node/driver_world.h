#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "log/file_pool.h"
#include "node/format.h"
#include "node/log_directories.h"
#include "node/metadata_flow.h"
#include "node/raft_driver.h"
#include "sim/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::node {

// A formatted directory of one voter on a simulated machine, and a metadata log in it.
class DriverWorld : public testing::Test {
 protected:
  DriverWorld()
      : machine(world.add_host({.name = "node"})), env(machine.boot().env(0)), files(env.disk, 16) {
    FormatSettings format;
    format.cluster_id = "the-cluster";
    format.node_id = BrokerId{1};
    format.directories = {"data"};
    format.metadata_directory = "data";
    EXPECT_TRUE(run(format_directories(env, format, true)).has_value());
  }
  template <class T>
  T run(env::Task<T> task) {
    EXPECT_TRUE(world.run_until([&task] { return task.done(); }));
    return task.take_result();
  }
  void open_directory() {
    directories.reset();
    auto opened = run(LogDirectories::open(env, {"data"}));
    ASSERT_TRUE(opened.has_value());
    directories = *std::move(opened);
  }
  RaftDriver::Settings driver_settings() {
    RaftDriver::Settings settings;
    settings.raft.node_id = BrokerId{1};
    settings.raft.cluster_id = "the-cluster";
    settings.raft.directory_id = directories->id_of("data");
    settings.raft.append_linger = Milliseconds{0};
    settings.raft.snapshot_after_bytes = snapshot_after_bytes;
    raft::Voter self;
    self.key.id = BrokerId{1};
    self.endpoints.push_back({.listener = "CONTROLLER", .host = "node", .port = 9093});
    settings.raft.static_voters = *raft::VoterSet::of({self});
    settings.raft.endpoints = self.endpoints;
    settings.log = directories->locate_in("data", "__cluster_metadata", PartitionIndex{0},
                                          k_metadata_topic_id);
    settings.log_config = std::make_shared<log::LogConfig>();
    return settings;
  }
  std::unique_ptr<RaftDriver> open_driver(MetadataLogUser& user) {
    open_directory();
    auto opened =
        run(RaftDriver::open(env, files, driver_settings(), user, telemetry::Logger(sink, "test")));
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().describe());
    return opened ? *std::move(opened) : nullptr;
  }

  sim::World world{5};
  sim::Host& machine;
  env::Env& env;
  log::FilePool files;
  telemetry::CapturedLog sink;
  std::unique_ptr<LogDirectories> directories;
  std::int64_t snapshot_after_bytes = 20 << 20;
};

}  // namespace moldau::node
