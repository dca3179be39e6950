#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/uuid.h"
#include "broker/controller_client.h"
#include "config/node_config.h"
#include "env/completion.h"
#include "env/env.h"
#include "env/task_group.h"
#include "metadata/features.h"
#include "telemetry/log.h"

namespace moldau::node {

// A broker's life in the cluster, as the controller sees it: registers, sends heartbeats until it
// is unfenced and then to stay so, and asks to be let go before it stops.
//   Starting -> Recovering (registered, fenced) -> Running (unfenced) -> ControlledShutdown -> Gone
// Context: shard 0. Source: BrokerLifecycleManager.
class BrokerLifecycle {
 public:
  struct Settings {
    BrokerId id;
    std::string cluster_id;
    Uuid incarnation_id;
    std::vector<config::Endpoint> endpoints;  // advertised, with real ports
    metadata::FeatureRanges features;
    std::optional<std::string> rack;
    std::vector<Uuid> log_dirs;  // sorted
    std::optional<BrokerEpoch> previous_epoch;
    Milliseconds heartbeat_interval{2000};
    Milliseconds registration_timeout{60'000};
    // The log directories that take no new replicas, sorted; nullopt: the cluster does not ask
    // (metadata.version below 4.3-IV0). Empty: never asked.
    std::function<std::optional<std::vector<Uuid>>()> cordoned_log_dirs = {};
    // What the controller must know before it unfences the broker. Empty: nothing.
    std::function<env::Task<Result<void>>(BrokerEpoch)> before_unfencing = {};
  };
  // `applied` tells up to where the shards show the metadata: the controller unfences a broker that
  // has caught up.
  BrokerLifecycle(env::Env& env, broker::ControllerClient& controller, Settings settings,
                  std::function<Offset()> applied, telemetry::Logger log);
  BrokerLifecycle(const BrokerLifecycle&) = delete;
  BrokerLifecycle& operator=(const BrokerLifecycle&) = delete;
  ~BrokerLifecycle();

  // Completes when the broker is unfenced. Errors: what the controller refused for good
  // (duplicate_broker_registration while another process has the id and registration_timeout is
  // over, unsupported_version, inconsistent_cluster_id, ...), timed_out, cancelled.
  [[nodiscard]] env::Task<Result<void>> join_cluster();
  // The node stops: join_cluster() ends with cancelled if it still runs. leave_cluster() follows.
  void stop_joining();
  // The shards show newer metadata: heartbeats at once where the controller waits for that, or when
  // other log directories are cordoned.
  void metadata_advanced();
  // Asks to be let go and completes when the controller has moved leaderships away, or `patience`
  // is over. Heartbeats end.
  [[nodiscard]] env::Task<void> leave_cluster(Milliseconds patience);
  // Ends the heartbeats without a word, as a process that dies does: controlled.shutdown.enable.
  [[nodiscard]] env::Task<void> drop_out();
  [[nodiscard]] std::optional<BrokerEpoch> epoch() const { return epoch_; }

 private:
  [[nodiscard]] env::Task<Result<void>> register_until_accepted();
  [[nodiscard]] env::Task<Result<void>> register_once();
  [[nodiscard]] env::Task<Result<bool>> heartbeat(bool want_shut_down);
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<void> pause(Milliseconds time);
  [[nodiscard]] std::optional<std::vector<Uuid>> cordoned() const;

  env::Env& env_;
  broker::ControllerClient& controller_;
  Settings settings_;
  std::function<Offset()> applied_;
  telemetry::Logger log_;
  env::TaskGroup tasks_;
  env::Signal bell_;
  env::Signal unfenced_bell_;
  std::optional<BrokerEpoch> epoch_;
  std::optional<std::vector<Uuid>> told_cordoned_;
  bool joining_ = false;
  bool fenced_ = true;
  bool leaving_ = false;
  bool gone_ = false;
};

}  // namespace moldau::node
