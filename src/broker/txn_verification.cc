#include "broker/txn_verification.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

constexpr ApiVersion k_produce_that_knows_abortable{11};
constexpr ApiVersion k_produce_that_adds{12};
constexpr ApiVersion k_offset_commit_that_knows_abortable{4};
constexpr ApiVersion k_offset_commit_that_adds{5};

TxnClient client_of(ApiVersion version, ApiVersion first_that_knows, ApiVersion first_that_adds) {
  if (version >= first_that_adds) return TxnClient::adds_partitions;
  return version >= first_that_knows ? TxnClient::knows_abortable : TxnClient::legacy;
}

Errc as_told(Errc error, TxnClient client) {
  // Producers expect this one from a partition, and may go on with a newer epoch.
  if (error == Errc::producer_fenced) return Errc::invalid_producer_epoch;
  const bool is_news = error == Errc::transaction_abortable && client == TxnClient::legacy;
  return is_news ? Errc::invalid_txn_state : error;
}

PartitionsOfTransaction request_of(const TxnPartitions& asked) {
  PartitionsOfTransaction out;
  out.transactional_id = asked.transactional_id;
  out.producer_id = asked.producer_id;
  out.producer_epoch = asked.producer_epoch;
  out.verify_only = asked.client != TxnClient::adds_partitions;
  absl::flat_hash_map<std::string, std::size_t> topics;
  for (const TxnPartitions::Partition& partition : asked.partitions) {
    const auto [place, is_new] = topics.try_emplace(partition.topic, out.topics.size());
    if (is_new) out.topics.emplace_back().name = partition.topic;
    out.topics[place->second].partitions.push_back(partition.index);
  }
  return out;
}

}  // namespace

TxnClient client_of_produce(ApiVersion version) {
  return client_of(version, k_produce_that_knows_abortable, k_produce_that_adds);
}
TxnClient client_of_txn_offset_commit(ApiVersion version) {
  return client_of(version, k_offset_commit_that_knows_abortable, k_offset_commit_that_adds);
}

bool is_verified(const config::NodeConfig& node, TxnClient client) {
  return client == TxnClient::adds_partitions || node.transactions.partition_verification;
}

env::Task<std::vector<Errc>> verify_partitions(Shard& from, TxnPartitions asked) {
  const AddedPartitions told = co_await add_or_verify_partitions(from, request_of(asked));
  absl::flat_hash_map<std::pair<std::string, PartitionIndex>, Errc> codes;
  for (const auto& topic : told.topic_results) {
    for (const auto& partition : topic.results_by_partition) {
      codes.emplace(std::pair{topic.name, partition.partition_index},
                    partition.partition_error_code);
    }
  }
  std::vector<Errc> out;
  out.reserve(asked.partitions.size());
  for (const TxnPartitions::Partition& partition : asked.partitions) {
    const auto code = codes.find({partition.topic, partition.index});
    // What the coordinator passed over is not verified.
    out.push_back(code == codes.end() ? Errc::invalid_txn_state
                                      : as_told(code->second, asked.client));
  }
  co_return out;
}

env::Task<std::vector<Errc>> verify_partitions_patiently(Shard& from, TxnPartitions asked) {
  const config::NodeConfig& node = *from.view->node;
  const Milliseconds pause = node.transactions.add_partitions_retry_backoff;
  const Instant end =
      from.env.clock.now() +
      std::min(node.transactions.add_partitions_retry_backoff_max, node.network.request_timeout);
  while (true) {
    std::vector<Errc> codes = co_await verify_partitions(from, asked);
    const bool is_too_early =
        std::ranges::find(codes, Errc::concurrent_transactions) != codes.end();
    if (!is_too_early || from.draining || from.env.clock.now() >= end) co_return codes;
    co_await env::sleep_for(from.env, pause);
  }
}

}  // namespace moldau::broker
