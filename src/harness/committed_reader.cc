#include "harness/committed_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "harness/workload.h"
#include "record/batch.h"
#include "record/control.h"
#include "record/records.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_batch_bytes_max = 1 << 20;

// Which batches of one answer are of transactions that were aborted. Source: CompletedFetch.
class AbortedProducers {
 public:
  explicit AbortedProducers(std::vector<AbortedTransaction> aborted)
      : aborted_(std::move(aborted)) {
    std::ranges::sort(aborted_, {}, [](const auto& one) { return one.first_offset; });
  }
  // Errors: a control batch that cannot be read.
  Result<bool> hide(const record::BatchView& batch) {
    for (; begun_ < aborted_.size() && aborted_[begun_].first_offset <= batch.last_offset();
         ++begun_) {
      producers_.insert(aborted_[begun_].producer_id);
    }
    if (!batch.is_control()) {
      return batch.is_transactional() && producers_.contains(batch.producer_id());
    }
    TRY(const record::Records records, record::Records::read(batch, k_batch_bytes_max));
    if (records.all().empty()) return true;
    TRY(const auto type, record::control_type_of(records.all().front().key.value_or(Bytes{})));
    if (type == record::ControlType::abort) producers_.erase(batch.producer_id());
    return true;
  }

 private:
  std::vector<AbortedTransaction> aborted_;
  std::size_t begun_ = 0;
  std::set<ProducerId> producers_;
};

}  // namespace

Result<CommittedRecords> committed_records(Bytes run, Offset from,
                                           std::vector<AbortedTransaction> aborted) {
  CommittedRecords out{.records = {}, .next = from};
  AbortedProducers producers(std::move(aborted));
  record::BatchesView batches(run);
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) return out;
    if (!batch->crc_matches()) return fail(Errc::corrupt_message);
    TRY(const bool hidden, producers.hide(*batch));
    out.next = std::max(out.next, batch->next_offset());
    if (hidden) continue;
    TRY(const record::Records records, record::Records::read(*batch, k_batch_bytes_max));
    for (const record::RecordView& record : records) {
      if (record.offset < from) continue;
      const auto id = record.value ? record_of(*record.value) : std::nullopt;
      if (!id) return fail(Errc::corrupt_message);
      out.records.push_back({.offset = record.offset, .record = *id});
    }
  }
}

namespace {

struct Fetched {
  CommittedRecords committed;
  Offset high_watermark;
};

env::Task<Result<Fetched>> fetch(ClusterRun& run, ClusterClient& client, TopicPlan& topic,
                                 PartitionIndex partition, Offset from, Shown shown) {
  protocol::FetchRequest request;
  request.max_wait_ms = Milliseconds{client.rng().below(200)};
  request.min_bytes = 1;
  request.max_bytes = 1 << 20;
  request.isolation_level = 1;
  protocol::FetchRequest::FetchTopic asked;
  asked.topic = topic.name;
  asked.topic_id = topic.id;
  asked.partitions.push_back(
      {.partition = partition,
       .fetch_offset = from,
       .partition_max_bytes = static_cast<std::int32_t>(1 + client.rng().below(20'000))});
  request.topics.push_back(std::move(asked));
  CO_TRY(protocol::FetchResponse answer,
         (co_await client.ask<protocol::FetchRequest, protocol::FetchResponse>(std::move(request),
                                                                               ApiVersion{4})));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  auto& data = answer.responses.at(0).partitions.at(0);
  if (data.error_code != Errc::none) co_return fail(data.error_code);
  auto aborted = std::move(data.aborted_transactions).value_or(std::vector<AbortedTransaction>{});
  auto committed = committed_records(data.records.bytes().view(), from, std::move(aborted));
  if (!committed) {
    run.verdict.fail(fmt::format("X1 {}-{}: what was fetched from {} cannot be read", topic.name,
                                 partition, from));
    co_return fail(Errc::corrupt_message);
  }
  for (const SeenRecord& seen : committed->records) {
    run.check(shown(partition, seen));
  }
  co_return Fetched{*std::move(committed), data.high_watermark};
}

}  // namespace

env::Task<void> run_committed_reader(ClusterRun& run, ClusterClient& client, TopicPlan& topic,
                                     PartitionIndex partition, Shown shown) {
  ++run.at_work;
  bool counted_alive = false;
  Offset position{0};
  while (run.going_on()) {
    if (topic.id.is_zero()) {
      co_await env::sleep_for(client.env(), milliseconds(50));
      continue;
    }
    const auto fetched = co_await fetch(run, client, topic, partition, position, shown);
    if (fetched) {
      run.verdict.note("{}-{} committed x{} up to {} of {}", topic.name, partition,
                       fetched->committed.records.size(), fetched->committed.next,
                       fetched->high_watermark);
      const bool gets_on = fetched->committed.next > position;
      position = fetched->committed.next;
      if (run.healed && gets_on && !counted_alive) {
        counted_alive = true;
        ++run.readers_alive;
      }
      if (client.rng().one_in(30)) position = Offset{0};
    }
    co_await env::sleep_for(client.env(), milliseconds(client.rng().below(100)));
  }
  co_await client.close();
  --run.at_work;
}

env::Task<bool> read_all_committed(ClusterRun& run, ClusterClient& client, TopicPlan& topic,
                                   Shown shown) {
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionIndex partition{static_cast<std::int32_t>(i)};
    Offset position{0};
    while (!run.verdict.failed()) {
      const auto fetched = co_await fetch(run, client, topic, partition, position, shown);
      if (!fetched && fetched.error().code() == Errc::cancelled) co_return false;
      if (fetched) {
        position = fetched->committed.next;
        // What its producer left open is aborted when its time is over.
        if (position >= fetched->high_watermark) break;
      }
      co_await env::sleep_for(client.env(), milliseconds(100));
    }
  }
  co_return true;
}

env::Task<void> check_transactions(ClusterRun& run, ClusterClient& client, bool& done) {
  while (run.at_work > 0 && !run.verdict.failed()) {
    co_await env::sleep_for(client.env(), milliseconds(50));
  }
  for (const auto& topic : run.transactional) {
    const bool read = co_await read_all_committed(run, client, *topic, shown_of(run.transactions));
    if (!read) co_return;
  }
  run.check(run.transactions.complete());
  co_await client.close();
  done = true;
}

}  // namespace moldau::harness
