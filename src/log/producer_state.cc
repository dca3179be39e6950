#include "log/producer_state.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"
#include "base/limits.h"

namespace moldau::log {
namespace {

constexpr std::int32_t k_sequence_last = std::numeric_limits<std::int32_t>::max();

// The next sequence, or a wrap from the largest to 0.
bool follows(Sequence last, Sequence next) {
  return next.value() == static_cast<std::int64_t>(last.value()) + 1 ||
         (next.value() == 0 && last.value() == k_sequence_last);
}

// Where java.util.HashMap puts the boxed id: the order of its buckets is that of the snapshot.
std::uint32_t java_bucket(ProducerId id, std::uint64_t capacity) {
  const auto bits = static_cast<std::uint64_t>(id.value());
  const auto hash = static_cast<std::uint32_t>(bits ^ (bits >> 32U));
  return (hash ^ (hash >> 16U)) & static_cast<std::uint32_t>(capacity - 1);
}

// Row  marker of version 2   batch epoch, to the known one   then
// P1   no                    not below                       goes on
// P2   no                    below                           refused
// P3   yes                   above                           goes on
// P4   yes                   equal, no transaction is open   goes on: the coordinator sent it again
// P5   yes                   equal, at the greatest epoch    goes on: it cannot be above
// P6   yes                   equal, a transaction is open    refused
// P7   yes                   below                           refused
// A copy from the leader is never refused: the leader has decided.
Result<void> check_epoch(const ProducerEntry& known, const ProducerBatch& batch,
                         AppendOrigin origin, std::int16_t txn_version) {
  const ProducerEpoch epoch = batch.producer_epoch;
  const bool strict = batch.marker.has_value() && txn_version >= 2;
  if (epoch > known.producer_epoch) return {};              // P1, P3
  if (!strict && epoch == known.producer_epoch) return {};  // P1
  const bool greatest = epoch.value() == std::numeric_limits<std::int16_t>::max();
  if (strict && epoch == known.producer_epoch && (!known.txn_first_offset || greatest)) {
    return {};  // P4, P5
  }
  if (origin == AppendOrigin::replication) return {};
  return fail(Errc::invalid_producer_epoch);
}

// Row  known epoch   batch epoch   first sequence     then
// S1   none          any           any                goes on: state may have expired
// S2   there         another       0                  goes on: a new epoch begins
// S3   there         another       above 0            refused
// S4   there         the same      follows the last   goes on
// S5   there         the same      anything else      refused
Result<void> check_sequence(const ProducerEntry& known, bool was_known,
                            const ProducerBatch& batch) {
  if (batch.producer_epoch != known.producer_epoch) {
    if (known.producer_epoch == k_no_producer_epoch || batch.base_sequence == Sequence{0}) {
      return {};  // S1, S2
    }
    return fail(Errc::out_of_order_sequence_number);  // S3
  }
  if (!was_known) return {};                                           // S1
  if (follows(known.last_sequence(), batch.base_sequence)) return {};  // S4
  return fail(Errc::out_of_order_sequence_number);                     // S5
}

// While a transaction of its producer is verified, before the rows above:
// Row  transaction version   what is known of the producer   first sequence                then
// V1   2                     no batch                        above 0                       refused
// V2   any                   any                             above the lowest that came    refused
Result<void> check_verified_sequence(const Verification& verification, const ProducerEntry* known,
                                     const ProducerBatch& batch) {
  const bool is_new = known == nullptr || known->batches().empty();
  const bool begins_late = batch.base_sequence != Sequence{0} && is_new;
  if (verification.supports_epoch_bump && begins_late) {
    return fail(Errc::out_of_order_sequence_number);  // V1
  }
  if (batch.base_sequence > verification.lowest_sequence) {
    return fail(Errc::out_of_order_sequence_number);  // V2
  }
  return {};
}

}  // namespace

Sequence WrittenBatch::first_sequence() const {
  const std::int64_t first = static_cast<std::int64_t>(last_sequence.value()) - offset_delta;
  if (first >= 0 || last_sequence == k_no_sequence) {
    return Sequence{static_cast<std::int32_t>(first)};
  }
  return Sequence{static_cast<std::int32_t>(first + k_sequence_last + 1)};
}

Sequence ProducerEntry::last_sequence() const {
  return count_ == 0 ? k_no_sequence : batches_[count_ - 1].last_sequence;
}

const WrittenBatch* ProducerEntry::duplicate_of(const ProducerBatch& batch) const {
  if (batch.producer_epoch != producer_epoch) return nullptr;
  const auto kept = batches();
  const auto same = std::ranges::find_if(kept, [&](const WrittenBatch& written) {
    return written.last_sequence == batch.last_sequence &&
           written.first_sequence() == batch.base_sequence;
  });
  return same == kept.end() ? nullptr : &*same;
}

void ProducerEntry::add(ProducerEpoch epoch, const WrittenBatch& batch) {
  move_to_epoch(epoch);
  if (count_ == k_batches_kept) {
    std::ranges::move(batches_.begin() + 1, batches_.end(), batches_.begin());
    --count_;
  }
  batches_[count_++] = batch;
  last_timestamp = batch.timestamp;
}

void ProducerEntry::move_to_epoch(ProducerEpoch epoch) {
  if (producer_epoch == epoch) return;
  producer_epoch = epoch;
  batches_ = {};
  count_ = 0;
}

void ProducerState::Checked::clear() {
  duplicate.reset();
  updated.clear();
  started.clear();
  completed.clear();
  verified.clear();
}

bool ProducerState::has_open_txn(ProducerId id, ProducerEpoch epoch) const {
  const ProducerEntry* known = find(id);
  return known != nullptr && known->txn_first_offset && known->producer_epoch == epoch;
}

const Verification* ProducerState::verification(ProducerId id) const {
  const auto found = verifications_.find(id);
  return found == verifications_.end() ? nullptr : &found->second;
}

Result<VerificationGuard> ProducerState::begin_verification(const TxnStart& start, Timestamp now) {
  const ProducerEntry* known = find(start.producer_id);
  if (known != nullptr && start.producer_epoch < known->producer_epoch) {
    return fail(Errc::invalid_producer_epoch);
  }
  if (has_open_txn(start.producer_id, start.producer_epoch)) return k_no_guard;
  const auto [place, is_new] = verifications_.try_emplace(
      start.producer_id, Verification{.guard = last_guard_.next(),
                                      .begun = now,
                                      .producer_epoch = start.producer_epoch,
                                      .lowest_sequence = start.base_sequence,
                                      .supports_epoch_bump = start.supports_epoch_bump});
  Verification& one = place->second;
  const VerificationGuard guard = one.guard;
  if (is_new) {
    last_guard_ = guard;
    if (std::cmp_greater(verifications_.size(), k_verifications_per_log_max.value)) {
      verifications_.erase(std::ranges::min_element(
          verifications_, {}, [](const auto& entry) { return entry.second.guard; }));
    }
    return guard;
  }
  if (start.producer_epoch == one.producer_epoch) {
    one.lowest_sequence = std::min(one.lowest_sequence, start.base_sequence);
  } else if (start.producer_epoch > one.producer_epoch) {
    one.producer_epoch = start.producer_epoch;
    one.lowest_sequence = start.base_sequence;
  }
  return guard;
}

// Records are never written outside of a transaction that its coordinator knows to be open here: it
// would not end it, and nothing would be stable behind it any more.
Result<void> ProducerState::check_transaction(const ProducerBatch& batch, AppendOrigin origin,
                                              const CheckRules& rules) const {
  const bool is_written_here =
      origin == AppendOrigin::client || origin == AppendOrigin::coordinator;
  if (!is_written_here || !batch.transactional || batch.control) return {};
  if (has_open_txn(batch.producer_id, batch.producer_epoch)) return {};
  const ProducerEntry* known = find(batch.producer_id);
  if (known != nullptr && batch.producer_epoch < known->producer_epoch) {
    return fail(Errc::invalid_producer_epoch);
  }
  if (!rules.verify) return {};
  const Verification* asked = verification(batch.producer_id);
  const bool is_verified =
      asked != nullptr && rules.guard != k_no_guard && asked->guard == rules.guard;
  if (!is_verified) return fail(Errc::invalid_txn_state);
  return {};
}

// A transaction that has begun here, or ended, needs no verification any more; but a marker of
// transaction version 2 says nothing of the transaction after it, which has its epoch.
void ProducerState::note_verified(const ProducerBatch& batch, Checked& into) const {
  if (!batch.transactional) return;
  const Verification* asked = verification(batch.producer_id);
  if (asked == nullptr) return;
  const bool is_of_next =
      batch.control && asked->supports_epoch_bump && batch.producer_epoch == asked->producer_epoch;
  if (!is_of_next) into.verified.push_back(batch.producer_id);
}

Result<void> ProducerState::check_data(const ProducerBatch& batch, AppendOrigin origin,
                                       const ProducerEntry* known, ProducerEntry& entry,
                                       Checked& into) const {
  TRY_OK(check_epoch(entry, batch, origin, 0));
  if (origin == AppendOrigin::client) {
    if (const Verification* asked = verification(batch.producer_id)) {
      TRY_OK(check_verified_sequence(*asked, known, batch));
    }
    const bool was_known = known != nullptr && known->producer_epoch != k_no_producer_epoch;
    TRY_OK(check_sequence(entry, was_known, batch));
  }
  entry.add(batch.producer_epoch,
            {.last_sequence = batch.last_sequence,
             .last_offset = batch.last_offset,
             .offset_delta = static_cast<std::int32_t>(batch.last_offset - batch.first_offset),
             .timestamp = batch.max_timestamp});
  if (entry.txn_first_offset && !batch.transactional) return fail(Errc::invalid_txn_state);
  if (!entry.txn_first_offset && batch.transactional) {
    entry.txn_first_offset = batch.first_offset;
    into.started.push_back({batch.producer_id, batch.first_offset});
  }
  return {};
}

Result<void> ProducerState::check_marker(const ProducerBatch& batch, AppendOrigin origin,
                                         std::int16_t txn_version, ProducerEntry& entry,
                                         Checked& into) const {
  // A control batch that compaction emptied says nothing any more.
  if (!batch.marker) return {};
  TRY_OK(check_epoch(entry, batch, origin, txn_version));
  if (entry.coordinator_epoch > batch.marker->coordinator_epoch &&
      origin != AppendOrigin::replication) {
    return fail(Errc::transaction_coordinator_fenced);
  }
  if (entry.txn_first_offset) {
    into.completed.push_back({.producer_id = batch.producer_id,
                              .first_offset = *entry.txn_first_offset,
                              .last_offset = batch.first_offset,
                              .aborted = !batch.marker->commit,
                              .last_stable_offset = {}});
  }
  entry.move_to_epoch(batch.producer_epoch);
  entry.coordinator_epoch = batch.marker->coordinator_epoch;
  entry.txn_first_offset.reset();
  entry.last_timestamp = batch.max_timestamp;
  return {};
}

Result<void> ProducerState::check(std::span<const ProducerBatch> batches, AppendOrigin origin,
                                  Checked& into, const CheckRules& rules) const {
  into.clear();
  for (const ProducerBatch& batch : batches) {
    const ProducerEntry* known = find(batch.producer_id);
    if (origin == AppendOrigin::client && known != nullptr) {
      if (const WrittenBatch* written = known->duplicate_of(batch)) {
        into.clear();
        into.duplicate = *written;
        return {};
      }
    }
    if (const Result<void> verified = check_transaction(batch, origin, rules); !verified) {
      into.clear();
      return verified;
    }
    auto entry = std::ranges::find(into.updated, batch.producer_id, &ProducerEntry::producer_id);
    if (entry == into.updated.end()) {
      into.updated.push_back(known != nullptr ? *known : ProducerEntry{batch.producer_id});
      entry = std::prev(into.updated.end());
    }
    const Result<void> allowed = batch.control
                                     ? check_marker(batch, origin, rules.txn_version, *entry, into)
                                     : check_data(batch, origin, known, *entry, into);
    if (!allowed) {
      into.clear();
      return allowed;
    }
    note_verified(batch, into);
  }
  return {};
}

void ProducerState::apply(Checked& checked) {
  for (const ProducerEntry& entry : checked.updated) insert(entry);
  for (const ProducerId id : checked.verified) verifications_.erase(id);
  for (const OpenTxn& txn : checked.started) {
    const auto place =
        std::ranges::upper_bound(open_, txn.first_offset, {}, &OpenTxn::first_offset);
    open_.insert(place, txn);
  }
  for (CompletedTxn& txn : checked.completed) {
    const auto other = std::ranges::find_if(
        open_, [&](const OpenTxn& open) { return open.producer_id != txn.producer_id; });
    txn.last_stable_offset = other == open_.end() ? txn.last_offset.next() : other->first_offset;
    const auto own = std::ranges::find(open_, txn.first_offset, &OpenTxn::first_offset);
    CHECK(own != open_.end());
    const Unreplicated ended{.txn = *own, .last_offset = txn.last_offset};
    open_.erase(own);
    const auto place =
        std::ranges::upper_bound(unreplicated_, ended.txn.first_offset, {},
                                 [](const Unreplicated& one) { return one.txn.first_offset; });
    unreplicated_.insert(place, ended);
  }
}

void ProducerState::insert(const ProducerEntry& entry) {
  const auto [slot, added] = producers_.try_emplace(entry.producer_id, Slot{entry, arrivals_});
  if (!added) {
    slot->second.entry = entry;
    slot->second.wrote_again = true;
    return;
  }
  ++arrivals_;
  if (producers_.size() > java_capacity_ / 4 * 3) java_capacity_ *= 2;
  clock_.push_back(entry.producer_id);
  count(1);
  if (budget_ != nullptr && budget_->is_exceeded()) forget_one_but(entry.producer_id);
}

void ProducerState::share(ProducerBudget* budget) {
  count(-std::ssize(producers_));
  budget_ = budget;
  count(std::ssize(producers_));
}

// Second chance: who wrote again since the hand came by is passed over once.
void ProducerState::forget_one_but(ProducerId newcomer) {
  for (std::size_t tries = 2 * clock_.size(); tries > 0; --tries) {
    const ProducerId id = clock_.front();
    clock_.pop_front();
    const auto found = producers_.find(id);
    if (found == producers_.end()) continue;
    Slot& slot = found->second;
    if (id != newcomer && !slot.entry.txn_first_offset && !slot.wrote_again) {
      producers_.erase(found);
      return count(-1);
    }
    slot.wrote_again = false;
    clock_.push_back(id);
  }
}

const ProducerEntry* ProducerState::find(ProducerId id) const {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : &found->second.entry;
}

std::vector<ProducerEntry> ProducerState::entries() const {
  std::vector<const Slot*> slots;
  slots.reserve(producers_.size());
  for (const auto& [id, slot] : producers_) slots.push_back(&slot);
  std::ranges::sort(slots, {}, [this](const Slot* slot) {
    return std::pair{java_bucket(slot->entry.producer_id, java_capacity_), slot->arrival};
  });
  std::vector<ProducerEntry> result;
  result.reserve(slots.size());
  for (const Slot* slot : slots) result.push_back(slot->entry);
  return result;
}

std::optional<Offset> ProducerState::first_unstable_offset() const {
  std::optional<Offset> first;
  if (!open_.empty()) first = open_.front().first_offset;
  if (!unreplicated_.empty() && (!first || unreplicated_.front().txn.first_offset < *first)) {
    first = unreplicated_.front().txn.first_offset;
  }
  return first;
}

void ProducerState::on_high_watermark(Offset high_watermark) {
  std::erase_if(unreplicated_,
                [&](const Unreplicated& ended) { return ended.last_offset < high_watermark; });
}

bool ProducerState::expired(const ProducerEntry& entry, Timestamp now, Milliseconds expiration) {
  return !entry.txn_first_offset && now - entry.last_timestamp >= expiration;
}

void ProducerState::expire(Timestamp now, Milliseconds expiration) {
  const auto gone = absl::erase_if(
      producers_, [&](const auto& slot) { return expired(slot.second.entry, now, expiration); });
  count(-static_cast<std::int64_t>(gone));
  if (gone > 0) std::erase_if(clock_, [&](ProducerId id) { return !producers_.contains(id); });
  absl::erase_if(verifications_,
                 [&](const auto& entry) { return now - entry.second.begun >= expiration; });
}

void ProducerState::reset(Offset end) {
  count(-std::ssize(producers_));
  producers_ = {};
  clock_ = {};
  verifications_ = {};
  open_ = {};
  unreplicated_ = {};
  end_offset_ = end;
}

void ProducerState::restore(std::span<const ProducerEntry> entries, Offset end) {
  for (const ProducerEntry& entry : entries) {
    insert(entry);
    if (!entry.txn_first_offset) continue;
    const auto place =
        std::ranges::upper_bound(open_, *entry.txn_first_offset, {}, &OpenTxn::first_offset);
    open_.insert(place, {entry.producer_id, *entry.txn_first_offset});
  }
  end_offset_ = end;
}

void ProducerState::on_log_start_offset(Offset start) {
  on_high_watermark(start);
  end_offset_ = std::max(end_offset_, start);
}

}  // namespace moldau::log
