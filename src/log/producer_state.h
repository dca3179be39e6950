#pragma once
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace moldau::log {

// Who wrote the batches of an append.
enum class AppendOrigin : std::uint8_t {
  client,       // Produce: sequences are checked, duplicates are looked for
  coordinator,  // group, transaction and share coordinators, and transaction markers
  replication,  // copied from a leader that has checked it
  raft_leader,  // the quorum's leader: offsets and epochs are in the batches already
};

// What producer state needs of one batch. Made from a batch header; `marker` of the one record of a
// control batch that ends a transaction.
struct TxnMarker {
  bool commit;
  std::int32_t coordinator_epoch;
};
struct ProducerBatch {
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence base_sequence;
  Sequence last_sequence;
  Offset first_offset;
  Offset last_offset;
  Timestamp max_timestamp;
  bool transactional = false;
  bool control = false;
  std::optional<TxnMarker> marker;
};

// A batch that was written: what is answered when the producer sends it again.
struct WrittenBatch {
  Sequence last_sequence;
  Offset last_offset;
  std::int32_t offset_delta;
  Timestamp timestamp;
  [[nodiscard]] Offset first_offset() const { return last_offset - offset_delta; }
  [[nodiscard]] Sequence first_sequence() const;  // sequences wrap at 2^31
  friend bool operator==(const WrittenBatch&, const WrittenBatch&) = default;
};

// One producer id in one partition. Source: ProducerStateEntry.
struct ProducerEntry {
  static constexpr std::size_t k_batches_kept = 5;  // as many as the Java producer has in flight

  ProducerEntry() = default;
  explicit ProducerEntry(ProducerId id) : producer_id(id) {}

  ProducerId producer_id{};
  ProducerEpoch producer_epoch = k_no_producer_epoch;
  std::int32_t coordinator_epoch = -1;
  Timestamp last_timestamp = k_no_timestamp;
  std::optional<Offset> txn_first_offset;  // of the transaction that is open here

  [[nodiscard]] std::span<const WrittenBatch> batches() const { return {batches_.data(), count_}; }
  [[nodiscard]] Sequence last_sequence() const;
  // The kept batch with exactly this range under the same epoch.
  [[nodiscard]] const WrittenBatch* duplicate_of(const ProducerBatch& batch) const;
  // Keeps the newest k_batches_kept; another epoch forgets all before it.
  void add(ProducerEpoch epoch, const WrittenBatch& batch);
  void move_to_epoch(ProducerEpoch epoch);
  friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;

 private:
  std::array<WrittenBatch, k_batches_kept> batches_{};
  std::size_t count_ = 0;
};

// Names one question of this log to a transaction coordinator (KIP-890). It is good for the first
// batch of the transaction that was asked about and for no other: an answer that comes after the
// transaction has ended must not open the next.
using VerificationGuard = Id<struct VerificationGuardTag, std::uint64_t>;
inline constexpr VerificationGuard k_no_guard{0};

// Whom a transaction is about to begin for here.
struct TxnStart {
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence base_sequence = k_no_sequence;  // none: a coordinator's records have no sequences
  bool supports_epoch_bump = false;        // its client goes by transaction version 2
};
// What is known while the coordinator is asked. Source: VerificationStateEntry.
struct Verification {
  VerificationGuard guard;
  Timestamp begun;
  ProducerEpoch producer_epoch;
  // Of what came meanwhile: a later batch must not be written before an earlier one that was
  // refused and comes again.
  Sequence lowest_sequence;
  bool supports_epoch_bump;
};

// How a check is done, beside who wrote.
struct CheckRules {
  std::int16_t txn_version = 0;  // of WriteTxnMarkers; 0 for data
  bool verify = false;           // a transaction begins with the guard of a verification alone
  VerificationGuard guard = k_no_guard;
};

// How many producers the logs of one shard remember together. Anybody who may write can make
// producer ids up, and each takes memory until producer.id.expiration.ms is over.
class ProducerBudget {
 public:
  explicit ProducerBudget(std::int64_t count_max) : count_max_(count_max) {}
  [[nodiscard]] bool is_exceeded() const { return count_ > count_max_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  void add(std::int64_t count) { count_ += count; }

 private:
  std::int64_t count_max_;
  std::int64_t count_ = 0;
};

struct OpenTxn {
  ProducerId producer_id;
  Offset first_offset;
};
// A marker ended it.
struct CompletedTxn {
  ProducerId producer_id;
  Offset first_offset;
  Offset last_offset;  // of the marker
  bool aborted;
  Offset last_stable_offset;  // goes into the transaction index; set by ProducerState::apply
};

// The producers of one partition log, deciding: which batch is a duplicate, out of order, fenced;
// which transactions are open, and thereby the last stable offset.
// Use: check() all batches of an append, write them, then apply() the same batches. Between the
// two nobody else may apply. A replica that copies calls both as well, with its origin.
// Invariant: open and unreplicated transactions are sorted by first offset.
// Context:   pure; one per log, touched by its shard only.
// Durable:   as a producer snapshot (producer_snapshot.h), taken at roll and clean close.
// Memory:    nothing until the first producer id; then about 200 bytes for each.
// Source:    ProducerStateManager, ProducerAppendInfo, ProducerStateEntry (KIP-98, KIP-360,
// KIP-890).
class ProducerState {
 public:
  ProducerState() = default;
  ProducerState(const ProducerState&) = delete;
  ProducerState& operator=(const ProducerState&) = delete;
  ~ProducerState() { share(nullptr); }

  // From now on its producers count in `budget`, which outlives it: beyond it a new producer takes
  // the place of one of this log that wrote longest ago, more or less, and has no open transaction.
  // nullptr: there is no limit.
  void share(ProducerBudget* budget);

  // What check() decided of all batches of one append.
  struct Checked {
    std::optional<WrittenBatch> duplicate;  // answer this, write nothing
    std::vector<ProducerEntry> updated;     // the entries as they will be
    std::vector<OpenTxn> started;
    std::vector<CompletedTxn> completed;
    std::vector<ProducerId> verified;  // whose verification is over
    void clear();
  };
  // Refusals (no text is made for those that clients expect):
  //   out_of_order_sequence_number  the sequence does not follow
  //   invalid_producer_epoch        older than the known epoch
  //   invalid_txn_state             not transactional while a transaction is open; or it begins one
  //                                 that was not verified
  //   transaction_coordinator_fenced  a marker of an outdated coordinator
  // A producer that is not known may begin with any sequence (its state may have expired), and
  // unknown_producer_id is therefore never answered, as in Kafka 4.4.
  // `into` is cleared first; reusing it saves allocations.
  [[nodiscard]] Result<void> check(std::span<const ProducerBatch> batches, AppendOrigin origin,
                                   Checked& into, const CheckRules& rules = {}) const;
  // Takes over what check() decided, after the batches were written. Fills
  // CompletedTxn::last_stable_offset.
  void apply(Checked& checked);
  // Every append calls it, with or without producer ids: a snapshot is taken at this offset.
  void set_end_offset(Offset end) { end_offset_ = end; }
  [[nodiscard]] Offset end_offset() const { return end_offset_; }

  // A batch of a transaction comes. k_no_guard: the transaction is open here already. Else its
  // coordinator is to be asked, and the guard goes with the batch to check(); who asks again before
  // that has the same guard.
  // Errors: invalid_producer_epoch (a newer one is known).
  // Source: UnifiedLog.maybeStartTransactionVerification.
  [[nodiscard]] Result<VerificationGuard> begin_verification(const TxnStart& start, Timestamp now);
  [[nodiscard]] std::size_t verifications() const { return verifications_.size(); }

  [[nodiscard]] const ProducerEntry* find(ProducerId id) const;
  [[nodiscard]] std::size_t size() const { return producers_.size(); }
  // No producer and no transaction that waits for replication.
  [[nodiscard]] bool empty() const { return producers_.empty() && unreplicated_.empty(); }
  // In the order in which Kafka's snapshot has them (that of a java.util.HashMap).
  [[nodiscard]] std::vector<ProducerEntry> entries() const;

  // The first offset that a read_committed reader must not pass, apart from the high watermark:
  // of the oldest transaction that is open, or ended above the high watermark.
  [[nodiscard]] std::optional<Offset> first_unstable_offset() const;
  // A transaction whose marker lies below it is stable.
  void on_high_watermark(Offset high_watermark);
  // The open transaction that began first; DescribeProducers and hanging-transaction checks.
  [[nodiscard]] std::span<const OpenTxn> open_txns() const { return open_; }

  // Forgets producers that wrote nothing for `expiration` and have no open transaction, and
  // verifications that began as long ago.
  void expire(Timestamp now, Milliseconds expiration);
  [[nodiscard]] static bool expired(const ProducerEntry& entry, Timestamp now,
                                    Milliseconds expiration);
  // Forgets everything, then starts at `end`.
  void reset(Offset end);
  // Adds what a snapshot held, in its order.
  void restore(std::span<const ProducerEntry> entries, Offset end);
  void on_log_start_offset(Offset start);

 private:
  struct Slot {
    ProducerEntry entry;
    std::uint64_t arrival;     // orders entries that fall into one bucket of Java's map
    bool wrote_again = false;  // since it was passed over by the search for whom to forget
  };
  [[nodiscard]] Result<void> check_transaction(const ProducerBatch& batch, AppendOrigin origin,
                                               const CheckRules& rules) const;
  [[nodiscard]] Result<void> check_data(const ProducerBatch& batch, AppendOrigin origin,
                                        const ProducerEntry* known, ProducerEntry& entry,
                                        Checked& into) const;
  [[nodiscard]] Result<void> check_marker(const ProducerBatch& batch, AppendOrigin origin,
                                          std::int16_t txn_version, ProducerEntry& entry,
                                          Checked& into) const;
  void note_verified(const ProducerBatch& batch, Checked& into) const;
  void insert(const ProducerEntry& entry);
  [[nodiscard]] bool has_open_txn(ProducerId id, ProducerEpoch epoch) const;
  [[nodiscard]] const Verification* verification(ProducerId id) const;

  void forget_one_but(ProducerId newcomer);
  void count(std::int64_t change) {
    if (budget_ != nullptr) budget_->add(change);
  }

  absl::flat_hash_map<ProducerId, Slot> producers_;
  // Everybody in producers_, and some who are gone: a clock, whose hand is at the front.
  std::deque<ProducerId> clock_;
  ProducerBudget* budget_ = nullptr;
  absl::flat_hash_map<ProducerId, Verification> verifications_;
  VerificationGuard last_guard_ = k_no_guard;
  std::vector<OpenTxn> open_;
  struct Unreplicated {
    OpenTxn txn;
    Offset last_offset;
  };
  std::vector<Unreplicated> unreplicated_;
  Offset end_offset_{0};
  std::uint64_t arrivals_ = 0;
  std::uint64_t java_capacity_ = 16;  // of the HashMap that Kafka would have; never shrinks
};

}  // namespace moldau::log
