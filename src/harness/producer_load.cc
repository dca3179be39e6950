#include <fmt/core.h>

#include <string>

#include "harness/workload.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/produce.h"
#include "record/batch.h"
#include "record/builder.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

// A producer as the broker knows it, and its next batch.
struct Producer {
  ProducerPlan plan;
  PartitionOracle& oracle;
  std::uint32_t writer = 0;
  std::uint32_t next_number = 1;
  ProducerId id = k_no_producer_id;
  ProducerEpoch epoch = k_no_producer_epoch;
  Sequence sequence{0};
  // Of the last loss that the oracle told when this producer's state was last confirmed.
  std::uint64_t losses_seen = 0;
  Uuid topic_id;  // of the topic that it writes to; when that changes it stops

  [[nodiscard]] bool going_on(const ClusterRun& run) const {
    return run.going_on() && plan.topic->id == topic_id;
  }
};

struct Batch {
  std::vector<RecordId> records;
  SharedBytes bytes;
};

enum class Fate : std::uint8_t { acknowledged, unknown, refused_sequence };

SharedBytes encode(const Producer& producer, const std::vector<RecordId>& records, Timestamp now,
                   std::size_t padding) {
  record::BatchFields fields;
  if (producer.plan.idempotent) {
    fields.producer_id = producer.id;
    fields.producer_epoch = producer.epoch;
    fields.base_sequence = producer.sequence;
  }
  record::BatchBuilder builder(fields);
  for (const RecordId& record : records) {
    const std::string value = to_text(record) + "/" + std::string(padding, 'x');
    builder.append({.timestamp = now, .key = std::nullopt, .value = as_bytes(value)});
  }
  return SharedBytes::take(builder.build());
}

Batch next_batch(Producer& producer, ClusterClient& client) {
  Batch batch;
  const std::uint64_t count = 1 + client.rng().below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    batch.records.push_back({.writer = producer.writer, .number = producer.next_number++});
  }
  batch.bytes = encode(producer, batch.records, client.env().clock.wall(), client.rng().below(300));
  return batch;
}

env::Task<void> become_new(ClusterRun& run, ClusterClient& client, Producer& producer) {
  producer.writer = run.next_writer++;
  producer.next_number = 1;
  producer.sequence = Sequence{0};
  producer.id = k_no_producer_id;
  if (!producer.plan.idempotent) co_return;
  run.ordered_writers.insert(producer.writer);
  while (producer.going_on(run) && producer.id == k_no_producer_id) {
    protocol::InitProducerIdRequest request;
    request.transactional_id.reset();
    request.transaction_timeout_ms = Milliseconds{60'000};
    const auto answer =
        co_await client.ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(
            std::move(request));
    if (answer && answer->error_code == Errc::none) {
      producer.id = answer->producer_id;
      producer.epoch = answer->producer_epoch;
    } else if (producer.going_on(run)) {
      co_await env::sleep_for(client.env(), milliseconds(100));
    }
  }
}

// What the answer's error says of the batch.
Fate judge(ClusterRun& run, Producer& producer, Errc error) {
  switch (error) {
    case Errc::out_of_order_sequence_number:
    case Errc::unknown_producer_id:
    case Errc::invalid_producer_epoch:
      if (producer.oracle.synced() || producer.losses_seen == producer.oracle.losses()) {
        run.verdict.fail(fmt::format(
            "P3 {}: producer {} was refused sequence {} though nothing "
            "was lost (error {})",
            producer.oracle.name(), producer.id, producer.sequence, static_cast<int>(error)));
      }
      return Fate::refused_sequence;
    case Errc::duplicate_sequence_number:
    case Errc::corrupt_message:
    case Errc::invalid_record:
    case Errc::message_too_large:
      run.verdict.fail(fmt::format("{}: a good batch was refused with error {}",
                                   producer.oracle.name(), static_cast<int>(error)));
      return Fate::unknown;
    default:
      return Fate::unknown;
  }
}

env::Task<Fate> send(ClusterRun& run, ClusterClient& client, Producer& producer, Batch batch) {
  const TopicPlan& topic = *producer.plan.topic;
  protocol::ProduceRequest request;
  request.acks = client.rng().one_in(3) ? 1 : -1;
  request.timeout_ms = Milliseconds{3000};
  protocol::ProduceRequest::TopicProduceData data;
  data.name = topic.name;
  data.topic_id = topic.id;
  data.partition_data.push_back({.index = producer.plan.partition, .records = batch.bytes.view()});
  request.topic_data.push_back(std::move(data));
  const std::uint64_t losses = producer.oracle.losses();
  const auto answer = co_await client.ask<protocol::ProduceRequest, protocol::ProduceResponse>(
      std::move(request), topic.comes_and_goes ? ApiVersion{13} : ApiVersion{3});
  // An answer that was on its way when something was lost is no promise any more.
  if (!answer || producer.oracle.losses() != losses) co_return Fate::unknown;
  if (answer->responses.size() != 1 || answer->responses[0].partition_responses.size() != 1) {
    run.verdict.fail(topic.name + ": a produce answer without its partition");
    co_return Fate::unknown;
  }
  const auto& result = answer->responses[0].partition_responses[0];
  run.verdict.note("{} {} x{} -> error {} base {}", producer.oracle.name(),
                   to_text(batch.records.front()), batch.records.size(),
                   static_cast<int>(result.error_code), result.base_offset);
  if (result.error_code != Errc::none) co_return judge(run, producer, result.error_code);
  run.check(producer.oracle.acknowledged(batch.records, result.base_offset));
  co_return Fate::acknowledged;
}

env::Task<Fate> send_until_answered(ClusterRun& run, ClusterClient& client, Producer& producer,
                                    Batch batch) {
  while (true) {
    const Fate fate = co_await send(run, client, producer, batch);
    if (fate != Fate::unknown || !producer.plan.idempotent) co_return fate;
    if (!producer.going_on(run)) co_return fate;
    co_await env::sleep_for(client.env(), milliseconds(1 + client.rng().below(200)));
  }
}

// Until the run stops or the topic is another one.
env::Task<void> produce(ClusterRun& run, ClusterClient& client, ProducerPlan plan,
                        bool& counted_alive) {
  const auto index = static_cast<std::size_t>(plan.partition.value());
  Producer producer{
      .plan = plan, .oracle = *plan.topic->partitions.at(index), .topic_id = plan.topic->id};
  co_await become_new(run, client, producer);
  while (producer.going_on(run)) {
    Batch batch = next_batch(producer, client);
    producer.oracle.will_send(batch.records);
    const auto count = static_cast<int>(batch.records.size());
    const Fate fate = co_await send_until_answered(run, client, producer, std::move(batch));
    if (fate == Fate::refused_sequence) {
      co_await become_new(run, client, producer);
    } else if (fate == Fate::acknowledged) {
      producer.sequence = record::sequence_after(producer.sequence, count);
      producer.losses_seen = producer.oracle.losses();
      if (run.healed && !counted_alive) {
        counted_alive = true;
        ++run.producers_alive;
      }
    }
    if (producer.going_on(run)) {
      co_await env::sleep_for(client.env(), milliseconds(client.rng().below(60)));
    }
  }
}

}  // namespace

env::Task<void> run_producer(ClusterRun& run, ClusterClient& client, ProducerPlan plan) {
  ++run.at_work;
  bool counted_alive = false;
  while (run.going_on()) {
    if (plan.topic->id.is_zero()) {
      co_await env::sleep_for(client.env(), milliseconds(50));
      continue;
    }
    ++plan.topic->in_use;
    co_await produce(run, client, plan, counted_alive);
    --plan.topic->in_use;
  }
  co_await client.close();
  --run.at_work;
}

}  // namespace moldau::harness
