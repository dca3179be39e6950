#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace moldau::txn {

// How far a transaction is. The values are those of the records. Source: TransactionState.
//   state            leaves to          because
//   empty            ongoing            partitions were added
//                    empty              the producer was initialized again
//                    prepare_abort      version 2: an end of nothing bumps the epoch too
//   ongoing          ongoing            more partitions were added
//                    prepare_commit     the producer commits
//                    prepare_abort      the producer aborts, or was fenced, or its time is over
//   prepare_*        complete_*         every partition has its marker
//   complete_*       as empty
//   any but ongoing and prepare_*: forgotten after transactional.id.expiration.ms
enum class TransactionState : std::int8_t {
  empty = 0,
  ongoing = 1,
  prepare_commit = 2,
  prepare_abort = 3,
  complete_commit = 4,
  complete_abort = 5,
  dead = 6,                 // never in a record: what is dead has a tombstone
  prepare_epoch_fence = 7,  // never in a record: Kafka's name for the moment before an abort
};
[[nodiscard]] std::string_view name_of(TransactionState state);  // as Kafka's: "PrepareCommit"
[[nodiscard]] std::optional<TransactionState> state_named(std::string_view name);
// nullopt: none that a record may have.
[[nodiscard]] std::optional<TransactionState> state_of_record(std::int8_t value);
[[nodiscard]] bool is_prepared(TransactionState state);
// It may be forgotten, or its producer initialized again.
[[nodiscard]] bool is_at_rest(TransactionState state);

// transaction.version, of the cluster or as a client's request shows it (KIP-890).
//   0  as KIP-98 had it
//   1  records of the flexible version
//   2  every end bumps the epoch, so that nothing late can slip into the next transaction
enum class TransactionVersion : std::int16_t { v0 = 0, v1 = 1, v2 = 2 };
// A level of a later version counts as the latest known.
[[nodiscard]] TransactionVersion version_of_level(std::int16_t level);
[[nodiscard]] inline bool bumps_epoch(TransactionVersion version) {
  return version >= TransactionVersion::v2;
}

// The greatest epoch is kept for fencing: a client never holds it.
inline constexpr ProducerEpoch k_greatest_epoch{INT16_MAX};
[[nodiscard]] inline bool is_exhausted(ProducerEpoch epoch) {
  return epoch.value() >= INT16_MAX - 1;
}

using Partitions = std::map<std::string, std::set<PartitionIndex>, std::less<>>;

struct ProducerIdAndEpoch {
  ProducerId id;
  ProducerEpoch epoch;
  friend bool operator==(const ProducerIdAndEpoch&, const ProducerIdAndEpoch&) = default;
};

// What the coordinator knows of a transactional id. Each transition makes a new one.
// Source: TransactionMetadata, TxnTransitMetadata.
struct Transaction {
  ProducerId producer_id = k_no_producer_id;
  // That of the state before: a retry that began under it is known by it.
  ProducerId previous_producer_id = k_no_producer_id;
  // Takes the place of `producer_id` when the end, which used the last epoch, is complete.
  ProducerId next_producer_id = k_no_producer_id;
  ProducerEpoch epoch = k_no_producer_epoch;
  // The one before, when the same producer goes on. Not in the log: after a load it is unknown.
  ProducerEpoch last_epoch = k_no_producer_epoch;
  Milliseconds timeout{0};
  TransactionState state = TransactionState::empty;
  Partitions partitions;
  Timestamp started = k_no_timestamp;
  Timestamp updated = k_no_timestamp;
  TransactionVersion client_version = TransactionVersion::v0;
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

// Prepared by an outside coordinator, which alone may end it: no timeout applies.
[[nodiscard]] inline bool is_two_phase(const Transaction& transaction) {
  return transaction.timeout == Milliseconds{INT32_MAX};
}

// ---- transitions -------------------------------------------------------------------------------

// A producer begins with `id` and epoch 0; `last` is what it had before, if it says so.
[[nodiscard]] Transaction with_new_producer(const Transaction& from, ProducerId id,
                                            ProducerEpoch last, Milliseconds timeout,
                                            Timestamp now);
// The same producer id with `epoch`.
[[nodiscard]] Transaction with_epoch(const Transaction& from, ProducerEpoch epoch,
                                     ProducerEpoch last, Milliseconds timeout, Timestamp now);
[[nodiscard]] Transaction with_partitions(const Transaction& from, const Partitions& added,
                                          TransactionVersion client, Timestamp now);
// `next_id`: what follows when this end uses the last epoch. A transaction that no partition was
// added to starts now.
[[nodiscard]] Transaction prepared(const Transaction& from, bool commit, TransactionVersion client,
                                   ProducerId next_id, Timestamp now);
// An abort that nobody asked for bumps the epoch under every version, so that the producer, which
// does not know of it, is fenced.
[[nodiscard]] Transaction fenced(const Transaction& from, TransactionVersion server,
                                 ProducerId next_id, Timestamp now);
// REQUIRES: is_prepared(from.state).
[[nodiscard]] Transaction completed(const Transaction& from, Timestamp now);

}  // namespace moldau::txn
