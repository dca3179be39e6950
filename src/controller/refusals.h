#pragma once
#include "base/result.h"
#include "protocol/api/allocate_producer_ids.h"
#include "protocol/api/alter_configs.h"
#include "protocol/api/alter_partition.h"
#include "protocol/api/alter_partition_reassignments.h"
#include "protocol/api/assign_replicas_to_dirs.h"
#include "protocol/api/broker_heartbeat.h"
#include "protocol/api/broker_registration.h"
#include "protocol/api/controller_registration.h"
#include "protocol/api/create_partitions.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/delete_topics.h"
#include "protocol/api/elect_leaders.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/list_partition_reassignments.h"
#include "protocol/api/unregister_broker.h"
#include "protocol/api/unregister_controller.h"
#include "protocol/api/update_features.h"

// The answer that refuses a request as a whole: in its own field where the API has one, else for
// each thing it names. Source: getErrorResponse of the request classes.
namespace moldau::controller {

[[nodiscard]] protocol::BrokerRegistrationResponse refuse(
    const protocol::BrokerRegistrationRequest& request, const Error& error);
[[nodiscard]] protocol::BrokerHeartbeatResponse refuse(
    const protocol::BrokerHeartbeatRequest& request, const Error& error);
[[nodiscard]] protocol::UnregisterBrokerResponse refuse(
    const protocol::UnregisterBrokerRequest& request, const Error& error);
[[nodiscard]] protocol::ControllerRegistrationResponse refuse(
    const protocol::ControllerRegistrationRequest& request, const Error& error);
[[nodiscard]] protocol::UnregisterControllerResponse refuse(
    const protocol::UnregisterControllerRequest& request, const Error& error);
[[nodiscard]] protocol::AllocateProducerIdsResponse refuse(
    const protocol::AllocateProducerIdsRequest& request, const Error& error);
[[nodiscard]] protocol::AlterPartitionResponse refuse(
    const protocol::AlterPartitionRequest& request, const Error& error);
[[nodiscard]] protocol::AssignReplicasToDirsResponse refuse(
    const protocol::AssignReplicasToDirsRequest& request, const Error& error);
[[nodiscard]] protocol::CreateTopicsResponse refuse(const protocol::CreateTopicsRequest& request,
                                                    const Error& error);
[[nodiscard]] protocol::DeleteTopicsResponse refuse(const protocol::DeleteTopicsRequest& request,
                                                    const Error& error);
[[nodiscard]] protocol::CreatePartitionsResponse refuse(
    const protocol::CreatePartitionsRequest& request, const Error& error);
[[nodiscard]] protocol::ElectLeadersResponse refuse(const protocol::ElectLeadersRequest& request,
                                                    const Error& error);
[[nodiscard]] protocol::AlterPartitionReassignmentsResponse refuse(
    const protocol::AlterPartitionReassignmentsRequest& request, const Error& error);
[[nodiscard]] protocol::ListPartitionReassignmentsResponse refuse(
    const protocol::ListPartitionReassignmentsRequest& request, const Error& error);
[[nodiscard]] protocol::IncrementalAlterConfigsResponse refuse(
    const protocol::IncrementalAlterConfigsRequest& request, const Error& error);
[[nodiscard]] protocol::AlterConfigsResponse refuse(const protocol::AlterConfigsRequest& request,
                                                    const Error& error);
[[nodiscard]] protocol::UpdateFeaturesResponse refuse(
    const protocol::UpdateFeaturesRequest& request, const Error& error);

}  // namespace moldau::controller
