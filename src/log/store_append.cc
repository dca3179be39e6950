#include <algorithm>
#include <limits>

#include "log/store.h"
#include "record/assign.h"
#include "record/validate.h"

namespace moldau::log {
namespace {

// Room on the disk is asked for in steps, once a segment is worth it.
constexpr std::uint64_t k_reserve_from = 64 << 10;
constexpr std::uint64_t k_reserve_step_max = 8 << 20;

}  // namespace

void PartitionLog::Store::Run::clear() {
  parts.clear();
  facts.clear();
  producers.clear();
  size = 0;
  max_timestamp = k_no_timestamp;
}

env::Task<Result<Appended>> PartitionLog::Store::append_as_leader(SharedBytes batches,
                                                                  AppendOptions options) {
  env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  const bool stamped = config->timestamp_type == TimestampType::log_append_time;
  const Timestamp append_time = stamped ? env.clock.wall() : k_no_timestamp;
  const Result<void> prepared = prepare_leader(batches, options, append_time);
  if (!prepared || run_.facts.empty()) {
    run_.clear();
    if (!prepared) co_return fail(prepared.error());
    co_return Appended{.log_start_offset = log_start};
  }
  Result<Appended> appended = co_await append_run(options);
  run_.clear();
  if (appended && !appended->duplicate) appended->log_append_time = append_time;
  const bool flush_now = appended && unflushed_ >= config->flush_messages;
  turn.give_back();
  if (flush_now) {
    CO_TRY_OK(co_await flush());
  }
  co_return appended;
}

env::Task<Result<Appended>> PartitionLog::Store::append_as_follower(SharedBytes batches,
                                                                    LeaderEpoch leader_epoch) {
  env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  const Result<void> prepared = prepare_follower(batches, leader_epoch);
  if (!prepared || run_.facts.empty()) {
    run_.clear();
    if (!prepared) co_return fail(prepared.error());
    co_return Appended{.log_start_offset = log_start};
  }
  if (run_.facts.front().base_offset < log_end) {
    const Offset first = run_.facts.front().base_offset;
    run_.clear();
    co_return fail(Errc::offset_out_of_range, "{}: append at offset {}, but the log ends at {}",
                   where.path, first.value(), log_end.value());
  }
  Result<Appended> appended = co_await append_run({.origin = AppendOrigin::replication});
  run_.clear();
  const bool flush_now = appended && unflushed_ >= config->flush_messages;
  turn.give_back();
  if (flush_now) {
    CO_TRY_OK(co_await flush());
  }
  co_return appended;
}

// The order is Kafka's, so that equal input leaves equal files: epochs, roll, producers, write.
env::Task<Result<Appended>> PartitionLog::Store::append_run(AppendOptions options) {
  const Offset first_offset = run_.facts.front().base_offset;
  const Offset last_offset = run_.facts.back().last_offset;
  CO_TRY_OK(co_await assign_epochs());
  if (options.origin != AppendOrigin::replication &&
      std::cmp_greater(run_.size, config->segment_bytes)) {
    co_return fail(Errc::record_list_too_large);
  }
  CO_TRY_OK(co_await load_active());
  const RollAppend wanted{
      .size = run_.size, .last_offset = last_offset, .max_timestamp = run_.max_timestamp};
  if (should_roll(roll_state(), wanted, *config, env.clock.wall())) {
    if (const auto rolled = co_await roll_to(std::max(first_offset, log_end)); !rolled) {
      co_return go_offline(rolled.error());
    }
  }
  if (!run_.producers.empty()) {
    CO_TRY_OK(producers.check(run_.producers, options.origin, checked_,
                              {.txn_version = options.txn_version,
                               .verify = config->verify_transactions,
                               .guard = options.guard}));
    if (checked_.duplicate) {
      co_return Appended{.first_offset = checked_.duplicate->first_offset(),
                         .last_offset = checked_.duplicate->last_offset,
                         .max_timestamp = checked_.duplicate->timestamp,
                         .log_append_time = checked_.duplicate->timestamp,
                         .log_start_offset = log_start,
                         .duplicate = true};
    }
  }
  CO_TRY_OK(co_await write_run(last_offset));
  co_return Appended{.first_offset = first_offset,
                     .last_offset = last_offset,
                     .max_timestamp = run_.max_timestamp,
                     .log_start_offset = log_start};
}

Result<void> PartitionLog::Store::prepare_leader(const SharedBytes& batches,
                                                 const AppendOptions& options,
                                                 Timestamp append_time) {
  run_.clear();
  const bool stamped = append_time != k_no_timestamp;
  // One buffer for all patched headers, kept for the next append when nobody else holds it.
  if (headers_ == nullptr || headers_.use_count() > 1) {
    headers_ = std::make_shared<std::vector<std::byte>>();
  }
  std::size_t count = 0;
  for (record::BatchesView view(batches.view());; ++count) {
    TRY(const auto batch, view.next());
    if (!batch) {
      if (!view.rest().empty()) return fail(Errc::corrupt_message);
      break;
    }
    if (batch->is_legacy()) return fail(Errc::unsupported_for_message_format);
  }
  headers_->resize(count * record::k_batch_header_size);
  run_.parts.reserve(count * 2);
  Offset next = log_end;
  record::BatchesView view(batches.view());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = view.consumed();
    TRY(const auto batch, view.next());
    if (std::cmp_greater(batch->size(), config->message_bytes_max) &&
        options.origin != AppendOrigin::raft_leader) {
      return fail(Errc::message_too_large);
    }
    if (batch->last_offset_delta() < 0) return fail(Errc::corrupt_message);
    if (options.origin == AppendOrigin::raft_leader &&
        (batch->base_offset() != next || batch->leader_epoch() != options.leader_epoch)) {
      return fail(Errc::invalid_record);
    }
    const record::BatchHeader header = record::assign(
        *batch,
        {.base_offset = next,
         .leader_epoch = options.leader_epoch,
         .timestamp_type = stamped ? TimestampType::log_append_time : TimestampType::create_time,
         .max_timestamp = stamped ? append_time : batch->max_timestamp()});
    const Bytes slot{headers_->data() + i * record::k_batch_header_size,
                     record::k_batch_header_size};
    std::ranges::copy(
        header, headers_->begin() + static_cast<std::ptrdiff_t>(i * record::k_batch_header_size));
    const auto facts = batch_facts(slot);
    if (!facts) return fail(Errc::corrupt_message);
    run_.parts.emplace_back(headers_, slot);
    run_.parts.push_back(batches.slice(begin + record::k_batch_header_size,
                                       batch->size() - record::k_batch_header_size));
    TRY_OK(note_batch(batch->bytes(), *facts));
    next = facts->last_offset.next();
  }
  return {};
}

Result<void> PartitionLog::Store::prepare_follower(const SharedBytes& batches,
                                                   LeaderEpoch leader_epoch) {
  run_.clear();
  record::BatchesView view(batches.view());
  std::size_t end = 0;
  std::optional<Offset> last;
  while (true) {
    TRY(const auto batch, view.next());
    if (!batch) break;
    const auto facts = batch_facts(batch->bytes());
    if (!facts) return fail(Errc::corrupt_message);
    if (facts->leader_epoch > leader_epoch) break;
    TRY_OK(record::check_intact(*batch));
    if (last && facts->base_offset <= *last) return fail(Errc::invalid_record);
    last = facts->last_offset;
    TRY_OK(note_batch(batch->bytes(), *facts));
    end = view.consumed();
  }
  if (end > 0) run_.parts.push_back(batches.slice(0, end));
  return {};
}

Result<void> PartitionLog::Store::note_batch(Bytes whole, const BatchFacts& facts) {
  run_.facts.push_back(facts);
  run_.size += facts.size;
  run_.max_timestamp = std::max(run_.max_timestamp, facts.max_timestamp);
  if (facts.magic != record::k_magic_2) return {};
  TRY(const record::BatchView batch, record::BatchView::read(whole));
  TRY(std::optional<ProducerBatch> producer, producer_batch(batch));
  if (!producer) return {};
  producer->first_offset = facts.base_offset;
  producer->last_offset = facts.last_offset;
  producer->max_timestamp = facts.max_timestamp;
  run_.producers.push_back(*producer);
  return {};
}

env::Task<Result<void>> PartitionLog::Store::assign_epochs() {
  bool changed = false;
  for (const BatchFacts& batch : run_.facts) {
    if (batch.leader_epoch < LeaderEpoch{0}) continue;
    changed = epochs.assign(batch.leader_epoch, batch.base_offset) || changed;
  }
  if (changed) {
    if (const auto written = co_await write_epochs(); !written) {
      co_return go_offline(written.error());
    }
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::assign_leader_epoch(LeaderEpoch epoch, Offset start) {
  const env::Turns::Turn turn = co_await turns_.next();
  CO_TRY_OK(usable());
  if (!epochs.assign(epoch, start)) co_return Result<void>{};
  if (const auto written = co_await write_epochs(); !written) {
    co_return go_offline(written.error());
  }
  co_return Result<void>{};
}

env::Task<Result<void>> PartitionLog::Store::write_run(Offset last_offset) {
  const SegmentPtr segment = segments.back();
  const auto file = co_await file_of(segment, FileKind::log);
  if (!file) co_return go_offline(file.error());
  const std::uint64_t end = segment->size + run_.size;
  if (end > reserved_ && end >= k_reserve_from) {
    const auto segment_max = static_cast<std::uint64_t>(config->segment_bytes);
    reserved_ = std::max(end, std::min(end + std::min(end, k_reserve_step_max), segment_max));
    (*file)->reserve(reserved_);
  }
  const auto written = co_await (*file)->write_at(segment->size, std::move(run_.parts));
  if (!written) co_return go_offline(written.error());
  remember({log_end, segment->base, segment->size});
  unflushed_ += last_offset.next() - log_end;
  index_run();
  segment->size = end;
  log_end = last_offset.next();
  if (!run_.producers.empty()) {
    producers.apply(checked_);
    CO_TRY_OK(co_await write_completed_txns());
  }
  producers.set_end_offset(log_end);
  for (const bool offset_index : {true, false}) {
    const IndexTail& tail = offset_index ? offset_tail_ : time_tail_;
    const std::uint64_t entries = offset_index ? segment->offset_entries : segment->time_entries;
    if (entries - tail.written < k_tail_entries_written_at) continue;
    if (const auto tail_written = co_await write_index_tail(offset_index); !tail_written) {
      co_return go_offline(tail_written.error());
    }
  }
  co_return Result<void>{};
}

void PartitionLog::Store::index_run() {
  Segment& segment = active();
  std::uint64_t position = segment.size;
  if (first_timestamp_ == k_no_timestamp && segment.size == 0) {
    first_timestamp_ = run_.facts.front().max_timestamp;
  }
  for (const BatchFacts& batch : run_.facts) {
    const auto entries = indexer_.add(batch, position);
    if (entries.offset) {
      append_offset_entry(offset_tail_.bytes, segment.base, *entries.offset);
      ++segment.offset_entries;
    }
    if (entries.time) {
      append_time_entry(time_tail_.bytes, segment.base, *entries.time);
      ++segment.time_entries;
    }
    position += batch.size;
  }
}

env::Task<Result<void>> PartitionLog::Store::write_completed_txns() {
  const SegmentPtr segment = segments.back();
  std::vector<std::byte> bytes;
  for (const CompletedTxn& txn : checked_.completed) {
    if (!txn.aborted) continue;
    append_aborted_entry(bytes, {.producer_id = txn.producer_id,
                                 .first_offset = txn.first_offset,
                                 .last_offset = txn.last_offset,
                                 .last_stable_offset = txn.last_stable_offset});
  }
  if (bytes.empty()) co_return Result<void>{};
  if (!segment->txn_index_size) ++names_changed_;
  const auto file = co_await file_of(segment, FileKind::txn_index);
  if (!file) co_return go_offline(file.error());
  const std::uint64_t position = segment->txn_index_size.value_or(0);
  const std::uint64_t size = bytes.size();
  const auto written = co_await (*file)->write_at(position, {SharedBytes::take(std::move(bytes))});
  if (!written) co_return go_offline(written.error());
  segment->txn_index_size = position + size;
  co_return Result<void>{};
}

void PartitionLog::Store::remember(Boundary boundary) {
  boundaries_[next_boundary_] = boundary;
  next_boundary_ = (next_boundary_ + 1) % boundaries_.size();
}

}  // namespace moldau::log
