#pragma once
#include "broker/dispatch.h"
#include "protocol/api/add_offsets_to_txn.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/alter_configs.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/consumer_group_describe.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "protocol/api/delete_groups.h"
#include "protocol/api/delete_records.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/describe_configs.h"
#include "protocol/api/describe_groups.h"
#include "protocol/api/describe_log_dirs.h"
#include "protocol/api/describe_producers.h"
#include "protocol/api/describe_topic_partitions.h"
#include "protocol/api/describe_transactions.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/find_coordinator.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/list_config_resources.h"
#include "protocol/api/list_groups.h"
#include "protocol/api/list_offsets.h"
#include "protocol/api/list_transactions.h"
#include "protocol/api/metadata.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_delete.h"
#include "protocol/api/offset_fetch.h"
#include "protocol/api/offset_for_leader_epoch.h"
#include "protocol/api/sasl_authenticate.h"
#include "protocol/api/sasl_handshake.h"
#include "protocol/api/sync_group.h"
#include "protocol/api/txn_offset_commit.h"
#include "protocol/api/write_txn_markers.h"

// The handlers of the table in dispatch.cc, each in the file of its name.
namespace moldau::broker {

template <class T>
using Answer = env::Task<Result<T>>;

// Passes the body on to the active controller, and its answer back. For the APIs that are the
// controller's business alone.
[[nodiscard]] env::Task<Result<rpc::Response>> forward(RequestContext& context);

// Work on the bytes of the frame, or answers with ranges of files.
[[nodiscard]] env::Task<Result<rpc::Response>> api_versions(RequestContext& context);
[[nodiscard]] env::Task<Result<rpc::Response>> produce(RequestContext& context);
[[nodiscard]] env::Task<Result<rpc::Response>> fetch(RequestContext& context);

[[nodiscard]] Answer<protocol::MetadataResponse> metadata_handler(
    RequestContext& context, protocol::MetadataRequest request);
[[nodiscard]] Answer<protocol::DescribeClusterResponse> describe_cluster(
    RequestContext& context, protocol::DescribeClusterRequest request);
[[nodiscard]] Answer<protocol::DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext& context, protocol::DescribeTopicPartitionsRequest request);
[[nodiscard]] Answer<protocol::DescribeConfigsResponse> describe_configs(
    RequestContext& context, protocol::DescribeConfigsRequest request);
[[nodiscard]] Answer<protocol::AlterConfigsResponse> alter_configs(
    RequestContext& context, protocol::AlterConfigsRequest request);
[[nodiscard]] Answer<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext& context, protocol::IncrementalAlterConfigsRequest request);
[[nodiscard]] Answer<protocol::InitProducerIdResponse> init_producer_id(
    RequestContext& context, protocol::InitProducerIdRequest request);
[[nodiscard]] Answer<protocol::ListOffsetsResponse> list_offsets(
    RequestContext& context, protocol::ListOffsetsRequest request);
[[nodiscard]] Answer<protocol::OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    RequestContext& context, protocol::OffsetForLeaderEpochRequest request);
[[nodiscard]] Answer<protocol::FindCoordinatorResponse> find_coordinator(
    RequestContext& context, protocol::FindCoordinatorRequest request);

// The partitions' side of transactions.
[[nodiscard]] Answer<protocol::WriteTxnMarkersResponse> write_txn_markers(
    RequestContext& context, protocol::WriteTxnMarkersRequest request);
[[nodiscard]] Answer<protocol::DescribeProducersResponse> describe_producers(
    RequestContext& context, protocol::DescribeProducersRequest request);
[[nodiscard]] Answer<protocol::DeleteRecordsResponse> delete_records(
    RequestContext& context, protocol::DeleteRecordsRequest request);
[[nodiscard]] Answer<protocol::DescribeLogDirsResponse> describe_log_dirs(
    RequestContext& context, protocol::DescribeLogDirsRequest request);
[[nodiscard]] Answer<protocol::ListConfigResourcesResponse> list_config_resources(
    RequestContext& context, protocol::ListConfigResourcesRequest request);
// Both in sasl.cc.
[[nodiscard]] Answer<protocol::SaslHandshakeResponse> sasl_handshake(
    RequestContext& context, protocol::SaslHandshakeRequest request);
[[nodiscard]] Answer<protocol::SaslAuthenticateResponse> sasl_authenticate(
    RequestContext& context, protocol::SaslAuthenticateRequest request);

// Groups: group_membership.cc, group_admin.cc, consumer_groups.cc and the files of the offsets.
[[nodiscard]] Answer<protocol::JoinGroupResponse> join_group(RequestContext& context,
                                                             protocol::JoinGroupRequest request);
[[nodiscard]] Answer<protocol::SyncGroupResponse> sync_group(RequestContext& context,
                                                             protocol::SyncGroupRequest request);
[[nodiscard]] Answer<protocol::HeartbeatResponse> heartbeat(RequestContext& context,
                                                            protocol::HeartbeatRequest request);
[[nodiscard]] Answer<protocol::LeaveGroupResponse> leave_group(RequestContext& context,
                                                               protocol::LeaveGroupRequest request);
[[nodiscard]] Answer<protocol::OffsetCommitResponse> offset_commit(
    RequestContext& context, protocol::OffsetCommitRequest request);
[[nodiscard]] Answer<protocol::TxnOffsetCommitResponse> txn_offset_commit(
    RequestContext& context, protocol::TxnOffsetCommitRequest request);
[[nodiscard]] Answer<protocol::OffsetFetchResponse> offset_fetch(
    RequestContext& context, protocol::OffsetFetchRequest request);
[[nodiscard]] Answer<protocol::OffsetDeleteResponse> offset_delete(
    RequestContext& context, protocol::OffsetDeleteRequest request);
[[nodiscard]] Answer<protocol::DescribeGroupsResponse> describe_groups(
    RequestContext& context, protocol::DescribeGroupsRequest request);
[[nodiscard]] Answer<protocol::ListGroupsResponse> list_groups(RequestContext& context,
                                                               protocol::ListGroupsRequest request);
[[nodiscard]] Answer<protocol::DeleteGroupsResponse> delete_groups(
    RequestContext& context, protocol::DeleteGroupsRequest request);
[[nodiscard]] Answer<protocol::ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext& context, protocol::ConsumerGroupHeartbeatRequest request);
[[nodiscard]] Answer<protocol::ConsumerGroupDescribeResponse> consumer_group_describe(
    RequestContext& context, protocol::ConsumerGroupDescribeRequest request);

// Transactions.
[[nodiscard]] Answer<protocol::AddPartitionsToTxnResponse> add_partitions_to_txn(
    RequestContext& context, protocol::AddPartitionsToTxnRequest request);
[[nodiscard]] Answer<protocol::AddOffsetsToTxnResponse> add_offsets_to_txn(
    RequestContext& context, protocol::AddOffsetsToTxnRequest request);
[[nodiscard]] Answer<protocol::EndTxnResponse> end_txn(RequestContext& context,
                                                       protocol::EndTxnRequest request);
// transaction_admin.cc
[[nodiscard]] Answer<protocol::DescribeTransactionsResponse> describe_transactions(
    RequestContext& context, protocol::DescribeTransactionsRequest request);
[[nodiscard]] Answer<protocol::ListTransactionsResponse> list_transactions(
    RequestContext& context, protocol::ListTransactionsRequest request);

}  // namespace moldau::broker
