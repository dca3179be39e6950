#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "env/task_group.h"
#include "harness/broker_program.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "harness/workload.h"

namespace moldau::harness {

// A node and one machine of clients, whom nobody hurts but the test.
class ClusterWorld : public testing::Test {
 protected:
  ClusterWorld()
      : broker(world.add_host({.name = "broker", .shards = 2, .disk = {}})),
        clients(world.add_host({.name = "clients", .disk = {}})),
        tasks(clients.boot().env(0).scheduler) {}
  ~ClusterWorld() override {
    run.stopping = true;
    clients.kill();
    EXPECT_TRUE(clients.unwind());
    made.clear();
    if (program) bury();
  }
  // ---- the node --------------------------------------------------------------------------------
  void start(std::vector<std::string> overrides = {}) {
    program = std::make_unique<BrokerProgram>(broker.boot(), sink, std::move(overrides));
    ASSERT_TRUE(until([this] { return program->ready(); })) << said;
  }
  void bury() {
    if (broker.running()) broker.kill();
    program->request_stop();
    EXPECT_TRUE(broker.unwind());
    EXPECT_TRUE(program->at_rest());
    program.reset();
    broker.bury();
  }
  // ---- clients ---------------------------------------------------------------------------------
  ClusterClient& client() {
    made.push_back(std::make_unique<ClusterClient>(
        clients.current().env(0), env::Endpoint{.host = "broker", .port = k_broker_port},
        made.size()));
    return *made.back();
  }
  // A topic that the admin will make.
  TopicPlan& plan(const std::string& name, bool comes_and_goes = false) {
    auto topic = std::make_unique<TopicPlan>();
    topic->name = name;
    topic->synced = true;
    topic->comes_and_goes = comes_and_goes;
    topic->configs.emplace_back("flush.messages", "1");
    topic->partitions.push_back(std::make_unique<PartitionOracle>(name + "-0", true));
    run.topics.push_back(std::move(topic));
    return *run.topics.back();
  }
  // A node with one topic, and an admin who goes on.
  TopicPlan& start_with_topic() {
    TopicPlan& topic = plan("t");
    start();
    tasks.spawn(run_admin(run, client()));
    EXPECT_TRUE(until([&] { return !topic.id.is_zero(); })) << failure();
    return topic;
  }
  // ---- time ------------------------------------------------------------------------------------
  bool until(std::function<bool()> done, std::chrono::seconds patience = std::chrono::seconds(60)) {
    const Instant end = world.now() + patience;
    (void)world.run_until([&] { return done() || verdict.failed() || world.now() >= end; });
    return done();
  }
  bool stop_workloads() {
    run.stopping = true;
    const Instant end = world.now() + std::chrono::seconds(60);
    (void)world.run_until([&] { return tasks.running() == 0 || world.now() >= end; });
    return tasks.running() == 0;
  }
  std::string failure() { return verdict.text() + "\n" + said; }

  sim::World world{7};
  Verdict verdict;
  std::string said;
  TraceSink sink{[this](std::string line) { said += line + "\n"; }};
  ClusterRun run{.world = world, .verdict = verdict};
  sim::Host& broker;
  sim::Host& clients;
  env::TaskGroup tasks;
  std::vector<std::unique_ptr<ClusterClient>> made;
  std::unique_ptr<BrokerProgram> program;
};

}  // namespace moldau::harness
