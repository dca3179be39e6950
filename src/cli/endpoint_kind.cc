#include "cli/endpoint_kind.h"

#include "cli/session.h"
#include "protocol/api/describe_cluster.h"

namespace moldau::cli {

EndpointKind endpoint_kind(const Given& given) {
  return given.has("bootstrap-controller") ? EndpointKind::controller : EndpointKind::broker;
}

env::Task<Result<void>> expect_endpoint(client::Cluster& cluster, EndpointKind kind) {
  using protocol::DescribeClusterRequest;
  using protocol::DescribeClusterResponse;
  constexpr std::int8_t k_controllers = 2;
  if (kind == EndpointKind::broker) {
    const auto told = co_await cluster.refresh(std::vector<std::string>{});
    if (told) co_return Result<void>{};
    if (told.error().code() != Errc::unsupported_version) co_return fail(told.error());
    co_return fail(Errc::unsupported_version, "The node does not support METADATA");
  }
  DescribeClusterRequest request;
  request.endpoint_type = k_controllers;
  CO_TRY(const DescribeClusterResponse told,
         co_await cluster.ask_any<DescribeClusterRequest, DescribeClusterResponse>(
             std::move(request)));
  co_return refused(told.error_code, told.error_message);
}

}  // namespace moldau::cli
