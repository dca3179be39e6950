#include "txn/coordinator.h"

#include <gtest/gtest.h>

#include "unit/txn/host.h"

namespace moldau::txn {
namespace {

using test::Host;
using test::producer;
using test::Producer;

protocol::InitProducerIdRequest init_of(const std::string& id) {
  protocol::InitProducerIdRequest request;
  request.transactional_id = id;
  request.transaction_timeout_ms = Milliseconds{1000};
  return request;
}

TEST(TxnCoordinator, AnotherCoordinatorGoesOnWhereTheLogEnds) {
  Host host;
  const Producer who = host.begin("a");
  host.add("a", who, "t", {0, 1});
  host.reload();
  EXPECT_EQ(host.state("a"), "Ongoing");
  EXPECT_EQ(host.add("a", who, "t", {2}), Errc::none);
  EXPECT_EQ(host.end("a", who, true, 4).error_code, Errc::none);
  EXPECT_EQ(host.orders.back().targets.size(), 3U);
}

TEST(TxnCoordinator, RecordsAreAsTheClustersTransactionVersionSays) {
  for (const int level : {0, 1, 2}) {
    Host host(level);
    host.begin("a");
    EXPECT_EQ(host.log().at(0).value->at(1), std::byte(level == 0 ? 0 : 1));
  }
}

TEST(TxnCoordinator, QuestionsThatNeedAProducerIdAreAnsweredOneAfterTheOther) {
  Host host;
  host.hold_ids = true;
  const AskId a = host.begin_init(init_of("a"));
  const AskId again = host.begin_init(init_of("a"));
  const AskId b = host.begin_init(init_of("b"));
  EXPECT_EQ(host.asked_for_ids, 1);
  host.grant(ProducerId{50});
  EXPECT_EQ(host.answer<protocol::InitProducerIdResponse>(a)->producer_id, ProducerId{50});
  EXPECT_FALSE(host.answer<protocol::InitProducerIdResponse>(again));
  EXPECT_EQ(host.asked_for_ids, 2);
  // The second of `a` does not need the new id any more; `b` gets it.
  host.grant(ProducerId{51});
  const auto second = host.answer<protocol::InitProducerIdResponse>(again);
  EXPECT_EQ(second->producer_id, ProducerId{50});
  EXPECT_EQ(second->producer_epoch, ProducerEpoch{1});
  host.pass(Milliseconds{0});
  EXPECT_EQ(host.answer<protocol::InitProducerIdResponse>(b)->producer_id, ProducerId{51});
  EXPECT_EQ(host.asked_for_ids, 2);
}

TEST(TxnCoordinator, WithoutProducerIdsAllThatWaitAreRefused) {
  Host host;
  host.hold_ids = true;
  const AskId a = host.begin_init(init_of("a"));
  const AskId b = host.begin_init(init_of("b"));
  host.grant(fail(Errc::coordinator_load_in_progress));
  for (const AskId ask : {a, b}) {
    EXPECT_EQ(host.answer<protocol::InitProducerIdResponse>(ask)->error_code,
              Errc::coordinator_load_in_progress);
  }
  EXPECT_TRUE(host.log().empty());
}

TEST(TxnCoordinator, NothingToWaitForMeansNoTimer) {
  Host host;
  EXPECT_FALSE(host.machine().next_deadline());
  const Producer who = host.begin("a");
  EXPECT_EQ(host.machine().next_deadline(), host.now().instant + Milliseconds{3'600'000});
  host.add("a", who);
  EXPECT_EQ(host.machine().next_deadline(), host.now().instant + Milliseconds{10'000});
}

TEST(TxnCoordinator, ACorruptRecordIsAnError) {
  Host host;
  EXPECT_FALSE(host.machine().replay(Offset{0}, {.key = {std::byte{0}}, .value = {}}, {}));
}

TEST(TxnCoordinator, SettingsTakeEffect) {
  Host host;
  host.machine().configure({.timeout_max = Milliseconds{10}});
  EXPECT_EQ(host.init("a").error_code, Errc::invalid_transaction_timeout);
}

}  // namespace
}  // namespace moldau::txn
