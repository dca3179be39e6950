#include "protocol/api/list_config_resources.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using metadata::ConfigType;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

// The order of the answer.
constexpr auto k_listable =
    std::to_array<ConfigType>({ConfigType::group, ConfigType::client_metrics,
                               ConfigType::broker_logger, ConfigType::broker, ConfigType::topic});

void add(ListConfigResourcesResponse& response, ConfigType type, std::string name) {
  response.config_resources.push_back(
      {.resource_name = std::move(name), .resource_type = static_cast<std::int8_t>(type)});
}

// Those that have settings of their own.
void add_configured(const metadata::Image& image, ConfigType type,
                    ListConfigResourcesResponse& response) {
  for (const auto& [resource, values] : image.configs.resources) {
    if (resource.type == type) add(response, type, resource.name);
  }
}

void add_all(const RequestContext& context, ConfigType type,
             ListConfigResourcesResponse& response) {
  const metadata::Image& image = context.image();
  switch (type) {
    case ConfigType::group:
    case ConfigType::client_metrics:
      add_configured(image, type, response);
      return;
    case ConfigType::broker:
    case ConfigType::broker_logger:
      for (const auto& [id, broker] : image.cluster.brokers) {
        if (broker->endpoint(context.connection.listener) == nullptr) continue;
        add(response, type, std::to_string(id.value()));
      }
      return;
    case ConfigType::topic:
      for (const auto& [name, topic] : image.topics.by_name) add(response, type, name);
      return;
    case ConfigType::unknown:
      return;
  }
}

bool is_listable(std::int8_t type) {
  return std::ranges::find(k_listable, static_cast<ConfigType>(type)) != k_listable.end();
}

}  // namespace

Answer<ListConfigResourcesResponse> list_config_resources(RequestContext& context,
                                                          ListConfigResourcesRequest request) {
  ListConfigResourcesResponse response;
  if (!context.allows_on_cluster(security::Operation::describe_configs)) {
    response.error_code = Errc::cluster_authorization_failed;
    co_return response;
  }
  // Version 0, ListClientMetricsResources before KIP-1142, has no such field.
  const bool only_metrics = context.version() == ApiVersion{0};
  if (!std::ranges::all_of(request.resource_types, is_listable)) {
    response.error_code = Errc::unsupported_version;
    co_return response;
  }
  for (const ConfigType type : k_listable) {
    const bool asked = only_metrics ? type == ConfigType::client_metrics
                                    : request.resource_types.empty() ||
                                          std::ranges::find(request.resource_types,
                                                            static_cast<std::int8_t>(type)) !=
                                              request.resource_types.end();
    if (asked) add_all(context, type, response);
  }
  co_return response;
}

}  // namespace moldau::broker
