#include "bin/server.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/server_options.h"
#include "config/node_config.h"
#include "env/task_group.h"
#include "node/node.h"
#include "os/daemon.h"
#include "os/runtime.h"
#include "telemetry/log.h"

namespace moldau::bin {
namespace {

Result<config::LoadedNodeConfig> load(const cli::ServerOptions& options) {
  if (options.file) {
    std::ifstream in(*options.file, std::ios::binary);
    if (!in) return fail(Errc::bad_configuration, "{} cannot be read", *options.file);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return config::load_node_config(text, options.overrides);
  }
  config::ConfigMap settings = config::default_settings(options.data);
  bool advertises = false;
  bool listens = false;
  for (const std::string& setting : options.overrides) {
    const std::size_t at = setting.find('=');
    settings.set(setting.substr(0, at), setting.substr(at + 1));
    listens = listens || setting.starts_with("listeners=");
    advertises = advertises || setting.starts_with("advertised.listeners=");
  }
  // Who listens elsewhere is found there, unless told otherwise.
  if (listens && !advertises) settings.erase("advertised.listeners");
  return config::load_node_config(settings);
}

// A thread for each core up to two, or as many as the file says.
std::int32_t shards_of(const config::NodeConfig& config) {
  if (config.settings.contains("num.network.threads")) return config.network.network_threads;
  return std::min(os::core_count(), 2);
}

std::string listeners_text(const node::Serving& serving) {
  std::string text;
  for (const config::Endpoint& endpoint : serving.listeners) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}://{}:{}", endpoint.listener, endpoint.host, endpoint.port);
  }
  return text;
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

int run_server(std::string_view called_as, const std::vector<std::string>& words) {
  const Instant begun = os::monotonic_now();
  const Result<cli::ServerOptions> options = cli::read_server_options(words);
  if (!options) {
    fmt::print(stderr, "{}\n{}", options.error().text(), cli::server_usage(called_as));
    return 1;
  }
  if (options->version) {
    fmt::print("{}\n", MOLDAU_VERSION);
    return 0;
  }
  if (options->help) {
    fmt::print(stderr, "{}", cli::server_usage(called_as));
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

  os::Runtime runtime({.shards = shards_of(loaded->config), .catch_signals = true});
  std::vector<env::Env*> envs;
  for (std::int32_t i = 0; i < runtime.shard_count(); ++i) envs.push_back(&runtime.env(ShardId{i}));
  node::Node node({.config = std::move(loaded->config), .format_when_empty = !options->file},
                  std::move(envs), *sink, [begun](const node::Serving& serving) {
                    const auto took =
                        std::chrono::duration_cast<Milliseconds>(os::monotonic_now() - begun);
                    fmt::print("moldau {} ready in {} ms, listening on {}\n", MOLDAU_VERSION,
                               took.count(), listeners_text(serving));
                    std::fflush(stdout);
                  });
  runtime.run([&](env::Env& env) { return run_shard(runtime, node, env); });
  return node.failure() ? 1 : 0;
}

}  // namespace moldau::bin
