#include "client/accumulator.h"

#include <algorithm>
#include <limits>

#include "client/record_size.h"

namespace moldau::client {
namespace {

// The batch is in the log already, under the offset that the answer names if it does.
bool is_delivered(Errc code) { return code == Errc::duplicate_sequence_number; }

// Gives a finished batch another producer; the CRC covers these fields.
void restamp(std::vector<std::byte>& batch, const ProducerStamp& stamp, Sequence sequence) {
  store_big(batch.data() + record::at::k_producer_id, stamp.id.value());
  store_big(batch.data() + record::at::k_producer_epoch, stamp.epoch.value());
  store_big(batch.data() + record::at::k_base_sequence, sequence.value());
  store_big(batch.data() + record::at::k_crc,
            crc32c(Bytes(batch).subspan(record::at::k_attributes)));
}

}  // namespace

Accumulator::Accumulator(AccumulatorSettings settings) : settings_(settings) {}

bool Accumulator::has_room(std::size_t record_bytes) const {
  return bytes_held_ == 0 || bytes_held_ + record_bytes <= settings_.memory_bytes;
}

record::BatchFields Accumulator::new_fields() const {
  record::BatchFields fields;
  fields.compression = settings_.compression;
  return fields;
}

std::size_t Accumulator::append(const TopicPartition& partition, const OutgoingRecord& record,
                                DeliveryToken token, Instant now) {
  auto [found, is_new] = lanes_.try_emplace(partition);
  if (is_new) order_.push_back(partition);
  Lane& lane = found->second;
  std::vector<record::HeaderView> headers;
  headers.reserve(record.headers.size());
  for (const Header& header : record.headers) {
    headers.push_back(
        {header.key, header.value ? std::optional<Bytes>(*header.value) : std::optional<Bytes>()});
  }
  const record::NewRecord view{
      .timestamp = record.timestamp,
      .key = record.key ? std::optional<Bytes>(*record.key) : std::optional<Bytes>(),
      .value = record.value ? std::optional<Bytes>(*record.value) : std::optional<Bytes>(),
      .headers = headers};
  const bool fits =
      !lane.waiting.empty() && lane.waiting.back().bytes.empty() &&
      lane.waiting.back().builder.uncompressed_size_with(view) <= settings_.batch_bytes;
  if (!fits) {
    lane.waiting.push_back(Batch{.partition = partition,
                                 .number = next_number_++,
                                 .builder = record::BatchBuilder(new_fields()),
                                 .tokens = {},
                                 .timestamps = {},
                                 .first_at = now,
                                 .not_before = now});
    ++waiting_count_;
  }
  Batch& batch = lane.waiting.back();
  const std::size_t before = fits ? batch.builder.uncompressed_size() : 0;
  batch.builder.append(view);
  batch.tokens.push_back(token);
  batch.timestamps.push_back(record.timestamp);
  const std::size_t charge = record_size_max(record);
  batch.charged += charge;
  bytes_held_ += charge;
  return batch.builder.uncompressed_size() - before;
}

std::optional<std::size_t> Accumulator::queued(const TopicPartition& partition) const {
  const auto found = lanes_.find(partition);
  return found == lanes_.end() ? std::nullopt : std::optional(found->second.waiting.size());
}

bool Accumulator::is_all_full(const TopicPartition& partition) const {
  const auto found = lanes_.find(partition);
  if (found == lanes_.end() || found->second.waiting.empty()) return true;
  const Batch& last = found->second.waiting.back();
  return !last.bytes.empty() || last.builder.uncompressed_size() >= settings_.batch_bytes;
}

bool Accumulator::ready(const Lane& lane, const Batch& batch, Instant now) const {
  if (now < batch.not_before) return false;
  if (lane.inflight >= settings_.inflight_per_partition_max) return false;
  if (lane.retrying && lane.inflight > 0) return false;
  const bool full = lane.waiting.size() > 1 || !batch.bytes.empty() ||
                    batch.builder.uncompressed_size() >= settings_.batch_bytes;
  return full || flushing_ || now >= batch.first_at + settings_.linger ||
         bytes_held_ * 2 >= settings_.memory_bytes;
}

// Whether a batch may get its sequence now.
bool Accumulator::may_begin(Lane& lane) {
  if (!settings_.idempotent) return true;
  if (lane.stamp != producer_) {
    if (lane.inflight > 0) return false;
    restart(lane);
  }
  if (lane.unresolved) {
    if (lane.inflight > 0) return false;
    lane.unresolved.reset();
    if (lane.next_sequence != lane.expected) lose(lane);
  }
  return !needs_bump_;
}

void Accumulator::build(Lane& lane, Batch& batch) {
  if (!batch.bytes.empty()) return;
  if (settings_.idempotent) {
    CHECK(producer_.is_valid());
    batch.sequence = lane.next_sequence;
    lane.next_sequence = record::sequence_after(lane.next_sequence, batch.builder.count());
    batch.builder.set_producer(producer_.id, producer_.epoch, *batch.sequence,
                               settings_.transactional);
  }
  batch.bytes = batch.builder.build();
}

std::vector<SendableBatch> Accumulator::drain(
    Instant now, const std::function<bool(const TopicPartition&)>& may_send) {
  std::vector<SendableBatch> out;
  if (needs_bump_) return out;
  for (const TopicPartition& partition : order_) {
    Lane& lane = lanes_.find(partition)->second;
    while (!lane.waiting.empty() && ready(lane, lane.waiting.front(), now) && may_send(partition)) {
      if (lane.waiting.front().bytes.empty() && !may_begin(lane)) break;
      Batch batch = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      --waiting_count_;
      build(lane, batch);
      ++batch.attempts;
      ++lane.inflight;
      const std::uint64_t ticket = next_ticket_++;
      out.push_back({ticket, partition, batch.bytes});
      inflight_.emplace(ticket, std::move(batch));
    }
  }
  if (empty()) flushing_ = false;
  return out;
}

std::optional<Instant> Accumulator::next_deadline(
    Instant now, const std::function<bool(const TopicPartition&)>& may_send) const {
  std::optional<Instant> soonest;
  for (const TopicPartition& partition : order_) {
    const Lane& lane = lanes_.find(partition)->second;
    if (lane.waiting.empty()) continue;
    const Batch& batch = lane.waiting.front();
    const Instant when = std::max(batch.not_before, batch.first_at + settings_.linger);
    if (when <= now && !may_send(partition)) continue;
    if (!soonest || when < *soonest) soonest = when;
  }
  return soonest;
}

void Accumulator::let_go(const Batch& batch) {
  CHECK_OP(batch.charged, <=, bytes_held_);
  bytes_held_ -= batch.charged;
}

std::vector<Accumulator::Outcome> Accumulator::delivered(std::uint64_t ticket, Offset base_offset,
                                                         std::optional<Timestamp> append_time) {
  const auto found = inflight_.find(ticket);
  CHECK(found != inflight_.end());
  Batch batch = std::move(found->second);
  inflight_.erase(found);
  Lane& lane = lanes_.find(batch.partition)->second;
  --lane.inflight;
  lane.retrying = false;
  if (batch.sequence) {
    // The answer of an older one may come later.
    const Sequence next = record::sequence_after(*batch.sequence, batch.builder.count());
    if (next > lane.expected || next < *batch.sequence) lane.expected = next;
  }
  let_go(batch);
  std::vector<Outcome> out;
  out.reserve(batch.tokens.size());
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    const Offset offset =
        base_offset == k_no_offset ? k_no_offset : base_offset + static_cast<std::int64_t>(i);
    out.push_back({batch.tokens[i],
                   Delivery{batch.partition, offset, append_time.value_or(batch.timestamps[i])}});
  }
  return out;
}

std::vector<Accumulator::Outcome> Accumulator::refuse(Batch batch, const Error& error) {
  let_go(batch);
  std::vector<Outcome> out;
  out.reserve(batch.tokens.size());
  for (const DeliveryToken token : batch.tokens) out.push_back({token, fail(Error(error))});
  return out;
}

std::vector<Accumulator::Outcome> Accumulator::failed(std::uint64_t ticket, const Error& error,
                                                      Instant now) {
  if (is_delivered(error.code())) return delivered(ticket, k_no_offset, std::nullopt);
  const auto found = inflight_.find(ticket);
  CHECK(found != inflight_.end());
  Batch batch = std::move(found->second);
  inflight_.erase(found);
  Lane& lane = lanes_.find(batch.partition)->second;
  --lane.inflight;
  if (refused_all_) return refuse(std::move(batch), *refused_all_);
  const bool in_time = now < batch.first_at + settings_.delivery_timeout;
  const bool tries_left = batch.attempts <= settings_.retries;
  if (!may_retry(lane, batch, error.code()) || !in_time || !tries_left) {
    if (settings_.idempotent) {
      // It left a hole in the sequences, or nobody knows.
      const bool unknown = facts(error.code()).retry != Retry::no;
      const Sequence next = record::sequence_after(*batch.sequence, batch.builder.count());
      if (unknown || settings_.transactional) {
        lane.unresolved = std::max(lane.unresolved.value_or(next), next);
      } else {
        lose(lane);
      }
    }
    return refuse(std::move(batch), error);
  }
  batch.not_before = now + settings_.retry_backoff;
  lane.retrying = true;
  put_back(lane, std::move(batch));
  return {};
}

// Source: TransactionManager.canRetry.
bool Accumulator::may_retry(Lane& lane, const Batch& batch, Errc code) {
  if (!settings_.idempotent) return facts(code).retry != Retry::no;
  if (code == Errc::unknown_producer_id && !settings_.transactional) {
    lose(lane);
    return true;
  }
  if (code != Errc::out_of_order_sequence_number) return facts(code).retry != Retry::no;
  // One that was sent before it is not there yet, and will be sent again.
  const bool is_next = *batch.sequence == lane.expected;
  if (!lane.unresolved && !is_next) return true;
  if (settings_.transactional) return false;
  if (!lane.unresolved || *lane.unresolved == *batch.sequence) lose(lane);
  return true;
}

void Accumulator::lose(Lane& lane) {
  // The end of the transaction, which can only be aborted, brings the next epoch.
  if (settings_.transactional) return;
  lane.lost = true;
  needs_bump_ = true;
}

void Accumulator::put_back(Lane& lane, Batch batch) {
  auto place = lane.waiting.begin();
  while (place != lane.waiting.end() && place->number < batch.number) ++place;
  lane.waiting.insert(place, std::move(batch));
  ++waiting_count_;
}

std::vector<Accumulator::Outcome> Accumulator::expire(Instant now) {
  std::vector<Outcome> out;
  for (const TopicPartition& partition : order_) {
    Lane& lane = lanes_.find(partition)->second;
    while (!lane.waiting.empty() &&
           now >= lane.waiting.front().first_at + settings_.delivery_timeout) {
      Batch batch = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      --waiting_count_;
      if (batch.sequence) {
        const Sequence next = record::sequence_after(*batch.sequence, batch.builder.count());
        lane.unresolved = std::max(lane.unresolved.value_or(next), next);
      }
      const Error error(
          Errc::timed_out,
          fmt::format("Expiring {} record(s) for {}: {} ms has passed since batch "
                      "creation",
                      batch.tokens.size(), partition, settings_.delivery_timeout.count()));
      for (Outcome& outcome : refuse(std::move(batch), error)) out.push_back(std::move(outcome));
    }
  }
  return out;
}

std::vector<Accumulator::Outcome> Accumulator::refuse_unsent(const Error& error) {
  std::vector<Outcome> out;
  for (const TopicPartition& partition : order_) {
    Lane& lane = lanes_.find(partition)->second;
    const auto unsent =
        std::ranges::find_if(lane.waiting, [](const Batch& batch) { return batch.bytes.empty(); });
    for (auto at = unsent; at != lane.waiting.end(); ++at, --waiting_count_) {
      for (Outcome& outcome : refuse(std::move(*at), error)) out.push_back(std::move(outcome));
    }
    lane.waiting.erase(unsent, lane.waiting.end());
  }
  return out;
}

std::vector<Accumulator::Outcome> Accumulator::refuse_all(const Error& error) {
  refused_all_ = error;
  std::vector<Outcome> out = refuse_unsent(error);
  for (const TopicPartition& partition : order_) {
    Lane& lane = lanes_.find(partition)->second;
    for (Batch& batch : lane.waiting) {
      for (Outcome& outcome : refuse(std::move(batch), error)) out.push_back(std::move(outcome));
    }
    waiting_count_ -= lane.waiting.size();
    lane.waiting.clear();
  }
  return out;
}

void Accumulator::set_producer(ProducerStamp stamp) {
  producer_ = stamp;
  for (const TopicPartition& partition : order_) {
    Lane& lane = lanes_.find(partition)->second;
    if (lane.lost) restart(lane);
  }
}

void Accumulator::bump() {
  CHECK(needs_bump_ && inflight_.empty());
  needs_bump_ = false;
  constexpr ProducerEpoch k_last{std::numeric_limits<std::int16_t>::max()};
  if (producer_.epoch == k_last) {
    producer_ = {};
  } else {
    set_producer(
        {producer_.id, ProducerEpoch{static_cast<std::int16_t>(producer_.epoch.value() + 1)}});
  }
}

// What has a sequence gets another one. REQUIRES: nothing of this partition in flight.
void Accumulator::restart(Lane& lane) {
  lane.stamp = producer_;
  lane.next_sequence = lane.expected = Sequence{0};
  lane.unresolved.reset();
  lane.lost = false;
  for (Batch& batch : lane.waiting) {
    if (batch.bytes.empty()) continue;
    batch.sequence = lane.next_sequence;
    lane.next_sequence = record::sequence_after(lane.next_sequence, batch.builder.count());
    restamp(batch.bytes, producer_, *batch.sequence);
  }
}

}  // namespace moldau::client
