#include "client/tries.h"

#include <gtest/gtest.h>

#include "unit/client/fake_broker.h"

namespace moldau::client {
namespace {

env::Task<void> trying(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  Tries tries(cluster);
  EXPECT_FALSE(co_await tries.again(Errc::topic_authorization_failed));
  int count = 1;
  while (co_await tries.again(Errc::not_leader_or_follower)) ++count;
  EXPECT_GT(count, 2);
  const Error error = tries.timed_out("list");
  EXPECT_TRUE(error.text().starts_with("Call(callName=list, deadlineMs="));
  EXPECT_TRUE(error.text().ends_with(fmt::format("after {} attempt(s)", count + 1)));
  co_await cluster.close();
}

TEST(Tries, GoOnWhileItMayPassAndThereIsTime) { with_broker(&trying); }

}  // namespace
}  // namespace moldau::client
