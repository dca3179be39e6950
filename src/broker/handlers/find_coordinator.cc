#include "protocol/api/find_coordinator.h"

#include "broker/coordinator_partition.h"
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/topic_creation.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using security::Operation;
using security::ResourceType;

enum class KeyType : std::int8_t { group = 0, transaction = 1, share = 2 };

struct Found {
  Errc error = Errc::coordinator_not_available;
  BrokerId node = k_no_broker;
  std::string host;
  std::int32_t port = -1;
};

// The leader of the key's partition of `topic`, which is created when there is none.
Found find_in(const RequestContext& context, std::string_view topic, std::string_view key,
              void (*create)(const RequestContext&)) {
  const auto id = coordinator_partition(context.image(), topic, key);
  if (!id) {
    // The client asks again, and finds the topic then.
    create(context);
    return {};
  }
  const metadata::Partition* partition = context.image().topics.find(id->topic_id, id->partition);
  if (partition == nullptr) return {};
  const auto* endpoint =
      endpoint_of(context.image(), partition->leader, context.connection.listener);
  if (endpoint == nullptr) return {};
  return {Errc::none, partition->leader, endpoint->host, endpoint->port};
}

Found find(const RequestContext& context, std::int8_t key_type, std::string_view key) {
  if (key_type < 0 || key_type > 2) return {.error = Errc::invalid_request};
  switch (KeyType{key_type}) {
    case KeyType::group:
      if (!context.allows(Operation::describe, ResourceType::group, key)) {
        return {.error = Errc::group_authorization_failed};
      }
      return find_in(context, k_offsets_topic, key, &create_offsets_topic);
    case KeyType::transaction:
      if (!context.allows(Operation::describe, ResourceType::transactional_id, key)) {
        return {.error = Errc::transactional_id_authorization_failed};
      }
      return find_in(context, k_transaction_topic, key, &create_transaction_topic);
    case KeyType::share:
      if (context.version() < ApiVersion{6}) return {.error = Errc::invalid_request};
      if (!context.allows_on_cluster(Operation::cluster_action)) {
        return {.error = Errc::cluster_authorization_failed};
      }
      break;
  }
  // This node runs no such coordinator, and says so rather than naming one that would not answer.
  return {};
}

// Kafka's "error" of success has its name for a message.
std::string_view message_of(Errc error) {
  return error == Errc::none ? name_of(error) : facts(error).text;
}

}  // namespace

Answer<FindCoordinatorResponse> find_coordinator(RequestContext& context,
                                                 FindCoordinatorRequest request) {
  FindCoordinatorResponse response;
  if (context.version() < ApiVersion{4}) {
    Found found = find(context, request.key_type, request.key);
    response.error_code = found.error;
    response.error_message = std::string{message_of(found.error)};
    response.node_id = found.node;
    response.host = std::move(found.host);
    response.port = found.port;
    co_return response;
  }
  for (const std::string& key : request.coordinator_keys) {
    Found found = find(context, request.key_type, key);
    FindCoordinatorResponse::Coordinator coordinator;
    coordinator.key = key;
    coordinator.error_code = found.error;
    coordinator.node_id = found.node;
    coordinator.host = std::move(found.host);
    coordinator.port = found.port;
    response.coordinators.push_back(std::move(coordinator));
  }
  co_return response;
}

}  // namespace moldau::broker
