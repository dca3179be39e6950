#include "txn/records.h"

#include <gtest/gtest.h>

namespace moldau::txn {
namespace {

using coordinator::Record;

std::vector<std::byte> unhex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}
Record record(std::string_view key, std::optional<std::string_view> value) {
  return {unhex(key), value ? std::optional(unhex(*value)) : std::nullopt};
}
TransactionEntry read(const Record& from) {
  auto entry = read_record(from);
  CHECK_OK(entry);
  return entry->value();
}

// Made by Kafka's own classes (golden/records of the protocol's facts).
constexpr std::string_view k_key = "000000026131";
constexpr std::string_view k_plain =
    "0000000000012a05f20100ca00011173050000000200026135000000020001117600011177000261380000000200"
    "0111790001117a000000012a05f20b000000012a05f20c";
constexpr std::string_view k_flexible =
    "0001000000012a05f20100ca0001117305030361350300011176000111770003613803000111790001117a000000"
    "00012a05f20b000000012a05f20c040008000000012a05f20d0108000000012a05f20e020200d7030200d8";

TEST(TransactionRecords, APlainOneReadsAndIsWrittenAsKafkaWritesIt) {
  const Record kafkas = record(k_key, k_plain);
  const TransactionEntry entry = read(kafkas);
  EXPECT_EQ(entry.transactional_id, "a1");
  EXPECT_EQ(entry.value.value().state, TransactionState::complete_abort);
  EXPECT_EQ(entry.value->partitions.at("a8").size(), 2U);
  EXPECT_EQ(entry.value->last_epoch, k_no_producer_epoch);
  EXPECT_EQ(transaction_record("a1", *entry.value, TransactionVersion::v0), kafkas);
}

TEST(TransactionRecords, AFlexibleOneHasTheProducerIdsAroundTheCurrentOne) {
  const TransactionEntry entry = read(record(k_key, k_flexible));
  EXPECT_EQ(entry.value.value().previous_producer_id, ProducerId{5'000'000'013});
  EXPECT_EQ(entry.value->next_producer_id, ProducerId{5'000'000'014});
  EXPECT_EQ(entry.value->client_version, TransactionVersion::v2);  // a later one
  EXPECT_EQ(read(transaction_record("a1", *entry.value, TransactionVersion::v1)).value,
            entry.value);
}

TEST(TransactionRecords, AnEmptyOneHasNoPartitions) {
  Transaction empty{.producer_id = ProducerId{1}, .epoch = ProducerEpoch{0}};
  const Record written = transaction_record("a1", empty, TransactionVersion::v2);
  EXPECT_EQ(read(written).value, empty);
  EXPECT_EQ(written.value->at(1), std::byte{1});
  EXPECT_EQ(transaction_record("a1", empty, TransactionVersion::v0).value->at(1), std::byte{0});
}

TEST(TransactionRecords, ATombstoneHasNoValue) {
  const Record tombstone = transaction_tombstone("a1");
  EXPECT_EQ(tombstone, record(k_key, std::nullopt));
  EXPECT_FALSE(read(tombstone).value.has_value());
}

TEST(TransactionRecords, AnotherKindOfKeyIsSkipped) {
  EXPECT_FALSE(read_record(record("000100026131", "0000")).value().has_value());
}

TEST(TransactionRecords, WhatCannotBeReadIsAnError) {
  EXPECT_FALSE(read_record(record("00", std::nullopt)));        // no type
  EXPECT_FALSE(read_record(record("00000005", std::nullopt)));  // a cut off key
  EXPECT_FALSE(read_record(record(k_key, "0002")));             // a version of later
  EXPECT_FALSE(read_record(record(k_key, "00000000")));         // a cut off value
  std::string dead(k_plain);
  dead.replace(32, 2, "06");
  EXPECT_EQ(read_record(record(k_key, dead)).error().code(), Errc::corrupt_data);
}

}  // namespace
}  // namespace moldau::txn
