#include "log/partition_log.h"

#include <algorithm>

#include "log/store.h"

namespace moldau::log {

env::Task<Result<std::unique_ptr<PartitionLog>>> PartitionLog::open(
    env::Env& env, FilePool& files, LogLocation where, std::shared_ptr<const LogConfig> config) {
  auto store = std::make_unique<Store>(env, files, std::move(where), std::move(config));
  const Result<void> opened = co_await store->open();
  if (!opened) {
    const Errc code = opened.error().code();
    const bool ours = code == Errc::io_failure || code == Errc::no_space || code == Errc::not_found;
    if (!ours) co_return fail(opened.error());
    co_return fail(Errc::kafka_storage_error, "{}: {}", store->where.path,
                   opened.error().describe());
  }
  co_return std::unique_ptr<PartitionLog>(new PartitionLog(std::move(store)));
}

PartitionLog::PartitionLog(std::unique_ptr<Store> store) : store_(std::move(store)) {}
PartitionLog::~PartitionLog() = default;

const std::string& PartitionLog::topic() const { return store_->where.topic; }
PartitionIndex PartitionLog::partition() const { return store_->where.partition; }
const std::string& PartitionLog::path() const { return store_->where.path; }
Uuid PartitionLog::topic_id() const { return store_->topic_id; }
const LogConfig& PartitionLog::config() const { return *store_->config; }
void PartitionLog::configure(std::shared_ptr<const LogConfig> config) {
  store_->config = std::move(config);
}
const RecoveryFacts& PartitionLog::recovery() const { return store_->recovered; }
const std::optional<Error>& PartitionLog::offline() const { return store_->offline; }
Offset PartitionLog::log_start_offset() const { return store_->log_start; }
Offset PartitionLog::log_end_offset() const { return store_->log_end; }
Offset PartitionLog::recovery_point() const { return store_->recovery_point; }
Offset PartitionLog::first_segment_offset() const { return store_->segments.front()->base; }
std::size_t PartitionLog::segment_count() const { return store_->segments.size(); }

std::uint64_t PartitionLog::size() const {
  std::uint64_t bytes = 0;
  for (const SegmentPtr& segment : store_->segments) bytes += segment->size;
  return bytes;
}

Offset PartitionLog::last_stable_offset(Offset high_watermark) const {
  const auto unstable = store_->producers.first_unstable_offset();
  if (!unstable) return high_watermark;
  return std::min(std::max(*unstable, store_->log_start), high_watermark);
}

const EpochCache& PartitionLog::leader_epochs() const { return store_->epochs; }
const ProducerState& PartitionLog::producers() const { return store_->producers; }
void PartitionLog::on_high_watermark(Offset high_watermark) {
  store_->producers.on_high_watermark(high_watermark);
}
void PartitionLog::expire_producers() {
  store_->producers.expire(store_->env.clock.wall(), store_->config->producer_id_expiration);
}

Result<VerificationGuard> PartitionLog::begin_verification(const TxnStart& start) {
  return store_->producers.begin_verification(start, store_->env.clock.wall());
}

env::Task<Result<Appended>> PartitionLog::append_as_leader(SharedBytes batches,
                                                           AppendOptions options) {
  return store_->append_as_leader(std::move(batches), options);
}
env::Task<Result<Appended>> PartitionLog::append_as_follower(SharedBytes batches,
                                                             LeaderEpoch leader_epoch) {
  return store_->append_as_follower(std::move(batches), leader_epoch);
}
env::Task<Result<void>> PartitionLog::assign_leader_epoch(LeaderEpoch epoch, Offset start) {
  return store_->assign_leader_epoch(epoch, start);
}
env::Task<Result<void>> PartitionLog::roll() { return store_->roll(); }
env::Task<Result<void>> PartitionLog::flush() { return store_->flush(); }

env::Task<Result<ReadRange>> PartitionLog::read(ReadRequest request) {
  return store_->read(request);
}
env::Task<Result<SharedBytes>> PartitionLog::read_batches(ReadRequest request) {
  return store_->read_batches(request);
}
env::Task<Result<std::vector<AbortedTxn>>> PartitionLog::aborted_transactions(Offset from,
                                                                              Offset end) {
  return store_->aborted_transactions(from, end);
}

env::Task<Result<std::vector<AbortedTxn>>> PartitionLog::aborted_transactions(Offset from,
                                                                              ReadRange read) {
  return store_->aborted_transactions_of(from, std::move(read));
}
env::Task<Result<std::optional<TimestampOffset>>> PartitionLog::offset_for_timestamp(
    Timestamp asked) {
  return store_->offset_for_timestamp(asked);
}
env::Task<Result<std::optional<TimestampOffset>>> PartitionLog::offset_of_max_timestamp() {
  return store_->offset_of_max_timestamp();
}

TimestampOffset PartitionLog::earliest() const {
  const auto first = store_->epochs.earliest();
  const bool known = first && first->start_offset <= store_->log_start;
  return {.timestamp = k_no_timestamp,
          .offset = store_->log_start,
          .leader_epoch = known ? first->epoch : k_no_leader_epoch};
}
TimestampOffset PartitionLog::latest() const {
  const auto last = store_->epochs.latest();
  return {.timestamp = k_no_timestamp,
          .offset = store_->log_end,
          .leader_epoch = last ? last->epoch : k_no_leader_epoch};
}
std::optional<EpochEnd> PartitionLog::end_of_epoch(LeaderEpoch epoch) const {
  return store_->epochs.end_of(epoch, store_->log_end);
}

env::Task<Result<void>> PartitionLog::truncate_to(Offset end) { return store_->truncate_to(end); }
env::Task<Result<void>> PartitionLog::truncate_fully_and_start_at(Offset start) {
  return store_->truncate_fully_and_start_at(start);
}
env::Task<Result<void>> PartitionLog::advance_log_start_offset(Offset start) {
  return store_->advance_log_start_offset(start);
}
env::Task<Result<std::size_t>> PartitionLog::delete_old_segments() {
  return store_->delete_old_segments();
}
env::Task<Result<void>> PartitionLog::close() { return store_->close(); }
env::Task<Result<void>> PartitionLog::remove(std::string unique) {
  return store_->remove(std::move(unique));
}

}  // namespace moldau::log
