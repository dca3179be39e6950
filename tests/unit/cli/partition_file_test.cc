#include "cli/partition_file.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

TopicPartition named(std::string topic, int index) {
  return {std::move(topic), PartitionIndex{index}};
}

template <class T>
std::string fault_of(const Result<T>& result) {
  return result ? "" : std::string(result.error().text());
}

TEST(PartitionFile, OffsetsAreReadInTheOrderOfTheFile) {
  const auto read = read_offsets_json(
      R"({"partitions":[{"topic":"b","partition":1,"offset":-1},
          {"topic":"a","partition":0,"offset":5000000000}],"version":1})");
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).partition, named("b", 1));
  EXPECT_EQ(read->at(0).end, Offset{-1});
  EXPECT_EQ(read->at(1).end, Offset{5'000'000'000});
}

TEST(PartitionFile, WhatIsWrongIsNamed) {
  EXPECT_EQ(fault_of(read_offsets_json("{")), "The input string is not a valid JSON");
  EXPECT_EQ(fault_of(read_offsets_json("")), "The input string is not a valid JSON");
  EXPECT_EQ(fault_of(read_offsets_json("[1]")), "Expected JSON object, received [1]");
  EXPECT_EQ(fault_of(read_offsets_json("{}")), "Missing partitions field");
  EXPECT_EQ(fault_of(read_offsets_json(R"({"version":2,"partitions":[]})")),
            "Not supported version field value 2");
  EXPECT_EQ(fault_of(read_offsets_json(R"({"version":"1","partitions":[]})")),
            "Expected `Integer` value, received \"1\"");
  EXPECT_EQ(fault_of(read_offsets_json(R"({"partitions":{}})")),
            "Expected JSON array, received {}");
  EXPECT_EQ(fault_of(read_offsets_json(R"({"partitions":[{"partition":0,"offset":1}]})")),
            "No such field exists: `topic`");
  EXPECT_EQ(fault_of(read_offsets_json(
                R"({"partitions":[{"topic":"t","partition":3000000000,"offset":1}]})")),
            "Expected `Integer` value, received 3000000000");
  EXPECT_EQ(
      fault_of(read_offsets_json(R"({"partitions":[{"topic":"t","partition":0,"offset":1.5}]})")),
      "Expected `Long` value, received 1.5");
}

TEST(PartitionFile, ElectionsNameEachPartitionOnce) {
  EXPECT_EQ(read_election_json(R"({"partitions":[{"topic":"t","partition":2}]})")->at(0),
            named("t", 2));
  EXPECT_EQ(fault_of(read_election_json("{}")),
            "Replica election data is missing \"partitions\" field");
  EXPECT_EQ(fault_of(read_election_json(
                R"({"partitions":[{"topic":"t","partition":2},{"topic":"t","partition":2}]})")),
            "Replica election data contains duplicate partitions: [t-2]");
}

TEST(PartitionFile, ReplicasMayNameTheirDirectories) {
  const auto read = read_reassignment_json(
      R"({"partitions":[{"topic":"t","partition":0,"replicas":[1,2]},
          {"topic":"t","partition":1,"replicas":[3],"log_dirs":["/d"]}]})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->at(0).replicas, (std::vector<BrokerId>{BrokerId{1}, BrokerId{2}}));
  EXPECT_EQ(read->at(0).log_dirs, (std::vector<std::string>{"any", "any"}));
  EXPECT_EQ(read->at(1).log_dirs, (std::vector<std::string>{"/d"}));
  EXPECT_TRUE(read_reassignment_json("{}")->empty());
  EXPECT_EQ(
      fault_of(read_reassignment_json(
          R"({"partitions":[{"topic":"t","partition":0,"replicas":[1,2],"log_dirs":["a"]}]})")),
      "Size of replicas list [1, 2] is different from size of log dirs list [a] for "
      "partition t-0");
  EXPECT_EQ(fault_of(read_reassignment_json(
                R"({"partitions":[{"topic":"t","partition":0,"replicas":5}]})")),
            "Expected `JSON array` value, received 5");
}

TEST(PartitionFile, TopicsAreNamed) {
  EXPECT_EQ(*read_topics_json(R"({"topics":[{"topic":"a"},{"topic":"b"}],"version":1})"),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(read_topics_json("{}")->empty());
}

TEST(PartitionFile, OrderIsThatOfAJavaHashMap) {
  std::vector<TopicPartition> all{named("t2", 0)};
  for (int i = 0; i < 5; ++i) all.push_back(named("t1", i));
  // As Apache Kafka's kafka-log-dirs printed them.
  EXPECT_EQ(in_hash_order(all),
            (std::vector<TopicPartition>{named("t1", 4), named("t1", 3), named("t1", 2),
                                         named("t1", 1), named("t1", 0), named("t2", 0)}));
  EXPECT_EQ(in_hash_order(std::vector<std::string>{"b", "a"}),
            (std::vector<std::string>{"a", "b"}));
}

using PartitionFileOnDisk = ToolTest;

env::Task<int> print_file(ToolContext& context) {
  const Result<std::string> text = co_await read_text_file(context, context.words.front());
  context.console.out(text ? *text : std::string(text.error().text()));
  co_return 0;
}

TEST_F(PartitionFileOnDisk, FileThatIsNotThereIsNamed) {
  put("d/x.json", as_bytes("{}"));
  EXPECT_EQ(run(print_file, {"d/x.json"}).out, "{}");
  EXPECT_EQ(run(print_file, {"d/y.json"}).out, "Unable to read file d/y.json");
}

}  // namespace
}  // namespace moldau::cli
