#include "cli/reassignment_plan.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using client::TopicPartition;

TopicPartition named(int index, std::string topic = "t") {
  return {std::move(topic), PartitionIndex{index}};
}
Replicas brokers(std::initializer_list<int> ids) {
  Replicas out;
  for (const int id : ids) out.emplace_back(id);
  return out;
}
Placement placed(int index, Replicas replicas, std::vector<std::string> dirs = {}) {
  if (dirs.empty()) dirs.assign(replicas.size(), "any");
  return {named(index), std::move(replicas), std::move(dirs)};
}
std::string fault_of(const std::vector<Placement>& placements) {
  const auto result = checked(placements);
  return result ? "" : std::string(result.error().text());
}

TEST(ReassignmentPlan, EachPartitionAndReplicaStandsOnce) {
  EXPECT_EQ(fault_of({}), "Partition reassignment list cannot be empty");
  EXPECT_EQ(fault_of({placed(0, {})}), "Partition replica list cannot be empty");
  EXPECT_EQ(fault_of({placed(0, brokers({1})), placed(0, brokers({2}))}),
            "Partition reassignment contains duplicate topic partitions: t-0");
  EXPECT_EQ(fault_of({placed(0, brokers({2, 1, 1, 2}))}),
            "Partition replica lists may not contain duplicate entries: t-0 contains multiple "
            "entries for 1,2");
  EXPECT_EQ(checked({placed(0, brokers({1}))})->at(named(0)), brokers({1}));
}

TEST(ReassignmentPlan, JsonIsWhatExecuteTakes) {
  const Assignments assignments{{named(0), brokers({1, 2})}};
  const LogDirs dirs{{{BrokerId{2}, named(0)}, "/d"}};
  const std::string text = as_reassignment_json(assignments, dirs);
  EXPECT_EQ(text, R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],)"
                  R"("log_dirs":["any","/d"]}]})");
  const auto read = read_reassignment_json(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(log_dirs_of(*read), dirs);
}

TEST(ReassignmentPlan, LeadersAreThrottledWherePartitionsComeFromAndFollowersWhereTheyGo) {
  const Throttled throttled =
      throttled_by({}, {{named(2), brokers({1, 3})}, {named(10), brokers({4})}},
                   {{named(2), brokers({1, 2})}, {named(10), brokers({1})}});
  EXPECT_EQ(throttled.leaders.at("t"), "10:1,2:1,2:2");
  EXPECT_EQ(throttled.followers.at("t"), "10:4,2:3");
  EXPECT_EQ(throttled.brokers,
            (std::set<BrokerId>{BrokerId{1}, BrokerId{2}, BrokerId{3}, BrokerId{4}}));
}

TEST(ReassignmentPlan, WhatMovesAlreadyComesFromWhereItWas) {
  const Ongoing ongoing{{named(0), {brokers({3, 1}), brokers({3}), brokers({1})}}};
  const Throttled throttled = throttled_by(ongoing, {}, {});
  EXPECT_EQ(throttled.leaders.at("t"), "0:1");
  EXPECT_EQ(throttled.followers.at("t"), "0:3");
}

TEST(ReassignmentPlan, OngoingReassignmentsAreALineEach) {
  EXPECT_EQ(ongoing_as_text({}), "No partition reassignments found.\n");
  EXPECT_EQ(ongoing_as_text({{named(0), {brokers({3, 1}), brokers({3}), brokers({1})}}}),
            "Current partition reassignments:\nt-0: replicas: 3,1. adding: 3. removing: 1.\n");
}

TEST(ReassignmentPlan, PartitionIsMovingDoneOrElsewhere) {
  EXPECT_EQ(standing_as_text({{named(0), {brokers({1}), brokers({1}), true}},
                              {named(1), {brokers({1, 2}), brokers({1}), true}},
                              {named(2), {brokers({1, 2}), brokers({2}), false}}}),
            "Status of partition reassignment:\n"
            "Reassignment of partition t-0 is completed.\n"
            "There is no active reassignment of partition t-1, but replica set is 1,2 rather than "
            "1.\n"
            "Reassignment of partition t-2 is still in progress.\n");
}

TEST(ReassignmentPlan, ReplicaMovesBetweenDirectories) {
  const auto say = [](std::string current, std::string future) {
    const ReplicaName replica{BrokerId{1}, named(0)};
    return moves_as_text({{replica, "/b"}}, {{replica, {std::move(current), std::move(future)}}});
  };
  EXPECT_EQ(moves_as_text({}, {}), "\n");
  EXPECT_EQ(say("/b", ""), "Reassignment of replica t-0-1 completed successfully.\n");
  EXPECT_EQ(say("/a", ""), "Partition t-0 on broker 1 is not being moved from log dir /a to /b.\n");
  EXPECT_EQ(say("/a", "/b"), "Reassignment of replica t-0-1 is still in progress.\n");
  EXPECT_EQ(say("/a", "/c"),
            "Partition t-0 on broker 1 is being moved to log dir /c instead of /b.\n");
  EXPECT_EQ(say("", ""),
            "Partition t-0 is not found in any live log dir on broker 1. There is likely an "
            "offline log directory on the broker.\n");
}

}  // namespace
}  // namespace moldau::cli
