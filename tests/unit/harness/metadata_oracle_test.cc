#include "harness/metadata_oracle.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

class MetadataOracleTest : public testing::Test {
 protected:
  static Instant at(int seconds) { return Instant{} + std::chrono::seconds(seconds); }
  static std::string rule(const std::optional<std::string>& wrong) {
    return wrong ? wrong->substr(0, 2) : "";
  }
  std::string listed(std::vector<SeenTopic> topics, int asked) {
    return rule(oracle_.listed(topics, at(asked)));
  }
  void have_topic() {
    oracle_.will_create("t", 2);
    oracle_.created("t", k_id, at(0));
  }
  static constexpr Uuid k_id{1, 2};
  MetadataOracle oracle_;
};

TEST_F(MetadataOracleTest, ACreatedTopicMustBeListedOnceItHasSettled) {
  have_topic();
  EXPECT_EQ(listed({}, 1), "");
  EXPECT_EQ(listed({}, 10), "T1");
  EXPECT_EQ(listed({{"t", k_id, 2}}, 10), "");
}

TEST_F(MetadataOracleTest, ATopicKeepsItsIdAndPartitions) {
  have_topic();
  EXPECT_EQ(listed({{"t", Uuid{3, 4}, 2}}, 10), "T1");
  EXPECT_EQ(listed({{"t", k_id, 1}}, 10), "T1");
}

TEST_F(MetadataOracleTest, WithoutAnAnswerBothAreRight) {
  oracle_.will_create("t", 2);
  EXPECT_EQ(listed({}, 10), "");
  EXPECT_EQ(listed({{"t", k_id, 2}}, 10), "");
}

TEST_F(MetadataOracleTest, ADeletedOrUnknownTopicMustNotBeListed) {
  have_topic();
  oracle_.will_delete("t");
  EXPECT_EQ(listed({{"t", k_id, 2}}, 10), "");
  oracle_.deleted("t", at(20));
  EXPECT_EQ(listed({{"t", k_id, 2}}, 21), "");
  EXPECT_EQ(listed({{"t", k_id, 2}}, 30), "T2");
  EXPECT_EQ(listed({{"stranger", k_id, 1}}, 30), "T2");
}

TEST_F(MetadataOracleTest, ATopicThatWasMadeAgainIsAnotherOneOnceThatHasSettled) {
  have_topic();
  oracle_.was_set("t", "5", at(0));
  oracle_.will_delete("t");
  oracle_.deleted("t", at(20));
  oracle_.will_create("t", 1);
  oracle_.created("t", Uuid{3, 4}, at(21));
  EXPECT_EQ(listed({{"t", k_id, 2}}, 22), "");
  EXPECT_EQ(rule(oracle_.described("t", "5", at(22))), "");
  EXPECT_EQ(listed({{"t", Uuid{3, 4}, 1}}, 22), "");
  EXPECT_EQ(listed({{"t", k_id, 2}}, 30), "T2");
  EXPECT_EQ(rule(oracle_.described("t", "5", at(30))), "T3");
}

TEST_F(MetadataOracleTest, AConfigHasTheLastValueThatWasAnswered) {
  have_topic();
  oracle_.will_set("t", "5");
  oracle_.was_set("t", "5", at(0));
  EXPECT_EQ(rule(oracle_.described("t", "5", at(10))), "");
  EXPECT_EQ(rule(oracle_.described("t", "4", at(10))), "T3");
  EXPECT_EQ(rule(oracle_.described("t", std::nullopt, at(10))), "T3");
  oracle_.will_set("t", "6");
  EXPECT_EQ(rule(oracle_.described("t", "6", at(10))), "");
  EXPECT_EQ(rule(oracle_.described("t", "5", at(10))), "");
}

TEST_F(MetadataOracleTest, AConfigThatNobodySetBreaksT3) {
  have_topic();
  EXPECT_EQ(rule(oracle_.described("t", "7", at(10))), "T3");
  EXPECT_EQ(rule(oracle_.described("t", std::nullopt, at(10))), "");
}

}  // namespace
}  // namespace moldau::harness
