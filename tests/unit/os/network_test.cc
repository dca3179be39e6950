#include "os/network.h"

#include <gtest/gtest.h>

#include "unit/os/connected.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

env::Task<void> names_and_peers(env::Env& env) {
  auto listener = co_await env.network.listen({"localhost", 0});
  CHECK_OK(listener);
  EXPECT_EQ((*listener)->local().host, "localhost");
  EXPECT_NE((*listener)->local().port, 0);
  auto near = co_await env.network.connect((*listener)->local());
  CHECK_OK(near);
  EXPECT_EQ((*near)->peer(), fmt::format("127.0.0.1:{}", (*listener)->local().port));
  auto far = co_await (*listener)->accept();
  CHECK_OK(far);
  EXPECT_TRUE((*far)->peer().starts_with("127.0.0.1:"));
}

TEST(PosixNetwork, NamesResolveAndPeersAreNamed) { on_one_shard(&names_and_peers); }

env::Task<void> every_address(env::Env& env) {
  auto listener = co_await env.network.listen({"", 0});
  CHECK_OK(listener);
  CHECK_OK(co_await env.network.connect({"127.0.0.1", (*listener)->local().port}));
  auto far = co_await (*listener)->accept();
  CHECK_OK(far);
  EXPECT_TRUE((*far)->peer().starts_with("127.0.0.1:"));
}

TEST(PosixNetwork, EmptyHostListensEverywhere) { on_one_shard(&every_address); }

env::Task<void> nobody_there(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  const env::Endpoint gone = (*listener)->local();
  (*listener)->close();
  const auto stream = co_await env.network.connect(gone);
  EXPECT_EQ(stream.error().code(), Errc::connection_refused);
  EXPECT_EQ(stream.error().text(), fmt::format("127.0.0.1:{}: Connection refused", gone.port));
}

TEST(PosixNetwork, NobodyListeningIsConnectionRefused) { on_one_shard(&nobody_there); }

env::Task<void> foreign_address(env::Env& env) {
  const auto listener = co_await env.network.listen({"192.0.2.1", 0});  // TEST-NET-1, RFC 5737
  EXPECT_EQ(listener.error().code(), Errc::bad_configuration);
  EXPECT_TRUE(listener.error().text().contains("not an address of this machine"));
}

TEST(PosixNetwork, ListeningOnAForeignAddressIsRefused) { on_one_shard(&foreign_address); }

}  // namespace
}  // namespace moldau::os
