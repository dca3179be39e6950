#include "protocol/api/add_offsets_to_txn.h"

#include "broker/coordinator_partition.h"
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using security::Operation;
using security::ResourceType;

// Clients of older versions do not know of fencing.
constexpr ApiVersion k_fenced_from{2};
// As the machine reads it: a client of before transaction version 2, which alone sends this.
constexpr ApiVersion k_as_client{3};

Errc authorization(const RequestContext& context, const AddOffsetsToTxnRequest& request) {
  if (!context.allows(Operation::write, ResourceType::transactional_id, request.transactional_id)) {
    return Errc::transactional_id_authorization_failed;
  }
  return context.allows(Operation::read, ResourceType::group, request.group_id)
             ? Errc::none
             : Errc::group_authorization_failed;
}

// The group's partition of __consumer_offsets, as it is or will be.
PartitionIndex offsets_partition(const RequestContext& context, const std::string& group) {
  const auto found = partition_of_group(context.image(), group);
  return found ? found->partition
               : coordinator_partition(group, context.view->node->groups.offsets.partition_count);
}

}  // namespace

Answer<AddOffsetsToTxnResponse> add_offsets_to_txn(RequestContext& context,
                                                   AddOffsetsToTxnRequest request) {
  AddOffsetsToTxnResponse response;
  response.error_code = authorization(context, request);
  if (response.error_code == Errc::none && request.transactional_id.empty()) {
    response.error_code = Errc::invalid_request;
  }
  if (response.error_code != Errc::none) co_return response;
  PartitionsOfTransaction added{.transactional_id = request.transactional_id,
                                .producer_id = request.producer_id,
                                .producer_epoch = request.producer_epoch};
  added.topics.push_back({.name = std::string{k_offsets_topic},
                          .partitions = {offsets_partition(context, request.group_id)}});
  Result<txn::Answer> answer = co_await ask_transaction(
      context.shard, k_as_client, std::move(request.transactional_id),
      [added = std::move(added)](txn::Coordinator& machine, const txn::Ask& ask,
                                 coordinator::Now now,
                                 txn::Step& out) { machine.add_partitions(ask, added, now, out); });
  response.error_code = !answer ? answer.error().code()
                                : std::get<AddedPartitions>(*answer)
                                      .topic_results.at(0)
                                      .results_by_partition.at(0)
                                      .partition_error_code;
  if (response.error_code == Errc::producer_fenced && context.version() < k_fenced_from) {
    response.error_code = Errc::invalid_producer_epoch;
  }
  co_return response;
}

}  // namespace moldau::broker
