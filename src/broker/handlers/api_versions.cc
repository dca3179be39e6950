#include "protocol/api/api_versions.h"

#include <algorithm>

#include "broker/handlers/handlers.h"
#include "metadata/features.h"

namespace moldau::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

constexpr ApiVersion k_v3{3};
constexpr ApiVersion k_v4{4};
constexpr ApiVersion k_v5{5};

// Letters, digits, '-' and '.', beginning and ending with a letter or digit (KIP-511).
bool is_software_token(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  return std::ranges::all_of(text, [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

// What KIP-511 and KIP-1242 let a client say wrongly.
Errc fault_of(const ApiVersionsRequest& request, const RequestContext& context) {
  const ApiVersion version = context.version();
  if (version >= k_v3 && (!is_software_token(request.client_software_name) ||
                          !is_software_token(request.client_software_version))) {
    return Errc::invalid_request;
  }
  if (version < k_v5) return Errc::none;
  const bool has_node = request.node_id != k_no_broker;
  if (request.cluster_id.has_value() != has_node) return Errc::invalid_request;
  // A controller's address may be that of a load balancer, so only a broker insists.
  if (!has_node || context.controller_listener) return Errc::none;
  const NodeFacts& facts = context.shard.facts;
  const bool right = *request.cluster_id == facts.cluster_id && request.node_id == facts.node_id;
  return right ? Errc::none : Errc::rebootstrap_required;
}

void tell_features(const RequestContext& context, ApiVersionsResponse& response) {
  const bool unstable = context.shard.facts.config->unstable_features;
  for (const auto& [name, range] : metadata::supported_features(unstable)) {
    // Clients of version 3 take a minimum of 0 for an error (KAFKA-17011).
    if (range.min.value == 0 && context.version() < k_v4) continue;
    response.supported_features.push_back(
        {.name = name, .min_version = range.min.value, .max_version = range.max.value});
  }
  const metadata::Image& image = context.image();
  const auto finalized = [&](std::string_view name, std::int16_t level) {
    response.finalized_features.push_back(
        {.name = std::string{name}, .max_version_level = level, .min_version_level = level});
  };
  for (const auto& [name, level] : image.features.finalized) finalized(name, level.value);
  if (image.features.metadata_version) {
    finalized(metadata::k_metadata_version, image.features.metadata_version->value);
  }
  if (context.view->kraft_version > 0) {
    finalized(metadata::k_kraft_version, context.view->kraft_version);
  }
  response.finalized_features_epoch = image.provenance.last_contained_offset.value();
}

void tell_apis(const RequestContext& context, ApiVersionsResponse& response) {
  const bool unstable = context.shard.facts.config->network.unstable_api_versions;
  for (const HandlerRow& row : handlers()) {
    const protocol::VersionRange range = advertised(row, context.controller_listener, unstable);
    if (range.empty()) continue;
    response.api_keys.push_back(
        {.api_key = row.api, .min_version = range.first, .max_version = range.last});
  }
}

}  // namespace

env::Task<Result<rpc::Response>> api_versions(RequestContext& context) {
  ApiVersionsResponse response;
  if (!context.request.header.version_exists) {
    // In version 0, which every client reads, with the one range that it may go on with.
    response.error_code = Errc::unsupported_version;
    const HandlerRow* row = find_handler(protocol::ApiKey::api_versions);
    const protocol::VersionRange range = advertised(*row, context.controller_listener, false);
    response.api_keys.push_back(
        {.api_key = row->api, .min_version = range.first, .max_version = range.last});
    co_return rpc::Response::of(response, ApiVersion{0});
  }
  const ApiVersion version = context.version();
  CO_TRY(const ApiVersionsRequest request,
         ApiVersionsRequest::decode(context.request.body(), version));
  response.error_code = fault_of(request, context);
  if (response.error_code == Errc::none) {
    if (version >= k_v3) {
      context.connection.software_name = request.client_software_name;
      context.connection.software_version = request.client_software_version;
      tell_features(context, response);
    }
    tell_apis(context, response);
  }
  co_return rpc::Response::of(response, version);
}

}  // namespace moldau::broker
