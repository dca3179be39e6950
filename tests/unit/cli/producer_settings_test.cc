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

}  // namespace
}  // namespace moldau::cli
