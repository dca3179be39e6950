#include "broker/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::ApiKey;

template <class Req, class Resp, Answer<Resp> (*handle)(RequestContext&, Req)>
constexpr Handler k_typed = &typed<Req, Resp, handle>;

// The controller's own APIs come in on its listener; the broker passes on what clients may ask.
constexpr auto k_handlers = std::to_array<HandlerRow>({
    {ApiKey::produce, &produce, nullptr},
    {ApiKey::fetch, &fetch, &forward},
    {ApiKey::list_offsets,
     k_typed<protocol::ListOffsetsRequest, protocol::ListOffsetsResponse, list_offsets>, nullptr},
    {ApiKey::metadata,
     k_typed<protocol::MetadataRequest, protocol::MetadataResponse, metadata_handler>, nullptr},
    {ApiKey::offset_commit,
     k_typed<protocol::OffsetCommitRequest, protocol::OffsetCommitResponse, offset_commit>,
     nullptr},
    {ApiKey::offset_fetch,
     k_typed<protocol::OffsetFetchRequest, protocol::OffsetFetchResponse, offset_fetch>, nullptr},
    {ApiKey::find_coordinator,
     k_typed<protocol::FindCoordinatorRequest, protocol::FindCoordinatorResponse, find_coordinator>,
     nullptr},
    {ApiKey::join_group,
     k_typed<protocol::JoinGroupRequest, protocol::JoinGroupResponse, join_group>, nullptr},
    {ApiKey::heartbeat, k_typed<protocol::HeartbeatRequest, protocol::HeartbeatResponse, heartbeat>,
     nullptr},
    {ApiKey::leave_group,
     k_typed<protocol::LeaveGroupRequest, protocol::LeaveGroupResponse, leave_group>, nullptr},
    {ApiKey::sync_group,
     k_typed<protocol::SyncGroupRequest, protocol::SyncGroupResponse, sync_group>, nullptr},
    {ApiKey::describe_groups,
     k_typed<protocol::DescribeGroupsRequest, protocol::DescribeGroupsResponse, describe_groups>,
     nullptr},
    {ApiKey::list_groups,
     k_typed<protocol::ListGroupsRequest, protocol::ListGroupsResponse, list_groups>, nullptr},
    {ApiKey::sasl_handshake,
     k_typed<protocol::SaslHandshakeRequest, protocol::SaslHandshakeResponse, sasl_handshake>,
     k_typed<protocol::SaslHandshakeRequest, protocol::SaslHandshakeResponse, sasl_handshake>},
    {ApiKey::api_versions, &api_versions, &api_versions},
    {ApiKey::create_topics, &forward, &forward},
    {ApiKey::delete_topics, &forward, &forward},
    {ApiKey::delete_records,
     k_typed<protocol::DeleteRecordsRequest, protocol::DeleteRecordsResponse, delete_records>,
     nullptr},
    {ApiKey::init_producer_id,
     k_typed<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse, init_producer_id>,
     nullptr},
    {ApiKey::offset_for_leader_epoch,
     k_typed<protocol::OffsetForLeaderEpochRequest, protocol::OffsetForLeaderEpochResponse,
             offset_for_leader_epoch>,
     nullptr},
    {ApiKey::add_partitions_to_txn,
     k_typed<protocol::AddPartitionsToTxnRequest, protocol::AddPartitionsToTxnResponse,
             add_partitions_to_txn>,
     nullptr},
    {ApiKey::add_offsets_to_txn,
     k_typed<protocol::AddOffsetsToTxnRequest, protocol::AddOffsetsToTxnResponse,
             add_offsets_to_txn>,
     nullptr},
    {ApiKey::end_txn, k_typed<protocol::EndTxnRequest, protocol::EndTxnResponse, end_txn>, nullptr},
    {ApiKey::write_txn_markers,
     k_typed<protocol::WriteTxnMarkersRequest, protocol::WriteTxnMarkersResponse,
             write_txn_markers>,
     nullptr},
    {ApiKey::txn_offset_commit,
     k_typed<protocol::TxnOffsetCommitRequest, protocol::TxnOffsetCommitResponse,
             txn_offset_commit>,
     nullptr},
    {ApiKey::describe_configs,
     k_typed<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse, describe_configs>,
     k_typed<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse,
             describe_configs>},
    {ApiKey::alter_configs,
     k_typed<protocol::AlterConfigsRequest, protocol::AlterConfigsResponse, alter_configs>,
     &forward},
    {ApiKey::describe_log_dirs,
     k_typed<protocol::DescribeLogDirsRequest, protocol::DescribeLogDirsResponse,
             describe_log_dirs>,
     nullptr},
    {ApiKey::sasl_authenticate,
     k_typed<protocol::SaslAuthenticateRequest, protocol::SaslAuthenticateResponse,
             sasl_authenticate>,
     k_typed<protocol::SaslAuthenticateRequest, protocol::SaslAuthenticateResponse,
             sasl_authenticate>},
    {ApiKey::create_partitions, &forward, &forward},
    {ApiKey::delete_groups,
     k_typed<protocol::DeleteGroupsRequest, protocol::DeleteGroupsResponse, delete_groups>,
     nullptr},
    {ApiKey::elect_leaders, &forward, &forward},
    {ApiKey::incremental_alter_configs,
     k_typed<protocol::IncrementalAlterConfigsRequest, protocol::IncrementalAlterConfigsResponse,
             incremental_alter_configs>,
     &forward},
    {ApiKey::alter_partition_reassignments, &forward, &forward},
    {ApiKey::list_partition_reassignments, &forward, &forward},
    {ApiKey::offset_delete,
     k_typed<protocol::OffsetDeleteRequest, protocol::OffsetDeleteResponse, offset_delete>,
     nullptr},
    {ApiKey::vote, nullptr, &forward},
    {ApiKey::begin_quorum_epoch, nullptr, &forward},
    {ApiKey::end_quorum_epoch, nullptr, &forward},
    {ApiKey::describe_quorum, &forward, &forward},
    {ApiKey::alter_partition, nullptr, &forward},
    {ApiKey::update_features, &forward, &forward},
    {ApiKey::fetch_snapshot, nullptr, &forward},
    {ApiKey::describe_cluster,
     k_typed<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse, describe_cluster>,
     k_typed<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse,
             describe_cluster>},
    {ApiKey::describe_producers,
     k_typed<protocol::DescribeProducersRequest, protocol::DescribeProducersResponse,
             describe_producers>,
     nullptr},
    {ApiKey::broker_registration, nullptr, &forward},
    {ApiKey::broker_heartbeat, nullptr, &forward},
    {ApiKey::unregister_broker, &forward, &forward},
    {ApiKey::describe_transactions,
     k_typed<protocol::DescribeTransactionsRequest, protocol::DescribeTransactionsResponse,
             describe_transactions>,
     nullptr},
    {ApiKey::list_transactions,
     k_typed<protocol::ListTransactionsRequest, protocol::ListTransactionsResponse,
             list_transactions>,
     nullptr},
    {ApiKey::allocate_producer_ids, nullptr, &forward},
    {ApiKey::consumer_group_heartbeat,
     k_typed<protocol::ConsumerGroupHeartbeatRequest, protocol::ConsumerGroupHeartbeatResponse,
             consumer_group_heartbeat>,
     nullptr},
    {ApiKey::consumer_group_describe,
     k_typed<protocol::ConsumerGroupDescribeRequest, protocol::ConsumerGroupDescribeResponse,
             consumer_group_describe>,
     nullptr},
    {ApiKey::controller_registration, nullptr, &forward},
    {ApiKey::assign_replicas_to_dirs, nullptr, &forward},
    {ApiKey::list_config_resources,
     k_typed<protocol::ListConfigResourcesRequest, protocol::ListConfigResourcesResponse,
             list_config_resources>,
     nullptr},
    {ApiKey::describe_topic_partitions,
     k_typed<protocol::DescribeTopicPartitionsRequest, protocol::DescribeTopicPartitionsResponse,
             describe_topic_partitions>,
     nullptr},
    {ApiKey::add_raft_voter, &forward, &forward},
    {ApiKey::remove_raft_voter, &forward, &forward},
    {ApiKey::update_raft_voter, nullptr, &forward},
    {ApiKey::unregister_controller, &forward, &forward},
});
static_assert(std::ranges::is_sorted(k_handlers, {}, &HandlerRow::api));

}  // namespace

std::span<const HandlerRow> handlers() { return k_handlers; }

const HandlerRow* find_handler(protocol::ApiKey api) {
  const auto at = std::ranges::lower_bound(k_handlers, api, {}, &HandlerRow::api);
  return at == k_handlers.end() || at->api != api ? nullptr : &*at;
}

protocol::VersionRange advertised(const HandlerRow& row, bool controller_listener,
                                  bool unstable_versions) {
  if ((controller_listener ? row.on_controller : row.on_broker) == nullptr) return {};
  const protocol::ApiFacts& api = protocol::facts(row.api);
  protocol::VersionRange range = controller_listener ? api.on_controller : api.on_broker;
  if (!range.empty() && unstable_versions && !api.unstable.empty()) range.last = api.unstable.last;
  return range;
}

env::Task<Result<rpc::Response>> Dispatch::handle(rpc::RequestContext& context,
                                                  rpc::Request& request) {
  const rpc::RequestHeader& header = request.header;
  const HandlerRow* row = find_handler(header.api);
  const Handler handler = row == nullptr         ? nullptr
                          : controller_listener_ ? row->on_controller
                                                 : row->on_broker;
  if (handler == nullptr) {
    co_return fail(Errc::unsupported_version, "API {} is not served on listener {}",
                   protocol::name_of(header.api), context.connection.listener);
  }
  if (header.version_exists) {
    const bool unstable = shard_.facts.config->network.unstable_api_versions;
    const protocol::VersionRange range = advertised(*row, controller_listener_, unstable);
    if (!range.contains(header.version) ||
        header.version < protocol::facts(header.api).versions.first) {
      co_return fail(Errc::unsupported_version, "version {} of {} is not served", header.version,
                     protocol::name_of(header.api));
    }
  }
  RequestContext ours{.shard = shard_,
                      .connection = context.connection,
                      .request = request,
                      .controller_listener = controller_listener_,
                      .principal = {},
                      .view = shard_.view};
  co_return co_await handler(ours);
}

}  // namespace moldau::broker
