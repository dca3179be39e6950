#include "cli/reassignment_throttles.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "cli/joined.h"

namespace moldau::cli {
namespace {

constexpr std::string_view k_leader_rate = "leader.replication.throttled.rate";
constexpr std::string_view k_follower_rate = "follower.replication.throttled.rate";
constexpr std::string_view k_directory_rate = "replica.alter.log.dirs.io.max.bytes.per.second";
constexpr std::string_view k_leader_replicas = "leader.replication.throttled.replicas";
constexpr std::string_view k_follower_replicas = "follower.replication.throttled.replicas";

}  // namespace

env::Task<Result<void>> set_throttles(Console& console, client::Cluster& cluster,
                                      ThrottleRates rates, Throttled throttled, LogDirs moves) {
  if (rates.between_brokers < 0 && rates.between_directories < 0) co_return Result<void>{};
  console.out(
      "Warning: You must run --verify periodically, until the reassignment completes, to ensure "
      "the throttle is removed.\n");
  if (rates.between_brokers >= 0) {
    std::vector<ConfigTarget> targets;
    for (const auto& [topic, leaders] : throttled.leaders) {
      targets.push_back({true,
                         topic,
                         {{std::string(k_leader_replicas), leaders},
                          {std::string(k_follower_replicas), throttled.followers[topic]}}});
    }
    CO_TRY_OK(co_await set_configs(cluster, std::move(targets), false));
    targets.clear();
    const std::string rate = fmt::format("{}", rates.between_brokers);
    for (const BrokerId id : throttled.brokers) {
      targets.push_back(
          {false,
           fmt::format("{}", id),
           {{std::string(k_leader_rate), rate}, {std::string(k_follower_rate), rate}}});
    }
    CO_TRY_OK(co_await set_configs(cluster, std::move(targets), false));
    console.out(fmt::format("The inter-broker throttle limit was set to {} B/s\n", rate));
  }
  if (rates.between_directories >= 0) {
    std::set<BrokerId> brokers;
    for (const auto& [replica, directory] : moves) brokers.insert(replica.first);
    std::vector<ConfigTarget> targets;
    for (const BrokerId id : brokers) {
      targets.push_back(
          {false,
           fmt::format("{}", id),
           {{std::string(k_directory_rate), fmt::format("{}", rates.between_directories)}}});
    }
    CO_TRY_OK(co_await set_configs(cluster, std::move(targets), false));
    console.out(fmt::format("The replica-alter-dir throttle limit was set to {} B/s\n",
                            rates.between_directories));
  }
  co_return Result<void>{};
}

env::Task<Result<void>> clear_throttles(Console& console, client::Cluster& cluster,
                                        std::vector<Placement> placements, bool controllers) {
  CO_TRY(const std::vector<KnownBroker> known, co_await nodes_of(cluster, controllers));
  std::set<BrokerId> brokers;
  for (const KnownBroker& broker : known) brokers.insert(broker.id);
  std::vector<std::string> topics;
  for (const Placement& one : placements) {
    brokers.insert(one.replicas.begin(), one.replicas.end());
    if (std::ranges::find(topics, one.partition.topic) == topics.end()) {
      topics.push_back(one.partition.topic);
    }
  }
  topics = in_hash_order(std::move(topics));
  const auto targets = [](bool is_topic, std::vector<std::string> names,
                          std::vector<std::string_view> keys) {
    std::vector<ConfigTarget> out;
    for (std::string& name : names) {
      out.push_back({is_topic, std::move(name), {}});
      for (const std::string_view key : keys) {
        out.back().values.emplace_back(std::string(key), std::nullopt);
      }
    }
    return out;
  };
  console.out(fmt::format("Clearing broker-level throttles on broker{} {}\n",
                          brokers.size() == 1 ? "" : "s", joined(brokers, ",")));
  std::vector<std::string> ids;
  for (const BrokerId id : brokers) ids.push_back(fmt::format("{}", id));
  CO_TRY_OK(co_await set_configs(
      cluster, targets(false, std::move(ids), {k_leader_rate, k_follower_rate, k_directory_rate}),
      controllers));
  console.out(fmt::format("Clearing topic-level throttles on topic{} {}\n",
                          topics.size() == 1 ? "" : "s", joined(topics, ",")));
  co_return co_await set_configs(
      cluster, targets(true, std::move(topics), {k_leader_replicas, k_follower_replicas}),
      controllers);
}

}  // namespace moldau::cli
