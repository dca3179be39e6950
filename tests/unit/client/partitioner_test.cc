#include "client/partitioner.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace moldau::client {
namespace {

// A topic as a test wants it: all partitions have leaders, and nothing waits.
class View final : public PartitionView {
 public:
  explicit View(std::int32_t count) : count_(count) {}
  [[nodiscard]] std::int32_t count() const override { return count_; }
  [[nodiscard]] bool has_leader(PartitionIndex it) const override {
    return !leaderless.contains(it);
  }
  [[nodiscard]] std::optional<std::size_t> queued(PartitionIndex it) const override {
    const auto found = waiting.find(it);
    return found == waiting.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] bool is_all_full(PartitionIndex) const override { return all_full; }
  std::set<PartitionIndex> leaderless;
  std::map<PartitionIndex, std::size_t> waiting;
  bool all_full = true;

 private:
  std::int32_t count_;
};

class PartitionerTest : public testing::Test {
 protected:
  PartitionIndex choose(std::optional<Bytes> key = std::nullopt, std::size_t bytes = 0) {
    const PartitionIndex chosen = partitioner.choose("t", key, view);
    partitioner.appended("t", chosen, bytes);
    return chosen;
  }
  void use(PartitionerSettings settings) {
    settings.sticky_bytes = 1000;
    partitioner = Partitioner(settings, [this] { return number; });
  }
  View view{10};
  std::uint32_t number = 3;  // what comes out of the random numbers
  Partitioner partitioner{{.sticky_bytes = 1000}, [this] { return number; }};
};

TEST_F(PartitionerTest, KeyedRecordGoesWhereEveryKafkaClientPutsIt) {
  // From Kafka's own Utils.murmur2: partition of the empty key among 12 is 9.
  EXPECT_EQ(partitioner.choose("t", as_bytes(""), View(12)), PartitionIndex{9});
}

TEST_F(PartitionerTest, KeylessRecordsStayUntilABatchIsFullThenMove) {
  EXPECT_EQ(choose({}, 999), PartitionIndex{3});
  number = 14;
  EXPECT_EQ(choose({}, 1), PartitionIndex{3});
  EXPECT_EQ(choose({}, 1), PartitionIndex{4});
}

TEST_F(PartitionerTest, IncompleteBatchIsFilledUnlessThatTakesAsMuchAgain) {
  view.all_full = false;
  EXPECT_EQ(choose({}, 1500), PartitionIndex{3});
  number = 5;
  EXPECT_EQ(choose({}, 499), PartitionIndex{3});
  EXPECT_EQ(choose({}, 1), PartitionIndex{3});
  EXPECT_EQ(choose(), PartitionIndex{5});
}

TEST_F(PartitionerTest, PartitionsWithoutLeaderAreLeftOutWhileAnotherHasOne) {
  view.leaderless = {PartitionIndex{0}, PartitionIndex{1}};
  EXPECT_EQ(choose(), PartitionIndex{5});
  View dark(2);
  dark.leaderless = {PartitionIndex{0}, PartitionIndex{1}};
  EXPECT_EQ(partitioner.choose("dark", std::nullopt, dark), PartitionIndex{1});
}

TEST_F(PartitionerTest, PartitionThatIsGoneIsNotChosenAgain) {
  (void)choose();
  EXPECT_EQ(partitioner.choose("t", std::nullopt, View(2)), PartitionIndex{1});
}

TEST_F(PartitionerTest, KeysCanBeIgnored) {
  use({.ignore_keys = true});
  EXPECT_EQ(choose(as_bytes("key")), PartitionIndex{3});
}

TEST_F(PartitionerTest, RoundRobinTakesEachInTurnWhateverTheKey) {
  use({.kind = PartitionerSettings::Kind::round_robin});
  view.leaderless = {PartitionIndex{1}};
  EXPECT_EQ(choose(as_bytes("key")), PartitionIndex{0});
  EXPECT_EQ(choose(as_bytes("key")), PartitionIndex{2});
  EXPECT_EQ(choose(), PartitionIndex{3});
}

// Numbers of Kafka's BuiltInPartitionerTest: chances are 1, 6, 3, 6, 5 for queues of 5, 0, 3, 0, 1.
TEST(PickByLoad, EmptierPartitionsAreChosenMoreOften) {
  const std::vector<PartitionLoad> loads{{PartitionIndex{0}, 5},
                                         {PartitionIndex{1}, 0},
                                         {PartitionIndex{2}, 3},
                                         {PartitionIndex{3}, 0},
                                         {PartitionIndex{4}, 1}};
  std::map<PartitionIndex, int> chosen;
  for (std::uint32_t i = 0; i < 21; ++i) ++chosen[*pick_by_load(loads, 5, i)];
  EXPECT_EQ(chosen, (std::map<PartitionIndex, int>{{PartitionIndex{0}, 1},
                                                   {PartitionIndex{1}, 6},
                                                   {PartitionIndex{2}, 3},
                                                   {PartitionIndex{3}, 6},
                                                   {PartitionIndex{4}, 5}}));
}

TEST(PickByLoad, EqualLoadsDoNotTellPartitionsApart) {
  const std::vector<PartitionLoad> equal{{PartitionIndex{0}, 2}, {PartitionIndex{1}, 2}};
  EXPECT_FALSE(pick_by_load(equal, 2, 7).has_value());
  EXPECT_FALSE(pick_by_load({}, 2, 7).has_value());
  EXPECT_FALSE(pick_by_load({{PartitionIndex{0}, 2}}, 1, 7).has_value());
  // One more has no leader.
  EXPECT_TRUE(pick_by_load(equal, 3, 7).has_value());
}

TEST_F(PartitionerTest, LoadCountsOnceSomethingWentEverywhere) {
  View two(2);
  two.waiting = {{PartitionIndex{0}, 4}};
  EXPECT_EQ(partitioner.choose("u", std::nullopt, two), PartitionIndex{1});
  two.waiting[PartitionIndex{1}] = 0;
  number = 0;
  EXPECT_EQ(partitioner.choose("v", std::nullopt, two), PartitionIndex{0});
  number = 5;
  EXPECT_EQ(partitioner.choose("w", std::nullopt, two), PartitionIndex{1});
  use({.adaptive = false});
  number = 4;
  EXPECT_EQ(partitioner.choose("w", std::nullopt, two), PartitionIndex{0});
}

}  // namespace
}  // namespace moldau::client
