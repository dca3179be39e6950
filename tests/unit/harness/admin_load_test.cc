#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

class AdminLoadTest : public ClusterWorld {
 protected:
  void start_admin() {
    start();
    tasks.spawn(run_admin(run, client()));
  }
};

TEST_F(AdminLoadTest, ItMakesTheTopicsOfTheRunAndOthers) {
  const TopicPlan& one = plan("one");
  const TopicPlan& two = plan("two");
  start_admin();
  EXPECT_TRUE(until([&] { return !one.id.is_zero() && !two.id.is_zero(); })) << failure();
  EXPECT_TRUE(run.metadata.is_present("one"));
  EXPECT_TRUE(until([&] { return run.metadata.present().size() > 3; })) << failure();
  run.healed = true;
  EXPECT_TRUE(until([&] { return run.admin_alive; })) << failure();
  EXPECT_TRUE(stop_workloads());
  EXPECT_FALSE(verdict.failed()) << failure();
}

TEST_F(AdminLoadTest, ATopicThatComesAndGoesIsAnotherOneOfItsNameWhileOthersWriteToIt) {
  TopicPlan& topic = plan("t", true);
  start_admin();
  tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = true}));
  tasks.spawn(run_reader(run, client(), topic, PartitionIndex{0}));
  EXPECT_TRUE(until([&] { return topic.former_ids.size() >= 3 && !topic.id.is_zero(); },
                    std::chrono::seconds(600)))
      << failure();
  EXPECT_FALSE(topic.former_ids.contains(topic.id));
  EXPECT_TRUE(until([&] { return topic.partitions[0]->known() > 0; })) << failure();
  EXPECT_TRUE(stop_workloads());
  EXPECT_FALSE(verdict.failed()) << failure();
}

TEST_F(AdminLoadTest, ATopicThatComesLaterIsThereWhenTheWorldIsHealed) {
  const TopicPlan& one = plan("one");
  TopicPlan& late = plan("late");
  late.comes_later = true;
  start_admin();
  EXPECT_TRUE(until([&] { return !one.id.is_zero(); })) << failure();
  EXPECT_TRUE(late.id.is_zero());
  run.healed = true;
  EXPECT_TRUE(until([&] { return !late.id.is_zero(); })) << failure();
  EXPECT_TRUE(stop_workloads());
  EXPECT_FALSE(verdict.failed()) << failure();
}

TEST_F(AdminLoadTest, ATopicThatSomebodyElseMadeIsNoticed) {
  plan("t");
  start_admin();
  EXPECT_TRUE(until([&] { return !run.topics[0]->id.is_zero(); })) << failure();
  // An admin of another run, whose topics this run's oracle knows nothing of.
  ClusterRun other{.world = world, .verdict = verdict};
  auto topic = std::make_unique<TopicPlan>();
  topic->name = "stranger";
  topic->partitions.push_back(std::make_unique<PartitionOracle>("stranger-0", true));
  other.topics.push_back(std::move(topic));
  tasks.spawn(run_admin(other, client()));
  EXPECT_TRUE(until([&] { return verdict.failed(); })) << failure();
  EXPECT_TRUE(verdict.text().starts_with("T2")) << failure();
  other.stopping = true;
  EXPECT_TRUE(stop_workloads());
}

}  // namespace
}  // namespace moldau::harness
