#include <fmt/core.h>

#include <charconv>

#include "harness/workload.h"
#include "record/batch.h"
#include "record/records.h"

namespace moldau::harness {

namespace {

using std::chrono::milliseconds;

// The records at and above `from`. nullopt: the bytes are no run of good batches.
std::optional<std::vector<SeenRecord>> records_of(Bytes run, Offset from) {
  std::vector<SeenRecord> seen;
  record::BatchesView batches(run);
  while (true) {
    const auto batch = batches.next();
    if (!batch) return std::nullopt;
    if (!*batch) return seen;
    if (!(*batch)->crc_matches()) return std::nullopt;
    const auto records = record::Records::read(**batch, 1 << 20);
    if (!records) return std::nullopt;
    for (const record::RecordView& record : *records) {
      if (record.offset < from) continue;
      const auto id = record.value ? record_of(*record.value) : std::nullopt;
      if (!id) return std::nullopt;
      seen.push_back({.offset = record.offset, .record = *id});
    }
  }
}

struct Reader {
  PartitionOracle& oracle;
  Offset position{0};
  Offset watermark = k_no_offset;
  std::uint64_t losses = 0;
  // All below `position` is known to be there since the last loss.
  bool sure = true;
};

// Until the run stops or the topic is another one.
struct Reading {
  TopicPlan& topic;
  PartitionIndex partition;
  Uuid topic_id;
  bool& counted_alive;
  [[nodiscard]] bool going_on(const ClusterRun& run) const {
    return run.going_on() && topic.id == topic_id;
  }
};

env::Task<void> read_on(ClusterRun& run, ClusterClient& client, Reader& reader, Reading reading) {
  const std::uint64_t losses = reader.oracle.losses();
  if (losses != reader.losses) {
    // What was told before the loss is no promise any more.
    reader.losses = losses;
    reader.watermark = k_no_offset;
    reader.sure = false;
  }
  const auto fetched =
      co_await fetch_once(run, client, reading.topic, reading.partition, reader.position);
  if (reader.oracle.losses() != losses) co_return;  // it is not clear when it was answered
  if (!fetched) {
    if (fetched.error().code() == Errc::offset_out_of_range) {
      if (reader.sure) run.check(reader.oracle.out_of_range(reader.position));
      reader.position = Offset{0};
      reader.sure = true;
    } else if (reading.going_on(run)) {
      co_await env::sleep_for(client.env(), milliseconds(1 + client.rng().below(200)));
    }
    co_return;
  }
  run.check(reader.oracle.read(fetched->records, fetched->high_watermark, reader.watermark));
  if (!fetched->records.empty() && fetched->records.front().offset != reader.position) {
    run.verdict.fail(fmt::format("P4 {}: a fetch from {} shows {} first", reader.oracle.name(),
                                 reader.position, fetched->records.front().offset));
  }
  reader.watermark = fetched->high_watermark;
  reader.sure = true;
  if (!fetched->records.empty()) reader.position = fetched->records.back().offset.next();
  run.verdict.note("{} read x{}, up to {} of {}", reader.oracle.name(), fetched->records.size(),
                   reader.position, fetched->high_watermark);
  // Two busy producers may be faster than one reader, who also goes back now and then.
  const bool gets_on = !fetched->records.empty() || reader.position >= fetched->high_watermark;
  if (run.healed && gets_on && !reading.counted_alive) {
    reading.counted_alive = true;
    ++run.readers_alive;
  }
}

env::Task<void> read_along(ClusterRun& run, ClusterClient& client, Reading reading) {
  const auto index = static_cast<std::size_t>(reading.partition.value());
  Reader reader{.oracle = *reading.topic.partitions.at(index)};
  while (reading.going_on(run)) {
    co_await read_on(run, client, reader, reading);
    if (client.rng().one_in(30) && reader.position > Offset{0}) {
      reader.position = Offset{static_cast<std::int64_t>(
          client.rng().below(static_cast<std::uint64_t>(reader.position.value())))};
    }
    if (reading.going_on(run) && client.rng().one_in(2)) {
      co_await env::sleep_for(client.env(), milliseconds(client.rng().below(100)));
    }
  }
}

}  // namespace

std::optional<RecordId> record_of(Bytes value) {
  const std::string_view text = as_text(value);
  const std::size_t first = text.find('/');
  const std::size_t second = text.find('/', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  RecordId id;
  std::from_chars(text.data(), text.data() + first, id.writer);
  std::from_chars(text.data() + first + 1, text.data() + second, id.number);
  return id;
}

// The order of the draws is part of what a seed means.
protocol::FetchRequest fetch_request(Rng& rng, const TopicPlan& topic, PartitionIndex partition,
                                     Offset from, Isolation isolation) {
  protocol::FetchRequest request;
  request.max_wait_ms = Milliseconds{rng.below(200)};
  request.min_bytes = 1;
  request.max_bytes = 1 << 20;
  request.isolation_level = (isolation == Isolation::committed || rng.one_in(2)) ? 1 : 0;
  protocol::FetchRequest::FetchTopic asked;
  asked.topic = topic.name;
  asked.topic_id = topic.id;
  asked.partitions.push_back(
      {.partition = partition,
       .fetch_offset = from,
       .partition_max_bytes = static_cast<std::int32_t>(1 + rng.below(20'000))});
  request.topics.push_back(std::move(asked));
  return request;
}

env::Task<Result<FetchedRecords>> fetch_once(ClusterRun& run, ClusterClient& client,
                                             TopicPlan& topic, PartitionIndex partition,
                                             Offset from) {
  const ApiVersion least = topic.comes_and_goes ? ApiVersion{13} : ApiVersion{4};
  CO_TRY(const protocol::FetchResponse answer,
         (co_await client.ask<protocol::FetchRequest, protocol::FetchResponse>(
             fetch_request(client.rng(), topic, partition, from, Isolation::drawn), least)));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  if (answer.responses.size() != 1 || answer.responses[0].partitions.size() != 1) {
    run.verdict.fail(topic.name + ": a fetch answer without its partition");
    co_return fail(Errc::bad_frame);
  }
  const auto& data = answer.responses[0].partitions[0];
  if (data.error_code != Errc::none) co_return fail(data.error_code);
  auto records = records_of(data.records.bytes().view(), from);
  if (!records) {
    run.verdict.fail(fmt::format("P1 {}-{}: what was fetched from {} cannot be read", topic.name,
                                 partition, from));
    co_return fail(Errc::corrupt_message);
  }
  co_return FetchedRecords{.records = *std::move(records),
                           .log_start = data.log_start_offset,
                           .high_watermark = data.high_watermark};
}

env::Task<void> run_reader(ClusterRun& run, ClusterClient& client, TopicPlan& topic,
                           PartitionIndex partition) {
  ++run.at_work;
  bool counted_alive = false;
  while (run.going_on()) {
    if (topic.id.is_zero()) {
      co_await env::sleep_for(client.env(), milliseconds(50));
      continue;
    }
    ++topic.in_use;
    co_await read_along(run, client,
                        {.topic = topic,
                         .partition = partition,
                         .topic_id = topic.id,
                         .counted_alive = counted_alive});
    --topic.in_use;
  }
  co_await client.close();
  --run.at_work;
}

env::Task<void> check_everything(ClusterRun& run, ClusterClient& client, bool& done) {
  // An acknowledgement may still be on its way.
  while (run.at_work > 0 && !run.verdict.failed()) {
    co_await env::sleep_for(client.env(), milliseconds(50));
  }
  for (const auto& topic : run.topics) {
    if (topic->id.is_zero()) continue;  // the run ended while it was made again
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionIndex partition{static_cast<std::int32_t>(i)};
      std::vector<SeenRecord> all;
      Offset from{0};
      while (!run.verdict.failed()) {
        auto fetched = co_await fetch_once(run, client, *topic, partition, from);
        if (!fetched) {
          if (fetched.error().code() == Errc::cancelled) co_return;
          co_await env::sleep_for(client.env(), milliseconds(100));
          continue;
        }
        all.insert(all.end(), fetched->records.begin(), fetched->records.end());
        if (!all.empty()) from = all.back().offset.next();
        if (from < fetched->high_watermark) continue;
        run.check(topic->partitions[i]->complete(all, Offset{0}, fetched->high_watermark,
                                                 run.ordered_writers));
        break;
      }
    }
  }
  co_await client.close();
  done = true;
}

}  // namespace moldau::harness
