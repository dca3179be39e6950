#include "controller/heartbeats.h"

#include <gtest/gtest.h>

namespace moldau::controller {
namespace {

using namespace std::chrono_literals;

class HeartbeatsTest : public testing::Test {
 protected:
  static metadata::BrokerRegistration broker(int id, bool fenced) {
    return {.id = BrokerId{id}, .epoch = BrokerEpoch{10}, .fenced = fenced};
  }
  Heartbeats beats{9s};
  Instant now{100s};
  const BrokerId one{1};
  const BrokerEpoch epoch{10};
};

TEST_F(HeartbeatsTest, SessionIsOverAfterTheTimeoutAndReportedOnce) {
  beats.contact(one, epoch, now);
  EXPECT_TRUE(beats.has_session(one, epoch, now + 9s));
  EXPECT_FALSE(beats.take_expired(now + 9s).has_value());
  EXPECT_EQ(beats.next_expiry(), now + 9s + 1ms);
  EXPECT_EQ(beats.take_expired(now + 9s + 1ms)->id, one);
  EXPECT_FALSE(beats.take_expired(now + 60s).has_value());
}

TEST_F(HeartbeatsTest, SessionBelongsToOneIncarnation) {
  beats.contact(one, epoch, now);
  EXPECT_FALSE(beats.has_session(one, BrokerEpoch{11}, now));
}

TEST_F(HeartbeatsTest, BeginningAfreshUnfencedBrokersWereJustHeardOf) {
  metadata::Cluster cluster;
  cluster.brokers.set(one, std::make_shared<const metadata::BrokerRegistration>(broker(1, false)));
  cluster.brokers.set(BrokerId{2},
                      std::make_shared<const metadata::BrokerRegistration>(broker(2, true)));
  beats.begin(cluster, now);
  EXPECT_TRUE(beats.has_session(one, epoch, now + 9s));
  EXPECT_FALSE(beats.has_session(BrokerId{2}, epoch, now));
  EXPECT_EQ(beats.state(one), BrokerState::unfenced);
  EXPECT_EQ(beats.state(BrokerId{2}), BrokerState::fenced);
  EXPECT_EQ(beats.state(BrokerId{3}), BrokerState::fenced);
}

TEST_F(HeartbeatsTest, ControlledShutdownEndsWhenTheBrokerIsFenced) {
  beats.registered(broker(1, false), true);
  beats.begin_controlled_shutdown(one, Offset{50});
  beats.begin_controlled_shutdown(one, Offset{60});
  EXPECT_EQ(beats.controlled_shutdown_offset(one), Offset{50});
  EXPECT_EQ(beats.state(one), BrokerState::controlled_shutdown);
  beats.touch(one, true, Offset{55});
  EXPECT_EQ(beats.state(one), BrokerState::fenced);
}

TEST_F(HeartbeatsTest, SlowestActiveBrokerCountsFencedAndLeavingOnesDoNot) {
  EXPECT_EQ(beats.lowest_active_offset(), std::nullopt);
  beats.touch(one, false, Offset{40});
  beats.touch(BrokerId{2}, false, Offset{30});
  beats.touch(BrokerId{3}, true, Offset{10});
  EXPECT_EQ(beats.lowest_active_offset(), Offset{30});
  beats.begin_controlled_shutdown(BrokerId{2}, Offset{41});
  EXPECT_EQ(beats.lowest_active_offset(), Offset{40});
  beats.unregistered(one);
  EXPECT_EQ(beats.lowest_active_offset(), std::nullopt);
}

}  // namespace
}  // namespace moldau::controller
