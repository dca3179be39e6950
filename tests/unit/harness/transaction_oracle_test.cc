#include "harness/transaction_oracle.h"

#include <gtest/gtest.h>

namespace moldau::harness {
namespace {

class TransactionOracleTest : public testing::Test {
 protected:
  static RecordId record(std::uint32_t number) { return {.writer = 1, .number = number}; }
  // Of records `first` and `first` + 1.
  TransactionNumber transaction(std::uint32_t first) {
    const TransactionNumber number = oracle.begin();
    const std::vector<RecordId> records{record(first), record(first + 1)};
    oracle.will_send(number, records);
    return number;
  }
  // The broken rule, or "".
  std::string show(std::uint32_t number, int partition, std::int64_t offset) {
    const auto wrong = oracle.shown(PartitionIndex{partition},
                                    {.offset = Offset{offset}, .record = record(number)});
    return wrong ? wrong->substr(0, 2) : "";
  }
  std::string complete() {
    const auto wrong = oracle.complete();
    return wrong ? wrong->substr(0, 2) : "";
  }
  TransactionOracle oracle;
};

TEST_F(TransactionOracleTest, WhatNobodySentOrCommittedIsNotShown) {
  EXPECT_EQ(show(9, 0, 0), "X1");
  transaction(1);
  EXPECT_EQ(show(1, 0, 0), "X1");
}

TEST_F(TransactionOracleTest, ATransactionInDoubtIsShownWholeOrNotAtAll) {
  oracle.will_commit(transaction(1));
  EXPECT_EQ(complete(), "");
  EXPECT_EQ(show(1, 0, 0), "");
  EXPECT_EQ(complete(), "X2");
  EXPECT_EQ(show(2, 1, 0), "");
  EXPECT_EQ(complete(), "");
}

TEST_F(TransactionOracleTest, WhatWasCommittedIsShown) {
  const TransactionNumber number = transaction(1);
  oracle.will_commit(number);
  oracle.committed(number);
  EXPECT_EQ(complete(), "X3");
}

TEST_F(TransactionOracleTest, ARecordStaysWhereItIsAndIsThereOnce) {
  oracle.will_commit(transaction(1));
  EXPECT_EQ(show(1, 0, 5), "");
  EXPECT_EQ(show(1, 0, 5), "");  // read again
  EXPECT_EQ(show(2, 0, 5), "X4");
  EXPECT_EQ(show(1, 0, 6), "X4");
}

}  // namespace
}  // namespace moldau::harness
