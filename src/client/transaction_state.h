#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "client/accumulator.h"
#include "client/group_offsets.h"
#include "client/record.h"
#include "protocol/api/add_offsets_to_txn.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/txn_offset_commit.h"

namespace moldau::client {

struct TransactionSettings {
  std::string transactional_id;     // transactional.id
  Milliseconds timeout{60'000};     // transaction.timeout.ms
  Milliseconds retry_backoff{100};  // retry.backoff.ms
};

// In whose name offsets go into a transaction.
struct ConsumerGroupMetadata {
  std::string group_id;
  std::optional<MemberIdentity> as;  // nullopt: of nobody's membership
};

// What the coordinator's connection tells.
struct CoordinatorFacts {
  bool transactions_v2 = false;  // transaction.version 2 is finalised (KIP-890)
  bool bumps_epochs = false;     // InitProducerId 3 or newer (KIP-360)
};

using TransactionQuestion =
    std::variant<protocol::InitProducerIdRequest, protocol::AddPartitionsToTxnRequest,
                 protocol::AddOffsetsToTxnRequest, protocol::TxnOffsetCommitRequest,
                 protocol::EndTxnRequest>;
using TransactionAnswer =
    std::variant<protocol::InitProducerIdResponse, protocol::AddPartitionsToTxnResponse,
                 protocol::AddOffsetsToTxnResponse, protocol::TxnOffsetCommitResponse,
                 protocol::EndTxnResponse, Error>;

// A transactional producer as its coordinator knows it: decides what the program may do, what to
// ask and when, and what an error means: one that only an abort mends, or one that nothing mends.
//
//   state           leaves to                          because
//   uninitialized   initializing                       init()
//   initializing    ready, abortable_error             InitProducerId was answered
//   ready           in_transaction                     begin()
//   in_transaction  committing, aborting               commit(), abort()
//   committing      ready, initializing                EndTxn was answered; the epoch must rise
//   first aborting        the same in_transaction, committing, initializing -> abortable_error only
//   abort() goes on from there any             fatal_error                        fenced, not
//   allowed: nothing goes on
//
// The caller sends next()'s question and brings its answer or an Error before it asks for the next;
// an error that tells that a coordinator is elsewhere is the caller's to read, too. Calls of the
// program that wait have a ticket; outcome() has their end.
// Context: pure; one shard.
// Source:  TransactionManager.
class TransactionState {
 public:
  enum class State : std::uint8_t {
    uninitialized,
    initializing,
    ready,
    in_transaction,
    committing,
    aborting,
    abortable_error,
    fatal_error,
  };
  using Ticket = Id<struct TransactionTicketTag, std::uint64_t>;

  explicit TransactionState(TransactionSettings settings) : settings_(std::move(settings)) {}

  // ---- the program's calls. Errors: invalid_txn_state for what the state does not allow; the
  // error that the producer is in, in Kafka's words.
  [[nodiscard]] Result<Ticket> init();
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<Ticket> send_offsets(ConsumerGroupMetadata group, GroupOffsets offsets);
  [[nodiscard]] Result<Ticket> commit();
  [[nodiscard]] Result<Ticket> abort();
  // A record goes to this partition now.
  [[nodiscard]] Result<void> sending(const TopicPartition& partition);
  // What came of it; nullopt: nothing yet. An end is told once. A call that was given up may be
  // made again: it gets the ticket of before.
  [[nodiscard]] std::optional<Result<void>> outcome(Ticket ticket);

  // ---- what the producer learns
  void learn(CoordinatorFacts facts) { facts_ = facts; }
  // A batch or a send() was refused for good.
  void failed(const Error& error);

  // ---- the coordinator
  // `all_sent`: no record is on its way.
  [[nodiscard]] std::optional<TransactionQuestion> next(bool all_sent, Instant now);
  void answered(const TransactionAnswer& answer, Instant now);
  // The greatest version in which the question means what it should.
  [[nodiscard]] ApiVersion version_max(const TransactionQuestion& question) const;
  // When next() may have something that it has not now; nullopt: not by time alone.
  [[nodiscard]] std::optional<Instant> wake_at() const;

  // ---- what follows for records
  [[nodiscard]] ProducerStamp stamp() const { return stamp_; }
  [[nodiscard]] bool transactions_v2() const { return v2_; }
  [[nodiscard]] bool may_send_to(const TopicPartition& partition) const {
    return state_ != State::fatal_error && added_.contains(partition);
  }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_completing() const {
    return state_ == State::committing || state_ == State::aborting;
  }
  // Records that were not sent yet must not be: why.
  [[nodiscard]] std::optional<Error> why_not_sent() const;
  [[nodiscard]] const std::string& transactional_id() const { return settings_.transactional_id; }

 private:
  struct OffsetJob {
    Ticket ticket;
    ConsumerGroupMetadata group;
    GroupOffsets left;
    bool added = false;  // the transaction has the group
  };
  struct Pending {  // init(), commit() or abort() that the program has not seen the end of
    Ticket ticket;
    State state;
    std::string_view call;
    std::optional<Result<void>> outcome;
  };

  [[nodiscard]] Result<void> go_to(State target);
  void go_to_error(State target, Error error);
  void abortable(Error error);
  void fatal(Error error);
  void abortable_if_possible(Error error);
  [[nodiscard]] bool client_bumps() const { return facts_.bumps_epochs && !v2_; }
  void retry(Instant now, Milliseconds backoff);
  [[nodiscard]] Result<void> check_error() const;
  [[nodiscard]] Result<void> check_pending(std::string_view call) const;
  [[nodiscard]] Result<std::optional<Ticket>> repeated(State target, std::string_view call);
  [[nodiscard]] Ticket complete(State target, std::string_view call);
  void update_version();
  void reset_transaction();
  void end(const std::optional<Error>& error);
  void end_job(const OffsetJob& job, Result<void> outcome);
  void drop_waiting();

  [[nodiscard]] protocol::InitProducerIdRequest init_question(bool bump) const;
  [[nodiscard]] protocol::AddPartitionsToTxnRequest partitions_question() const;
  [[nodiscard]] protocol::AddOffsetsToTxnRequest group_question(const OffsetJob& job) const;
  [[nodiscard]] protocol::TxnOffsetCommitRequest offsets_question(const OffsetJob& job) const;

  // What all answers share; true: nothing is left to do with it.
  [[nodiscard]] bool take_common(Errc code, std::string_view answer, Instant now);
  void take(const protocol::InitProducerIdResponse& answer, Instant now);
  void take(const protocol::AddPartitionsToTxnResponse& answer, Instant now);
  void take(const protocol::AddOffsetsToTxnResponse& answer, Instant now);
  void take(const protocol::TxnOffsetCommitResponse& answer, Instant now);
  void take(const protocol::EndTxnResponse& answer, Instant now);
  void take(const Error& error, Instant now);
  // False: what follows does not count.
  [[nodiscard]] bool take_offset(const TopicPartition& partition, Errc code);

  TransactionSettings settings_;
  CoordinatorFacts facts_;
  State state_ = State::uninitialized;
  std::optional<Error> error_;
  ProducerStamp stamp_;
  bool v2_ = false;
  bool started_ = false;        // the coordinator may know of this transaction
  bool bump_required_ = false;  // with the end of this transaction the epoch must rise
  std::set<TopicPartition> new_;
  std::set<TopicPartition> adding_;
  std::set<TopicPartition> added_;
  std::deque<OffsetJob> jobs_;
  bool init_wanted_ = false;
  bool bump_wanted_ = false;        // InitProducerId behind the EndTxn
  std::optional<bool> end_wanted_;  // true: commit
  bool ending_with_v2_ = false;
  std::optional<Pending> pending_;
  std::map<Ticket, std::optional<Result<void>>> job_outcomes_;
  std::optional<TransactionQuestion> asked_;
  Instant not_before_{};
  std::uint64_t next_ticket_ = 1;
};

[[nodiscard]] std::string_view name_of(TransactionState::State state);

}  // namespace moldau::client
