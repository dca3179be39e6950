#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/record.h"
#include "env/task.h"

// Transactions as an administrator sees them. What may pass is tried again until the API timeout;
// errors carry the text of Kafka's admin client.
// Context: one shard; the cluster outlives the task.
namespace moldau::client {

struct ListedTransaction {
  std::string transactional_id;
  BrokerId coordinator = k_no_broker;
  ProducerId producer_id = k_no_producer_id;
  std::string state;  // "Ongoing", ...; "Unknown" for one that is not known here
};
struct TransactionFilter {
  std::set<ProducerId> producer_ids;             // empty: all
  std::optional<Milliseconds> open_longer_than;  // nullopt: all
  std::string pattern;                           // of transactional ids (RE2); empty: all
};
// Of all brokers, in their order.
[[nodiscard]] env::Task<Result<std::vector<ListedTransaction>>> list_transactions(
    Cluster& cluster, TransactionFilter filter);

struct DescribedTransaction {
  BrokerId coordinator = k_no_broker;
  ProducerStamp producer;
  std::string state;
  Milliseconds timeout{0};
  std::optional<Timestamp> begun_at;
  std::set<TopicPartition> partitions;
};
// Errors: transactional_id_not_found, ...
[[nodiscard]] env::Task<Result<DescribedTransaction>> describe_transaction(
    Cluster& cluster, std::string transactional_id);

// A producer that a partition remembers.
struct ActiveProducer {
  ProducerId id = k_no_producer_id;
  std::int32_t epoch = -1;
  std::int32_t coordinator_epoch = -1;  // -1: no marker was written for it
  Sequence last_sequence = k_no_sequence;
  Timestamp last_timestamp = k_no_timestamp;
  std::optional<Offset> transaction_start;  // of an open transaction
};
// As the leader knows them, or `broker`.
[[nodiscard]] env::Task<Result<std::vector<ActiveProducer>>> describe_producers(
    Cluster& cluster, TopicPartition partition, std::optional<BrokerId> broker);

// Writes the marker of an abort into one partition, past the coordinator: for a transaction that
// no coordinator knows of.
struct AbortSpec {
  TopicPartition partition;
  ProducerStamp producer;
  std::int32_t coordinator_epoch = 0;
};
[[nodiscard]] std::string text_of(const AbortSpec& spec);
[[nodiscard]] env::Task<Result<void>> abort_transaction(Cluster& cluster, AbortSpec spec);

// Takes the transactional id from its producer: what that left open is aborted.
[[nodiscard]] env::Task<Result<void>> fence_producer(Cluster& cluster,
                                                     std::string transactional_id);

}  // namespace moldau::client
