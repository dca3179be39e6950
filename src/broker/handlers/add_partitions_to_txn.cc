#include "protocol/api/add_partitions_to_txn.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "broker/handlers/handlers.h"
#include "broker/transaction_coordinators.h"
#include "txn/add_partitions.h"

namespace moldau::broker {
namespace {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using security::Operation;
using security::ResourceType;

// From here on brokers ask, for several transactions at once.
constexpr ApiVersion k_of_brokers_from{4};
// Clients of older versions do not know of fencing.
constexpr ApiVersion k_fenced_from{2};

bool is_of_client(const RequestContext& context) { return context.version() < k_of_brokers_from; }

PartitionsOfTransaction only_transaction(AddPartitionsToTxnRequest& request) {
  return {.transactional_id = std::move(request.v3_and_below_transactional_id),
          .producer_id = request.v3_and_below_producer_id,
          .producer_epoch = request.v3_and_below_producer_epoch,
          .topics = std::move(request.v3_and_below_topics)};
}

// Why a partition cannot be in a transaction of this client.
Errc refusal_of(const RequestContext& context, const std::string& topic, PartitionIndex partition) {
  const bool may_write =
      !is_of_client(context) ||
      (!is_internal_topic(topic) && context.allows(Operation::write, ResourceType::topic, topic));
  if (!may_write) return Errc::topic_authorization_failed;
  return locate(context.image(), topic, partition).error;
}

// Each partition once, those of a topic together, as answers are that differ by partition; where
// all have one answer, it repeats the request.
PartitionsOfTransaction gathered(PartitionsOfTransaction transaction) {
  auto asked = std::exchange(transaction.topics, {});
  absl::flat_hash_map<std::string, std::size_t> places;
  absl::flat_hash_set<std::pair<std::size_t, PartitionIndex>> seen;
  for (auto& topic : asked) {
    if (topic.partitions.empty()) continue;
    const auto [place, is_new] = places.try_emplace(topic.name, transaction.topics.size());
    if (is_new) transaction.topics.emplace_back().name = std::move(topic.name);
    for (const PartitionIndex partition : topic.partitions) {
      if (!seen.insert({place->second, partition}).second) continue;
      transaction.topics[place->second].partitions.push_back(partition);
    }
  }
  return transaction;
}

// One partition that is refused keeps all others out. nullopt: none is.
std::optional<AddedPartitions> refusals(const RequestContext& context,
                                        const PartitionsOfTransaction& transaction) {
  AddedPartitions result =
      txn::result_for_all(gathered(transaction), Errc::operation_not_attempted);
  bool any = false;
  for (auto& topic : result.topic_results) {
    for (auto& partition : topic.results_by_partition) {
      const Errc error = refusal_of(context, topic.name, partition.partition_index);
      if (error == Errc::none) continue;
      partition.partition_error_code = error;
      any = true;
    }
  }
  return any ? std::optional(std::move(result)) : std::nullopt;
}

void tell_in_old_words(AddedPartitions& result) {
  for (auto& topic : result.topic_results) {
    for (auto& partition : topic.results_by_partition) {
      Errc& error = partition.partition_error_code;
      if (error == Errc::producer_fenced) error = Errc::invalid_producer_epoch;
    }
  }
}

env::Task<AddedPartitions> add_one(RequestContext& context, PartitionsOfTransaction transaction) {
  if (transaction.verify_only) transaction = gathered(std::move(transaction));
  const std::string& id = transaction.transactional_id;
  if (is_of_client(context) &&
      !context.allows(Operation::write, ResourceType::transactional_id, id)) {
    co_return txn::result_for_all(transaction, Errc::transactional_id_authorization_failed);
  }
  if (auto refused = refusals(context, transaction)) co_return *std::move(refused);
  if (id.empty()) co_return txn::result_for_all(transaction, Errc::invalid_request);
  Result<txn::Answer> answer = co_await ask_transaction(
      context.shard, context.version(), id,
      [transaction](txn::Coordinator& machine, const txn::Ask& ask, coordinator::Now now,
                    txn::Step& out) { machine.add_partitions(ask, transaction, now, out); });
  if (!answer) co_return txn::result_for_all(transaction, answer.error().code());
  auto result = std::get<AddedPartitions>(*std::move(answer));
  if (context.version() < k_fenced_from) tell_in_old_words(result);
  co_return result;
}

}  // namespace

Answer<AddPartitionsToTxnResponse> add_partitions_to_txn(RequestContext& context,
                                                         AddPartitionsToTxnRequest request) {
  AddPartitionsToTxnResponse response;
  if (is_of_client(context)) {
    AddedPartitions result = co_await add_one(context, only_transaction(request));
    response.results_by_topic_v3_and_below = std::move(result.topic_results);
    co_return response;
  }
  if (!context.allows_on_cluster(Operation::cluster_action)) {
    response.error_code = Errc::cluster_authorization_failed;
    co_return response;
  }
  for (PartitionsOfTransaction& transaction : request.transactions) {
    response.results_by_transaction.push_back(co_await add_one(context, std::move(transaction)));
  }
  co_return response;
}

}  // namespace moldau::broker
