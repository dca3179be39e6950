#include "protocol/api/find_coordinator.h"

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

enum class KeyType : std::int8_t { group = 0, transaction = 1, share = 2 };

Errc error_for(const RequestContext& context, std::int8_t key_type, std::string_view key) {
  if (key_type < 0 || key_type > 2) return Errc::invalid_request;
  using security::Operation;
  using security::ResourceType;
  switch (KeyType{key_type}) {
    case KeyType::group:
      if (!context.allows(Operation::describe, ResourceType::group, key)) {
        return Errc::group_authorization_failed;
      }
      break;
    case KeyType::transaction:
      if (!context.allows(Operation::describe, ResourceType::transactional_id, key)) {
        return Errc::transactional_id_authorization_failed;
      }
      break;
    case KeyType::share:
      if (context.version() < ApiVersion{6}) return Errc::invalid_request;
      if (!context.allows_on_cluster(Operation::cluster_action)) {
        return Errc::cluster_authorization_failed;
      }
      break;
  }
  // This node runs no coordinator, and says so rather than naming one that would not answer.
  return Errc::coordinator_not_available;
}

}  // namespace

Answer<FindCoordinatorResponse> find_coordinator(RequestContext& context,
                                                 FindCoordinatorRequest request) {
  FindCoordinatorResponse response;
  if (context.version() < ApiVersion{4}) {
    response.error_code = error_for(context, request.key_type, request.key);
    response.error_message = std::string{facts(response.error_code).text};
    response.node_id = k_no_broker;
    response.port = -1;
    co_return response;
  }
  for (const std::string& key : request.coordinator_keys) {
    FindCoordinatorResponse::Coordinator coordinator;
    coordinator.key = key;
    coordinator.error_code = error_for(context, request.key_type, key);
    coordinator.node_id = k_no_broker;
    coordinator.port = -1;
    response.coordinators.push_back(std::move(coordinator));
  }
  co_return response;
}

}  // namespace moldau::broker
