#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "broker/shard.h"
#include "config/node_config.h"
#include "env/task.h"

namespace moldau::broker {

// What the client of a transactional request knows of KIP-890, by the version of the request.
// Source: TransactionSupportedOperation.
enum class TxnClient : std::uint8_t {
  legacy,           // has its partitions added first; TRANSACTION_ABORTABLE would be news to it
  knows_abortable,  // has its partitions added first
  adds_partitions,  // transaction version 2: writing to a partition adds it
};
[[nodiscard]] TxnClient client_of_produce(ApiVersion version);
[[nodiscard]] TxnClient client_of_txn_offset_commit(ApiVersion version);

// Whether a transaction of such a client begins in a partition only when its coordinator knows.
[[nodiscard]] bool is_verified(const config::NodeConfig& node, TxnClient client);

// Partitions that a transaction wants to begin in.
struct TxnPartitions {
  struct Partition {
    std::string topic;
    PartitionIndex index;
  };
  std::string transactional_id;
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  TxnClient client = TxnClient::legacy;
  std::vector<Partition> partitions;
};

// Asks the coordinator whether the transaction has the partitions, or has them added to it. One
// code for each, in their order; none: records may be written. What the client cannot know is told
// it in words that it does:
//   invalid_txn_state         legacy: the transaction does not have the partition
//   transaction_abortable     the same, to others
//   invalid_producer_epoch    a newer producer took over
//   invalid_producer_id_mapping, concurrent_transactions, and those of a coordinator that is not
//   ready: as it says
// Source: AddPartitionsToTxnManager.
[[nodiscard]] env::Task<std::vector<Errc>> verify_partitions(Shard& from, TxnPartitions asked);
// The same for a client that writes at once after the end of its last transaction: it is spared
// most of concurrent_transactions by asking again for a while.
[[nodiscard]] env::Task<std::vector<Errc>> verify_partitions_patiently(Shard& from,
                                                                       TxnPartitions asked);

}  // namespace moldau::broker
