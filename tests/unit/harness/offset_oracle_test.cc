#include "harness/offset_oracle.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

class OffsetOracleTest : public testing::Test {
 protected:
  void commit(std::int64_t offset, const std::string& metadata = "m") {
    oracle.will_commit(at, Offset{offset}, metadata);
  }
  // The broken rule, or "". The question was asked when `least` was known.
  std::string show(std::int64_t offset, Offset least, const std::string& metadata = "m") {
    const auto wrong = oracle.shown(at, Offset{offset}, metadata, least);
    return wrong ? wrong->substr(0, 2) : "";
  }
  std::string show(std::int64_t offset) { return show(offset, oracle.least(at)); }

  const client::TopicPartition at{"t", PartitionIndex{0}};
  OffsetOracle oracle;
};

TEST_F(OffsetOracleTest, WhatNobodyCommittedIsNotShown) {
  EXPECT_EQ(show(-1), "");
  EXPECT_EQ(show(5), "C1");
  commit(5);
  EXPECT_EQ(show(5), "");
}

TEST_F(OffsetOracleTest, WhatWasAnsweredIsNotLost) {
  commit(5);
  oracle.committed(at, Offset{5});
  EXPECT_EQ(show(-1), "C2");
  EXPECT_EQ(show(5), "");
}

TEST_F(OffsetOracleTest, OfATopicThatGoesNothingIsLeft) {
  commit(5);
  oracle.committed(at, Offset{5});
  oracle.forget("t");
  EXPECT_EQ(show(5), "C1");
  EXPECT_EQ(show(-1), "");
}

TEST_F(OffsetOracleTest, WhatWasShownDoesNotGoBack) {
  commit(5);
  commit(9);
  EXPECT_EQ(show(9), "");
  EXPECT_EQ(show(5), "C2");
}

TEST_F(OffsetOracleTest, AnAnswerMayBeAsOldAsItsQuestion) {
  commit(5);
  const Offset before = oracle.least(at);
  oracle.committed(at, Offset{5});
  EXPECT_EQ(show(-1, before), "");
}

TEST_F(OffsetOracleTest, MetadataBelongToTheirOffset) {
  commit(5, "a");
  commit(9, "b");
  EXPECT_EQ(show(9, k_no_offset, "a"), "C3");
  EXPECT_EQ(show(9, k_no_offset, "b"), "");
}

}  // namespace
}  // namespace moldau::harness
