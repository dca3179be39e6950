#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/shard.h"
#include "env/completion.h"
#include "env/task_group.h"
#include "metadata/loader.h"
#include "node/log_directories.h"
#include "node/replica_host.h"
#include "telemetry/log.h"

namespace moldau::node {

// Brings each published state of the metadata to the shards of a broker: opens the replicas that it
// gets, gives them roles and settings, then shows the new view to requests, then removes the
// replicas that went. So a client that sees a partition finds it served. Only the replicas of a
// topic that was made again under its name go first: the new ones take the names of their folders.
// A node that starts brings out nothing before caught_up(): in a state of the past a topic may have
// another id, and the folder of the one that bears its name now would count as a stray.
// Invariant: states arrive at every shard in the order of the metadata log.
// Context:   shard 0. Source: BrokerMetadataPublisher.
class MetadataPublisher {
 public:
  struct Parts {
    broker::NodeFacts& facts;
    std::vector<ReplicaHost*> hosts;  // by shard
    LogDirectories& directories;
    telemetry::Logger log;
    std::function<std::optional<BrokerId>()> controller;  // the active one, as the quorum knows
    std::function<std::int16_t()> kraft_version;
    std::function<void()> applied;  // applied_end() moved
    // Folders of logs went. Other logs may take their names when it is done.
    std::function<env::Task<void>()> folders_went;
    // The disk failed under a log: its directory cannot be trusted any more.
    std::function<void(const Error&)> log_failed;
  };
  MetadataPublisher(env::Env& env, Parts parts);
  MetadataPublisher(const MetadataPublisher&) = delete;
  MetadataPublisher& operator=(const MetadataPublisher&) = delete;
  ~MetadataPublisher();

  // In the order of the log; states that come while one is brought out are brought out together.
  void publish(metadata::Loader::Published published);
  // All that was committed when the node started is published. Idempotent.
  void caught_up();
  // Completes when the shards show a state that holds everything below `end`, or stop_waiting() or
  // stop() came.
  [[nodiscard]] env::Task<void> wait_until(Offset end);
  // Nobody needs to wait any more: the node stops, and the state may never come.
  void stop_waiting();
  [[nodiscard]] Offset applied_end() const { return applied_end_; }
  // False once a replica could not be opened: its log was not looked at.
  [[nodiscard]] bool all_served() const { return all_served_; }
  // What is being brought out is; later states are not.
  [[nodiscard]] env::Task<void> stop();

 private:
  // What a state changes for one topic.
  struct TopicWork {
    std::string name;
    bool deleted = false;
    bool all_partitions = false;
    std::set<PartitionIndex> partitions;
  };
  using Work = std::map<Uuid, TopicWork>;
  using Gone = std::vector<std::vector<broker::TopicIdPartition>>;  // by shard

  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<void> bring_out(std::shared_ptr<const metadata::Image> before,
                                          std::shared_ptr<const metadata::Image> image,
                                          metadata::Changes changes);
  void renew_settings(const metadata::Image& image, const metadata::Changes& changes);
  [[nodiscard]] Work work_of(const metadata::Image& before, const metadata::Image& image,
                             const metadata::Changes& changes);
  [[nodiscard]] std::shared_ptr<const broker::TopicSettings> settings_of(
      const metadata::Image& image, const std::string& topic);
  void goes(const metadata::Topic& topic, PartitionIndex index, Gone& gone);
  void order_topic(const TopicWork& work, const metadata::Topic* before,
                   const metadata::Topic& topic,
                   const std::shared_ptr<const broker::TopicSettings>& settings,
                   std::vector<std::vector<ReplicaOrder>>& orders, Gone& gone);
  void order(const metadata::Topic& topic, const metadata::Partition& partition,
             const std::shared_ptr<const broker::TopicSettings>& settings,
             std::vector<std::vector<ReplicaOrder>>& orders);
  [[nodiscard]] env::Task<void> host(std::vector<std::vector<ReplicaOrder>> orders);
  [[nodiscard]] env::Task<void> host_again(ReplicaOrder order, Error error);
  void not_served(const std::string& path, const Error& error);
  [[nodiscard]] env::Task<void> show(std::shared_ptr<const broker::ClusterView> view);
  [[nodiscard]] env::Task<void> remove(Gone gone);

  env::Env& env_;
  Parts parts_;
  std::deque<metadata::Loader::Published> queue_;
  env::Signal work_;
  env::TaskGroup tasks_;
  std::shared_ptr<const config::NodeConfig> node_config_;
  config::ConfigMap dynamic_broker_;
  config::ConfigMap dynamic_default_;
  Offset applied_end_{0};
  struct Waiting {
    Offset end;
    env::Signal* bell;
  };
  std::vector<Waiting> waiting_;
  bool all_served_ = true;
  // Why, by folder: said once. At most one of each partition here.
  std::map<std::string, std::string> unserved_;
  bool caught_up_ = false;
  bool waits_over_ = false;
  bool stopping_ = false;
};

}  // namespace moldau::node
