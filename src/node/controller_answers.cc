#include "node/controller_answers.h"

#include <optional>
#include <string>
#include <utility>

#include "controller/controller.h"
#include "controller/refusals.h"
#include "node/controller_host.h"
#include "protocol/api_table.h"
#include "protocol/codec.h"

namespace moldau::node {
namespace {

using controller::Call;
using controller::Controller;
using controller::Decision;
using protocol::ApiKey;

// ---- who may ask the controller at all; topics and resources are checked where they are decided
// --
template <class Request>
constexpr std::optional<security::Operation> operation_on_cluster() {
  using security::Operation;
  if constexpr (std::is_same_v<Request, protocol::UpdateFeaturesRequest> ||
                std::is_same_v<Request, protocol::UnregisterBrokerRequest> ||
                std::is_same_v<Request, protocol::UnregisterControllerRequest> ||
                std::is_same_v<Request, protocol::ElectLeadersRequest> ||
                std::is_same_v<Request, protocol::AlterPartitionReassignmentsRequest>) {
    return Operation::alter;
  } else if constexpr (std::is_same_v<Request, protocol::ListPartitionReassignmentsRequest>) {
    return Operation::describe;
  } else if constexpr (std::is_same_v<Request, protocol::BrokerRegistrationRequest> ||
                       std::is_same_v<Request, protocol::BrokerHeartbeatRequest> ||
                       std::is_same_v<Request, protocol::ControllerRegistrationRequest> ||
                       std::is_same_v<Request, protocol::AllocateProducerIdsRequest> ||
                       std::is_same_v<Request, protocol::AlterPartitionRequest> ||
                       std::is_same_v<Request, protocol::AssignReplicasToDirsRequest>) {
    return Operation::cluster_action;
  } else {
    return std::nullopt;
  }
}

template <class Request>
bool may_ask(const Call& call) {
  constexpr std::optional<security::Operation> needed = operation_on_cluster<Request>();
  if constexpr (!needed) return true;
  return call.authorizer.allows(call.principal, call.host, *needed, security::ResourceType::cluster,
                                security::k_cluster_name);
}

// How long a request may wait until it is decided; once it is, its end is waited for, as in Kafka.
// There others that bear a time are decided whatever it is, and so are those that ask for nothing.
template <class Request>
Milliseconds patience_of(const Request& request) {
  if constexpr (std::is_same_v<Request, protocol::ElectLeadersRequest>) {
    const bool asks = !request.topic_partitions || !request.topic_partitions->empty();
    if (asks) return request.timeout_ms;
  } else if constexpr (std::is_same_v<Request, protocol::DeleteTopicsRequest>) {
    if (!request.topics.empty() || !request.topic_names.empty()) return request.timeout_ms;
  } else if constexpr (std::is_same_v<Request, protocol::CreateTopicsRequest> ||
                       std::is_same_v<Request, protocol::CreatePartitionsRequest> ||
                       std::is_same_v<Request, protocol::AlterPartitionReassignmentsRequest>) {
    if (!request.topics.empty()) return request.timeout_ms;
  }
  return ControllerHost::k_patience;
}

// Refuses what waited too long. none: decide it.
env::Task<Errc> wait_for_turn(ControllerHost& host, Milliseconds patience) {
  if (patience <= Milliseconds{0}) co_return Errc::request_timed_out;
  const bool active = co_await host.wait_until_active(patience);
  if (active) co_return Errc::none;
  co_return patience < ControllerHost::k_patience ? Errc::request_timed_out : Errc::not_controller;
}

// Appends what was decided and waits until it is committed. The answer tells of an Error inside;
// one outside ends the connection.
env::Task<Result<std::optional<Error>>> carry_out(ControllerHost& host, bool forwarded,
                                                  std::vector<metadata::MetadataRecord> records,
                                                  bool atomic) {
  const Result<Offset> end = host.append(records, atomic);
  if (!end) co_return end.error();
  const Errc done = co_await host.wait_until_committed(*end);
  if (done != Errc::none) co_return fail(done);
  // What the broker asks in its own name must not wait for the broker.
  if (forwarded && !records.empty()) co_await host.wait_until_shown(*end);
  co_return std::nullopt;
}

template <class Request, class Response, class Decide>
env::Task<Result<SharedBytes>> decided(ControllerHost& host, broker::ControllerRequest ask,
                                       Decide decide) {
  CO_TRY(const Request request, Request::decode(ask.body.view(), ask.version));
  const Errc late = co_await wait_for_turn(host, patience_of(request));
  if (late == Errc::not_controller) co_return fail(late);
  const Call call = host.call(ask);
  // Decide, append, replay: not one wait between the three.
  Result<Decision<Response>> decision =
      late != Errc::none ? Result<Decision<Response>>{fail(late)}
      : may_ask<Request>(call)
          ? decide(host.machine(), call, request)
          : Result<Decision<Response>>{fail(Errc::cluster_authorization_failed)};
  std::optional<Error> refused;
  if (decision) {
    CO_TRY(refused,
           co_await carry_out(host, ask.forwarded, std::move(decision->records), decision->atomic));
  } else {
    refused = decision.error();
  }
  if (refused && refused->code() == Errc::not_controller) co_return fail(*std::move(refused));
  Response response =
      refused ? controller::refuse(request, *refused) : std::move(decision->response);
  if constexpr (std::is_same_v<Response, protocol::ElectLeadersResponse>) {
    // An error has no place there.
    if (refused && ask.version == ApiVersion{0}) response.error_code = Errc::none;
  }
  co_return protocol::encoded(Response::k_message, &response, ask.version);
}

// For members that take (call, request).
template <class Request, class Response, auto member>
env::Task<Result<SharedBytes>> simple(ControllerHost& host, broker::ControllerRequest ask) {
  return decided<Request, Response>(
      host, std::move(ask), [](Controller& machine, const Call& call, const Request& request) {
        return (machine.*member)(call, request);
      });
}

using Answering = env::Task<Result<SharedBytes>> (*)(ControllerHost&, broker::ControllerRequest);
struct Row {
  ApiKey api;
  Answering answer;
};

#define MOLDAU_ROW(api, Name, member)                                                            \
  Row {                                                                                          \
    ApiKey::api, &simple<protocol::Name##Request, protocol::Name##Response, &Controller::member> \
  }
const Row k_rows[] = {
    MOLDAU_ROW(create_topics, CreateTopics, create_topics),
    MOLDAU_ROW(delete_topics, DeleteTopics, delete_topics),
    MOLDAU_ROW(alter_configs, AlterConfigs, alter_configs),
    MOLDAU_ROW(create_partitions, CreatePartitions, create_partitions),
    MOLDAU_ROW(elect_leaders, ElectLeaders, elect_leaders),
    MOLDAU_ROW(incremental_alter_configs, IncrementalAlterConfigs, incremental_alter_configs),
    MOLDAU_ROW(alter_partition_reassignments, AlterPartitionReassignments,
               alter_partition_reassignments),
    MOLDAU_ROW(list_partition_reassignments, ListPartitionReassignments,
               list_partition_reassignments),
    MOLDAU_ROW(alter_partition, AlterPartition, alter_partition),
    MOLDAU_ROW(update_features, UpdateFeatures, update_features),
    MOLDAU_ROW(broker_registration, BrokerRegistration, register_broker),
    MOLDAU_ROW(broker_heartbeat, BrokerHeartbeat, heartbeat),
    MOLDAU_ROW(unregister_broker, UnregisterBroker, unregister_broker),
    MOLDAU_ROW(allocate_producer_ids, AllocateProducerIds, allocate_producer_ids),
    MOLDAU_ROW(controller_registration, ControllerRegistration, register_controller),
    MOLDAU_ROW(assign_replicas_to_dirs, AssignReplicasToDirs, assign_replicas_to_dirs),
    MOLDAU_ROW(unregister_controller, UnregisterController, unregister_controller),
};
#undef MOLDAU_ROW

}  // namespace

env::Task<Result<SharedBytes>> answer_as_controller(ControllerHost& host,
                                                    broker::ControllerRequest request) {
  for (const Row& row : k_rows) {
    if (row.api == request.api) co_return co_await row.answer(host, std::move(request));
  }
  co_return fail(Errc::unsupported_version, "{} is not an API of the controller",
                 protocol::name_of(request.api));
}

}  // namespace moldau::node
