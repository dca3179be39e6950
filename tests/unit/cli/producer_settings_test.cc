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

}  // namespace
}  // namespace moldau::cli
