#include "broker/partition.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "record/assign.h"
#include "record/batch.h"

namespace moldau::broker {
namespace {

std::optional<compress::Compression> compression_of(const config::TopicConfig& config) {
  switch (config.compression) {
    case config::TopicCompression::producer:
      return std::nullopt;
    case config::TopicCompression::uncompressed:
      return compress::Compression::of(compress::Codec::none);
    case config::TopicCompression::gzip:
      return compress::Compression{compress::Codec::gzip, compress::Level{config.gzip_level}};
    case config::TopicCompression::snappy:
      return compress::Compression::of(compress::Codec::snappy);
    case config::TopicCompression::lz4:
      return compress::Compression{compress::Codec::lz4, compress::Level{config.lz4_level}};
    case config::TopicCompression::zstd:
      return compress::Compression{compress::Codec::zstd, compress::Level{config.zstd_level}};
  }
  std::unreachable();
}

// Which refusals carry the log start offset: Kafka leaves it out of those that it expects.
bool tells_log_start(Errc error) {
  return error != Errc::not_leader_or_follower && error != Errc::message_too_large &&
         error != Errc::record_list_too_large && error != Errc::corrupt_message &&
         error != Errc::kafka_storage_error;
}

}  // namespace

std::shared_ptr<const TopicSettings> make_topic_settings(const config::TopicConfig& config,
                                                         ProducerRules producers) {
  auto log = std::make_shared<log::LogConfig>();
  log->segment_bytes = config.segment_bytes;
  log->segment_time = config.segment_age_max;
  log->segment_jitter = config.segment_jitter;
  log->index_bytes_max = config.segment_index_bytes;
  log->index_interval_bytes = config.index_interval_bytes;
  log->message_bytes_max = config.message_bytes_max;
  log->flush_messages = config.flush_messages;
  const bool append_time = config.timestamp_type == config::TimestampType::log_append_time;
  log->timestamp_type =
      append_time ? log::TimestampType::log_append_time : log::TimestampType::create_time;
  log->producer_id_expiration = producers.id_expiration;
  log->verify_transactions = producers.verify_transactions;

  auto settings = std::make_shared<TopicSettings>();
  settings->config = config;
  settings->log = std::move(log);
  record::AppendRules& rules = settings->rules;
  rules.batch_size_max = static_cast<std::size_t>(config.message_bytes_max);
  rules.record_size_max = static_cast<std::size_t>(config.decompressed_bytes_max);
  rules.is_compacted = config.cleanup_compact;
  rules.timestamp_type =
      append_time ? record::TimestampType::log_append_time : record::TimestampType::create_time;
  rules.timestamp_before_max = config.timestamp_before_max;
  rules.timestamp_after_max = config.timestamp_after_max;
  rules.compression = compression_of(config);
  return settings;
}

replica::LogEnds Partition::ends() const {
  replica::LogEnds ends;
  ends.log_start = log_->log_start_offset();
  ends.log_end = log_->log_end_offset();
  ends.synced_end = std::min(log_->recovery_point(), ends.log_end);
  // Deleted records may reach into a transaction that is open still.
  if (const auto unstable = log_->producers().first_unstable_offset()) {
    ends.first_unstable = std::max(*unstable, ends.log_start);
  }
  return ends;
}

env::Task<Result<void>> Partition::lead(LeaderEpoch epoch, std::vector<BrokerId> replicas,
                                        std::vector<BrokerId> isr, Offset high_watermark) {
  replica::Assignment assignment{
      .replicas = std::move(replicas),
      .isr = std::move(isr),
      .min_insync_replicas = settings_->config.min_insync_replicas,
      .sync_before_ack = settings_->config.flush_messages == 1,
  };
  if (leader_ && leader_epoch_ == epoch) {
    leader_->on_assignment(std::move(assignment), outputs_);
    finish(outputs_);
    co_return Result<void>{};
  }
  if (leader_) follow(epoch);
  const Offset start = log_->log_end_offset();
  Result<void> assigned = co_await log_->assign_leader_epoch(epoch, start);
  if (!assigned) {
    watch_log();
    co_return assigned;
  }
  // The log was alone until now: a leader that takes over has what its directory has, synced or
  // not.
  if (assignment.sync_before_ack) {
    CO_TRY_OK(co_await log_->flush());
  }
  if (retired_) co_return Result<void>{};
  leader_epoch_ = epoch;
  epoch_start_offset_ = start;
  leader_.emplace(replica::Leader::Setup{
      .self = parts_.self,
      .leader_epoch = epoch,
      .assignment = std::move(assignment),
      .ends = ends(),
      .high_watermark = std::max(high_watermark, high_watermark_),
  });
  log_->on_high_watermark(leader_->high_watermark());
  co_return Result<void>{};
}

void Partition::follow(LeaderEpoch epoch) {
  leader_epoch_ = epoch;
  if (!leader_) return;
  high_watermark_ = leader_->high_watermark();
  leader_->resign(Errc::not_leader_or_follower, outputs_);
  leader_.reset();
  parts_.waiters.release(outputs_);
  outputs_.clear();
}

void Partition::retire(Errc error) {
  retired_ = true;
  if (!leader_) return;
  high_watermark_ = leader_->high_watermark();
  leader_->resign(error, outputs_);
  leader_.reset();
  parts_.waiters.release(outputs_);
  outputs_.clear();
}

void Partition::configure(std::shared_ptr<const TopicSettings> settings) {
  settings_ = std::move(settings);
  log_->configure(settings_->log);
  if (!leader_) return;
  replica::Assignment assignment = leader_->assignment();
  assignment.min_insync_replicas = settings_->config.min_insync_replicas;
  assignment.sync_before_ack = settings_->config.flush_messages == 1;
  leader_->on_assignment(std::move(assignment), outputs_);
  finish(outputs_);
}

Errc Partition::check_leader(LeaderEpoch asked) const {
  if (asked != k_no_leader_epoch) {
    if (leader_epoch_ > asked) return Errc::fenced_leader_epoch;
    if (leader_epoch_ < asked) return Errc::unknown_leader_epoch;
  }
  return leader_ ? Errc::none : Errc::not_leader_or_follower;
}

Offset Partition::high_watermark() const {
  return leader_ ? leader_->high_watermark() : high_watermark_;
}

void Partition::log_changed() {
  if (!leader_) return;
  leader_->on_log(ends(), outputs_);
  finish(outputs_);
}

replica::WaiterId Partition::await_ack(Waiter& waiter, replica::Acks acks, Offset end) {
  const replica::WaiterId id = parts_.waiters.add(waiter);
  leader_->await_ack(id, acks, end);
  return id;
}

replica::WaiterId Partition::await_data(Waiter& waiter, replica::Visible visible, Offset beyond) {
  const replica::WaiterId id = parts_.waiters.add(waiter);
  leader_->await_data(id, visible, beyond);
  return id;
}

void Partition::watch_log() {
  if (log_failure_told_ || !log_->offline() || retired_) return;
  log_failure_told_ = true;
  if (parts_.log_failed) parts_.log_failed(*log_->offline());
}

void Partition::forget(replica::WaiterId id) {
  parts_.waiters.remove(id);
  if (leader_) leader_->forget(id);
}

void Partition::finish(replica::Outputs& out) {
  if (out.high_watermark_moved) {
    log_->on_high_watermark(leader_->high_watermark());
    // Ending transactions become stable below the high watermark, so readers may see further now.
    const replica::LogEnds now = ends();
    if (now.first_unstable != leader_->ends().first_unstable) leader_->on_log(now, out);
  }
  parts_.waiters.release(out);
  out.clear();
}

Result<SharedBytes> Partition::checked(SharedBytes batch, record::RefusalDetails& details) {
  TRY(std::optional<record::BatchView> view, record::BatchesView{batch.view()}.next());
  if (!view) return fail(Errc::invalid_record);
  const Timestamp now = parts_.env.clock.wall();
  TRY(const record::AppendFacts facts,
      record::check_append(*view, settings_->rules, now, parts_.decompressor, details));
  const record::AppendRules& rules = settings_->rules;
  const bool append_time = rules.timestamp_type == record::TimestampType::log_append_time;
  const record::Assignment assignment{
      .base_offset = Offset{0},
      .leader_epoch = leader_epoch_,
      .timestamp_type = rules.timestamp_type,
      .max_timestamp = append_time ? now : facts.max_timestamp,
  };
  if (!facts.needs_rewrite) {
    // The log stamps append times; a creation time that the producer counted wrongly is put right.
    if (append_time || view->max_timestamp() == facts.max_timestamp) return batch;
    const record::BatchHeader header = record::assign(*view, assignment);
    std::vector<std::byte> corrected(header.begin(), header.end());
    const Bytes body = view->body();
    corrected.insert(corrected.end(), body.begin(), body.end());
    return SharedBytes::take(std::move(corrected));
  }
  const auto own_codec = compress::Compression::of(view->codec().value_or(compress::Codec::none));
  TRY(std::vector<std::byte> rewritten,
      record::rewrite(*view, assignment, rules.compression.value_or(own_codec),
                      rules.body_size_max));
  if (rewritten.size() > rules.batch_size_max) return fail(Errc::message_too_large);
  return SharedBytes::take(std::move(rewritten));
}

Result<log::VerificationGuard> Partition::begin_verification(const log::TxnStart& start) {
  if (!leader_) return fail(Errc::not_leader_or_follower);
  return log_->begin_verification(start);
}

env::Task<AppendAnswer> Partition::append(SharedBytes batch, replica::Acks acks,
                                          log::VerificationGuard guard) {
  AppendAnswer answer;
  if (!leader_) {
    answer.error = Errc::not_leader_or_follower;
    co_return answer;
  }
  const LeaderEpoch epoch = leader_epoch_;
  answer.error = leader_->may_append(acks);
  if (answer.error != Errc::none) {
    answer.log_start_offset = log_->log_start_offset();
    co_return answer;
  }
  record::RefusalDetails details;
  Result<SharedBytes> ready = checked(std::move(batch), details);
  Result<log::Appended> done = ready
                                   ? co_await log_->append_as_leader(
                                         *std::move(ready), {.leader_epoch = epoch, .guard = guard})
                                   : Result<log::Appended>{fail(std::move(ready).error())};
  conclude(done, epoch, answer);
  if (!done && !details.record_errors.empty()) {
    answer.record_errors = std::move(details.record_errors);
    answer.error_message = std::string{done.error().text()};
  }
  co_return answer;
}

env::Task<AppendAnswer> Partition::append_own(SharedBytes batches, std::int16_t txn_version,
                                              log::VerificationGuard guard) {
  AppendAnswer answer;
  answer.error = leader_ ? leader_->may_append(replica::Acks::all) : Errc::not_leader_or_follower;
  if (answer.error != Errc::none) co_return answer;
  const LeaderEpoch epoch = leader_epoch_;
  const Result<log::Appended> done =
      co_await log_->append_as_leader(std::move(batches), {.leader_epoch = epoch,
                                                           .origin = log::AppendOrigin::coordinator,
                                                           .txn_version = txn_version,
                                                           .guard = guard});
  conclude(done, epoch, answer);
  co_return answer;
}

// Kafka also waits until the other replicas that are alive have come as far.
env::Task<DeletedRecords> Partition::delete_records(Offset end) {
  DeletedRecords done;
  const config::TopicConfig& config = settings_->config;
  if (!leader_) {
    done.error = Errc::not_leader_or_follower;
  } else if (config.cleanup_compact && !config.cleanup_delete) {
    done.error = Errc::policy_violation;
  } else {
    const Offset high_watermark = leader_->high_watermark();
    if (end == k_no_offset) end = high_watermark;
    if (end < Offset{0} || end > high_watermark) done.error = Errc::offset_out_of_range;
  }
  if (done.error != Errc::none) co_return done;
  Result<void> moved = co_await log_->advance_log_start_offset(end);
  log_changed();
  if (moved) {
    const Result<std::size_t> freed = co_await log_->delete_old_segments();
    if (!freed) moved = fail(freed.error());
  }
  if (!moved) {
    watch_log();
    done.error = Errc::kafka_storage_error;
  } else if (!leader_) {
    done.error = Errc::not_leader_or_follower;
  } else {
    done.low_watermark = log_->log_start_offset();
  }
  co_return done;
}

void Partition::conclude(const Result<log::Appended>& done, LeaderEpoch epoch,
                         AppendAnswer& answer) {
  if (!done) {
    watch_log();
    answer.error = done.error().code();
    if (tells_log_start(answer.error)) answer.log_start_offset = log_->log_start_offset();
    return;
  }
  log_changed();
  answer.base_offset = done->first_offset;
  answer.log_append_time = done->log_append_time;
  answer.log_start_offset = done->log_start_offset;
  answer.end_offset = done->last_offset.next();
  answer.leader_epoch = epoch;
  // Another leader epoch began while this waited: nobody vouches for these records any more.
  if (!leader_ || leader_epoch_ != epoch) answer.error = Errc::not_leader_or_follower;
}

env::Task<ReadAnswer> Partition::read(ReadAsk ask, replica::Visible visible,
                                      std::int64_t bytes_left, bool first_whole) {
  ReadAnswer answer;
  answer.error = check_leader(ask.current_leader_epoch);
  if (answer.error != Errc::none) co_return answer;
  const Offset high_watermark = leader_->high_watermark();
  const Offset last_stable = leader_->last_stable_offset();
  const Offset log_start = log_->log_start_offset();
  const Offset limit = leader_->end_of(visible);
  const auto fill = [&] {
    answer.high_watermark = high_watermark;
    answer.last_stable_offset = last_stable;
    answer.log_start_offset = log_start;
    answer.seen_end = limit;
  };
  if (ask.last_fetched_epoch != k_no_leader_epoch) {
    const std::optional<log::EpochEnd> end = log_->end_of_epoch(ask.last_fetched_epoch);
    if (!end || ask.fetch_offset < log_start) {
      answer.error = Errc::offset_out_of_range;
      co_return answer;
    }
    if (end->epoch < ask.last_fetched_epoch || end->end_offset < ask.fetch_offset) {
      answer.diverging = end;
      fill();
      co_return answer;
    }
  }
  // At the end of what it may see, as most polls of a reader that keeps up: nothing to look up.
  const bool in_log = ask.fetch_offset >= log_start && ask.fetch_offset <= log_->log_end_offset();
  if (ask.fetch_offset >= limit && in_log) {
    fill();
    if (visible == replica::Visible::last_stable_offset) answer.aborted.emplace();
    co_return answer;
  }
  Result<log::ReadRange> range =
      co_await log_->read({.from = ask.fetch_offset,
                           .bytes_max = static_cast<std::int32_t>(std::clamp<std::int64_t>(
                               std::min<std::int64_t>(ask.bytes_max, bytes_left), 0, INT32_MAX)),
                           .limit = limit,
                           .at_least_one_batch = first_whole});
  if (!range) {
    watch_log();
    answer.error = range.error().code();
    co_return answer;
  }
  fill();
  answer.on_older_segment = range->on_older_segment;
  if (!range->first_batch_cut) answer.records = range->range;
  // As Kafka tells it: no list where the first batch is larger than the room that there is.
  const bool too_little_room =
      range->first_batch_cut && std::min<std::int64_t>(ask.bytes_max, bytes_left) > 0;
  if (visible == replica::Visible::last_stable_offset && !too_little_room) {
    answer.aborted.emplace();
    if (answer.records.size > 0) {
      Result<std::vector<log::AbortedTxn>> aborted =
          co_await log_->aborted_transactions(ask.fetch_offset, *std::move(range));
      if (!aborted) {
        // Records without this list would show what was aborted as if it were committed.
        watch_log();
        answer.error = aborted.error().code();
        answer.records = {};
        answer.aborted.reset();
        co_return answer;
      }
      answer.aborted = *std::move(aborted);
    }
  }
  co_return answer;
}

}  // namespace moldau::broker
