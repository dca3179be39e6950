#include "harness/broker_program.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "config/node_config.h"

namespace moldau::harness {

namespace {

config::NodeConfig config_of(const std::string& host, const std::vector<std::string>& overrides) {
  config::ConfigMap settings = config::default_settings("data");
  const std::string broker = fmt::format("PLAINTEXT://{}:{}", host, k_broker_port);
  settings.set("listeners", fmt::format("{},CONTROLLER://{}:{}", broker, host, k_broker_port + 1));
  settings.set("advertised.listeners", broker);
  settings.set("controller.quorum.voters", fmt::format("1@{}:{}", host, k_broker_port + 1));
  for (const std::string& one : overrides) {
    const std::size_t equals = one.find('=');
    CHECK(equals != std::string::npos);
    settings.set(one.substr(0, equals), one.substr(equals + 1));
  }
  auto loaded = config::load_node_config(settings);
  CHECK_OK(loaded);
  return std::move(loaded->config);
}

}  // namespace

void TraceSink::write(const telemetry::LogEvent& event) {
  static constexpr std::string_view k_levels = "DIWE";
  line_(fmt::format("    {} {} ({})", k_levels[static_cast<std::size_t>(event.level)], event.text,
                    event.logger));
}

BrokerProgram::BrokerProgram(sim::Boot& boot, telemetry::LogSink& sink,
                             std::vector<std::string> overrides) {
  std::vector<env::Env*> envs;
  for (std::int32_t shard = 0; shard < boot.shard_count(); ++shard) {
    envs.push_back(&boot.env(shard));
    groups_.push_back(std::make_unique<env::TaskGroup>(boot.env(shard).scheduler));
  }
  node_ = std::make_unique<node::Node>(
      node::NodeSettings{.config = config_of(boot.host().name(), overrides),
                         .format_when_empty = true},
      std::move(envs), sink, [this](const node::Serving&) { ready_ = true; });
  for (std::int32_t shard = 0; shard < boot.shard_count(); ++shard) {
    groups_.at(static_cast<std::size_t>(shard))->spawn(node_->run(ShardId(shard)));
  }
}

BrokerProgram::~BrokerProgram() = default;

bool BrokerProgram::at_rest() const {
  return std::ranges::all_of(groups_, [](const auto& group) { return group->running() == 0; });
}

}  // namespace moldau::harness
