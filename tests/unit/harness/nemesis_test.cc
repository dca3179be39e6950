#include "harness/nemesis.h"

#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

class NemesisTest : public ClusterWorld {
 protected:
  bool disk_works() {
    env::Env& env = clients.current().env(0);
    auto written =
        env::replace_file(env.disk, "file", SharedBytes::copy_of(as_bytes("a few bytes")));
    EXPECT_TRUE(until([&] { return written.done(); }));
    return written.take_result().has_value();
  }
  Nemesis nemesis{world, clients, {"broker"}, Rng(3), verdict};
};

TEST_F(NemesisTest, SoonerOrLaterTheDiskFailsAndStallsAndHealingEndsThat) {
  bool failed = false;
  bool stalled = false;
  for (int i = 0; i < 100; ++i) {
    nemesis.hurt();
    stalled = stalled || nemesis.disk_stalls();
    failed = !disk_works() || failed;
  }
  EXPECT_TRUE(failed);
  EXPECT_TRUE(stalled);
  nemesis.heal();
  EXPECT_FALSE(nemesis.disk_stalls());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(disk_works());
}

TEST_F(NemesisTest, SoonerOrLaterConnectionsBreakAndHealingLetsThemBeMade) {
  TopicPlan& topic = start_with_topic();
  tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = true}));
  EXPECT_TRUE(until([this] { return world.network().open_connections("clients") == 2; }));
  std::size_t fewest = 2;
  for (int i = 0; i < 40; ++i) {
    nemesis.hurt();
    fewest = std::min(fewest, world.network().open_connections("clients"));
    world.run_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(fewest, 0U);
  nemesis.heal();
  run.healed = true;
  EXPECT_TRUE(until([this] { return run.producers_alive == 1 && run.admin_alive; })) << failure();
}

}  // namespace
}  // namespace moldau::harness
