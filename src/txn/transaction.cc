#include "txn/transaction.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace moldau::txn {
namespace {

struct StateName {
  TransactionState state;
  std::string_view name;
};
constexpr auto k_state_names = std::to_array<StateName>({
    {TransactionState::empty, "Empty"},
    {TransactionState::ongoing, "Ongoing"},
    {TransactionState::prepare_commit, "PrepareCommit"},
    {TransactionState::prepare_abort, "PrepareAbort"},
    {TransactionState::complete_commit, "CompleteCommit"},
    {TransactionState::complete_abort, "CompleteAbort"},
    {TransactionState::dead, "Dead"},
    {TransactionState::prepare_epoch_fence, "PrepareEpochFence"},
});

Transaction following(const Transaction& from, Timestamp now) {
  Transaction next = from;
  next.previous_producer_id = from.producer_id;
  next.updated = now;
  return next;
}

Transaction at_rest(const Transaction& from, Milliseconds timeout, Timestamp now) {
  Transaction next = following(from, now);
  next.state = TransactionState::empty;
  next.timeout = timeout;
  next.partitions.clear();
  next.started = k_no_timestamp;
  return next;
}

}  // namespace

std::string_view name_of(TransactionState state) {
  return std::ranges::find(k_state_names, state, &StateName::state)->name;
}

std::optional<TransactionState> state_named(std::string_view name) {
  const auto found = std::ranges::find(k_state_names, name, &StateName::name);
  return found == k_state_names.end() ? std::nullopt : std::optional(found->state);
}

std::optional<TransactionState> state_of_record(std::int8_t value) {
  const bool known = value >= 0 && value <= static_cast<int>(TransactionState::complete_abort);
  return known ? std::optional(TransactionState{value}) : std::nullopt;
}

bool is_prepared(TransactionState state) {
  return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
}

bool is_at_rest(TransactionState state) {
  return state == TransactionState::empty || state == TransactionState::complete_commit ||
         state == TransactionState::complete_abort;
}

TransactionVersion version_of_level(std::int16_t level) {
  return TransactionVersion{std::clamp<std::int16_t>(level, 0, 2)};
}

Transaction with_new_producer(const Transaction& from, ProducerId id, ProducerEpoch last,
                              Milliseconds timeout, Timestamp now) {
  Transaction next = at_rest(from, timeout, now);
  next.producer_id = id;
  next.epoch = ProducerEpoch{0};
  next.last_epoch = last;
  return next;
}

Transaction with_epoch(const Transaction& from, ProducerEpoch epoch, ProducerEpoch last,
                       Milliseconds timeout, Timestamp now) {
  Transaction next = at_rest(from, timeout, now);
  next.epoch = epoch;
  next.last_epoch = last;
  return next;
}

Transaction with_partitions(const Transaction& from, const Partitions& added,
                            TransactionVersion client, Timestamp now) {
  Transaction next = following(from, now);
  if (is_at_rest(from.state)) next.started = now;
  next.state = TransactionState::ongoing;
  for (const auto& [topic, partitions] : added) {
    next.partitions[topic].insert(partitions.begin(), partitions.end());
  }
  next.client_version = client;
  return next;
}

Transaction prepared(const Transaction& from, bool commit, TransactionVersion client,
                     ProducerId next_id, Timestamp now) {
  Transaction next = following(from, now);
  next.state = commit ? TransactionState::prepare_commit : TransactionState::prepare_abort;
  if (bumps_epoch(client)) {
    next.last_epoch = from.epoch;
    // An older fence may have used the greatest one: the abort goes through without a bump.
    if (from.epoch != k_greatest_epoch) next.epoch = from.epoch.next();
  }
  next.next_producer_id = next_id;
  if (is_at_rest(from.state)) next.started = now;
  next.client_version = client;
  return next;
}

Transaction fenced(const Transaction& from, TransactionVersion server, ProducerId next_id,
                   Timestamp now) {
  if (bumps_epoch(server)) return prepared(from, false, server, next_id, now);
  Transaction next = prepared(from, false, TransactionVersion::v0, k_no_producer_id, now);
  if (from.epoch != k_greatest_epoch) next.epoch = from.epoch.next();
  next.last_epoch = k_no_producer_epoch;
  return next;
}

Transaction completed(const Transaction& from, Timestamp now) {
  CHECK(is_prepared(from.state));
  Transaction next = following(from, now);
  next.state = from.state == TransactionState::prepare_commit ? TransactionState::complete_commit
                                                              : TransactionState::complete_abort;
  // Of an end that used the last epoch, the client sees only that its next one is 0 of another id.
  if (bumps_epoch(from.client_version) && from.next_producer_id != k_no_producer_id) {
    next.producer_id = from.next_producer_id;
    next.epoch = ProducerEpoch{0};
  }
  next.next_producer_id = k_no_producer_id;
  next.partitions.clear();
  return next;
}

}  // namespace moldau::txn
