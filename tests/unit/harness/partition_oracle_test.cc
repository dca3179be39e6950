#include "harness/partition_oracle.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

class PartitionOracleTest : public testing::Test {
 protected:
  static RecordId id(std::uint32_t number, std::uint32_t writer = 1) {
    return {.writer = writer, .number = number};
  }
  static SeenRecord at(std::int64_t offset, std::uint32_t number, std::uint32_t writer = 1) {
    return {.offset = Offset{offset}, .record = id(number, writer)};
  }
  static std::string rule(const std::optional<std::string>& wrong) {
    return wrong ? wrong->substr(0, 2) : "";
  }
  std::string acknowledged(std::int64_t base, std::uint32_t number) {
    const std::vector<RecordId> records{id(number)};
    oracle().will_send(records);
    return rule(oracle().acknowledged(records, Offset{base}));
  }
  std::string read(std::vector<SeenRecord> records, std::int64_t watermark,
                   Offset before = k_no_offset) {
    return rule(oracle().read(records, Offset{watermark}, before));
  }
  std::string complete(std::vector<SeenRecord> records, std::int64_t end) {
    return rule(oracle().complete(records, Offset{0}, Offset{end}, {1}));
  }
  PartitionOracle& oracle() { return use_synced_ ? synced_ : unsynced_; }
  void on_an_unsynced_topic() { use_synced_ = false; }
  PartitionOracle synced_{"synced", true};
  PartitionOracle unsynced_{"unsynced", false};
  bool use_synced_ = true;
};

TEST_F(PartitionOracleTest, WhatWasAcknowledgedAndIsReadAgainIsFine) {
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(acknowledged(1, 2), "");
  EXPECT_EQ(read({at(0, 1), at(1, 2)}, 2), "");
  EXPECT_EQ(complete({at(0, 1), at(1, 2)}, 2), "");
}

TEST_F(PartitionOracleTest, AnotherRecordAtAnOffsetBreaksP1) {
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(acknowledged(0, 2), "P1");
}

TEST_F(PartitionOracleTest, ARecordThatNobodySentBreaksP2) { EXPECT_EQ(read({at(0, 9)}, 1), "P2"); }

TEST_F(PartitionOracleTest, ARecordAtTwoOffsetsBreaksP3) {
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(read({at(1, 1)}, 2), "P3");
}

TEST_F(PartitionOracleTest, AGapBreaksP4) {
  oracle().will_send(std::vector<RecordId>{id(1), id(2)});
  EXPECT_EQ(read({at(0, 1), at(2, 2)}, 3), "P4");
}

TEST_F(PartitionOracleTest, AWatermarkThatGoesBackBreaksP5) {
  EXPECT_EQ(read({}, 4, Offset{5}), "P5");
  EXPECT_EQ(read({}, 5, Offset{5}), "");
}

TEST_F(PartitionOracleTest, ARecordAboveTheWatermarkBreaksP5) {
  oracle().will_send(std::vector<RecordId>{id(1)});
  EXPECT_EQ(read({at(3, 1)}, 3), "P5");
}

TEST_F(PartitionOracleTest, AnAcknowledgedRecordBehindTheEndBreaksP6) {
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(acknowledged(1, 2), "");
  synced_.power_lost();
  EXPECT_EQ(complete({at(0, 1)}, 1), "P6");
}

TEST_F(PartitionOracleTest, OutOfRangeBehindWhatWasReadBreaksP6) {
  oracle().will_send(std::vector<RecordId>{id(1)});
  EXPECT_EQ(read({at(0, 1)}, 1), "");
  EXPECT_EQ(rule(oracle().out_of_range(Offset{1})), "P6");
}

TEST_F(PartitionOracleTest, AnIdempotentProducersRecordsOutOfOrderBreakP7) {
  oracle().will_send(std::vector<RecordId>{id(1), id(2)});
  EXPECT_EQ(complete({at(0, 2), at(1, 1)}, 2), "P7");
}

TEST_F(PartitionOracleTest, OthersMayBeOutOfOrder) {
  oracle().will_send(std::vector<RecordId>{id(1, 2), id(2, 2)});
  EXPECT_EQ(complete({at(0, 2, 2), at(1, 1, 2)}, 2), "");
}

TEST_F(PartitionOracleTest, AnUnsyncedTailMayBeLostByAPowerCut) {
  on_an_unsynced_topic();
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(acknowledged(1, 2), "");
  oracle().power_lost();
  EXPECT_EQ(rule(oracle().out_of_range(Offset{2})), "");
  EXPECT_EQ(acknowledged(1, 3), "");
  EXPECT_EQ(complete({at(0, 1), at(1, 3)}, 2), "");
}

TEST_F(PartitionOracleTest, WhatWasSeenAfterThePowerCutIsCertainAgain) {
  on_an_unsynced_topic();
  EXPECT_EQ(acknowledged(0, 1), "");
  oracle().power_lost();
  EXPECT_EQ(read({at(0, 1)}, 1), "");
  EXPECT_EQ(acknowledged(0, 2), "P1");
}

TEST_F(PartitionOracleTest, ARecordLostByThePowerCutMayBeSentAgain) {
  on_an_unsynced_topic();
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(acknowledged(1, 2), "");
  oracle().power_lost();
  EXPECT_EQ(acknowledged(0, 2), "");
  EXPECT_EQ(complete({at(0, 2)}, 1), "");
}

TEST_F(PartitionOracleTest, AKilledProcessIsNoExcuse) {
  on_an_unsynced_topic();
  EXPECT_EQ(acknowledged(0, 1), "");
  EXPECT_EQ(complete({}, 0), "P6");
}

}  // namespace
}  // namespace moldau::harness
