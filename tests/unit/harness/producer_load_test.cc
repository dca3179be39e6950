#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

using ProducerLoadTest = ClusterWorld;

TEST_F(ProducerLoadTest, ItTellsTheOracleWhatItSentAndWhatWasAcknowledged) {
  TopicPlan& topic = start_with_topic();
  tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = false}));
  EXPECT_TRUE(until([&] { return topic.partitions[0]->known() >= 20; })) << failure();
  EXPECT_TRUE(run.ordered_writers.empty());
  EXPECT_TRUE(stop_workloads());
  EXPECT_EQ(run.at_work, 0U);
}

TEST_F(ProducerLoadTest, AnIdempotentOneSendsAgainWhatWasNotAnsweredAndNothingComesTwice) {
  TopicPlan& topic = start_with_topic();
  tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = true}));
  for (std::size_t known = 10; known <= 60; known += 10) {
    EXPECT_TRUE(until([&] { return topic.partitions[0]->known() >= known; })) << failure();
    (void)world.network().cut_all("broker");
  }
  EXPECT_EQ(run.ordered_writers.size(), 1U);
  EXPECT_FALSE(verdict.failed()) << failure();
  bool done = false;
  EXPECT_TRUE(stop_workloads());
  tasks.spawn(check_everything(run, client(), done));
  EXPECT_TRUE(until([&] { return done; })) << failure();
}

TEST_F(ProducerLoadTest, AfterTheWorldIsHealedItShowsThatItGetsOn) {
  TopicPlan& topic = start_with_topic();
  tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = true}));
  EXPECT_TRUE(until([&] { return topic.partitions[0]->known() > 0; })) << failure();
  EXPECT_EQ(run.producers_alive, 0U);
  run.healed = true;
  EXPECT_TRUE(until([&] { return run.producers_alive == 1; })) << failure();
}

}  // namespace
}  // namespace moldau::harness
