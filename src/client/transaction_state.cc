#include "client/transaction_state.h"

#include <algorithm>
#include <utility>

namespace moldau::client {
namespace {

using State = TransactionState::State;

bool is_transition(State from, State to) {
  switch (to) {
    case State::uninitialized:
      return from == State::ready || from == State::abortable_error;
    case State::initializing:
      return from == State::uninitialized || from == State::committing || from == State::aborting;
    case State::ready:
      return from == State::initializing || from == State::committing || from == State::aborting;
    case State::in_transaction:
      return from == State::ready;
    case State::committing:
      return from == State::in_transaction;
    case State::aborting:
      return from == State::in_transaction || from == State::abortable_error;
    case State::abortable_error:
      return from == State::in_transaction || from == State::committing ||
             from == State::abortable_error || from == State::initializing;
    case State::fatal_error:
      return true;
  }
  return false;
}

std::string shown(const ProducerStamp& stamp) {
  return fmt::format("ProducerIdAndEpoch(producerId={}, epoch={})", stamp.id, stamp.epoch);
}

std::string text_of(const Error& error) {
  return std::string(error.text().empty() ? facts(error.code()).text : error.text());
}

// Errors after which the producer is of no use, whatever asked.
bool ends_producer(Errc code) {
  return code == Errc::cluster_authorization_failed ||
         code == Errc::transactional_id_authorization_failed || code == Errc::producer_fenced ||
         code == Errc::unsupported_version || code == Errc::invalid_producer_id_mapping;
}

}  // namespace

std::string_view name_of(State state) {
  switch (state) {
    case State::uninitialized:
      return "UNINITIALIZED";
    case State::initializing:
      return "INITIALIZING";
    case State::ready:
      return "READY";
    case State::in_transaction:
      return "IN_TRANSACTION";
    case State::committing:
      return "COMMITTING_TRANSACTION";
    case State::aborting:
      return "ABORTING_TRANSACTION";
    case State::abortable_error:
      return "ABORTABLE_ERROR";
    case State::fatal_error:
      return "FATAL_ERROR";
  }
  return "";
}

// ---- states

Result<void> TransactionState::go_to(State target) {
  if (!is_transition(state_, target)) {
    return fail(Errc::invalid_txn_state,
                "TransactionalId {}: Invalid transition attempted from state {} to state {}",
                settings_.transactional_id, name_of(state_), name_of(target));
  }
  state_ = target;
  error_.reset();
  return {};
}

void TransactionState::go_to_error(State target, Error error) {
  if (!is_transition(state_, target)) {
    // Kafka's sender poisons itself, too: nothing is known about what the log holds.
    error = Error(Errc::invalid_txn_state,
                  fmt::format("TransactionalId {}: Invalid transition attempted from state {} to "
                              "state {}",
                              settings_.transactional_id, name_of(state_), name_of(target)));
    target = State::fatal_error;
  }
  state_ = target;
  error_ = std::move(error);
}

void TransactionState::abortable(Error error) {
  if (state_ == State::aborting || state_ == State::fatal_error) return;
  go_to_error(State::abortable_error, std::move(error));
}

void TransactionState::fatal(Error error) {
  go_to_error(State::fatal_error, error);
  end(error);
  drop_waiting();
}

void TransactionState::abortable_if_possible(Error error) {
  if (!facts_.bumps_epochs && !v2_) return fatal(std::move(error));
  if (client_bumps()) bump_required_ = true;
  abortable(std::move(error));
}

void TransactionState::failed(const Error& error) {
  if (state_ == State::fatal_error) return;
  if (ends_producer(error.code())) return fatal(error);
  if (state_ != State::in_transaction && state_ != State::abortable_error && !is_completing())
    return;
  if (client_bumps() && !is_completing()) bump_required_ = true;
  // What was tried until its time was over must not be taken for something to try again: the
  // program would write it twice.
  if (may_pass(error.code()) || error.code() == Errc::invalid_txn_state) {
    return abortable(Error(Errc::transaction_abortable,
                           "Transaction Request was aborted after exhausting retries."));
  }
  abortable(error);
}

std::optional<Error> TransactionState::why_not_sent() const {
  if (state_ == State::fatal_error || state_ == State::abortable_error) return error_;
  if (state_ == State::aborting) {
    return Error(Errc::cancelled, "Failing batch since transaction was aborted");
  }
  return std::nullopt;
}

Result<void> TransactionState::check_error() const {
  if (state_ != State::abortable_error && state_ != State::fatal_error) return {};
  const Errc code = error_->code();
  if (code == Errc::producer_fenced) {
    return fail(code,
                "Producer with transactionalId '{}' and {} has been fenced by another producer "
                "with the same transactionalId",
                settings_.transactional_id, shown(stamp_));
  }
  if (code == Errc::invalid_producer_epoch) {
    return fail(code,
                "Producer with transactionalId '{}' and {} attempted to produce with an old epoch",
                settings_.transactional_id, shown(stamp_));
  }
  return fail(code, "Cannot execute transactional method because we are in an error state: {}",
              text_of(*error_));
}

// ---- the program's calls

Result<void> TransactionState::check_pending(std::string_view call) const {
  if (!pending_) return {};
  return fail(Errc::invalid_txn_state,
              "Cannot attempt operation `{}` because the previous call to `{}` timed out and must "
              "be retried",
              call, pending_->call);
}

Result<std::optional<TransactionState::Ticket>> TransactionState::repeated(State target,
                                                                           std::string_view call) {
  if (!pending_) return std::optional<Ticket>();
  if (pending_->state != target) {
    TRY_OK(check_pending(call));
  }
  return std::optional<Ticket>(pending_->ticket);
}

Result<TransactionState::Ticket> TransactionState::init() {
  constexpr std::string_view k_call = "initTransactions";
  TRY(const std::optional<Ticket> before, repeated(State::initializing, k_call));
  if (before) return *before;
  TRY_OK(check_error());
  TRY_OK(go_to(State::initializing));
  init_wanted_ = true;
  pending_ = Pending{Ticket{next_ticket_++}, State::initializing, k_call, {}};
  return pending_->ticket;
}

Result<void> TransactionState::begin() {
  TRY_OK(check_pending("beginTransaction"));
  TRY_OK(check_error());
  return go_to(State::in_transaction);
}

Result<void> TransactionState::sending(const TopicPartition& partition) {
  TRY_OK(check_error());
  TRY_OK(check_pending("send"));
  if (!stamp_.is_valid()) {
    return fail(Errc::invalid_txn_state,
                "Cannot add partition {} to transaction before completing a call to "
                "initTransactions",
                partition);
  }
  if (state_ != State::in_transaction) {
    return fail(Errc::invalid_txn_state,
                "Cannot add partition {} to transaction while in state  {}", partition,
                name_of(state_));
  }
  if (v2_) {
    added_.insert(partition);
    started_ = true;
  } else if (!added_.contains(partition) && !adding_.contains(partition)) {
    new_.insert(partition);
  }
  return {};
}

Result<TransactionState::Ticket> TransactionState::send_offsets(ConsumerGroupMetadata group,
                                                                GroupOffsets offsets) {
  TRY_OK(check_pending("sendOffsetsToTransaction"));
  TRY_OK(check_error());
  if (state_ != State::in_transaction) {
    return fail(Errc::invalid_txn_state,
                "Cannot send offsets if a transaction is not in progress (currentState= {})",
                name_of(state_));
  }
  const Ticket ticket{next_ticket_++};
  job_outcomes_[ticket];
  jobs_.push_back({ticket, std::move(group), std::move(offsets), v2_});
  if (v2_) started_ = true;
  return ticket;
}

Result<TransactionState::Ticket> TransactionState::commit() {
  constexpr std::string_view k_call = "commitTransaction";
  TRY(const std::optional<Ticket> before, repeated(State::committing, k_call));
  if (before) return *before;
  TRY_OK(check_error());
  TRY_OK(go_to(State::committing));
  return complete(State::committing, k_call);
}

Result<TransactionState::Ticket> TransactionState::abort() {
  constexpr std::string_view k_call = "abortTransaction";
  TRY(const std::optional<Ticket> before, repeated(State::aborting, k_call));
  if (before) return *before;
  if (state_ == State::abortable_error) {
    drop_waiting();
  } else {
    TRY_OK(check_error());
  }
  TRY_OK(go_to(State::aborting));
  new_.clear();
  return complete(State::aborting, k_call);
}

TransactionState::Ticket TransactionState::complete(State target, std::string_view call) {
  end_wanted_ = target == State::committing;
  ending_with_v2_ = v2_;  // it ends as it began
  update_version();
  bump_wanted_ = bump_required_;
  pending_ = Pending{Ticket{next_ticket_++}, target, call, {}};
  return pending_->ticket;
}

// With the first transaction of version 2 the epoch must be new: what an older one left must not be
// taken for a part of it.
void TransactionState::update_version() {
  if (!v2_ && facts_.transactions_v2) bump_required_ = true;
  v2_ = facts_.transactions_v2;
}

std::optional<Result<void>> TransactionState::outcome(Ticket ticket) {
  if (pending_ && pending_->ticket == ticket) {
    if (!pending_->outcome) return std::nullopt;
    auto outcome = std::move(pending_->outcome);
    pending_.reset();
    return outcome;
  }
  const auto found = job_outcomes_.find(ticket);
  CHECK(found != job_outcomes_.end());
  if (!found->second) return std::nullopt;
  auto outcome = std::move(found->second);
  job_outcomes_.erase(found);
  return outcome;
}

void TransactionState::end(const std::optional<Error>& error) {
  if (!pending_ || pending_->outcome) return;
  pending_->outcome = error ? Result<void>(fail(Error(*error))) : Result<void>();
}

void TransactionState::end_job(const OffsetJob& job, Result<void> outcome) {
  job_outcomes_[job.ticket] = std::move(outcome);
}

// ---- the coordinator

// In an error state nothing waits any more: who waits is told.
void TransactionState::drop_waiting() {
  for (const OffsetJob& job : jobs_) end_job(job, fail(Error(*error_)));
  jobs_.clear();
  new_.clear();
  adding_.clear();
  init_wanted_ = bump_wanted_ = false;
  end_wanted_.reset();
  end(error_);
}

void TransactionState::reset_transaction() {
  const bool bump = std::exchange(bump_required_, false);
  state_ = bump ? State::initializing : State::ready;
  error_.reset();
  started_ = false;
  new_.clear();
  adding_.clear();
  added_.clear();
  end_wanted_.reset();
  if (!bump_wanted_) end({});
}

void TransactionState::retry(Instant now, Milliseconds backoff) { not_before_ = now + backoff; }

std::optional<Instant> TransactionState::wake_at() const {
  const bool idle = asked_ || (!init_wanted_ && !bump_wanted_ && !end_wanted_ && jobs_.empty() &&
                               new_.empty() && adding_.empty());
  return idle ? std::nullopt : std::optional(not_before_);
}

std::optional<TransactionQuestion> TransactionState::next(bool all_sent, Instant now) {
  if (asked_) return std::nullopt;
  if (state_ == State::abortable_error || state_ == State::fatal_error) drop_waiting();
  if (now < not_before_) return std::nullopt;
  if (init_wanted_) return asked_ = init_question(false);
  if (!new_.empty() || !adding_.empty()) {
    adding_.merge(new_);
    return asked_ = partitions_question();
  }
  if (!jobs_.empty()) {
    const OffsetJob& job = jobs_.front();
    if (!job.added) return asked_ = group_question(job);
    return asked_ = offsets_question(job);
  }
  if (end_wanted_) {
    if (!all_sent) return std::nullopt;
    if (started_) {
      return asked_ = protocol::EndTxnRequest{.transactional_id = settings_.transactional_id,
                                              .producer_id = stamp_.id,
                                              .producer_epoch = stamp_.epoch,
                                              .committed = *end_wanted_,
                                              .unknown_tags = {}};
    }
    reset_transaction();  // the coordinator never heard of it
  }
  if (bump_wanted_) return asked_ = init_question(true);
  return std::nullopt;
}

ApiVersion TransactionState::version_max(const TransactionQuestion& question) const {
  constexpr ApiVersion k_without_transactions_of_others{3};  // 4 is for brokers that verify
  constexpr ApiVersion k_last_of_v1{4};
  constexpr ApiVersion k_with_names{5};  // 6 names topics by id
  if (std::holds_alternative<protocol::AddPartitionsToTxnRequest>(question)) {
    return k_without_transactions_of_others;
  }
  if (std::holds_alternative<protocol::TxnOffsetCommitRequest>(question)) {
    return v2_ ? k_with_names : k_last_of_v1;
  }
  if (std::holds_alternative<protocol::EndTxnRequest>(question)) {
    return ending_with_v2_ ? protocol::EndTxnRequest::k_versions.last : k_last_of_v1;
  }
  if (std::holds_alternative<protocol::InitProducerIdRequest>(question)) {
    return ApiVersion{5};  // 6 is of two-phase commits (KIP-939), not stable
  }
  return protocol::AddOffsetsToTxnRequest::k_versions.last;
}

protocol::InitProducerIdRequest TransactionState::init_question(bool bump) const {
  protocol::InitProducerIdRequest request;
  request.transactional_id = settings_.transactional_id;
  request.transaction_timeout_ms = settings_.timeout;
  if (bump) {
    request.producer_id = stamp_.id;
    request.producer_epoch = stamp_.epoch;
  }
  return request;
}

protocol::AddPartitionsToTxnRequest TransactionState::partitions_question() const {
  protocol::AddPartitionsToTxnRequest request;
  request.v3_and_below_transactional_id = settings_.transactional_id;
  request.v3_and_below_producer_id = stamp_.id;
  request.v3_and_below_producer_epoch = stamp_.epoch;
  auto& topics = request.v3_and_below_topics;
  for (const TopicPartition& it : adding_) {
    if (topics.empty() || topics.back().name != it.topic) topics.emplace_back().name = it.topic;
    topics.back().partitions.push_back(it.partition);
  }
  return request;
}

protocol::AddOffsetsToTxnRequest TransactionState::group_question(const OffsetJob& job) const {
  protocol::AddOffsetsToTxnRequest request;
  request.transactional_id = settings_.transactional_id;
  request.producer_id = stamp_.id;
  request.producer_epoch = stamp_.epoch;
  request.group_id = job.group.group_id;
  return request;
}

protocol::TxnOffsetCommitRequest TransactionState::offsets_question(const OffsetJob& job) const {
  protocol::TxnOffsetCommitRequest request;
  request.transactional_id = settings_.transactional_id;
  request.group_id = job.group.group_id;
  request.producer_id = stamp_.id;
  request.producer_epoch = stamp_.epoch;
  if (job.group.as) {
    request.generation_id_or_member_epoch = job.group.as->epoch;
    request.member_id = job.group.as->member_id;
    request.group_instance_id = job.group.as->instance_id;
  }
  for (const auto& [partition, committed] : job.left) {
    if (request.topics.empty() || request.topics.back().name != partition.topic) {
      request.topics.emplace_back().name = partition.topic;
    }
    auto& one = request.topics.back().partitions.emplace_back();
    one.partition_index = partition.partition;
    one.committed_offset = committed.offset;
    one.committed_leader_epoch = committed.leader_epoch;
    one.committed_metadata = committed.metadata;
  }
  return request;
}

}  // namespace moldau::client
