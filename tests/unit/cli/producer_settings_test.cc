#include "cli/producer_settings.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TEST(ProducerSettings, DefaultsAreKafkas) {
  const auto settings = producer_settings({});
  CHECK_OK(settings);
  EXPECT_EQ(settings->acks, client::Acks::all);
  EXPECT_TRUE(settings->accumulator.idempotent);
  EXPECT_EQ(settings->accumulator.batch_bytes, 16'384U);
  EXPECT_FALSE(producer_settings({{"acks", "1"}})->accumulator.idempotent);
}

TEST(ProducerSettings, WhatDoesNotFitIsRefusedInKafkasWords) {
  EXPECT_TRUE(producer_settings({{"acks", "2"}})
                  .error()
                  .text()
                  .starts_with("Invalid value 2 for configuration acks"));
  EXPECT_TRUE(producer_settings({{"acks", "1"}, {"enable.idempotence", "true"}})
                  .error()
                  .text()
                  .starts_with("Must set acks to all"));
  EXPECT_TRUE(producer_settings({{"compression.type", "rar"}})
                  .error()
                  .text()
                  .starts_with("Invalid value rar for configuration compression.type"));
}

TEST(ProducerSettings, TransactionalIdNeedsIdempotence) {
  const auto settings =
      producer_settings({{"transactional.id", "x"}, {"transaction.timeout.ms", "5000"}});
  CHECK_OK(settings);
  ASSERT_TRUE(settings->transactions.has_value());
  EXPECT_EQ(settings->transactions->transactional_id, "x");
  EXPECT_EQ(settings->transactions->timeout, Milliseconds{5'000});
  const auto why = [](PropertyMap properties) {
    properties["transactional.id"] = "x";
    return std::string(producer_settings(properties).error().text());
  };
  EXPECT_EQ(why({{"acks", "1"}}),
            "Cannot set a transactional.id without also enabling idempotence.");
  EXPECT_EQ(why({{"retries", "0"}}),
            "Cannot set a transactional.id without also enabling idempotence.");
  EXPECT_EQ(why({{"max.in.flight.requests.per.connection", "6"}}),
            "To use the idempotent producer, max.in.flight.requests.per.connection must be set to "
            "at most 5. Current value is 6.");
}

TEST(ProducerSettings, PartitionerIsTheBuiltInOneOrRoundRobin) {
  using Kind = client::PartitionerSettings::Kind;
  const auto settings = producer_settings(
      {{"partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner"},
       {"partitioner.ignore.keys", "true"},
       {"partitioner.adaptive.partitioning.enable", "false"}});
  CHECK_OK(settings);
  EXPECT_EQ(settings->partitioner.kind, Kind::round_robin);
  EXPECT_TRUE(settings->partitioner.ignore_keys);
  EXPECT_FALSE(settings->partitioner.adaptive);
  EXPECT_EQ(producer_settings({})->partitioner.kind, Kind::built_in);
  EXPECT_EQ(producer_settings({{"partitioner.class", "X"}}).error().text(),
            "Invalid value X for configuration partitioner.class: Class X could not be found.");
}

}  // namespace
}  // namespace moldau::cli
