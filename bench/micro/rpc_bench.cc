#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "env/task_group.h"
#include "os/runtime.h"
#include "rpc/client_connection.h"
#include "rpc/server.h"

// One shard echoes to itself over the loopback: what a request costs in reading, dispatch, writing
// and the loop, client half included.
namespace moldau::rpc {
namespace {

class Echo final : public RequestHandler {
 public:
  [[nodiscard]] env::Task<Result<Response>> handle(RequestContext& /*context*/,
                                                   Request& request) override {
    Writer body;
    body.bytes(request.body().first(std::min<std::size_t>(request.body().size(), 64)));
    co_return Response::of(std::move(body));
  }
};

class SilentSink final : public telemetry::LogSink {
 public:
  void write(const telemetry::LogEvent& /*event*/) override {}
};

constexpr int k_rounds = 50;

env::Task<void> ask(ClientConnection& client, SharedBytes payload) {
  for (int i = 0; i < k_rounds; ++i) {
    Writer empty;
    empty.splice(payload.size());
    CHECK_OK(co_await client.call(protocol::ApiKey::metadata, ApiVersion{1},
                                  Response::of(std::move(empty), {payload}), std::nullopt));
  }
}

env::Task<void> run(env::Env& env, benchmark::State& state) {
  telemetry::Counters counters;
  SilentSink sink;
  FrameMemory memory(env, counters);
  ServerParts parts{env, memory, counters, telemetry::Logger(sink, "rpc")};
  Echo echo;
  Server server(parts, {.listener = "PLAINTEXT"}, echo);
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  const env::Endpoint at = (*listener)->local();
  env::TaskGroup group(env.scheduler);
  group.spawn(server.serve(*std::move(listener)));
  auto client = co_await ClientConnection::connect(env, memory, at, {.negotiate = false});
  CHECK_OK(client);
  const SharedBytes payload = SharedBytes::take(
      std::vector<std::byte>(static_cast<std::size_t>(state.range(0)), std::byte{1}));
  const auto inflight = state.range(1);
  for (auto _ : state) {
    env::TaskGroup asking(env.scheduler);
    for (std::int64_t i = 0; i < inflight; ++i) asking.spawn(ask(**client, payload));
    co_await asking.join();
  }
  state.SetItemsProcessed(state.iterations() * inflight * k_rounds);
  state.SetBytesProcessed(state.iterations() * inflight * k_rounds * state.range(0));
  (*client)->close();
  co_await (*client)->join();
  server.stop();
  co_await group.join();
}

void echo(benchmark::State& state) {
  os::Runtime runtime;
  runtime.run([&](env::Env& env) { return run(env, state); });
}
BENCHMARK(echo)
    ->Args({100, 1})
    ->Args({100, 5})
    ->Args({65'536, 5})
    ->Args({1 << 20, 5})
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace moldau::rpc
