#include "log/producer_state.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

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

// Row  known epoch           batch epoch          first sequence        then
// S1   none                  any                  any                   goes on: state may have
// expired S2   there                 another              0                     goes on: a new
// epoch begins S3   there                 another              above 0               refused S4
// there                 the same             follows the last      goes on S5   there the same
// anything else         refused
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
}

Result<void> ProducerState::check_data(const ProducerBatch& batch, AppendOrigin origin,
                                       bool was_known, ProducerEntry& entry, Checked& into) const {
  TRY_OK(check_epoch(entry, batch, origin, 0));
  if (origin == AppendOrigin::client) {
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
                                  Checked& into, std::int16_t txn_version) const {
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
    auto entry = std::ranges::find(into.updated, batch.producer_id, &ProducerEntry::producer_id);
    if (entry == into.updated.end()) {
      into.updated.push_back(known != nullptr ? *known : ProducerEntry{batch.producer_id});
      entry = std::prev(into.updated.end());
    }
    const bool was_known = known != nullptr && known->producer_epoch != k_no_producer_epoch;
    const Result<void> allowed = batch.control
                                     ? check_marker(batch, origin, txn_version, *entry, into)
                                     : check_data(batch, origin, was_known, *entry, into);
    if (!allowed) {
      into.clear();
      return allowed;
    }
  }
  return {};
}

void ProducerState::apply(Checked& checked) {
  for (const ProducerEntry& entry : checked.updated) insert(entry);
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
    return;
  }
  ++arrivals_;
  if (producers_.size() > java_capacity_ / 4 * 3) java_capacity_ *= 2;
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
  absl::erase_if(producers_,
                 [&](const auto& slot) { return expired(slot.second.entry, now, expiration); });
}

void ProducerState::reset(Offset end) {
  producers_ = {};
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
