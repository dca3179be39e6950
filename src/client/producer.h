#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/interceptor.h"
#include "client/partitioner.h"
#include "client/record.h"
#include "client/transaction_state.h"
#include "env/env.h"
#include "env/task.h"
#include "protocol/api/produce.h"

namespace moldau::client {

enum class Acks : std::int16_t { all = -1, none = 0, leader = 1 };

struct ProducerSettings {
  AccumulatorSettings accumulator;
  PartitionerSettings partitioner;  // its sticky_bytes are those of a batch
  Acks acks = Acks::all;
  std::size_t request_bytes_max = 1 << 20;  // max.request.size: of one record
  Milliseconds request_timeout{30'000};     // request.timeout.ms
  Milliseconds max_block{60'000};           // max.block.ms: for metadata, room and coordinators
  std::vector<std::shared_ptr<ProducerInterceptor>> interceptors;  // interceptor.classes
  std::optional<TransactionSettings> transactions;  // with it, records go in transactions only
};

// Sends records: batches, compresses, retries, keeps order and avoids duplicates as Kafka's
// producer does. A delivery report comes for every record that send() took, in no order across
// partitions. Errors of send(): message_too_large, timed_out (no metadata or no room within
// max.block.ms), unknown_topic_or_partition (a partition that the topic does not have), cancelled
// after close().
// Context: one shard; any number of send() and flush() may wait, one close(). Await them and
//          close() before it goes; the cluster outlives it.
// Source:  KafkaProducer, Sender.
class Producer {
 public:
  struct State;  // of the implementation
  using Report = std::function<void(DeliveryToken, const Result<Delivery>&)>;
  Producer(Cluster& cluster, ProducerSettings settings, Report report);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer();

  // Takes the record: waits for metadata and room, not for the delivery. Without `partition`, the
  // partitioner says where it goes.
  [[nodiscard]] env::Task<Result<DeliveryToken>> send(std::string topic,
                                                      std::optional<PartitionIndex> partition,
                                                      OutgoingRecord record);
  // Completes when every record taken before has its report.
  [[nodiscard]] env::Task<void> flush();

  // Errors of all: invalid_txn_state where the call does not fit, timed_out after max.block.ms,
  // what the producer is in.
  // Takes over the transactional id: fences older producers, ends what they left open.
  [[nodiscard]] env::Task<Result<void>> init_transactions();
  [[nodiscard]] Result<void> begin_transaction();
  // Offsets count for the group when the transaction commits.
  [[nodiscard]] env::Task<Result<void>> send_offsets_to_transaction(GroupOffsets offsets,
                                                                    ConsumerGroupMetadata group);
  // Waits for all records of it.
  [[nodiscard]] env::Task<Result<void>> commit_transaction();
  [[nodiscard]] env::Task<Result<void>> abort_transaction();
  // Nothing goes on but close().
  [[nodiscard]] bool is_fatal_error() const;

  // Flushes, aborts a transaction that is open, then ends. Idempotent.
  [[nodiscard]] env::Task<void> close();

 private:
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<void> look_for_leaders();
  void spawn_sends();
  void arm_timer();
  [[nodiscard]] env::Task<void> send_to(BrokerId leader, std::vector<SendableBatch> batches);
  [[nodiscard]] env::Task<Result<void>> find_topic(std::string topic);
  [[nodiscard]] env::Task<Result<void>> wait_for_room(std::size_t size);
  [[nodiscard]] env::Task<Result<void>> get_producer_id();
  void fail_all(const std::vector<SendableBatch>& batches, const Error& error);
  void take_answer(const SendableBatch& batch, const protocol::ProduceResponse& answer,
                   ApiVersion version);
  void tell(std::vector<Accumulator::Outcome> outcomes);
  void tell_failed(std::vector<Accumulator::Outcome> outcomes);
  void heed_transaction();
  [[nodiscard]] env::Task<Result<DeliveryToken>> place(std::string topic,
                                                       std::optional<PartitionIndex> partition,
                                                       OutgoingRecord record);
  [[nodiscard]] env::Task<bool> ensure_producer_id();
  [[nodiscard]] env::Task<Result<void>> end_of(Result<TransactionState::Ticket> ticket,
                                               std::string what);
  [[nodiscard]] env::Task<void> abort_open_transaction();
  std::unique_ptr<State> state_;
};

}  // namespace moldau::client
