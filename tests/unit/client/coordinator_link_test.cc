#include "client/coordinator_link.h"

#include <gtest/gtest.h>

#include "unit/client/fake_group.h"

namespace moldau::client {
namespace {

env::Task<void> remembering(ClientWorld& world) {
  FakeGroup group(world.broker);
  Cluster cluster(world.env, world.settings);
  CoordinatorLink link(cluster, CoordinatorKind::group, "g");
  for (int i = 0; i < 2; ++i) {
    const auto found = co_await link.find();
    CHECK_OK(found);
    EXPECT_EQ(*found, FakeBroker::k_id);
  }
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::find_coordinator], 1);
  link.heed(Errc::illegal_generation);
  CHECK_OK(co_await link.find());
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::find_coordinator], 1);
  link.heed(Errc::not_coordinator);
  CHECK_OK(co_await link.find());
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::find_coordinator], 2);
  group.find_errors = {Errc::group_authorization_failed};
  link.heed(Errc::connection_closed);
  EXPECT_EQ((co_await link.find()).error().code(), Errc::group_authorization_failed);
  co_await cluster.close();
}

TEST(CoordinatorLink, RemembersUntilAnAnswerSaysOtherwise) { with_broker(&remembering); }

}  // namespace
}  // namespace moldau::client
