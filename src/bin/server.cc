#include "bin/server.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/server_options.h"
#include "cli/server_settings.h"
#include "env/task_group.h"
#include "node/node.h"
#include "os/daemon.h"
#include "os/runtime.h"
#include "os/settings_file.h"
#include "telemetry/log.h"

namespace moldau::bin {
namespace {

Result<config::LoadedNodeConfig> load(const cli::ServerOptions& options) {
  std::optional<std::string> text;
  if (options.file) {
    TRY(text, os::read_settings_file(*options.file));
  }
  return cli::server_settings(options, text);
}

env::Task<void> stop_at_signal(os::Runtime& runtime, node::Node& node) {
  co_await runtime.termination();
  node.request_stop();
}

env::Task<void> run_shard(os::Runtime& runtime, node::Node& node, env::Env& env) {
  const ShardId shard = env.mailbox.self();
  if (shard != ShardId{0}) {
    co_await node.run(shard);
    co_return;
  }
  env::TaskGroup group(env.scheduler);
  group.spawn(stop_at_signal(runtime, node));
  co_await node.run(shard);
  // A node that failed stops without a signal; then nobody needs to wait for one.
  runtime.request_stop();
  co_await group.join();
}

}  // namespace

int run_server(std::string_view called_as, const std::vector<std::string>& words,
               cli::ServerFile file) {
  const Instant begun = os::monotonic_now();
  const Result<cli::ServerOptions> options = cli::read_server_options(words, file);
  if (!options) {
    fmt::print(stderr, "{}\n{}", options.error().text(), cli::server_usage(called_as, file));
    return 1;
  }
  if (options->version) {
    fmt::print("{}\n", MOLDAU_VERSION);
    return 0;
  }
  if (options->help) {
    fmt::print(stderr, "{}", cli::server_usage(called_as, file));
    return 1;
  }
  Result<config::LoadedNodeConfig> loaded = load(*options);
  if (!loaded) {
    fmt::print(stderr, "{}\n", loaded.error().text());
    return 1;
  }
  if (options->daemon) {
    const char* folder = std::getenv("LOG_DIR");
    const std::string output =
        fmt::format("{}/{}.out", folder == nullptr ? "." : folder, options->name);
    if (Result<void> gone = os::go_to_background(output); !gone) {
      fmt::print(stderr, "{}\n", gone.error().text());
      return 1;
    }
  }
  const std::unique_ptr<telemetry::LogSink> sink = telemetry::standard_error_sink(os::wall_now);
  const telemetry::Logger log(*sink, "bin.Server");
  // Of our own defaults nobody needs to be told.
  if (options->file || !options->overrides.empty()) {
    for (const std::string& warning : loaded->warnings) log.warn("{}", warning);
  }

  os::Runtime runtime(
      {.shards = cli::shards_of(loaded->config, os::core_count()), .catch_signals = true});
  std::vector<env::Env*> envs;
  for (std::int32_t i = 0; i < runtime.shard_count(); ++i) envs.push_back(&runtime.env(ShardId{i}));
  node::Node node({.config = std::move(loaded->config), .format_when_empty = !options->file},
                  std::move(envs), *sink, [begun](const node::Serving& serving) {
                    const auto took =
                        std::chrono::duration_cast<Milliseconds>(os::monotonic_now() - begun);
                    fmt::print("moldau {} ready in {} ms, listening on {}\n", MOLDAU_VERSION,
                               took.count(), cli::listeners_text(serving.listeners));
                    std::fflush(stdout);
                  });
  runtime.run([&](env::Env& env) { return run_shard(runtime, node, env); });
  return node.failure() ? 1 : 0;
}

}  // namespace moldau::bin
