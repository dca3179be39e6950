#pragma once
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/controller.h"
#include "controller/view.h"
#include "metadata/features.h"
#include "unit/metadata/records.h"

// A controller with a log that commits at once: the vocabulary of the controller tests.
namespace moldau::controller::test {

using namespace std::chrono_literals;
using metadata::ConfigMap;
using metadata::test::brokers;

// Knows three topic keys and lets everything else of other resources pass.
class FakeRules final : public ConfigRules {
 public:
  [[nodiscard]] Result<std::vector<ConfigChange>> incremental(
      const metadata::ConfigResource& resource, const ConfigMap& current,
      std::span<const Alteration> alterations, const ConfigChangeContext& context) const override {
    std::vector<ConfigChange> changes;
    for (const Alteration& a : alterations) {
      if (resource.type == metadata::ConfigType::topic && !static_value(resource.type, a.key)) {
        return fail(Errc::invalid_config, "Unknown topic config name: {}", a.key);
      }
      if (context.elr_enabled && a.key == "min.insync.replicas" && !resource.name.empty() &&
          resource.type == metadata::ConfigType::broker) {
        return fail(Errc::invalid_config, "not while ELR is enabled");
      }
      const auto before = current.find(a.key);
      const auto value = a.operation == AlterOperation::erase ? std::nullopt : a.value;
      const bool same = before == current.end() ? !value : value == before->second;
      if (!same || resource.type == metadata::ConfigType::broker) changes.push_back({a.key, value});
    }
    return changes;
  }
  [[nodiscard]] Result<std::vector<ConfigChange>> replace(
      const metadata::ConfigResource& resource, const ConfigMap& current,
      std::span<const Alteration> wanted, const ConfigChangeContext& context) const override {
    TRY(std::vector<ConfigChange> changes, incremental(resource, current, wanted, context));
    for (const auto& [key, value] : current) {
      const bool kept =
          std::ranges::any_of(wanted, [&](const Alteration& a) { return a.key == key; });
      if (!kept) changes.push_back({key, std::nullopt});
    }
    return changes;
  }
  [[nodiscard]] std::optional<std::string> static_value(metadata::ConfigType /*type*/,
                                                        std::string_view key) const override {
    const auto at = k_topic_keys.find(key);
    if (at == k_topic_keys.end()) return std::nullopt;
    return at->second;
  }
  [[nodiscard]] std::vector<EffectiveConfig> effective_topic(
      const ConfigMap& topic, const ConfigMap& /*broker*/,
      const ConfigMap& /*cluster*/) const override {
    std::vector<EffectiveConfig> all;
    for (const auto& [key, value] : k_topic_keys) {
      const auto at = topic.find(key);
      const bool own = at != topic.end();
      all.push_back({.name = key,
                     .value = own ? at->second : value,
                     .source = own ? ConfigSource::dynamic_topic : ConfigSource::default_value});
    }
    return all;
  }

 private:
  static inline const std::map<std::string, std::string, std::less<>> k_topic_keys{
      {"cleanup.policy", "delete"},
      {"min.insync.replicas", "1"},
      {"retention.ms", "604800000"},
      {"segment.bytes", "1073741824"},
      {"unclean.leader.election.enable", "false"}};
};

class DenyAll final : public security::Authorizer {
 public:
  [[nodiscard]] bool allows(const security::Principal& /*principal*/, std::string_view /*host*/,
                            security::Operation /*operation*/, security::ResourceType /*type*/,
                            std::string_view /*name*/) const override {
    return false;
  }
};

inline Settings settings() {
  return {
      .node_id = BrokerId{1},
      .cluster_id = "c",
      .bootstrap = *metadata::bootstrap_records(metadata::k_latest_production_metadata_version)};
}

inline const Uuid k_dir_of(int id) { return Uuid{0xd1, static_cast<std::uint64_t>(1000 + id)}; }

class Cluster {
 public:
  explicit Cluster(Settings with = settings()) : controller(std::move(with), rules) {
    auto decision = controller.activate(now);
    CHECK_OK(decision);
    apply(decision->records);
  }

  [[nodiscard]] Call call(int version) {
    return {.version = ApiVersion{static_cast<std::int16_t>(version)},
            .now = now,
            .next_offset = end,
            .rng = rng,
            .authorizer = *authorizer};
  }
  // Replays and commits; they are kept as `last`.
  void apply(std::vector<MetadataRecord> records) {
    const Offset base = end;
    end += std::ssize(records);
    CHECK_OK(controller.replay(records, base, end, now));
    controller.commit(end);
    last = std::move(records);
  }
  template <class Response>
  Response take(Result<Decision<Response>> decision) {
    CHECK_OK(decision);
    apply(std::move(decision->records));
    return std::move(decision->response);
  }

  protocol::BrokerRegistrationRequest registration(int id, int incarnation = 1) const {
    protocol::BrokerRegistrationRequest request{
        .broker_id = BrokerId{id},
        .cluster_id = "c",
        .incarnation_id =
            Uuid{static_cast<std::uint64_t>(id) + 1, static_cast<std::uint64_t>(incarnation)}};
    request.rack.reset();
    request.listeners.push_back(
        {.name = "PLAINTEXT", .host = "h", .port = static_cast<std::uint16_t>(9000 + id)});
    for (const auto& [name, range] : metadata::supported_features()) {
      request.features.push_back({.name = name,
                                  .min_supported_version = range.min.value,
                                  .max_supported_version = range.max.value});
    }
    request.log_dirs = {k_dir_of(id)};
    return request;
  }
  BrokerEpoch register_broker(int id, int incarnation = 1) {
    return take(controller.register_broker(call(4), registration(id, incarnation))).broker_epoch;
  }
  protocol::BrokerHeartbeatRequest heartbeat_of(int id) const {
    const auto* broker = controller.image().cluster.broker(BrokerId{id});
    return {.broker_id = BrokerId{id},
            .broker_epoch = broker == nullptr ? BrokerEpoch{0} : broker->epoch,
            .current_metadata_offset = end};
  }
  protocol::BrokerHeartbeatResponse heartbeat(int id, bool want_shut_down = false) {
    auto request = heartbeat_of(id);
    request.want_shut_down = want_shut_down;
    return take(controller.heartbeat(call(2), request));
  }
  void start_broker(int id, int incarnation = 1) {
    (void)register_broker(id, incarnation);
    (void)heartbeat(id);
  }
  protocol::CreateTopicsResponse::CreatableTopicResult create(std::string name, int partitions,
                                                              int replicas) {
    protocol::CreateTopicsRequest request;
    request.topics.push_back({.name = std::move(name),
                              .num_partitions = partitions,
                              .replication_factor = static_cast<std::int16_t>(replicas)});
    return take(controller.create_topics(call(7), request)).topics.at(0);
  }
  // Partitions of the topic "a", each led by the first of `replicas`.
  void create_assigned(std::string name, std::vector<std::vector<BrokerId>> partitions) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = std::move(name);
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    for (auto& replicas : partitions) {
      const PartitionIndex index{static_cast<std::int32_t>(topic.assignments.size())};
      topic.assignments.push_back({.partition_index = index, .broker_ids = std::move(replicas)});
    }
    const auto response = take(controller.create_topics(call(7), request));
    CHECK_OP(static_cast<int>(response.topics.at(0).error_code), ==, 0);
  }
  [[nodiscard]] const Partition& partition(std::string_view topic, int index = 0) const {
    return *controller.image().topics.find(topic)->partition(PartitionIndex{index});
  }
  void pass(Duration time) { now += time; }
  Decision<std::monostate> tick() {
    auto decision = controller.tick(now);
    apply(decision.records);
    return decision;
  }

  FakeRules rules;
  security::AllowAll allow_all;
  DenyAll deny_all;
  const security::Authorizer* authorizer = &allow_all;
  Rng rng{42};
  Instant now{100s};
  Offset end{1};  // behind the LeaderChange
  Controller controller;
  std::vector<MetadataRecord> last;
};

// The records of this kind among `records`.
template <class Record>
std::vector<Record> all_of(const std::vector<MetadataRecord>& records) {
  std::vector<Record> found;
  for (const MetadataRecord& record : records) {
    if (const auto* one = std::get_if<Record>(&record.data)) found.push_back(*one);
  }
  return found;
}

}  // namespace moldau::controller::test
