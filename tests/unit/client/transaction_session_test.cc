#include "client/transaction_session.h"

#include <gtest/gtest.h>

#include "unit/client/fake_transactions.h"

namespace moldau::client {
namespace {

struct Talk {
  explicit Talk(ClientWorld& world)
      : cluster(world.env, world.settings),
        session(
            cluster, {.transactional_id = "x", .retry_backoff = Milliseconds{1}},
            [this] { return all_sent; }, [this] { ++news; }) {}
  env::Task<Result<void>> end(Result<TransactionState::Ticket> ticket, Milliseconds most) {
    if (!ticket) co_return fail(std::move(ticket).error());
    co_return co_await session.wait(*ticket, most, "EndTxn(true)");
  }
  env::Task<void> close() {
    co_await session.close();
    co_await cluster.close();
  }
  Cluster cluster;
  bool all_sent = true;
  int news = 0;
  TransactionSession session;
};

constexpr Milliseconds k_long{2'000};

env::Task<void> retried(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  coordinator.end_errors = {Errc::concurrent_transactions, Errc::not_coordinator};
  Talk talk(world);
  CHECK_OK(co_await talk.end(talk.session.state().init(), k_long));
  EXPECT_TRUE(talk.session.state().transactions_v2());
  CHECK_OK(talk.session.state().begin());
  CHECK_OK(talk.session.state().sending({"t", PartitionIndex{0}}));
  CHECK_OK(co_await talk.end(talk.session.state().commit(), k_long));
  EXPECT_EQ(coordinator.seen, (std::vector<std::string>{"commit v5", "commit v5", "commit v5"}));
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::find_coordinator], 2);
  EXPECT_GT(talk.news, 3);
  co_await talk.close();
}

TEST(TransactionSession, AsksAgainAndLooksForTheCoordinatorWhereItIs) { with_broker(&retried); }

env::Task<void> times_out(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  Talk talk(world);
  CHECK_OK(co_await talk.end(talk.session.state().init(), k_long));
  CHECK_OK(talk.session.state().begin());
  CHECK_OK(talk.session.state().sending({"t", PartitionIndex{0}}));
  talk.all_sent = false;
  const auto late = co_await talk.end(talk.session.state().commit(), Milliseconds{20});
  EXPECT_EQ(late.error().text(), "Timeout expired after 20ms while awaiting EndTxn(true)");
  talk.all_sent = true;
  CHECK_OK(co_await talk.end(talk.session.state().commit(), k_long));
  co_await talk.close();
}

TEST(TransactionSession, CallThatTimedOutGoesOnWhenItIsMadeAgain) { with_broker(&times_out); }

}  // namespace
}  // namespace moldau::client
