#pragma once
#include <memory>

#include "broker/shard.h"
#include "controller/node_config_rules.h"
#include "node/controller_host.h"
#include "node/metadata_flow.h"
#include "node/metadata_publisher.h"
#include "node/shard_host.h"
#include "security/authorizer.h"
#include "unit/node/driver_world.h"

namespace moldau::node {

// The controller of a one-voter quorum with its metadata log, and the one shard of a broker that
// follows it; no listeners and no broker's life.
class ControllerWorld : public DriverWorld {
 protected:
  ControllerWorld() {
    Result<config::LoadedNodeConfig> loaded =
        config::load_node_config(config::default_settings("data"));
    CHECK_OK(loaded);
    facts.config = std::make_shared<const config::NodeConfig>(loaded->config);
    rules = std::make_unique<controller::NodeConfigRules>(*facts.config);
    shard = std::make_unique<ShardHost>(
        env, facts, ShardHost::Settings{.sink = sink, .sessions = {}, .open_files_max = 64});
    facts.shards.push_back(&shard->shard());
  }
  ~ControllerWorld() override {
    if (host) stop();
    if (finished) return;
    shard->finish();
    auto ended = shard->run();
    EXPECT_TRUE(world.run_until([&] { return ended.done(); }));
  }
  void make_publisher() {
    publisher = std::make_unique<MetadataPublisher>(
        env,
        MetadataPublisher::Parts{.facts = facts,
                                 .hosts = {&shard->replicas()},
                                 .directories = *directories,
                                 .log = telemetry::Logger(sink, "publisher"),
                                 .controller = [] { return BrokerId{1}; },
                                 .kraft_version = [] { return std::int16_t{0}; },
                                 .applied = [this] { ++applied; },
                                 .folders_went = [this] { return folders_went(); },
                                 .log_failed = [this](const Error& error) { failure = error; }});
  }
  void start() {
    open_directory();
    make_publisher();
    auto bootstrap = run(read_bootstrap(env, "data"));
    controller::Settings settings;
    settings.node_id = BrokerId{1};
    settings.cluster_id = "the-cluster";
    settings.bootstrap = *bootstrap;
    const auto failed = [this](const Error& error) { failure = error; };
    host = std::make_unique<ControllerHost>(
        ControllerHost::Parts{.env = env,
                              .rules = *rules,
                              .authorizer = *authorizer,
                              .log = telemetry::Logger(sink, "controller"),
                              .failed = failed},
        settings);
    flow =
        std::make_unique<MetadataFlow>(MetadataFlow::Parts{.log_path = "data/__cluster_metadata-0",
                                                           .controller = host.get(),
                                                           .publisher = *publisher,
                                                           .log = telemetry::Logger(sink, "flow"),
                                                           .failed = failed});
    auto opened = run(
        RaftDriver::open(env, files, driver_settings(), *flow, telemetry::Logger(sink, "driver")));
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();
    driver = *std::move(opened);
    host->start(*driver);
    shard->controller().connect(shard->shard().port, *host);
    driver->start();
  }
  void stop() {
    auto stopped = publisher->stop();
    EXPECT_TRUE(world.run_until([&] { return stopped.done(); }));
    (void)run(shard->replicas().close_all());
    auto host_stopped = host->stop();
    EXPECT_TRUE(world.run_until([&] { return host_stopped.done(); }));
    (void)run(driver->stop());
    driver.reset();
    flow.reset();
    host.reset();
    publisher.reset();
  }
  env::Task<void> folders_went() {
    ++times_folders_went;
    co_return;
  }
  template <class Req, class Resp>
  Result<Resp> ask(Req request) {
    const ApiVersion version = protocol::facts(Req::k_key).on_controller.last;
    return run(broker::ask_controller<Req, Resp>(shard->controller(), std::move(request), version));
  }

  security::AllowAll allow_all;
  const security::Authorizer* authorizer = &allow_all;  // of the controller
  broker::NodeFacts facts{.node_id = BrokerId{1},
                          .cluster_id = "the-cluster",
                          .is_broker = true,
                          .is_controller = true,
                          .config = nullptr,
                          .authorizer = allow_all,
                          .shards = {}};
  std::unique_ptr<controller::NodeConfigRules> rules;
  std::unique_ptr<ShardHost> shard;
  std::unique_ptr<MetadataPublisher> publisher;
  std::unique_ptr<ControllerHost> host;
  std::unique_ptr<MetadataFlow> flow;
  std::unique_ptr<RaftDriver> driver;
  std::optional<Error> failure;
  int applied = 0;
  int times_folders_went = 0;
  bool finished = false;  // the test ended the shard itself
};

}  // namespace moldau::node
