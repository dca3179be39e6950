#include "os/acceptor.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <vector>

#include "env/task_group.h"
#include "unit/os/connected.h"
#include "unit/os/world.h"

namespace moldau::os {
namespace {

constexpr int k_connections = 8;

// Shard 0 listens first and connects; all shards listen on its port and count what they get.
struct Spread {
  Runtime runtime{{.shards = 2}};
  std::array<std::atomic<int>, 2> accepted{};
  std::atomic<std::uint16_t> port = 0;
  std::atomic<int> listening = 0;

  env::Task<void> run(env::Env& env) {
    const auto shard = static_cast<std::size_t>(env.mailbox.self().value());
    while (shard != 0 && port == 0) co_await env::sleep_for(env, Milliseconds{1});
    auto listener = co_await env.network.listen({"127.0.0.1", port});
    CHECK_OK(listener);
    port = (*listener)->local().port;
    ++listening;
    std::vector<std::unique_ptr<env::Stream>> outgoing;
    while (listening < 2) co_await env::sleep_for(env, Milliseconds{1});
    for (int i = 0; shard == 0 && i < k_connections; ++i) {
      auto stream = co_await env.network.connect({"127.0.0.1", port});
      CHECK_OK(stream);
      outgoing.push_back(*std::move(stream));
    }
    for (int i = 0; i < k_connections / 2; ++i) {
      auto stream = co_await (*listener)->accept();
      CHECK_OK(stream);
      ++accepted[shard];
    }
    while (accepted[0] + accepted[1] < k_connections) {
      co_await env::sleep_for(env, Milliseconds{1});
    }
  }
};

TEST(Acceptor, ConnectionsAreDealtToTheShardsInTurn) {
  Spread spread;
  spread.runtime.run([&](env::Env& env) { return spread.run(env); });
  EXPECT_EQ(spread.accepted[0], k_connections / 2);
  EXPECT_EQ(spread.accepted[1], k_connections / 2);
}

env::Task<void> bind_twice(env::Env& env) {
  auto first = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(first);
  const env::Endpoint taken = (*first)->local();
  const auto second = co_await env.network.listen(taken);
  EXPECT_EQ(second.error().code(), Errc::bad_configuration);
  EXPECT_EQ(second.error().text(),
            fmt::format("127.0.0.1:{} is in use by another process. Stop it, or choose another "
                        "port in `listeners`.",
                        taken.port));
  (*first)->close();
  CHECK_OK(co_await env.network.listen(taken));
}

TEST(Acceptor, PortInUseIsRefusedUntilItIsClosed) { on_one_shard(&bind_twice); }

env::Task<void> wait_accept(env::Listener& listener, Errc& outcome) {
  const auto stream = co_await listener.accept();
  outcome = stream ? Errc::none : stream.error().code();
}
env::Task<void> close_under_accept(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  Errc outcome = Errc::none;
  env::TaskGroup group(env.scheduler);
  group.spawn(wait_accept(**listener, outcome));
  (*listener)->close();
  co_await group.join();
  EXPECT_EQ(outcome, Errc::cancelled);
}

TEST(Acceptor, ClosingCancelsTheWaitingAccept) { on_one_shard(&close_under_accept); }

// Uses up all descriptors of the process but `left`.
std::vector<Descriptor> use_up(int left) {
  std::vector<Descriptor> used;
  while (true) {
    Descriptor fd(::dup(0));
    if (!fd.open()) break;
    used.push_back(std::move(fd));
  }
  used.resize(used.size() - static_cast<std::size_t>(left));
  return used;
}

env::Task<void> run_out(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  rlimit before{};
  CHECK_OP(::getrlimit(RLIMIT_NOFILE, &before), ==, 0);
  const rlimit few{256, before.rlim_max};
  CHECK_OP(::setrlimit(RLIMIT_NOFILE, &few), ==, 0);
  std::vector<Descriptor> used = use_up(1);
  auto near = co_await env.network.connect((*listener)->local());  // takes the last one
  CHECK_OK(near);
  const auto refused = co_await (*listener)->accept();
  EXPECT_EQ(refused.error().code(), Errc::limit_reached);
  used.clear();
  const auto accepted = co_await (*listener)->accept();  // the same connection: it waited
  EXPECT_TRUE(accepted.has_value());
  CHECK_OP(::setrlimit(RLIMIT_NOFILE, &before), ==, 0);
}

TEST(Acceptor, WithoutDescriptorsItPausesAndTheConnectionWaits) { on_one_shard(&run_out); }

}  // namespace
}  // namespace moldau::os
