#include "rpc/server.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "env/task_group.h"
#include "unit/rpc/rpc_world.h"
#include "unit/rpc/text_handler.h"

namespace moldau::rpc {
namespace {

struct Listening {
  Listening(env::Env& env, std::unique_ptr<env::Listener> listener)
      : parts(env),
        at(listener->local()),
        server(parts.server, {.listener = "PLAINTEXT"}, handler),
        group(env.scheduler) {
    group.spawn(server.serve(std::move(listener)));
  }
  ShardParts parts;
  TextHandler handler;
  env::Endpoint at;
  Server server;
  env::TaskGroup group;
};

using Body = env::Task<void> (*)(env::Env&, Listening&);

env::Task<void> listen_and_run(env::Env& env, Body body) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  Listening listening(env, *std::move(listener));
  co_await body(env, listening);
  listening.server.stop();
  co_await listening.group.join();
}
void listening(Body body) {
  os::on_one_shard([&](env::Env& env) { return listen_and_run(env, body); });
}

env::Task<void> many_clients(env::Env& env, Listening& listening) {
  std::vector<std::unique_ptr<env::Stream>> clients;
  for (int i = 0; i < 300; ++i) {
    auto client = co_await env.network.connect(listening.at);
    CHECK_OK(client);
    clients.push_back(*std::move(client));
    co_await os::write_all(*clients.back(), ask(i, "x"));
  }
  for (int i = 0; i < 300; ++i) {
    const std::string expected = answer_frame(i, "x");
    EXPECT_EQ(co_await os::read_some(*clients[static_cast<std::size_t>(i)], expected.size()),
              expected);
  }
  EXPECT_EQ(listening.server.connections(), 300U);
  clients.clear();
  while (listening.server.connections() > 0) co_await env::sleep_for(env, Milliseconds{1});
}

TEST(Server, ServesManyConnectionsAndForgetsThoseThatEnd) { listening(&many_clients); }

env::Task<void> stop_under_way(env::Env& env, Listening& listening) {
  auto client = co_await env.network.connect(listening.at);
  CHECK_OK(client);
  co_await os::write_all(**client, ask(1, "late:30:a"));
  while (listening.handler.running == 0) co_await env::sleep_for(env, Milliseconds{1});
  listening.server.stop();
  EXPECT_EQ(co_await os::read_some(**client, 1), "");
  co_await listening.group.join();
  EXPECT_EQ(listening.handler.running, 0);
}

TEST(Server, StoppingClosesConnectionsAndWaitsForHandlers) { listening(&stop_under_way); }

env::Task<void> drain_under_way(env::Env& env, Listening& listening) {
  auto working = co_await env.network.connect(listening.at);
  auto idle = co_await env.network.connect(listening.at);
  CHECK_OK(working);
  CHECK_OK(idle);
  co_await os::write_all(**working, ask(1, "late:30:a"));
  while (listening.handler.running == 0) co_await env::sleep_for(env, Milliseconds{1});
  listening.server.drain();
  EXPECT_EQ(co_await os::read_some(**idle, 1), "");
  EXPECT_EQ(co_await os::read_some(**working, 100), answer_frame(1, "a"));
  co_await listening.group.join();
}

TEST(Server, DrainingLetsAnswersOutAndClosesTheIdle) { listening(&drain_under_way); }

}  // namespace
}  // namespace moldau::rpc
