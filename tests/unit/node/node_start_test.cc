#include <gtest/gtest.h>

#include "unit/node/node_world.h"

namespace moldau::node {
namespace {

class NodeStartTest : public NodeWorld {
 protected:
  std::string content(const std::string& path) {
    const Result<Bytes> bytes = node_host.volume().peek(path);
    EXPECT_TRUE(bytes.has_value()) << path;
    return bytes ? std::string(as_text(*bytes)) : std::string{};
  }
  void replace(const std::string& path, std::string_view text) {
    sim::Volume& volume = node_host.volume();
    const auto file = volume.open(path, env::OpenMode::create);
    volume.truncate(**file, 0);
    const Bytes bytes = as_bytes(text);
    ASSERT_TRUE(volume.write(**file, 0, {bytes.begin(), bytes.end()}).has_value());
  }
  Error refused_start() {
    begin_start();
    EXPECT_TRUE(world.run_until([this] { return ended(); })) << said();
    const std::optional<Error> why = node->failure();
    EXPECT_TRUE(why.has_value());
    bury();
    return why.value_or(Error(Errc::none));
  }
};

constexpr const char* k_metadata_log = "data/__cluster_metadata-0/00000000000000000000.log";

TEST_F(NodeStartTest, UnformattedDirectoryIsRefusedWithTheCommandToType) {
  begin_start(/*format=*/false);
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  EXPECT_NE(node->failure()->text().find("moldau storage format"), std::string_view::npos);
  bury();
}

TEST_F(NodeStartTest, DirectoryOfAnotherNodeIsRefused) {
  start();
  stop();
  settings.set("node.id", "2");
  settings.set("controller.quorum.voters", "2@node:9093");
  begin_start();
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  bury();
}

// A flipped bit would be another topic's name, and the folders of this one would be strays.
TEST_F(NodeStartTest, DamagedMetadataAreRefusedHoweverOftenItIsTried) {
  start();
  create_topic("sync", 1);
  EXPECT_EQ(produce("sync", 3), 0);
  disconnect();
  stop();
  const std::string whole = content(k_metadata_log);
  std::string damaged = whole;
  damaged.at(damaged.find("\x05sync") + 1) = 't';
  replace(k_metadata_log, damaged);
  for (int i = 0; i < 3; ++i) {
    const Error error = refused_start();
    EXPECT_EQ(error.code(), Errc::corrupt_data);
    EXPECT_NE(error.text().find(k_metadata_log), std::string_view::npos) << error.text();
    EXPECT_EQ(content(k_metadata_log), damaged);
  }
  replace(k_metadata_log, whole);
  start();
  EXPECT_EQ(consume("sync", 0), values(0, 3));
}

TEST_F(NodeStartTest, DamagedMetadataAreRefusedAfterAKillToo) {
  start();
  create_topic("sync", 1);
  world.run_for(std::chrono::seconds{20});
  kill();
  EXPECT_FALSE(recovery_points("__cluster_metadata").empty());
  std::string damaged = content(k_metadata_log);
  damaged.at(damaged.find("\x05sync") + 1) = 't';
  replace(k_metadata_log, damaged);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(refused_start().code(), Errc::corrupt_data);
    EXPECT_EQ(content(k_metadata_log), damaged);
  }
}

TEST_F(NodeStartTest, DirectoryThatLostItsIdOrHasAnotherIsServed) {
  start();
  create_topic("t", 2);
  EXPECT_EQ(produce("t", 3), 0);
  const std::string whole = content("data/meta.properties");
  const std::size_t id = whole.find("directory.id=");
  const std::string without = whole.substr(0, id) + whole.substr(whole.find('\n', id) + 1);
  std::string version0 = without;
  version0.replace(version0.find("node.id"), 4, "broker");
  version0.replace(version0.find("version=1"), 9, "version=0");
  const std::string other = without + "directory.id=FJhnTB2jRTmxYIzuPUfPfw\n";
  for (const std::string& meta : {without, version0, other}) {
    disconnect();
    stop();
    replace("data/meta.properties", meta);
    start();
    EXPECT_EQ(consume("t", 0), values(0, 3)) << meta;
    EXPECT_TRUE(content("data/meta.properties").contains("directory.id="));
  }
  EXPECT_EQ(produce("t", 1, 1), 0);
}

TEST_F(NodeStartTest, FileWithoutAClusterIsNotCalledUnformatted) {
  start();
  stop();
  replace("data/meta.properties", "");
  const Error error = refused_start();
  EXPECT_NE(error.text().find("data/meta.properties has no cluster.id"), std::string_view::npos)
      << error.text();
}

TEST_F(NodeStartTest, RoleOfABrokerAloneIsRefused) {
  settings.set("process.roles", "broker");
  settings.set("listeners", "PLAINTEXT://node:9092");
  settings.set("controller.quorum.voters", "2@other:9093");
  begin_start();
  ASSERT_TRUE(world.run_until([this] { return ended(); }));
  ASSERT_TRUE(node->failure().has_value());
  EXPECT_EQ(node->failure()->code(), Errc::bad_configuration);
  bury();
}

// What the marker of a clean stop vouches for: every log is closed and its recovery point written.
TEST_F(NodeStartTest, StopAskedForAtAnyMomentOfAStartEndsItAndVouchesForNoLogThatWasNotOpened) {
  // t stands in a snapshot, u behind it: the broker's shards see two states one after the other.
  settings.set("metadata.log.max.record.bytes.between.snapshots", "1");
  start();
  create_topic("t", 2, {{"flush.messages", "1"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(produce("t", 3, i), 0);
  kill();
  settings.set("metadata.log.max.record.bytes.between.snapshots", "20000000");
  start();
  create_topic("u", 1, {{"flush.messages", "1"}});
  EXPECT_EQ(produce("u", 3), 0);
  kill();
  for (int events = 0; !HasFailure(); events += 15) {
    // Opening the first logs takes so long that later states of the metadata wait.
    node_host.volume().faults().add({.op = sim::DiskOp::open,
                                     .path_part = "/t-",
                                     .times = 2,
                                     .fault = sim::DiskFault::none,
                                     .stall = std::chrono::milliseconds{20}});
    begin_start();
    for (int i = 0; i < events && !ready; ++i) ASSERT_TRUE(world.step());
    const bool was_ready = ready;
    node->request_stop();
    ASSERT_TRUE(world.run_until([this] { return ended(); }, 200'000)) << events << "\n" << said();
    EXPECT_FALSE(node->failure().has_value()) << events << "\n" << said();
    if (node_host.volume().peek("data/.kafka_cleanshutdown")) {
      EXPECT_EQ(recovery_points("t"), (std::vector<std::int64_t>{3, 3})) << events;
      EXPECT_EQ(recovery_points("u"), (std::vector<std::int64_t>{3})) << events;
    }
    bury();
    node_host.volume().faults().clear();
    if (was_ready) break;
    // Without this, a start after a clean stop would have nothing to recover.
    start();
    kill();
  }
  start();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(consume("t", i), values(3 * i, 3 * i + 3));
  EXPECT_EQ(consume("u"), values(6, 9));
}

TEST_F(NodeStartTest, DiskCallThatFailsAnywhereInAStartHangsNothingAndLosesNothing) {
  start();
  create_topic("t", 2, {{"flush.messages", "1"}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(produce("t", 3, i), 0);
  kill();
  // Each fifth call keeps this short; all of them were tried.
  for (std::uint64_t call = 0; !HasFailure(); call += 5) {
    const std::uint64_t before = node_host.volume().faults().suffered();
    node_host.volume().faults().add({.op = std::nullopt, .path_part = "", .skip = call});
    begin_start();
    ASSERT_TRUE(world.run_until([this] { return ready || ended(); }, 200'000)) << call << said();
    if (!ended()) {
      node->request_stop();
      ASSERT_TRUE(world.run_until([this] { return ended(); }, 200'000)) << call << said();
    }
    const bool failed_once = node_host.volume().faults().suffered() > before;
    bury();
    node_host.volume().faults().clear();
    if (!failed_once) break;
    start();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(consume("t", i), values(3 * i, 3 * i + 3)) << call;
    kill();
  }
}

}  // namespace
}  // namespace moldau::node
