#include "harness/transaction_load.h"

#include <fmt/format.h>

#include <map>

#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/produce.h"
#include "record/batch.h"
#include "record/builder.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

// Versions from which clients are of transaction version 2.
constexpr ApiVersion k_modern_produce{12};
constexpr ApiVersion k_modern_end{5};
constexpr ApiVersion k_plain_produce_last{11};
constexpr ApiVersion k_plain_add_last{3};
constexpr ApiVersion k_plain_end_last{4};

struct Producer {
  TransactionPlan plan;
  std::uint32_t writer = 0;
  std::uint32_t next_number = 1;
  ProducerId id = k_no_producer_id;  // none: it must begin anew
  ProducerEpoch epoch = k_no_producer_epoch;
  std::map<PartitionIndex, Sequence> sequences;

  void give_up() { id = k_no_producer_id; }
  [[nodiscard]] bool is_ready() const { return id != k_no_producer_id; }
};

// The request may work later, and nothing is lost by sending it again.
bool is_passing(Errc error) {
  switch (error) {
    case Errc::concurrent_transactions:
    case Errc::coordinator_load_in_progress:
    case Errc::coordinator_not_available:
    case Errc::not_coordinator:
    case Errc::not_leader_or_follower:
    case Errc::leader_not_available:
    case Errc::unknown_topic_or_partition:
    case Errc::unknown_topic_id:
    case Errc::not_enough_replicas:
    case Errc::not_enough_replicas_after_append:
    case Errc::request_timed_out:
    case Errc::network_exception:
    case Errc::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

env::Task<void> rest(ClusterClient& client) {
  co_await env::sleep_for(client.env(), milliseconds(1 + client.rng().below(100)));
}

env::Task<void> begin_anew(ClusterRun& run, ClusterClient& client, Producer& producer) {
  protocol::InitProducerIdRequest request;
  request.transactional_id = producer.plan.id;
  request.transaction_timeout_ms = producer.plan.timeout;
  const auto answer =
      co_await client.ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(
          std::move(request));
  if (!answer || answer->error_code != Errc::none) co_return co_await rest(client);
  producer.id = answer->producer_id;
  producer.epoch = answer->producer_epoch;
  producer.sequences.clear();
  run.verdict.note("{} begins as {} epoch {}", producer.plan.id, producer.id, producer.epoch);
}

env::Task<Errc> add_partitions(ClusterRun& run, ClusterClient& client, Producer& producer,
                               std::vector<PartitionIndex> partitions) {
  while (run.going_on()) {
    protocol::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = producer.plan.id;
    request.v3_and_below_producer_id = producer.id;
    request.v3_and_below_producer_epoch = producer.epoch;
    request.v3_and_below_topics.push_back(
        {.name = producer.plan.topic->name, .partitions = partitions});
    const auto answer =
        co_await client
            .ask<protocol::AddPartitionsToTxnRequest, protocol::AddPartitionsToTxnResponse>(
                std::move(request), ApiVersion{0}, k_plain_add_last);
    if (answer) {
      const Errc error = answer->results_by_topic_v3_and_below.at(0)
                             .results_by_partition.at(0)
                             .partition_error_code;
      if (!is_passing(error)) co_return error;
    }
    co_await rest(client);
  }
  co_return Errc::request_timed_out;
}

std::vector<RecordId> next_records(Producer& producer, ClusterClient& client) {
  std::vector<RecordId> records;
  const std::uint64_t count = 1 + client.rng().below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    records.push_back({.writer = producer.writer, .number = producer.next_number++});
  }
  return records;
}

SharedBytes encode(Producer& producer, PartitionIndex partition,
                   const std::vector<RecordId>& records, Timestamp now) {
  record::BatchBuilder builder({.producer_id = producer.id,
                                .producer_epoch = producer.epoch,
                                .base_sequence = producer.sequences[partition],
                                .is_transactional = true});
  for (const RecordId& record : records) {
    const std::string value = to_text(record) + "/";
    builder.append({.timestamp = now, .key = std::nullopt, .value = as_bytes(value)});
  }
  return SharedBytes::take(builder.build());
}

// Until it is answered or the run stops.
env::Task<Errc> send(ClusterRun& run, ClusterClient& client, Producer& producer,
                     PartitionIndex partition, std::vector<RecordId> records) {
  const TopicPlan& topic = *producer.plan.topic;
  const SharedBytes batch = encode(producer, partition, records, client.env().clock.wall());
  while (run.going_on()) {
    protocol::ProduceRequest request;
    request.transactional_id = producer.plan.id;
    request.acks = -1;
    request.timeout_ms = Milliseconds{3000};
    protocol::ProduceRequest::TopicProduceData data;
    data.name = topic.name;
    data.topic_id = topic.id;
    data.partition_data.push_back({.index = partition, .records = batch.view()});
    request.topic_data.push_back(std::move(data));
    const auto answer = co_await client.ask<protocol::ProduceRequest, protocol::ProduceResponse>(
        std::move(request), producer.plan.modern ? k_modern_produce : ApiVersion{3},
        producer.plan.modern ? protocol::ProduceRequest::k_versions.last : k_plain_produce_last);
    if (answer) {
      const Errc error = answer->responses.at(0).partition_responses.at(0).error_code;
      run.verdict.note("{} sends {} x{} to {}: error {}", producer.plan.id,
                       to_text(records.front()), records.size(), partition,
                       static_cast<int>(error));
      if (error == Errc::none || error == Errc::duplicate_sequence_number) {
        producer.sequences[partition] =
            record::sequence_after(producer.sequences[partition], static_cast<int>(records.size()));
        co_return Errc::none;
      }
      if (!is_passing(error)) co_return error;
    }
    co_await rest(client);
  }
  co_return Errc::request_timed_out;
}

// none: it ended as asked.
env::Task<Errc> end(ClusterRun& run, ClusterClient& client, Producer& producer, bool commit) {
  while (run.going_on()) {
    protocol::EndTxnRequest request;
    request.transactional_id = producer.plan.id;
    request.producer_id = producer.id;
    request.producer_epoch = producer.epoch;
    request.committed = commit;
    const auto answer = co_await client.ask<protocol::EndTxnRequest, protocol::EndTxnResponse>(
        std::move(request), producer.plan.modern ? k_modern_end : ApiVersion{0},
        producer.plan.modern ? protocol::EndTxnRequest::k_versions.last : k_plain_end_last);
    if (answer) {
      run.verdict.note("{} {}: error {}", producer.plan.id, commit ? "commits" : "aborts",
                       static_cast<int>(answer->error_code));
      if (answer->error_code == Errc::none && producer.plan.modern) {
        producer.id = answer->producer_id;
        producer.epoch = answer->producer_epoch;
        producer.sequences.clear();
      }
      if (!is_passing(answer->error_code)) co_return answer->error_code;
    }
    co_await rest(client);
  }
  co_return Errc::request_timed_out;
}

std::vector<PartitionIndex> some_partitions(const TopicPlan& topic, Rng& rng) {
  std::vector<PartitionIndex> all;
  for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
    all.emplace_back(static_cast<std::int32_t>(p));
  }
  if (rng.one_in(3)) return {all[rng.below(all.size())]};
  return all;
}

// Whether it ended as the producer wanted.
env::Task<bool> write_one(ClusterRun& run, ClusterClient& client, Producer& producer) {
  TransactionOracle& oracle = run.transactions;
  const TransactionNumber number = oracle.begin();
  const auto partitions = some_partitions(*producer.plan.topic, client.rng());
  Errc error = Errc::none;
  if (!producer.plan.modern) error = co_await add_partitions(run, client, producer, partitions);
  for (const PartitionIndex partition : partitions) {
    if (error != Errc::none) break;
    const auto records = next_records(producer, client);
    oracle.will_send(number, records);
    error = co_await send(run, client, producer, partition, records);
  }
  if (error != Errc::none) {
    producer.give_up();
    co_return false;
  }
  if (client.rng().one_in(8)) {  // a producer that dies; another one takes its place, now or later
    if (client.rng().one_in(2)) co_await env::sleep_for(client.env(), 2 * producer.plan.timeout);
    producer.give_up();
    co_return false;
  }
  const bool commit = !client.rng().one_in(3);
  if (commit) oracle.will_commit(number);
  if (co_await end(run, client, producer, commit) != Errc::none) {
    producer.give_up();
    co_return false;
  }
  if (commit) oracle.committed(number);
  co_return true;
}

}  // namespace

env::Task<void> run_transactions(ClusterRun& run, ClusterClient& client, TransactionPlan plan) {
  ++run.at_work;
  bool counted_alive = false;
  Producer producer{.plan = std::move(plan), .writer = run.next_writer++};
  while (run.going_on()) {
    if (producer.plan.topic->id.is_zero()) {
      co_await env::sleep_for(client.env(), milliseconds(50));
      continue;
    }
    if (!producer.is_ready()) {
      co_await begin_anew(run, client, producer);
      continue;
    }
    const bool done = co_await write_one(run, client, producer);
    if (done && run.healed && !counted_alive) {
      counted_alive = true;
      ++run.producers_alive;
    }
    if (run.going_on()) co_await rest(client);
  }
  co_await client.close();
  --run.at_work;
}

}  // namespace moldau::harness
