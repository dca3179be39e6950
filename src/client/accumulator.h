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
  bool idempotent = true;  // enable.idempotence
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
//            before younger ones; an idempotent batch keeps its sequence for ever once it was sent.
// Context:   pure; one shard. The caller does the sending and tells what came of it.
// Source:    RecordAccumulator, Sender, TransactionManager (idempotent part).
class Accumulator {
 public:
  explicit Accumulator(AccumulatorSettings settings);

  // False when there is no room; the caller waits until has_room(). One record larger than the
  // whole memory is let in when nothing else is there.
  [[nodiscard]] bool has_room(std::size_t record_bytes) const;
  // REQUIRES: the producer's id is set when idempotent before anything is drained.
  void append(const TopicPartition& partition, const OutgoingRecord& record, DeliveryToken token,
              Instant now);

  // Batches that may go now: full, lingered out, or flushing. Each is then in flight until
  // delivered() or failed() names its ticket. `may_send` says whether its leader is known.
  [[nodiscard]] std::vector<SendableBatch> drain(
      Instant now, const std::function<bool(const TopicPartition&)>& may_send);
  // When drain() may have something that it has not now; nullopt: not by time alone.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

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

  void set_producer(ProducerId id, ProducerEpoch epoch);
  [[nodiscard]] bool has_producer() const { return producer_id_ != k_no_producer_id; }
  // The id's sequences are lost; nothing is drained until set_producer() brings a new one, which
  // may be called once nothing is in flight. Waiting batches get sequences anew.
  [[nodiscard]] bool needs_new_producer() const { return needs_new_producer_; }
  [[nodiscard]] std::size_t inflight_count() const { return inflight_.size(); }
  void flush() { flushing_ = true; }  // until nothing is left
  [[nodiscard]] bool empty() const { return waiting_count_ == 0 && inflight_.empty(); }
  [[nodiscard]] std::size_t bytes_held() const { return bytes_held_; }

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
    Sequence next_sequence{0};
    bool retrying = false;  // younger batches wait for the retried one
  };

  [[nodiscard]] record::BatchFields new_fields() const;
  [[nodiscard]] bool ready(const Lane& lane, const Batch& batch, Instant now) const;
  void build(Lane& lane, Batch& batch);
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
  ProducerId producer_id_ = k_no_producer_id;
  ProducerEpoch producer_epoch_ = k_no_producer_epoch;
  bool needs_new_producer_ = false;
  bool flushing_ = false;
};

}  // namespace moldau::client
