#include "harness/transaction_load.h"

#include "harness/committed_reader.h"
#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

class TransactionLoadTest : public ClusterWorld {
 protected:
  TopicPlan& add(std::vector<std::unique_ptr<TopicPlan>>& to, const std::string& name) {
    auto topic = std::make_unique<TopicPlan>();
    topic->name = name;
    topic->configs.emplace_back("flush.messages", "1");
    topic->partitions.push_back(std::make_unique<PartitionOracle>(name + "-0", true));
    topic->partitions.push_back(std::make_unique<PartitionOracle>(name + "-1", true));
    to.push_back(std::move(topic));
    return *to.back();
  }
  // Producers of both kinds, until each has ended a transaction since the world is healed.
  void write() {
    add(run.coordinators, "__transaction_state");
    TopicPlan& topic = add(run.transactional, "transactional");
    start();
    tasks.spawn(run_admin(run, client()));
    for (const bool modern : {true, false}) {
      tasks.spawn(run_transactions(
          run, client(), {.topic = &topic, .id = modern ? "new" : "old", .modern = modern}));
    }
    for (const int partition : {0, 1}) {
      tasks.spawn(run_committed_reader(run, client(), topic, PartitionIndex{partition},
                                       shown_of(run.transactions)));
    }
    EXPECT_TRUE(until([&] { return !topic.id.is_zero(); })) << failure();
    run.healed = true;
    EXPECT_TRUE(until([&] { return run.producers_alive == 2 && run.readers_alive == 2; }))
        << failure();
  }
  void check() {
    EXPECT_TRUE(stop_workloads());
    bool done = false;
    tasks.spawn(check_transactions(run, client(), done));
    EXPECT_TRUE(until([&] { return done; })) << failure();
  }
};

TEST_F(TransactionLoadTest, ProducersOfBothKindsAndReadersGetOn) {
  write();
  check();
}

TEST_F(TransactionLoadTest, ConnectionsThatBreakDoNoHarm) {
  write();
  for (int i = 0; i < 10; ++i) {
    run.producers_alive = 0;
    (void)world.network().cut_all("broker");
    (void)until([] { return false; }, std::chrono::seconds(1));
  }
  EXPECT_FALSE(verdict.failed()) << failure();
  check();
}

}  // namespace
}  // namespace moldau::harness
