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

TEST(ProducerSettings, EveryKeyIsHeldToItsTypeAndRange) {
  const auto why = [](std::string key, std::string value) {
    return std::string(producer_settings({{std::move(key), std::move(value)}}).error().text());
  };
  EXPECT_EQ(why("linger.ms", "-5"),
            "Invalid value -5 for configuration linger.ms: Value must be at least 0");
  EXPECT_EQ(why("batch.size", "-1"),
            "Invalid value -1 for configuration batch.size: Value must be at least 0");
  EXPECT_EQ(why("acks", "2"),
            "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1");
  EXPECT_EQ(why("max.request.size", "5000000000"),
            "Invalid value 5000000000 for configuration max.request.size: Not a number of type "
            "INT");
  EXPECT_EQ(why("max.in.flight.requests.per.connection", "0"),
            "Invalid value 0 for configuration max.in.flight.requests.per.connection: Value must "
            "be at least 1");
  EXPECT_EQ(why("metadata.max.idle.ms", "7"),  // without effect here
            "Invalid value 7 for configuration metadata.max.idle.ms: Value must be at least 5000");
  EXPECT_EQ(why("transactional.id", ""),
            "Invalid value  for configuration transactional.id: String must be non-empty");
  EXPECT_EQ(producer_settings({{"acks", " 1 "}})->acks, client::Acks::leader);
}

TEST(ProducerSettings, RecordsMayTakeAtLeastAsLongAsOneRequest) {
  EXPECT_EQ(producer_settings({{"delivery.timeout.ms", "30004"}}).error().text(),
            "delivery.timeout.ms should be equal to or larger than linger.ms + "
            "request.timeout.ms");
  EXPECT_EQ(producer_settings({{"delivery.timeout.ms", "30005"}})->accumulator.delivery_timeout,
            Milliseconds{30'005});
  EXPECT_EQ(producer_settings({{"request.timeout.ms", "120000"}})->accumulator.delivery_timeout,
            Milliseconds{120'005});
  EXPECT_EQ(producer_settings({{"linger.ms", "9223372036854775807"}})->accumulator.delivery_timeout,
            Milliseconds{INT32_MAX});
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
