#include "controller/config_control.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace moldau::controller {
namespace {

using metadata::ConfigResource;
using metadata::ConfigType;

constexpr std::string_view k_min_isr = "min.insync.replicas";

ConfigType type_of(std::int8_t code) {
  switch (code) {
    case 2:
      return ConfigType::topic;
    case 4:
      return ConfigType::broker;
    case 8:
      return ConfigType::broker_logger;
    case 16:
      return ConfigType::client_metrics;
    case 32:
      return ConfigType::group;
    default:
      return ConfigType::unknown;  // a code from outside
  }
}

MetadataRecord config_record(const ConfigResource& resource, std::string_view key,
                             std::optional<std::string> value) {
  protocol::ConfigRecord record{.resource_type = static_cast<std::int8_t>(resource.type),
                                .resource_name = resource.name,
                                .name = std::string(key)};
  record.value = std::move(value);
  return {std::move(record), ApiVersion{0}};
}

}  // namespace

ConfigChangeContext ConfigControl::context(const Call& call) const {
  return {.elr_enabled = view_.elr_enabled(),
          .cordoning_supported = view_.version().cordoned_log_dirs(),
          .forwarded = call.forwarded};
}

Result<void> ConfigControl::authorise(const Call& call, const ConfigResource& resource) const {
  using security::ResourceType;
  const auto may = [&](ResourceType type, std::string_view name) {
    return call.authorizer.allows(call.principal, call.host, security::Operation::alter_configs,
                                  type, name);
  };
  switch (resource.type) {
    case ConfigType::broker:
    case ConfigType::client_metrics:
      if (may(ResourceType::cluster, security::k_cluster_name)) return {};
      return fail(Errc::cluster_authorization_failed);
    case ConfigType::topic:
      if (may(ResourceType::topic, resource.name)) return {};
      return fail(Errc::topic_authorization_failed);
    case ConfigType::group:
      if (may(ResourceType::group, resource.name)) return {};
      return fail(Errc::group_authorization_failed);
    case ConfigType::broker_logger:
      // Log levels are no metadata: each node sets its own, and a broker does so before it
      // forwards.
      return fail(Errc::invalid_request, "Unexpected resource type BROKER_LOGGER.");
    case ConfigType::unknown:
      break;
  }
  return fail(Errc::unsupported_version, "Unknown resource type {}.",
              static_cast<int>(resource.type));
}

Result<void> ConfigControl::check_exists(const ConfigResource& resource) const {
  if (resource.type == ConfigType::topic && view_.image().topics.find(resource.name) == nullptr) {
    return fail(Errc::unknown_topic_or_partition, "The topic '{}' does not exist.", resource.name);
  }
  if (resource.type == ConfigType::broker && !resource.name.empty()) {
    std::int32_t id = -1;
    const char* const end = resource.name.data() + resource.name.size();
    const auto parsed = std::from_chars(resource.name.data(), end, id);
    if (parsed.ec != std::errc{} || parsed.ptr != end || id < 0) {
      return fail(Errc::invalid_request, "Invalid broker name {}", resource.name);
    }
    if (view_.broker(BrokerId{id}) == nullptr && BrokerId{id} != view_.settings().node_id &&
        view_.image().cluster.controller(BrokerId{id}) == nullptr) {
      return fail(Errc::broker_id_not_registered, "No node with id {} found.", id);
    }
  }
  return {};
}

void ConfigControl::add(const ConfigResource& resource, std::span<const ConfigChange> changes,
                        Records& records) {
  for (const ConfigChange& change : changes) {
    records.push_back(config_record(resource, change.key, change.value));
  }
}

// The ELR was made by the old minimum, so it means nothing under another.
void ConfigControl::add_clear_elr(Records& records) const {
  if (!view_.elr_enabled()) return;
  const std::size_t count = records.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto* config = std::get_if<protocol::ConfigRecord>(&records[i].data);
    if (config == nullptr || config->name != k_min_isr) continue;
    const bool topic = config->resource_type == static_cast<std::int8_t>(ConfigType::topic);
    records.push_back({protocol::ClearElrRecord{.topic_name = topic ? config->resource_name : ""},
                       ApiVersion{0}});
  }
}

Result<Records> ConfigControl::new_topic(const std::string& name,
                                         std::span<const Alteration> alterations,
                                         const Call& call) const {
  const ConfigResource resource{ConfigType::topic, name};
  TRY(std::vector<ConfigChange> changes,
      view_.rules().incremental(resource, {}, alterations, context(call)));
  Records records;
  add(resource, changes, records);
  add_clear_elr(records);
  return records;
}

template <class Response, class Request, class Change>
Result<Decision<Response>> ConfigControl::alter(const Call& call, const Request& request,
                                                const Change& change) const {
  Decision<Response> decision;
  std::map<ConfigResource, int> asked;
  for (const auto& from : request.resources) {
    ++asked[{type_of(from.resource_type), from.resource_name}];
  }
  for (const auto& from : request.resources) {
    const ConfigResource resource{type_of(from.resource_type), from.resource_name};
    int& times = asked[resource];
    if (times == 0) continue;  // answered at its first mention
    auto& answer = decision.response.responses.emplace_back();
    answer.resource_type = from.resource_type;
    answer.resource_name = from.resource_name;
    answer.error_message.reset();
    const auto decide = [&]() -> Result<void> {
      if (resource.type == ConfigType::unknown) {
        return fail(Errc::unsupported_version, "Unknown resource type {}.", from.resource_type);
      }
      if (times > 1) return fail(Errc::invalid_request, "Duplicate resource.");
      TRY_OK(authorise(call, resource));
      TRY(std::vector<ConfigChange> changes,
          change(resource, view_.image().configs.of(resource), from));
      TRY_OK(check_exists(resource));
      add(resource, changes, decision.records);
      return {};
    };
    if (const Result<void> done = decide(); !done) {
      answer.error_code = done.error().code();
      if (!done.error().text().empty()) answer.error_message = done.error().text();
    }
    if (resource.type != ConfigType::unknown) times = 0;
  }
  add_clear_elr(decision.records);
  if (decision.records.size() > k_records_per_request_max) {
    return fail(Errc::policy_violation, "Unable to perform excessively large batch operation.");
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

Result<Decision<protocol::IncrementalAlterConfigsResponse>> ConfigControl::incremental(
    const Call& call, const protocol::IncrementalAlterConfigsRequest& request) const {
  using Resource = protocol::IncrementalAlterConfigsRequest::AlterConfigsResource;
  return alter<protocol::IncrementalAlterConfigsResponse>(
      call, request,
      [&](const ConfigResource& resource, const metadata::ConfigMap& current,
          const Resource& from) -> Result<std::vector<ConfigChange>> {
        std::vector<Alteration> alterations;
        for (const auto& config : from.configs) {
          if (config.config_operation < 0 || config.config_operation > 3) {
            return fail(Errc::invalid_request, "Unknown operation {} for configuration {}.",
                        config.config_operation, config.name);
          }
          alterations.push_back({.key = config.name,
                                 .operation = static_cast<AlterOperation>(config.config_operation),
                                 .value = config.value});
        }
        return view_.rules().incremental(resource, current, alterations, context(call));
      });
}

Result<Decision<protocol::AlterConfigsResponse>> ConfigControl::legacy(
    const Call& call, const protocol::AlterConfigsRequest& request) const {
  using Resource = protocol::AlterConfigsRequest::AlterConfigsResource;
  return alter<protocol::AlterConfigsResponse>(
      call, request,
      [&](const ConfigResource& resource, const metadata::ConfigMap& current,
          const Resource& from) -> Result<std::vector<ConfigChange>> {
        std::vector<Alteration> wanted;
        for (const auto& config : from.configs) {
          wanted.push_back({.key = config.name, .value = config.value});
        }
        return view_.rules().replace(resource, current, wanted, context(call));
      });
}

void ConfigControl::prepare_elr(Records& records) const {
  const metadata::Configs& configs = view_.image().configs;
  const ConfigResource cluster{ConfigType::broker, ""};
  if (!configs.value(cluster, k_min_isr)) {
    records.push_back(
        config_record(cluster, k_min_isr, fmt::format("{}", view_.settings().min_insync_replicas)));
  }
  for (const auto& [resource, values] : configs.resources) {
    if (resource.type != ConfigType::broker || resource.name.empty()) continue;
    if (values->contains(k_min_isr)) {
      records.push_back(config_record(resource, k_min_isr, std::nullopt));
    }
  }
}

}  // namespace moldau::controller
