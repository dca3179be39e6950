#include "rpc/connection_quotas.h"

#include <gtest/gtest.h>

namespace moldau::rpc {
namespace {

using Verdict = ConnectionQuotas::Verdict;

TEST(ConnectionQuotasTest, WithoutLimitsNothingIsCountedFor) {
  EXPECT_FALSE(ConnectionLimits{}.any());
  EXPECT_TRUE(ConnectionLimits{.total = 5}.any());
  EXPECT_TRUE((ConnectionLimits{.of_addresses = {{"10.0.0.1", 1}}}.any()));
}

TEST(ConnectionQuotasTest, TooManyInAllWaitUntilOneHasGone) {
  ConnectionQuotas quotas({.total = 2});
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "b"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::wait);
  quotas.left("b");
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::taken);
  EXPECT_EQ(quotas.total(), 2);
}

TEST(ConnectionQuotasTest, TheListenerOfBrokersTakesMore) {
  ConnectionQuotas quotas({.total = 1, .protected_listener = "INTERNAL"});
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::taken);
  EXPECT_EQ(quotas.enter("INTERNAL", "b"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "c"), Verdict::wait);
}

TEST(ConnectionQuotasTest, TooManyFromAnAddressAreRefused) {
  ConnectionQuotas quotas({.of_address = 1, .of_addresses = {{"b", 2}, {"c", 0}}});
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::refused);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "b"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "b"), Verdict::taken);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "b"), Verdict::refused);
  EXPECT_EQ(quotas.enter("PLAINTEXT", "c"), Verdict::refused);
  quotas.left("a");
  EXPECT_EQ(quotas.enter("PLAINTEXT", "a"), Verdict::taken);
}

TEST(ConnectionQuotasTest, ARateIsOverTenSecondsAndMore) {
  ConnectionQuotas quotas({.in_a_second = 2});
  const Instant begin{};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(quotas.arrived("PLAINTEXT", begin), Milliseconds{0});
  // 21 in ten seconds are 2.1 a second: 0.1 / 2 of ten seconds to wait.
  EXPECT_EQ(quotas.arrived("PLAINTEXT", begin), Milliseconds{500});
  for (int i = 0; i < 20; ++i) (void)quotas.arrived("PLAINTEXT", begin);
  EXPECT_EQ(quotas.arrived("PLAINTEXT", begin), Milliseconds{1000});  // never longer
  EXPECT_EQ(quotas.arrived("PLAINTEXT", begin + std::chrono::seconds{30}), Milliseconds{0});
}

TEST(ConnectionQuotasTest, BrokersDoNotWaitForTheRate) {
  ConnectionQuotas quotas({.in_a_second = 1, .protected_listener = "INTERNAL"});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(quotas.arrived("INTERNAL", Instant{}), Milliseconds{0});
}

}  // namespace
}  // namespace moldau::rpc
