#include "protocol/api/describe_configs.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/topic_name.h"
#include "broker/handlers/handlers.h"
#include "config/describe.h"
#include "config/validator.h"

namespace moldau::broker {
namespace {

using config::ResourceType;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using Resource = DescribeConfigsRequest::DescribeConfigsResource;
using Described = std::vector<config::DescribedConfig>;
using security::Operation;

config::ConfigMap overrides_of(const RequestContext& context, metadata::ConfigType type,
                               const std::string& name) {
  const metadata::ConfigMap& set = context.image().configs.of({type, name});
  return {set.begin(), set.end()};
}

Errc authorise(const RequestContext& context, ResourceType type, std::string_view name) {
  const auto may = [&](security::ResourceType resource) {
    return context.allows(Operation::describe_configs, resource, name);
  };
  switch (type) {
    case ResourceType::topic:
      return may(security::ResourceType::topic) ? Errc::none : Errc::topic_authorization_failed;
    case ResourceType::group:
      return may(security::ResourceType::group) ? Errc::none : Errc::group_authorization_failed;
    case ResourceType::broker:
    case ResourceType::broker_logger:
    case ResourceType::client_metrics:
      return context.allows_on_cluster(Operation::describe_configs)
                 ? Errc::none
                 : Errc::cluster_authorization_failed;
    case ResourceType::unknown:
      return Errc::invalid_request;
  }
  std::unreachable();
}

// Errors: invalid_request when the name is not this node's id.
Result<void> check_is_self(const RequestContext& context, std::string_view name, bool or_empty) {
  const BrokerId self = context.shard.facts.node_id;
  std::int32_t id = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) {
    return fail(Errc::invalid_request, "Broker id must be an integer, but it is: {}", name);
  }
  if (BrokerId{id} != self) {
    return fail(Errc::invalid_request, "Unexpected broker id, expected {}{}, but received {}", self,
                or_empty ? " or empty string" : "", name);
  }
  return {};
}

Result<Described> describe_topic(const RequestContext& context, const std::string& name,
                                 const config::DescribeOptions& options) {
  TRY_OK(check_topic_name(name));
  if (context.image().topics.find(name) == nullptr) return fail(Errc::unknown_topic_or_partition);
  return config::describe_topic(context.view->layers(),
                                overrides_of(context, metadata::ConfigType::topic, name), options);
}

Result<Described> describe(const RequestContext& context, ResourceType type,
                           const std::string& name, const config::DescribeOptions& options) {
  const config::BrokerLayers layers = context.view->layers();
  switch (type) {
    case ResourceType::topic:
      return describe_topic(context, name, options);
    case ResourceType::broker:
      if (name.empty()) return config::describe_default_broker(layers, options);
      if (Result<void> self = check_is_self(context, name, true); !self) {
        return fail(std::move(self).error());
      }
      return config::describe_broker(layers, options);
    case ResourceType::broker_logger:
      if (name.empty()) return fail(Errc::invalid_request, "Broker id must not be empty");
      if (Result<void> self = check_is_self(context, name, false); !self) {
        return fail(std::move(self).error());
      }
      return config::describe_broker_logger({{"root", "INFO"}}, options);
    case ResourceType::client_metrics:
      if (name.empty()) {
        return fail(Errc::invalid_request, "Client metrics subscription name must not be empty");
      }
      return config::describe_client_metrics(
          overrides_of(context, metadata::ConfigType::client_metrics, name), options);
    case ResourceType::group:
      if (name.empty()) return fail(Errc::invalid_request, "Group name must not be empty");
      return config::describe_group(
          layers, overrides_of(context, metadata::ConfigType::group, name), options);
    case ResourceType::unknown:
      return fail(Errc::invalid_request, "Unsupported resource type");
  }
  std::unreachable();
}

DescribeConfigsResponse::DescribeConfigsResourceResult encode(const config::DescribedConfig& from) {
  DescribeConfigsResponse::DescribeConfigsResourceResult out;
  out.name = from.name;
  out.value = from.value;
  out.read_only = from.read_only;
  out.config_source = static_cast<std::int8_t>(from.source);
  out.is_sensitive = from.sensitive;
  out.config_type = static_cast<std::int8_t>(from.type);
  out.documentation = std::nullopt;
  if (from.documentation) out.documentation = std::string{*from.documentation};
  for (const config::DescribedSynonym& synonym : from.synonyms) {
    out.synonyms.push_back({.name = synonym.name,
                            .value = synonym.value,
                            .source = static_cast<std::int8_t>(synonym.source)});
  }
  return out;
}

DescribeConfigsResponse::DescribeConfigsResult answer(const RequestContext& context,
                                                      const DescribeConfigsRequest& request,
                                                      const Resource& resource) {
  DescribeConfigsResponse::DescribeConfigsResult out;
  out.resource_type = resource.resource_type;
  out.resource_name = resource.resource_name;
  out.error_message = "";
  const ResourceType type =
      config::resource_type_from_wire(resource.resource_type).value_or(ResourceType::unknown);
  if (const Errc error = authorise(context, type, resource.resource_name); error != Errc::none) {
    out.error_code = error;
    out.error_message = std::string{facts(error).text};
    return out;
  }
  config::DescribeOptions options{.include_synonyms = request.include_synonyms,
                                  .include_documentation = request.include_documentation};
  if (resource.configuration_keys) options.names = *resource.configuration_keys;
  const Result<Described> described = describe(context, type, resource.resource_name, options);
  if (!described) {
    out.error_code = described.error().code();
    if (!described.error().text().empty()) out.error_message = described.error().text();
    return out;
  }
  out.configs.reserve(described->size());
  for (const config::DescribedConfig& config : *described) out.configs.push_back(encode(config));
  return out;
}

}  // namespace

Answer<DescribeConfigsResponse> describe_configs(RequestContext& context,
                                                 DescribeConfigsRequest request) {
  DescribeConfigsResponse response;
  const auto has_no_configs = [](const Resource& resource) {
    return !config::resource_type_from_wire(resource.resource_type);
  };
  if (std::ranges::any_of(request.resources, has_no_configs)) {
    // One refuses all.
    for (const Resource& resource : request.resources) {
      auto& result = response.results.emplace_back();
      result.error_code = Errc::invalid_request;
      result.error_message = std::string{facts(Errc::invalid_request).text};
      result.resource_type = resource.resource_type;
      result.resource_name = resource.resource_name;
    }
    co_return response;
  }
  for (const Resource& resource : request.resources) {
    response.results.push_back(answer(context, request, resource));
  }
  co_return response;
}

}  // namespace moldau::broker
