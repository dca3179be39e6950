#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

class ReaderLoadTest : public ClusterWorld {
 protected:
  TopicPlan& start_with_records(std::size_t count) {
    TopicPlan& topic = start_with_topic();
    tasks.spawn(run_producer(run, client(), {.topic = &topic, .idempotent = true}));
    EXPECT_TRUE(until([&] { return topic.partitions[0]->known() >= count; })) << failure();
    return topic;
  }
  void check_all() {
    bool done = false;
    tasks.spawn(check_everything(run, client(), done));
    EXPECT_TRUE(stop_workloads());
    EXPECT_TRUE(done);
  }
};

TEST_F(ReaderLoadTest, ItReadsAlongAndShowsThatItGetsOn) {
  TopicPlan& topic = start_with_records(10);
  tasks.spawn(run_reader(run, client(), topic, PartitionIndex{0}));
  run.healed = true;
  EXPECT_TRUE(until([&] { return run.readers_alive == 1; })) << failure();
  EXPECT_TRUE(stop_workloads());
  EXPECT_FALSE(verdict.failed()) << failure();
}

TEST(FetchRequest, DrawsTheWaitThenTheIsolationThenTheBytes) {
  TopicPlan topic;
  topic.name = "t";
  for (const Isolation isolation : {Isolation::drawn, Isolation::committed}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Rng rng(seed);
      Rng expected(seed);
      const auto request = fetch_request(rng, topic, PartitionIndex{2}, Offset{3}, isolation);
      EXPECT_EQ(request.max_wait_ms, Milliseconds{expected.below(200)});
      const bool committed = isolation == Isolation::committed || expected.one_in(2);
      EXPECT_EQ(request.isolation_level, committed ? 1 : 0);
      const auto& asked = request.topics.at(0).partitions.at(0);
      EXPECT_EQ(asked.partition_max_bytes, 1 + static_cast<int>(expected.below(20'000)));
      EXPECT_EQ(asked.fetch_offset, Offset{3});
    }
  }
}

TEST_F(ReaderLoadTest, AFetchShowsWhatIsThereFromTheOffsetOn) {
  TopicPlan& topic = start_with_records(10);
  EXPECT_TRUE(stop_workloads());
  ClusterClient& who = client();
  auto fetched = fetch_once(run, who, topic, PartitionIndex{0}, Offset{3});
  ASSERT_TRUE(until([&] { return fetched.done(); }));
  const auto result = fetched.take_result();
  ASSERT_TRUE(result.has_value());
  ASSERT_FALSE(result->records.empty());
  EXPECT_EQ(result->records.front().offset, Offset{3});
  auto closed = who.close();
  EXPECT_TRUE(until([&] { return closed.done(); }));
}

TEST_F(ReaderLoadTest, CheckingEverythingWaitsForTheWorkloadsAndFindsItAllThere) {
  start_with_records(30);
  run.stopping = true;
  check_all();
  EXPECT_FALSE(verdict.failed()) << failure();
  EXPECT_EQ(run.at_work, 0U);
}

TEST_F(ReaderLoadTest, CheckingEverythingFindsWhatWasAcknowledgedAndIsNotThere) {
  TopicPlan& topic = start_with_records(5);
  EXPECT_TRUE(stop_workloads());
  const std::vector<RecordId> never_written{{.writer = 99, .number = 1}};
  topic.partitions[0]->will_send(never_written);
  ASSERT_FALSE(topic.partitions[0]->acknowledged(never_written, Offset{10'000}).has_value());
  check_all();
  EXPECT_TRUE(verdict.text().starts_with("P6")) << failure();
}

}  // namespace
}  // namespace moldau::harness
