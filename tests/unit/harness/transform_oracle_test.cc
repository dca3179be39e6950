#include "harness/transform_oracle.h"

#include <gtest/gtest.h>

#include <vector>

namespace moldau::harness {
namespace {

class TransformOracleTest : public testing::Test {
 protected:
  static RecordId record(std::uint32_t number) { return {.writer = 1, .number = number}; }
  void commit(std::uint32_t number) {
    const std::vector<RecordId> records{record(number)};
    oracle.will_commit(records);
  }
  // The broken rule, or "".
  static std::string rule(const std::optional<std::string>& wrong) {
    return wrong ? wrong->substr(0, 2) : "";
  }
  std::string show(std::uint32_t number, int partition, std::int64_t offset) {
    return rule(oracle.shown(PartitionIndex{partition},
                             {.offset = Offset{offset}, .record = record(number)}));
  }
  TransformOracle oracle;
};

TEST_F(TransformOracleTest, WhatNobodyCommittedIsNotShown) {
  EXPECT_EQ(show(1, 0, 0), "E1");
  commit(1);
  EXPECT_EQ(show(1, 0, 0), "");
}

TEST_F(TransformOracleTest, ARecordIsInOnePlace) {
  commit(1);
  EXPECT_EQ(show(1, 0, 7), "");
  EXPECT_EQ(show(1, 0, 7), "");  // read again
  EXPECT_EQ(show(1, 0, 8), "E2");
  EXPECT_EQ(show(1, 1, 7), "E2");
}

TEST_F(TransformOracleTest, AllOfTheInputIsShown) {
  commit(1);
  commit(2);
  EXPECT_EQ(show(1, 0, 7), "");
  const std::vector<RecordId> input{record(1), record(2)};
  EXPECT_EQ(rule(oracle.complete(input)), "E3");
  EXPECT_EQ(show(2, 0, 8), "");
  EXPECT_EQ(rule(oracle.complete(input)), "");
}

}  // namespace
}  // namespace moldau::harness
