#include "controller/refusals.h"

namespace moldau::controller {
namespace {

std::optional<std::string> text_of(const Error& error) {
  if (error.text().empty()) return std::nullopt;
  return std::string(error.text());
}

template <class Response>
Response with_code(const Error& error) {
  Response response;
  response.error_code = error.code();
  return response;
}

template <class Response>
Response with_text(const Error& error) {
  Response response = with_code<Response>(error);
  response.error_message = text_of(error);
  return response;
}

template <class Response, class Request>
Response for_each_resource(const Request& request, const Error& error) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& answer = response.responses.emplace_back();
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
    answer.error_code = error.code();
    answer.error_message = text_of(error);
  }
  return response;
}

}  // namespace

protocol::BrokerRegistrationResponse refuse(const protocol::BrokerRegistrationRequest& /*request*/,
                                            const Error& error) {
  return with_code<protocol::BrokerRegistrationResponse>(error);
}
protocol::BrokerHeartbeatResponse refuse(const protocol::BrokerHeartbeatRequest& /*request*/,
                                         const Error& error) {
  return with_code<protocol::BrokerHeartbeatResponse>(error);
}
protocol::UnregisterBrokerResponse refuse(const protocol::UnregisterBrokerRequest& /*request*/,
                                          const Error& error) {
  return with_text<protocol::UnregisterBrokerResponse>(error);
}
protocol::ControllerRegistrationResponse refuse(
    const protocol::ControllerRegistrationRequest& /*request*/, const Error& error) {
  return with_text<protocol::ControllerRegistrationResponse>(error);
}
protocol::UnregisterControllerResponse refuse(
    const protocol::UnregisterControllerRequest& /*request*/, const Error& error) {
  return with_text<protocol::UnregisterControllerResponse>(error);
}
protocol::AllocateProducerIdsResponse refuse(
    const protocol::AllocateProducerIdsRequest& /*request*/, const Error& error) {
  return with_code<protocol::AllocateProducerIdsResponse>(error);
}
protocol::AlterPartitionResponse refuse(const protocol::AlterPartitionRequest& /*request*/,
                                        const Error& error) {
  return with_code<protocol::AlterPartitionResponse>(error);
}
protocol::AssignReplicasToDirsResponse refuse(
    const protocol::AssignReplicasToDirsRequest& /*request*/, const Error& error) {
  return with_code<protocol::AssignReplicasToDirsResponse>(error);
}
protocol::UpdateFeaturesResponse refuse(const protocol::UpdateFeaturesRequest& /*request*/,
                                        const Error& error) {
  return with_text<protocol::UpdateFeaturesResponse>(error);
}

protocol::CreateTopicsResponse refuse(const protocol::CreateTopicsRequest& request,
                                      const Error& error) {
  protocol::CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    answer.error_code = error.code();
    answer.error_message = text_of(error);
  }
  return response;
}

protocol::DeleteTopicsResponse refuse(const protocol::DeleteTopicsRequest& request,
                                      const Error& error) {
  protocol::DeleteTopicsResponse response;
  const auto add = [&](std::optional<std::string> name, const Uuid& id) {
    auto& answer = response.responses.emplace_back();
    answer.name = std::move(name);
    answer.topic_id = id;
    answer.error_code = error.code();
    answer.error_message = text_of(error);
  };
  for (const auto& topic : request.topics) add(topic.name, topic.topic_id);
  for (const std::string& name : request.topic_names) add(name, {});
  return response;
}

protocol::CreatePartitionsResponse refuse(const protocol::CreatePartitionsRequest& request,
                                          const Error& error) {
  protocol::CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& answer = response.results.emplace_back();
    answer.name = topic.name;
    answer.error_code = error.code();
    answer.error_message = text_of(error);
  }
  return response;
}

protocol::ElectLeadersResponse refuse(const protocol::ElectLeadersRequest& request,
                                      const Error& error) {
  auto response = with_code<protocol::ElectLeadersResponse>(error);
  if (!request.topic_partitions) return response;
  for (const auto& topic : *request.topic_partitions) {
    auto& answer = response.replica_election_results.emplace_back();
    answer.topic = topic.topic;
    for (const PartitionIndex index : topic.partitions) {
      auto& partition = answer.partition_result.emplace_back();
      partition.partition_id = index;
      partition.error_code = error.code();
      partition.error_message = text_of(error);
    }
  }
  return response;
}

protocol::AlterPartitionReassignmentsResponse refuse(
    const protocol::AlterPartitionReassignmentsRequest& request, const Error& error) {
  auto response = with_text<protocol::AlterPartitionReassignmentsResponse>(error);
  for (const auto& topic : request.topics) {
    auto& answer = response.responses.emplace_back();
    answer.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& partition = answer.partitions.emplace_back();
      partition.partition_index = asked.partition_index;
      partition.error_code = error.code();
      partition.error_message = text_of(error);
    }
  }
  return response;
}

protocol::ListPartitionReassignmentsResponse refuse(
    const protocol::ListPartitionReassignmentsRequest& request, const Error& error) {
  auto response = with_text<protocol::ListPartitionReassignmentsResponse>(error);
  if (!request.topics) return response;
  for (const auto& topic : *request.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    for (const PartitionIndex index : topic.partition_indexes) {
      answer.partitions.emplace_back().partition_index = index;
    }
  }
  return response;
}

protocol::IncrementalAlterConfigsResponse refuse(
    const protocol::IncrementalAlterConfigsRequest& request, const Error& error) {
  return for_each_resource<protocol::IncrementalAlterConfigsResponse>(request, error);
}
protocol::AlterConfigsResponse refuse(const protocol::AlterConfigsRequest& request,
                                      const Error& error) {
  return for_each_resource<protocol::AlterConfigsResponse>(request, error);
}

}  // namespace moldau::controller
