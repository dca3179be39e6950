#include "client/transaction_admin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/coordinator_link.h"
#include "client/tries.h"
#include "protocol/api/describe_producers.h"
#include "protocol/api/describe_transactions.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/list_transactions.h"
#include "protocol/api/write_txn_markers.h"

namespace moldau::client {
namespace {

using namespace protocol;

std::string known_state(std::string state) {
  constexpr auto k_states =
      std::to_array<std::string_view>({"Ongoing", "PrepareAbort", "PrepareCommit", "CompleteAbort",
                                       "CompleteCommit", "Empty", "PrepareEpochFence"});
  return std::ranges::find(k_states, state) == k_states.end() ? "Unknown" : std::move(state);
}

env::Task<Result<ListTransactionsResponse>> list_once(Cluster& cluster, BrokerId broker,
                                                      TransactionFilter filter) {
  ListTransactionsRequest request;
  request.producer_id_filters.assign(filter.producer_ids.begin(), filter.producer_ids.end());
  if (filter.open_longer_than) request.duration_filter = *filter.open_longer_than;
  if (!filter.pattern.empty()) request.transactional_id_pattern = filter.pattern;
  CO_TRY(const auto connection, co_await cluster.to(broker));
  CO_TRY(const ApiVersion version, connection->version_of(ApiKey::list_transactions));
  CO_TRY_OK(request.encodable(version));
  CO_TRY(auto answer,
         co_await connection->request<ListTransactionsRequest, ListTransactionsResponse>(
             std::move(request), version));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  co_return answer;
}

// What a broker's refusal to list means for the whole call.
Error list_refused(BrokerId broker, const Error& error) {
  if (error.code() == Errc::coordinator_not_available) {
    return Error(error.code(), fmt::format("ListTransactions request sent to broker {} failed "
                                           "because the coordinator is shutting down",
                                           broker));
  }
  if (!error.text().empty()) return error;
  return Error(error.code(),
               fmt::format("ListTransactions request sent to broker {} failed with an unexpected "
                           "exception",
                           broker));
}

env::Task<Result<DescribedTransaction>> describe_once(CoordinatorLink& link) {
  DescribeTransactionsRequest request;
  request.transactional_ids.push_back(link.key());
  CO_TRY(const auto answer,
         co_await link.ask<DescribeTransactionsRequest, DescribeTransactionsResponse>(
             std::move(request)));
  if (answer.transaction_states.empty()) co_return fail(Errc::unknown_server_error);
  const auto& one = answer.transaction_states.front();
  if (one.error_code != Errc::none) co_return fail(one.error_code);
  DescribedTransaction out{.producer = {one.producer_id, one.producer_epoch},
                           .state = known_state(one.transaction_state),
                           .timeout = one.transaction_timeout_ms};
  if (to_millis(one.transaction_start_time_ms) >= 0) out.begun_at = one.transaction_start_time_ms;
  for (const auto& topic : one.topics) {
    for (const PartitionIndex index : topic.partitions) out.partitions.insert({topic.topic, index});
  }
  CO_TRY(out.coordinator, co_await link.find());
  co_return out;
}

Error describe_refused(const std::string& id, Errc code) {
  std::string_view why = "failed due to unexpected error";
  if (code == Errc::transactional_id_authorization_failed) {
    why = "failed due to authorization failure";
  }
  if (code == Errc::transactional_id_not_found) why = "failed because the ID could not be found";
  return Error(code,
               fmt::format("DescribeTransactions request for transactionalId `{}` {}", id, why));
}

// The leader, from newer metadata when it is not known. Errors: leader_not_available,
// unknown_topic_or_partition.
env::Task<Result<BrokerId>> leader_of(Cluster& cluster, TopicPartition partition) {
  CO_TRY(const auto metadata, co_await cluster.refresh(std::vector<std::string>{partition.topic}));
  for (const auto& topic : metadata.topics) {
    if (topic.error_code != Errc::none) co_return fail(topic.error_code);
  }
  const auto place = cluster.place_of(partition.topic, partition.partition);
  if (!place) co_return fail(Errc::unknown_topic_or_partition);
  if (place->leader == k_no_broker) co_return fail(Errc::leader_not_available);
  co_return place->leader;
}

env::Task<Result<std::vector<ActiveProducer>>> producers_once(Cluster& cluster,
                                                              TopicPartition partition,
                                                              std::optional<BrokerId> broker) {
  if (!broker) {
    CO_TRY(broker, co_await leader_of(cluster, partition));
  }
  DescribeProducersRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = partition.topic;
  topic.partition_indexes.push_back(partition.partition);
  CO_TRY(const auto answer,
         (co_await cluster.ask<DescribeProducersRequest, DescribeProducersResponse>(
             *broker, std::move(request))));
  if (answer.topics.empty() || answer.topics.front().partitions.empty()) {
    co_return fail(Errc::unknown_server_error);
  }
  const auto& told = answer.topics.front().partitions.front();
  if (told.error_code != Errc::none) co_return fail(told.error_code);
  std::vector<ActiveProducer> out;
  for (const auto& it : told.active_producers) {
    ActiveProducer& one = out.emplace_back();
    one.id = it.producer_id;
    one.epoch = it.producer_epoch;
    one.coordinator_epoch = std::max(it.coordinator_epoch, -1);
    one.last_sequence = it.last_sequence;
    one.last_timestamp = it.last_timestamp;
    if (it.current_txn_start_offset >= Offset{0}) {
      one.transaction_start = it.current_txn_start_offset;
    }
  }
  co_return out;
}

Error producers_refused(const TopicPartition& partition, std::optional<BrokerId> broker,
                        Errc code) {
  if (code == Errc::not_leader_or_follower && broker) {
    return Error(code, fmt::format("Failed to describe active producers for partition {} on "
                                   "brokerId {}",
                                   partition, *broker));
  }
  if (code == Errc::invalid_topic_exception) {
    return Error(code, fmt::format("Failed to fetch metadata for partition {} due to invalid topic "
                                   "error: {}",
                                   partition, facts(code).text));
  }
  if (code == Errc::topic_authorization_failed) {
    return Error(code, fmt::format("Failed to describe active producers for partition {} due to "
                                   "authorization failure on topic `{}`",
                                   partition, partition.topic));
  }
  return Error(code, fmt::format("Failed to describe active producers for partition {} due to "
                                 "unexpected error",
                                 partition));
}

env::Task<Result<void>> abort_once(Cluster& cluster, AbortSpec spec) {
  CO_TRY(const BrokerId leader, co_await leader_of(cluster, spec.partition));
  WriteTxnMarkersRequest request;
  auto& marker = request.markers.emplace_back();
  marker.producer_id = spec.producer.id;
  marker.producer_epoch = spec.producer.epoch;
  marker.coordinator_epoch = spec.coordinator_epoch;
  marker.transaction_result = false;
  auto& topic = marker.topics.emplace_back();
  topic.name = spec.partition.topic;
  topic.partition_indexes.push_back(spec.partition.partition);
  CO_TRY(const auto answer, (co_await cluster.ask<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
                                leader, std::move(request))));
  for (const auto& marked : answer.markers) {
    for (const auto& told : marked.topics) {
      for (const auto& it : told.partitions) {
        if (it.error_code != Errc::none) co_return fail(it.error_code);
        co_return Result<void>{};
      }
    }
  }
  co_return fail(Errc::unknown_server_error);
}

Error abort_refused(const AbortSpec& spec, Errc code) {
  std::string why = fmt::format("failed due to unexpected error: {}", facts(code).text);
  if (code == Errc::cluster_authorization_failed) {
    why = "failed due to cluster authorization error";
  }
  if (code == Errc::invalid_producer_epoch) why = "failed due an invalid producer epoch";
  if (code == Errc::transaction_coordinator_fenced) {
    why = fmt::format(
        "failed since the provided coordinator epoch {} has been fenced by the "
        "active coordinator",
        spec.coordinator_epoch);
  }
  return Error(code, fmt::format("WriteTxnMarkers request with {} {}", text_of(spec), why));
}

}  // namespace

env::Task<Result<std::vector<ListedTransaction>>> list_transactions(Cluster& cluster,
                                                                    TransactionFilter filter) {
  CO_TRY(const auto metadata, co_await cluster.refresh(std::vector<std::string>{}));
  std::vector<ListedTransaction> out;
  for (const auto& broker : metadata.brokers) {
    Tries tries(cluster);
    auto answer = co_await list_once(cluster, broker.node_id, filter);
    while (!answer && answer.error().code() != Errc::coordinator_not_available &&
           co_await tries.again(answer.error().code())) {
      answer = co_await list_once(cluster, broker.node_id, filter);
    }
    if (!answer) co_return fail(list_refused(broker.node_id, answer.error()));
    for (auto& it : answer->transaction_states) {
      out.push_back({std::move(it.transactional_id), broker.node_id, it.producer_id,
                     known_state(std::move(it.transaction_state))});
    }
  }
  co_return out;
}

env::Task<Result<DescribedTransaction>> describe_transaction(Cluster& cluster,
                                                             std::string transactional_id) {
  CoordinatorLink link(cluster, CoordinatorKind::transaction, std::move(transactional_id));
  Tries tries(cluster);
  while (true) {
    auto described = co_await describe_once(link);
    if (described) co_return described;
    const Errc code = described.error().code();
    link.heed(code);
    if (co_await tries.again(code)) continue;
    if (may_pass(code)) {
      co_return fail(tries.timed_out("describeTransactions(api=DESCRIBE_TRANSACTIONS)"));
    }
    co_return fail(describe_refused(link.key(), code));
  }
}

env::Task<Result<std::vector<ActiveProducer>>> describe_producers(Cluster& cluster,
                                                                  TopicPartition partition,
                                                                  std::optional<BrokerId> broker) {
  Tries tries(cluster);
  while (true) {
    auto producers = co_await producers_once(cluster, partition, broker);
    if (producers) co_return producers;
    const Errc code = producers.error().code();
    const bool final = broker && code == Errc::not_leader_or_follower;
    if (!final && co_await tries.again(code)) continue;
    if (!final && may_pass(code)) {
      co_return fail(tries.timed_out(broker ? "describeProducers(api=DESCRIBE_PRODUCERS)"
                                            : "describeProducers(api=METADATA)"));
    }
    co_return fail(producers_refused(partition, broker, code));
  }
}

std::string text_of(const AbortSpec& spec) {
  return fmt::format(
      "AbortTransactionSpec(topicPartition={}, producerId={}, producerEpoch={}, "
      "coordinatorEpoch={})",
      spec.partition, spec.producer.id, spec.producer.epoch, spec.coordinator_epoch);
}

env::Task<Result<void>> abort_transaction(Cluster& cluster, AbortSpec spec) {
  Tries tries(cluster);
  while (true) {
    const auto done = co_await abort_once(cluster, spec);
    if (done) co_return Result<void>{};
    const Errc code = done.error().code();
    if (co_await tries.again(code)) continue;
    if (may_pass(code)) co_return fail(tries.timed_out("abortTransaction(api=WRITE_TXN_MARKERS)"));
    co_return fail(abort_refused(spec, code));
  }
}

env::Task<Result<void>> fence_producer(Cluster& cluster, std::string transactional_id) {
  CoordinatorLink link(cluster, CoordinatorKind::transaction, std::move(transactional_id));
  constexpr ApiVersion k_last_stable{5};
  Tries tries(cluster);
  while (true) {
    InitProducerIdRequest request;
    request.transactional_id = link.key();
    request.transaction_timeout_ms = cluster.settings().request_timeout;
    const auto answer = co_await link.ask<InitProducerIdRequest, InitProducerIdResponse>(
        std::move(request), std::nullopt, k_last_stable);
    const Errc code = answer ? answer->error_code : answer.error().code();
    if (code == Errc::none) co_return Result<void>{};
    link.heed(code);
    if (co_await tries.again(code)) continue;
    if (may_pass(code)) co_return fail(tries.timed_out("fenceProducer(api=INIT_PRODUCER_ID)"));
    std::string_view why = "failed due to unexpected error";
    if (code == Errc::cluster_authorization_failed) {
      why = "failed due to cluster authorization failure";
    }
    if (code == Errc::transactional_id_authorization_failed) {
      why = "failed due to transactional ID authorization failure";
    }
    co_return fail(code, "InitProducerId request for transactionalId `{}` {}", link.key(), why);
  }
}

}  // namespace moldau::client
