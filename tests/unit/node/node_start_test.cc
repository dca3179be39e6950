#include <gtest/gtest.h>

#include "unit/node/node_world.h"

namespace moldau::node {
namespace {

using NodeStartTest = NodeWorld;

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
