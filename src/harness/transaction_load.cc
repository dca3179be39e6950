#include "harness/transaction_load.h"

#include <utility>

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

struct Writer {
  TransactionalProducer producer;
  std::uint32_t number = 0;
  std::uint32_t next_record = 1;
};

std::vector<RecordId> next_records(Writer& writer, ClusterClient& client) {
  std::vector<RecordId> records;
  const std::uint64_t count = 1 + client.rng().below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    records.push_back({.writer = writer.number, .number = writer.next_record++});
  }
  return records;
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
env::Task<bool> write_one(ClusterRun& run, ClusterClient& client, Writer& writer) {
  TransactionOracle& oracle = run.transactions;
  TransactionalProducer& producer = writer.producer;
  const TransactionNumber number = oracle.begin();
  const auto partitions = some_partitions(*producer.plan().topic, client.rng());
  Errc error = Errc::none;
  if (!producer.plan().modern) error = co_await producer.add_partitions(partitions);
  for (const PartitionIndex partition : partitions) {
    if (error != Errc::none) break;
    const auto records = next_records(writer, client);
    oracle.will_send(number, records);
    error = co_await producer.send(partition, records);
  }
  if (error == Errc::none && !run.fleeting.empty() && client.rng().one_in(2)) {
    co_await producer.touch(*run.fleeting.front());
    if (client.rng().one_in(3)) {
      co_await env::sleep_for(client.env(), milliseconds(client.rng().below(1000)));
    }
  }
  if (error != Errc::none) {
    producer.give_up();
    co_return false;
  }
  if (client.rng().one_in(8)) {  // a producer that dies; another one takes its place, now or later
    if (client.rng().one_in(2)) {
      co_await env::sleep_for(client.env(), 2 * producer.plan().timeout);
    }
    producer.give_up();
    co_return false;
  }
  const bool commit = !client.rng().one_in(3);
  if (commit) oracle.will_commit(number);
  if (co_await producer.end(commit) != Errc::none) {
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
  Writer writer{.producer = TransactionalProducer(run, client, std::move(plan)),
                .number = run.next_writer++};
  while (run.going_on()) {
    if (writer.producer.plan().topic->id.is_zero()) {
      co_await env::sleep_for(client.env(), milliseconds(50));
      continue;
    }
    if (!writer.producer.is_ready()) {
      co_await writer.producer.begin_anew();
      continue;
    }
    const bool done = co_await write_one(run, client, writer);
    if (done && run.healed && !counted_alive) {
      counted_alive = true;
      ++run.producers_alive;
    }
    if (run.going_on()) {
      co_await env::sleep_for(client.env(), milliseconds(1 + client.rng().below(100)));
    }
  }
  co_await client.close();
  --run.at_work;
}

}  // namespace moldau::harness
