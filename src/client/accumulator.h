#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "client/record.h"
#include "record/builder.h"

namespace moldau::client {

struct AccumulatorSettings {
  std::size_t batch_bytes = 16'384;              // batch.size
  Milliseconds linger{5};                        // linger.ms
  std::size_t memory_bytes = 32 << 20;           // buffer.memory
  Milliseconds delivery_timeout{120'000};        // delivery.timeout.ms
  Milliseconds retry_backoff{100};               // retry.backoff.ms
  std::uint32_t retries = 2'147'483'647;         // retries
  std::uint32_t inflight_per_partition_max = 5;  // max.in.flight.requests.per.connection
  compress::Compression compression{};
  bool idempotent = true;      // enable.idempotence
  bool transactional = false;  // batches belong to transactions; REQUIRES: idempotent
};

// Who a producer is in the partitions it writes to.
struct ProducerStamp {
  ProducerId id = k_no_producer_id;
  ProducerEpoch epoch = k_no_producer_epoch;
  [[nodiscard]] bool is_valid() const { return id != k_no_producer_id; }
  friend bool operator==(const ProducerStamp&, const ProducerStamp&) = default;
};

// A batch that is ready to go, or on its way.
struct SendableBatch {
  std::uint64_t ticket;  // names it in delivered() and failed()
  TopicPartition partition;
  std::vector<std::byte> bytes;
};

// Records on their way to their partitions: gathers them into batches, says which may be sent when,
// keeps the order of an idempotent producer, and decides about retries.
// Invariant: of one partition, batches are sent in the order they were filled; a retried batch goes
//            before younger ones; an idempotent batch keeps its sequence once it was sent, unless
//            the broker showed that the partition's sequences have a hole. Then (and only in that
//            partition) what is not delivered starts again at 0 under the next epoch.
// Context:   pure; one shard. The caller does the sending and tells what came of it.
// Source:    RecordAccumulator, Sender, TransactionManager (idempotent part).
class Accumulator {
 public:
  explicit Accumulator(AccumulatorSettings settings);

  // False when there is no room; the caller waits until has_room(). One record larger than the
  // whole memory is let in when nothing else is there.
  [[nodiscard]] bool has_room(std::size_t record_bytes) const;
  // REQUIRES: the producer's id is set when idempotent before anything is drained.
  // Returns what it added to its batch, with the header of a new one.
  std::size_t append(const TopicPartition& partition, const OutgoingRecord& record,
                     DeliveryToken token, Instant now);

  // Batches that may go now: full, lingered out, or flushing. Each is then in flight until
  // delivered() or failed() names its ticket. `may_send` says whether its leader is known.
  [[nodiscard]] std::vector<SendableBatch> drain(
      Instant now, const std::function<bool(const TopicPartition&)>& may_send);
  // When drain() may have something that it has not now; nullopt: not by time alone. What is due
  // and held up by `may_send` does not count.
  [[nodiscard]] std::optional<Instant> next_deadline(
      Instant now, const std::function<bool(const TopicPartition&)>& may_send) const;

  // What became of records, for those who sent them.
  struct Outcome {
    DeliveryToken token;
    Result<Delivery> result;
  };
  [[nodiscard]] std::vector<Outcome> delivered(std::uint64_t ticket, Offset base_offset,
                                               std::optional<Timestamp> append_time);
  // Tries again later where the error allows it and time is left; else says so to the senders.
  [[nodiscard]] std::vector<Outcome> failed(std::uint64_t ticket, const Error& error, Instant now);
  // Batches whose delivery.timeout.ms is over before they could be sent.
  [[nodiscard]] std::vector<Outcome> expire(Instant now);

  // Partitions begin with it once all that was sent to them under another is answered.
  void set_producer(ProducerStamp stamp);
  [[nodiscard]] const ProducerStamp& producer() const { return producer_; }
  // A partition's sequences are lost; nothing is drained until bump(). Never when transactional:
  // there the end of the transaction brings the next epoch.
  [[nodiscard]] bool needs_bump() const { return needs_bump_; }
  // Takes the next epoch; at the last one, none: the caller gets another id.
  // REQUIRES: needs_bump(), nothing in flight.
  void bump();
  // Refuses what was never sent.
  [[nodiscard]] std::vector<Outcome> refuse_unsent(const Error& error);
  // Refuses all, now or when its answer comes: nothing is tried again.
  [[nodiscard]] std::vector<Outcome> refuse_all(const Error& error);
  [[nodiscard]] std::size_t inflight_count() const { return inflight_.size(); }
  void flush() { flushing_ = true; }  // until nothing is left
  [[nodiscard]] bool empty() const { return waiting_count_ == 0 && inflight_.empty(); }
  [[nodiscard]] std::size_t bytes_held() const { return bytes_held_; }
  // Batches of this partition that wait; nullopt: it never had any.
  [[nodiscard]] std::optional<std::size_t> queued(const TopicPartition& partition) const;
  // None of them would take another record.
  [[nodiscard]] bool is_all_full(const TopicPartition& partition) const;

 private:
  struct Batch {
    TopicPartition partition;
    std::uint64_t number;  // counts batches as they were begun: their order for ever
    record::BatchBuilder builder;
    std::vector<DeliveryToken> tokens;
    std::vector<Timestamp> timestamps;
    Instant first_at;
    Instant not_before;
    std::size_t charged = 0;
    std::uint32_t attempts = 0;
    std::optional<Sequence> sequence;
    std::vector<std::byte> bytes;  // once built, the same for every try
  };
  struct Lane {
    std::deque<Batch> waiting;
    std::uint32_t inflight = 0;
    ProducerStamp stamp;  // of all its batches that have a sequence
    Sequence next_sequence{0};
    Sequence expected{0};                // behind the last that was acknowledged
    std::optional<Sequence> unresolved;  // behind a batch of which nobody knows whether it arrived
    bool lost = false;                   // its sequences start again with the next epoch
    bool retrying = false;               // younger batches wait for the retried one
  };

  [[nodiscard]] record::BatchFields new_fields() const;
  [[nodiscard]] bool ready(const Lane& lane, const Batch& batch, Instant now) const;
  [[nodiscard]] bool may_begin(Lane& lane);
  void build(Lane& lane, Batch& batch);
  void restart(Lane& lane);
  void lose(Lane& lane);
  [[nodiscard]] bool may_retry(Lane& lane, const Batch& batch, Errc code);
  void put_back(Lane& lane, Batch batch);
  [[nodiscard]] std::vector<Outcome> refuse(Batch batch, const Error& error);
  void let_go(const Batch& batch);

  AccumulatorSettings settings_;
  // Walked in the order of first use, so that the order of requests does not depend on hashing.
  std::vector<TopicPartition> order_;
  absl::flat_hash_map<TopicPartition, Lane> lanes_;
  absl::flat_hash_map<std::uint64_t, Batch> inflight_;
  std::uint64_t next_ticket_ = 1;
  std::uint64_t next_number_ = 1;
  std::size_t bytes_held_ = 0;
  std::size_t waiting_count_ = 0;
  ProducerStamp producer_;
  bool needs_bump_ = false;
  std::optional<Error> refused_all_;
  bool flushing_ = false;
};

}  // namespace moldau::client
