#include "client/reader.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>

#include "client/backoff.h"
#include "protocol/api/fetch.h"
#include "protocol/api/list_offsets.h"
#include "record/batch.h"
#include "record/message_set.h"
#include "record/records.h"

namespace moldau::client {
namespace {

using PartitionData = protocol::FetchResponse::PartitionData;

// Which producers' transactions are aborted at the batch that is read (read_committed): the list
// comes in the order of first offsets, and an abort marker ends a producer's entry.
class AbortedRanges {
 public:
  explicit AbortedRanges(const PartitionData& data) {
    if (data.aborted_transactions) left_ = *data.aborted_transactions;
    std::ranges::sort(left_, {}, [](const auto& it) { return it.first_offset; });
  }
  // Whether the batch's records are to be left out.
  [[nodiscard]] bool hides(const record::BatchView& batch) {
    while (next_ < left_.size() && left_[next_].first_offset <= batch.last_offset()) {
      aborted_.insert(left_[next_++].producer_id);
    }
    if (!batch.has_producer_id() || !aborted_.contains(batch.producer_id())) return false;
    if (batch.is_control()) {
      aborted_.erase(batch.producer_id());
      return true;
    }
    return batch.is_transactional();
  }

 private:
  std::vector<protocol::FetchResponse::AbortedTransaction> left_;
  std::size_t next_ = 0;
  absl::flat_hash_set<ProducerId> aborted_;
};

std::optional<SharedBytes> copy_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::optional(SharedBytes::copy_of(*bytes)) : std::nullopt;
}

IncomingRecord incoming(const record::RecordView& record, const record::BatchView& batch) {
  IncomingRecord out;
  out.offset = record.offset;
  out.timestamp = record.timestamp;
  out.key = copy_of(record.key);
  out.value = copy_of(record.value);
  if (!batch.is_legacy()) {
    out.leader_epoch = batch.leader_epoch();
    out.log_append_time = batch.timestamp_type() == record::TimestampType::log_append_time;
  }
  for (const record::HeaderView& header : record.headers.all()) {
    Header copy{std::string(header.key), std::nullopt};
    if (header.value) copy.value.emplace(header.value->begin(), header.value->end());
    out.headers.push_back(std::move(copy));
  }
  return out;
}

// Corrupt bytes do not mend by asking again, whoever found them: Kafka's consumer gives up, too.
bool is_final(Errc code) { return code == Errc::corrupt_message || facts(code).retry == Retry::no; }

struct Read {
  std::vector<IncomingRecord> records;
  Offset next;  // where to go on
};

// The records at and above `position` in the bytes of one partition's answer.
Result<Read> read_records(const PartitionData& data, Offset position,
                          const ReaderSettings& settings) {
  Read out{{}, position};
  if (data.records.is_null()) return out;
  AbortedRanges aborted(data);
  record::BatchesView batches(data.records.bytes().view());
  while (true) {
    TRY(const std::optional<record::BatchView> batch, batches.next());
    if (!batch) return out;
    if (settings.check_crcs && !batch->is_legacy() && !batch->crc_matches()) {
      return fail(Errc::corrupt_message, "the batch at offset {} has a wrong checksum",
                  batch->base_offset());
    }
    const bool hidden = !batch->is_legacy() && settings.isolation == Isolation::read_committed &&
                        aborted.hides(*batch);
    const bool control = !batch->is_legacy() && batch->is_control();
    if (!hidden && !control) {
      TRY(const record::Records records,
          record::Records::read(*batch, settings.decompressed_bytes_max));
      for (const record::RecordView& record : records) {
        if (record.offset >= position) out.records.push_back(incoming(record, *batch));
      }
    }
    out.next = std::max(out.next, batch->next_offset());
  }
}

}  // namespace

struct PartitionReader::State {
  Cluster& cluster;
  ReaderSettings settings;
  std::vector<TopicPartition> order;  // as assigned: requests do not depend on hashing
  absl::flat_hash_map<TopicPartition, Offset> positions;
  std::size_t next_leader = 0;  // whose turn it is
};

PartitionReader::PartitionReader(Cluster& cluster, ReaderSettings settings)
    : state_(std::make_unique<State>(State{cluster, settings, {}, {}})) {}
PartitionReader::~PartitionReader() = default;

void PartitionReader::assign(TopicPartition partition, Offset position) {
  if (!state_->positions.contains(partition)) state_->order.push_back(partition);
  state_->positions[std::move(partition)] = position;
}

Offset PartitionReader::position(const TopicPartition& partition) const {
  const auto found = state_->positions.find(partition);
  return found == state_->positions.end() ? k_no_offset : found->second;
}

env::Task<Result<std::vector<PartitionRecords>>> PartitionReader::poll(Milliseconds wait) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  const Instant deadline = env.clock.now() + wait;
  Backoff backoff;
  while (true) {
    std::vector<BrokerId> leaders;
    std::vector<std::string> unknown;
    for (const TopicPartition& partition : s.order) {
      const auto place = s.cluster.place_of(partition.topic, partition.partition);
      if (!place || place->leader == k_no_broker) {
        unknown.push_back(partition.topic);
      } else if (std::ranges::find(leaders, place->leader) == leaders.end()) {
        leaders.push_back(place->leader);
      }
    }
    const Milliseconds left = std::chrono::ceil<Milliseconds>(deadline - env.clock.now());
    if (!unknown.empty()) {
      unknown.erase(std::ranges::unique(unknown).begin(), unknown.end());
      // Without an answer they stay unknown, and the next turn asks again.
      const auto answer = co_await s.cluster.refresh(std::move(unknown));
      if (leaders.empty() || !answer) {
        if (left <= Milliseconds{0}) co_return std::vector<PartitionRecords>{};
        co_await env::sleep_for(env, backoff.next(s.cluster.settings().retry_backoff));
        if (leaders.empty()) continue;
      }
    }
    const BrokerId leader = leaders[s.next_leader++ % leaders.size()];
    auto fetched = co_await fetch(leader, std::clamp(left, Milliseconds{0}, s.settings.max_wait));
    if (!fetched && is_final(fetched.error().code())) co_return fetched;
    if (fetched && !fetched->empty()) co_return fetched;
    if (env.clock.now() >= deadline) co_return std::vector<PartitionRecords>{};
    if (!fetched) co_await env::sleep_for(env, backoff.next(s.cluster.settings().retry_backoff));
  }
}

namespace {

constexpr ApiVersion k_fetch_with_ids{13};

protocol::FetchRequest fetch_request(const ReaderSettings& settings, Milliseconds wait) {
  protocol::FetchRequest request;
  request.max_wait_ms = wait;
  request.min_bytes = settings.min_bytes;
  request.max_bytes = settings.max_bytes;
  request.isolation_level = static_cast<std::int8_t>(settings.isolation);
  return request;
}

}  // namespace

env::Task<Result<std::vector<PartitionRecords>>> PartitionReader::fetch(BrokerId leader,
                                                                        Milliseconds wait) {
  State& s = *state_;
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> connection, co_await s.cluster.to(leader));
  CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::fetch));
  protocol::FetchRequest request = fetch_request(s.settings, wait);
  std::vector<TopicPartition> asked;
  for (const TopicPartition& partition : s.order) {
    const auto place = s.cluster.place_of(partition.topic, partition.partition);
    if (!place || place->leader != leader) continue;
    auto& topic = request.topics.emplace_back();
    if (version >= k_fetch_with_ids) {
      topic.topic_id = s.cluster.topic_id(partition.topic).value_or(k_zero_uuid);
    } else {
      topic.topic = partition.topic;
    }
    auto& one = topic.partitions.emplace_back();
    one.partition = partition.partition;
    one.current_leader_epoch = place->leader_epoch;
    one.fetch_offset = s.positions[partition];
    one.partition_max_bytes = s.settings.partition_max_bytes;
    asked.push_back(partition);
  }
  CO_TRY(protocol::FetchResponse answer,
         co_await connection->request<protocol::FetchRequest, protocol::FetchResponse>(
             std::move(request), version, wait + s.cluster.settings().request_timeout));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  std::vector<PartitionRecords> out;
  for (const TopicPartition& partition : asked) {
    const Uuid id = s.cluster.topic_id(partition.topic).value_or(k_zero_uuid);
    for (auto& topic : answer.responses) {
      if (version >= k_fetch_with_ids ? topic.topic_id != id : topic.topic != partition.topic) {
        continue;
      }
      for (PartitionData& data : topic.partitions) {
        if (data.partition_index != partition.partition) continue;
        CO_TRY(std::vector<IncomingRecord> records, co_await take(partition, data));
        if (!records.empty()) out.push_back({partition, std::move(records)});
      }
    }
  }
  co_return out;
}

env::Task<Result<std::vector<IncomingRecord>>> PartitionReader::take(TopicPartition partition,
                                                                     PartitionData& data) {
  State& s = *state_;
  Offset& position = s.positions[partition];
  if (data.error_code == Errc::offset_out_of_range) {
    if (s.settings.on_out_of_range == OnOutOfRange::fail) {
      co_return fail(Errc::offset_out_of_range, "{}: no offset {} in the partition's log",
                     partition, position);
    }
    const OffsetSpec spec = s.settings.on_out_of_range == OnOutOfRange::earliest
                                ? OffsetSpec::earliest
                                : OffsetSpec::latest;
    CO_TRY(const FoundOffset found,
           co_await find_offset(s.cluster, partition, spec, s.settings.isolation));
    s.positions[partition] = found.offset;
    co_return std::vector<IncomingRecord>{};
  }
  if (data.error_code != Errc::none) {
    if (is_final(data.error_code)) {
      co_return fail(data.error_code, "fetching from {}", partition);
    }
    s.cluster.forget(partition.topic);
    co_return std::vector<IncomingRecord>{};
  }
  CO_TRY(Read read, read_records(data, position, s.settings));
  position = read.next;
  co_return std::move(read.records);
}

namespace {

env::Task<Result<FoundOffset>> list_offset(Cluster& cluster, TopicPartition partition,
                                           std::int64_t timestamp, Isolation isolation) {
  const auto place = cluster.place_of(partition.topic, partition.partition);
  if (!place || place->leader == k_no_broker) co_return fail(Errc::leader_not_available);
  protocol::ListOffsetsRequest request;
  request.replica_id = k_no_broker;
  request.isolation_level = static_cast<std::int8_t>(isolation);
  request.timeout_ms = cluster.settings().request_timeout;
  auto& topic = request.topics.emplace_back();
  topic.name = partition.topic;
  auto& one = topic.partitions.emplace_back();
  one.partition_index = partition.partition;
  one.current_leader_epoch = place->leader_epoch;
  one.timestamp = timestamp_of(timestamp);
  CO_TRY(const protocol::ListOffsetsResponse answer,
         co_await cluster.ask<protocol::ListOffsetsRequest, protocol::ListOffsetsResponse>(
             place->leader, std::move(request)));
  if (answer.topics.empty() || answer.topics[0].partitions.empty()) {
    co_return fail(Errc::unknown_server_error, "{}: an answer without the partition", partition);
  }
  const auto& told = answer.topics[0].partitions[0];
  if (told.error_code != Errc::none) co_return fail(told.error_code, "offsets of {}", partition);
  co_return FoundOffset{told.offset, told.timestamp, told.leader_epoch};
}

env::Task<Result<FoundOffset>> find_with_retries(Cluster& cluster, TopicPartition partition,
                                                 std::int64_t timestamp, Isolation isolation) {
  env::Env& env = cluster.env();
  const Instant deadline = env.clock.now() + cluster.settings().api_timeout;
  Backoff backoff;
  while (true) {
    auto found = co_await list_offset(cluster, partition, timestamp, isolation);
    if (found || facts(found.error().code()).retry == Retry::no) co_return found;
    if (env.clock.now() >= deadline) co_return found;
    const bool known = cluster.place_of(partition.topic, partition.partition).has_value();
    if (known) co_await env::sleep_for(env, backoff.next(cluster.settings().retry_backoff));
    // Without an answer the next turn fails the same way, until the deadline.
    const auto refreshed = co_await cluster.refresh(std::vector<std::string>{partition.topic});
    if (!refreshed || !cluster.place_of(partition.topic, partition.partition)) {
      co_await env::sleep_for(env, backoff.next(cluster.settings().retry_backoff));
    }
  }
}

}  // namespace

env::Task<Result<FoundOffset>> find_offset(Cluster& cluster, TopicPartition partition,
                                           OffsetSpec spec, Isolation isolation) {
  return find_with_retries(cluster, std::move(partition), static_cast<std::int64_t>(spec),
                           isolation);
}

env::Task<Result<FoundOffset>> find_offset_for_time(Cluster& cluster, TopicPartition partition,
                                                    Timestamp at) {
  return find_with_retries(cluster, std::move(partition), to_millis(at),
                           Isolation::read_uncommitted);
}

}  // namespace moldau::client
