#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/coordinator_host.h"
#include "broker/coordinator_set.h"
#include "broker/topic_partition.h"
#include "config/node_config.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "txn/coordinator.h"

namespace moldau::broker {

struct Shard;

inline constexpr std::string_view k_transaction_topic = "__transaction_state";

using TransactionHost = CoordinatorHost<txn::Coordinator, txn::Answer, txn::Effect>;

// The transaction coordinators of one shard: one for each partition of __transaction_state that
// lives here and that this broker leads.
// Context: the shard.
class TransactionCoordinators {
 public:
  explicit TransactionCoordinators(Shard& shard) : shard_(shard) {}
  TransactionCoordinators(const TransactionCoordinators&) = delete;
  TransactionCoordinators& operator=(const TransactionCoordinators&) = delete;
  ~TransactionCoordinators();

  // The partition leads from now on: its transactional ids are loaded, and what was prepared is
  // brought to its end. No effect when they are. The view that says so comes after it; until then
  // no topic counts as deleted.
  void lead(std::shared_ptr<Partition> partition);
  // It no longer does. Completes when its coordinator has ended.
  [[nodiscard]] env::Task<void> resign(TopicIdPartition id) { return hosts_.resign(id); }
  [[nodiscard]] env::Task<void> resign_all() { return hosts_.resign_all(); }
  // The shard's view is a new one.
  void view_changed();
  void drain() { hosts_.drain(); }

  [[nodiscard]] env::Task<Result<txn::Answer>> ask(TopicIdPartition id,
                                                   TransactionHost::Call call) {
    return hosts_.ask(id, std::move(call));
  }
  [[nodiscard]] env::Task<std::vector<Result<txn::Answer>>> ask_all(TransactionHost::Call call) {
    return hosts_.ask_all(std::move(call));
  }
  [[nodiscard]] bool loaded() const { return hosts_.loaded(); }

 private:
  void perform(TransactionHost& host, txn::Effect effect);

  Shard& shard_;
  CoordinatorSet<TransactionHost> hosts_;
};

[[nodiscard]] txn::Settings transaction_settings(const config::NodeConfig& node);

// ---- for handlers ------------------------------------------------------------------------------

// The partition of __transaction_state that has the id; nullopt: the topic does not exist.
[[nodiscard]] std::optional<TopicIdPartition> partition_of_transaction(
    const metadata::Image& image, std::string_view transactional_id);

// What is asked of a machine.
using TransactionQuestion =
    std::function<void(txn::Coordinator&, const txn::Ask&, coordinator::Now, txn::Step&)>;

// Puts a question to the coordinator of the id, whichever shard it lives on. `version`: of the
// request that asks.
// Errors: those of CoordinatorHost::ask; not_coordinator when there is no __transaction_state.
[[nodiscard]] env::Task<Result<txn::Answer>> ask_transaction(Shard& from, ApiVersion version,
                                                             std::string transactional_id,
                                                             TransactionQuestion question);
// Puts a question to every transaction coordinator of this node, on all shards.
[[nodiscard]] env::Task<std::vector<Result<txn::Answer>>> ask_all_transactions(
    Shard& from, ApiVersion version, TransactionQuestion question);

// ---- for the log -------------------------------------------------------------------------------

using PartitionsOfTransaction = protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction;
using AddedPartitions = protocol::AddPartitionsToTxnResponse::AddPartitionsToTxnResult;

// Has partitions added to an open transaction, or with verify_only learns which of them it has, on
// the way of a request that writes to them (KIP-890: Produce from version 12, TxnOffsetCommit from
// version 5 add; older ones verify). The errors are the coordinator's, one for each partition:
//   transaction_abortable        it does not have the partition (verify_only)
//   invalid_producer_id_mapping, producer_fenced   of another producer
//   concurrent_transactions      the last transaction is not complete: retry
//   coordinator_load_in_progress, not_coordinator, coordinator_not_available: retry
// Source: AddPartitionsToTxnManager.addOrVerifyTransaction.
[[nodiscard]] env::Task<AddedPartitions> add_or_verify_partitions(
    Shard& from, PartitionsOfTransaction transaction);

}  // namespace moldau::broker
