#include "rpc/connection_gate.h"

#include <gtest/gtest.h>

#include "unit/rpc/rpc_world.h"
#include "unit/rpc/text_handler.h"

namespace moldau::rpc {
namespace {

TEST(AddressOf, LeavesOutThePortAndTheBrackets) {
  EXPECT_EQ(address_of("10.0.0.1:9092"), "10.0.0.1");
  EXPECT_EQ(address_of("[::1]:9092"), "::1");
}

struct Guarded {
  Guarded(env::Env& env, ConnectionLimits limits)
      : parts(env),
        tasks(env.scheduler),
        port{env, tasks},
        gate(port, std::move(limits)),
        server(parts.server, {.listener = "PLAINTEXT"}, handler, &gate) {}
  ShardParts parts;
  env::TaskGroup tasks;
  env::ShardPort port;
  ConnectionGate gate;
  TextHandler handler;
  Server server;
};

env::Task<std::unique_ptr<env::Stream>> connect(env::Env& env, env::Endpoint at) {
  auto client = co_await env.network.connect(std::move(at));
  CHECK_OK(client);
  co_await os::write_all(**client, ask(1, "x"));
  co_return *std::move(client);
}

env::Task<std::string> answer_of(env::Stream& client) {
  co_return co_await os::read_some(client, answer_frame(1, "x").size());
}

env::Task<void> one_address(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  const env::Endpoint at = (*listener)->local();
  Guarded guarded(env, {.of_address = 1});
  guarded.tasks.spawn(guarded.server.serve(*std::move(listener)));
  auto first = co_await connect(env, at);
  EXPECT_EQ(co_await answer_of(*first), answer_frame(1, "x"));
  auto second = co_await connect(env, at);
  EXPECT_EQ(co_await answer_of(*second), "");
  first->close();
  while (guarded.server.connections() > 0) co_await env::sleep_for(env, Milliseconds{1});
  auto third = co_await connect(env, at);
  EXPECT_EQ(co_await answer_of(*third), answer_frame(1, "x"));
  guarded.server.stop();
  co_await guarded.tasks.join();
}

TEST(ConnectionGate, ASecondConnectionOfAnAddressIsClosed) {
  os::on_one_shard([](env::Env& env) { return one_address(env); });
}

env::Task<void> in_all(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  const env::Endpoint at = (*listener)->local();
  Guarded guarded(env, {.total = 1});
  guarded.tasks.spawn(guarded.server.serve(*std::move(listener)));
  auto first = co_await connect(env, at);
  EXPECT_EQ(co_await answer_of(*first), answer_frame(1, "x"));
  auto second = co_await connect(env, at);
  co_await env::sleep_for(env, Milliseconds{30});
  EXPECT_EQ(guarded.server.connections(), 1U);
  first->close();
  EXPECT_EQ(co_await answer_of(*second), answer_frame(1, "x"));
  auto third = co_await connect(env, at);
  co_await env::sleep_for(env, Milliseconds{30});
  guarded.server.stop();  // although one waits at the door
  co_await guarded.tasks.join();
}

TEST(ConnectionGate, OneTooManyWaitsUntilAnotherHasGone) {
  os::on_one_shard([](env::Env& env) { return in_all(env); });
}

}  // namespace
}  // namespace moldau::rpc
