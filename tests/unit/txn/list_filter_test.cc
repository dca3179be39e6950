#include "txn/list_filter.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace moldau::txn {
namespace {

using Request = protocol::ListTransactionsRequest;

constexpr Timestamp k_now = timestamp_of(100'000);

bool matches(const Request& request, const std::string& id = "order-1") {
  const auto filter = ListFilter::of(request);
  CHECK_OK(filter);
  const Transaction transaction{.producer_id = ProducerId{7},
                                .state = TransactionState::ongoing,
                                .started = timestamp_of(90'000)};
  return filter->matches(id, transaction, k_now);
}

TEST(ListFilter, NothingAskedMatchesAll) { EXPECT_TRUE(matches({})); }

TEST(ListFilter, AProducerIsOneOfThoseNamed) {
  Request request;
  request.producer_id_filters = {ProducerId{6}, ProducerId{7}};
  EXPECT_TRUE(matches(request));
  request.producer_id_filters = {ProducerId{6}};
  EXPECT_FALSE(matches(request));
}

TEST(ListFilter, StatesThatMeanNothingMatchNothingAndAreTold) {
  Request request;
  request.state_filters = {"Strange", "Ongoing", "Strange"};
  EXPECT_TRUE(matches(request));
  EXPECT_EQ(ListFilter::of(request)->unknown_states(), std::vector<std::string>{"Strange"});
  request.state_filters = {"Strange"};
  EXPECT_FALSE(matches(request));
}

TEST(ListFilter, ADurationIsExceededNotReached) {
  Request request;
  request.duration_filter = Milliseconds{9'999};
  EXPECT_TRUE(matches(request));
  request.duration_filter = Milliseconds{10'000};
  EXPECT_FALSE(matches(request));
  request.duration_filter = Milliseconds{-5};
  EXPECT_TRUE(matches(request));
}

TEST(ListFilter, APatternMatchesTheWholeId) {
  Request request;
  request.transactional_id_pattern = "order-.*";
  EXPECT_TRUE(matches(request));
  EXPECT_FALSE(matches(request, "my-order-1"));
  request.transactional_id_pattern = "";
  EXPECT_TRUE(matches(request));
  request.transactional_id_pattern = "(";
  EXPECT_EQ(ListFilter::of(request).error().code(), Errc::invalid_regular_expression);
}

}  // namespace
}  // namespace moldau::txn
