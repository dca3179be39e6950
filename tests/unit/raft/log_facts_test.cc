#include <gtest/gtest.h>

#include "raft/state.h"

namespace moldau::raft {
namespace {

LogFacts facts(int start, int end, std::vector<std::pair<int, int>> epochs) {
  LogFacts log{.start = Offset{start}, .end = Offset{end}};
  for (const auto& [epoch, offset] : epochs)
    log.epochs.push_back({LeaderEpoch{epoch}, Offset{offset}});
  return log;
}
std::pair<int, int> end_of(const LogFacts& log, int epoch) {
  const auto [e, offset] = log.end_of(LeaderEpoch{epoch});
  return {e.value(), static_cast<int>(offset.value())};
}

TEST(LogFacts, EpochEndsWhereTheNextBegins) {
  const LogFacts log = facts(0, 20, {{1, 0}, {3, 8}, {4, 15}});
  EXPECT_EQ(end_of(log, 1), std::pair(1, 8));
  EXPECT_EQ(end_of(log, 2), std::pair(1, 8));
  EXPECT_EQ(end_of(log, 3), std::pair(3, 15));
  EXPECT_EQ(end_of(log, 4), std::pair(4, 20));
  EXPECT_EQ(end_of(log, 9), std::pair(4, 20));
  EXPECT_EQ(end_of(log, 0), std::pair(0, 0));
}

TEST(LogFacts, EpochThatOnlyTheSnapshotKnowsEndsThere) {
  LogFacts log = facts(8, 20, {{3, 8}});
  log.snapshots = {{{Offset{8}, LeaderEpoch{2}}, 10}};
  EXPECT_EQ(end_of(log, 2), std::pair(2, 8));
  EXPECT_EQ(log.locate(Offset{8}, LeaderEpoch{2}).kind, Position::Kind::valid);
  EXPECT_EQ(log.locate(Offset{8}, LeaderEpoch{1}).kind, Position::Kind::snapshot);
  EXPECT_EQ(log.locate(Offset{9}, LeaderEpoch{1}).kind, Position::Kind::snapshot);
}

TEST(LogFacts, BeginningOfAWholeLogIsAlwaysValid) {
  EXPECT_EQ(facts(0, 20, {{1, 0}}).locate(Offset{0}, LeaderEpoch{0}).kind, Position::Kind::valid);
}

TEST(LogFacts, CleaningKeepsTheEpochThatSpansTheNewStart) {
  LogFacts log = facts(0, 20, {{1, 0}, {3, 8}, {4, 15}});
  log.snapshots = {{{Offset{5}, LeaderEpoch{1}}, 1}, {{Offset{10}, LeaderEpoch{3}}, 1}};
  log.clean_before({Offset{10}, LeaderEpoch{3}});
  EXPECT_EQ(log.start, Offset{10});
  EXPECT_EQ(log.snapshots.size(), 1U);
  ASSERT_EQ(log.epochs.size(), 2U);
  EXPECT_EQ(log.epochs[0], (EpochStart{LeaderEpoch{3}, Offset{10}}));
}

TEST(LogFacts, LastEpochIsTheSnapshotsWhenTheLogIsEmpty) {
  LogFacts log = facts(8, 8, {});
  EXPECT_EQ(log.last_epoch(), LeaderEpoch{0});
  log.snapshots = {{{Offset{8}, LeaderEpoch{5}}, 10}};
  EXPECT_EQ(log.last_epoch(), LeaderEpoch{5});
  log.assign_epoch(LeaderEpoch{6}, Offset{8});
  EXPECT_EQ(log.last_epoch(), LeaderEpoch{6});
}

}  // namespace
}  // namespace moldau::raft
