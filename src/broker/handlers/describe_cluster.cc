#include "protocol/api/describe_cluster.h"

#include "broker/authorized_operations.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

// KIP-919: an admin client says whether it means to talk to brokers or to controllers.
constexpr std::int8_t k_brokers = 1;
constexpr std::int8_t k_controllers = 2;

// The errors of endpoint types are known from version 1 on.
DescribeClusterResponse refused(const RequestContext& context, Errc error, std::string message) {
  DescribeClusterResponse response;
  response.error_code = context.version() == ApiVersion{0} ? Errc::invalid_request : error;
  response.error_message = std::move(message);
  return response;
}

std::optional<DescribeClusterResponse> fault_of(const RequestContext& context,
                                                std::int8_t endpoint_type) {
  const std::int8_t ours = context.controller_listener ? k_controllers : k_brokers;
  if (endpoint_type == ours) return std::nullopt;
  if (endpoint_type != k_brokers && endpoint_type != k_controllers) {
    return refused(context, Errc::unsupported_endpoint_type,
                   "Unsupported endpoint type " + std::to_string(endpoint_type));
  }
  const std::string asked = endpoint_type == k_brokers ? "BROKER" : "CONTROLLER";
  const std::string here = context.controller_listener ? "CONTROLLER" : "BROKER";
  return refused(context, Errc::mismatched_endpoint_type,
                 "The request was sent to an endpoint of type " + here +
                     ", but we wanted an endpoint of type " + asked);
}

void tell_brokers(const RequestContext& context, bool fenced_too,
                  DescribeClusterResponse& response) {
  for (const auto& [id, broker] : context.image().cluster.brokers) {
    if (broker->fenced && !fenced_too) continue;
    const metadata::Endpoint* endpoint = broker->endpoint(context.connection.listener);
    if (endpoint == nullptr) continue;
    response.brokers.push_back({.broker_id = id,
                                .host = endpoint->host,
                                .port = endpoint->port,
                                .rack = broker->rack,
                                .is_fenced = broker->fenced});
  }
  response.controller_id = some_alive_broker(context.image(), context.env().entropy.next());
}

void tell_controllers(const RequestContext& context, DescribeClusterResponse& response) {
  for (const auto& [id, controller] : context.image().cluster.controllers) {
    for (const metadata::Endpoint& endpoint : controller->endpoints) {
      if (endpoint.name != context.connection.listener) continue;
      response.brokers.push_back({.broker_id = id, .host = endpoint.host, .port = endpoint.port});
    }
  }
  response.controller_id = context.view->controller.value_or(k_no_broker);
}

}  // namespace

Answer<DescribeClusterResponse> describe_cluster(RequestContext& context,
                                                 DescribeClusterRequest request) {
  if (auto fault = fault_of(context, request.endpoint_type)) co_return *std::move(fault);
  DescribeClusterResponse response;
  response.error_message = std::nullopt;
  response.endpoint_type = request.endpoint_type;
  response.cluster_id = context.shard.facts.cluster_id;
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        context.allows_on_cluster(security::Operation::describe)
            ? authorized_cluster_operations(context)
            : 0;
  }
  if (context.controller_listener) {
    tell_controllers(context, response);
  } else {
    tell_brokers(context, request.include_fenced_brokers, response);
  }
  co_return response;
}

}  // namespace moldau::broker
