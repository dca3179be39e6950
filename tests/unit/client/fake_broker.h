#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bytes/endian.h"
#include "client/cluster.h"
#include "env/task_group.h"
#include "os/runtime.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/fetch.h"
#include "protocol/api/init_producer_id.h"
#include "protocol/api/list_offsets.h"
#include "protocol/api/metadata.h"
#include "protocol/api/produce.h"
#include "record/batch.h"
#include "record/records.h"
#include "rpc/server.h"
#include "sim/world.h"
#include "unit/os/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::client {

// What a fake answers, for its handler.
rpc::Response encoded(const auto& message, ApiVersion version) {
  Writer body;
  message.encode(body, version);
  return rpc::Response::of(std::move(body));
}
// Takes the next of the errors that a test wants; none when there are no more.
inline Errc next_error(std::deque<Errc>& errors) {
  if (errors.empty()) return Errc::none;
  const Errc error = errors.front();
  errors.pop_front();
  return error;
}

// A broker of one topic "t" behind a real socket, for what the client does: it keeps the batches
// that it gets, answers the errors that a test puts into its queues first, and counts requests.
class FakeBroker final : public rpc::RequestHandler {
 public:
  static constexpr BrokerId k_id{1};

  // ---- what a test sets
  env::Endpoint at;         // what the metadata say of this broker
  bool knows_topic = true;  // or answers unknown_topic_or_partition
  std::int32_t port_offset = 0;
  bool is_internal = false;
  BrokerId leader = k_id;  // of all partitions
  std::size_t partitions = 2;
  std::int16_t greatest_produce = 13;
  std::int16_t greatest_fetch = 16;
  std::int16_t greatest_metadata = 13;
  std::deque<Errc> produce_errors;  // of whole requests, before any succeeds
  std::deque<Errc> fetch_errors;    // of partitions
  std::deque<Errc> list_offsets_errors;
  std::optional<BrokerId> neighbour;    // another broker in the metadata, at the same address
  std::deque<BrokerId> named_replicas;  // by fetches, which give no records then
  Milliseconds produce_delay{0};
  Offset log_start{0};
  std::vector<protocol::FetchResponse::AbortedTransaction> aborted;
  std::map<std::string, std::int16_t> features;  // that are finalised
  std::optional<std::string> rack;               // its own
  std::vector<BrokerId> replicas;                // of all partitions

  // What answers the requests of groups; without it they are not advertised.
  struct Other {
    std::vector<std::pair<protocol::ApiKey, std::int16_t>> apis;  // and their greatest version
    std::function<Result<rpc::Response>(rpc::Request&)> answer;
  };
  Other other;

  // ---- what it saw
  std::map<protocol::ApiKey, int> asked;
  std::vector<std::string> values(std::int32_t partition) {
    std::vector<std::string> out;
    for (const std::vector<std::byte>& batch : logs[partition]) {
      const auto records = *record::Records::read(*record::BatchView::read(batch), 1 << 20);
      for (const record::RecordView& record : records) out.emplace_back(as_text(*record.value));
    }
    return out;
  }
  std::map<std::int32_t, std::vector<std::vector<std::byte>>> logs;
  std::string fetcher_rack;  // of the last fetch

  static Uuid topic_id() { return Uuid{0x1234, 0x5678}; }

  [[nodiscard]] env::Task<Result<rpc::Response>> handle(rpc::RequestContext& context,
                                                        rpc::Request& request) override {
    using protocol::ApiKey;
    ++asked[request.header.api];
    const ApiVersion version = request.header.version;
    switch (request.header.api) {  // the rest is not advertised
      case ApiKey::api_versions:
        co_return encoded(versions(), version);
      case ApiKey::metadata:
        co_return encoded(metadata(), version);
      case ApiKey::init_producer_id:
        co_return encoded(new_producer(), version);
      case ApiKey::produce: {
        co_await env::sleep_for(context.env, produce_delay);
        CO_TRY(const auto asked_for, protocol::ProduceRequest::decode(request.body(), version));
        const auto answer = produce(asked_for);
        if (asked_for.acks == 0) co_return rpc::Response::none();
        co_return encoded(answer, version);
      }
      case ApiKey::fetch: {
        CO_TRY(const auto asked_for, protocol::FetchRequest::decode(request.body(), version));
        co_return fetch(asked_for, version);
      }
      case ApiKey::list_offsets: {
        CO_TRY(const auto asked_for, protocol::ListOffsetsRequest::decode(request.body(), version));
        co_return encoded(list_offsets(asked_for), version);
      }
      default:
        if (other.answer) co_return other.answer(request);
        co_return fail(Errc::unsupported_version);
    }
  }

 private:
  [[nodiscard]] protocol::ApiVersionsResponse versions() const {
    using protocol::ApiKey;
    protocol::ApiVersionsResponse response;
    const auto add = [&](ApiKey key, std::int16_t least, std::int16_t greatest) {
      auto& range = response.api_keys.emplace_back();
      range.api_key = key;
      range.min_version = ApiVersion{least};
      range.max_version = ApiVersion{greatest};
    };
    add(ApiKey::produce, 3, greatest_produce);
    add(ApiKey::fetch, 4, greatest_fetch);
    add(ApiKey::list_offsets, 1, 9);
    add(ApiKey::metadata, 0, greatest_metadata);
    add(ApiKey::api_versions, 0, 4);
    add(ApiKey::init_producer_id, 0, 5);
    for (const auto& [key, greatest] : other.apis) add(key, 0, greatest);
    for (const auto& [name, level] : features) {
      auto& feature = response.finalized_features.emplace_back();
      feature.name = name;
      feature.max_version_level = feature.min_version_level = level;
      response.finalized_features_epoch = 1;
    }
    return response;
  }
  [[nodiscard]] protocol::MetadataResponse metadata() const {
    protocol::MetadataResponse response;
    auto& broker = response.brokers.emplace_back();
    broker.node_id = k_id;
    broker.host = at.host;
    broker.port = at.port + port_offset;
    broker.rack = rack;
    if (neighbour) {
      response.brokers.push_back(broker);
      response.brokers.back().node_id = *neighbour;
    }
    auto& topic = response.topics.emplace_back();
    topic.name = "t";
    if (!knows_topic) {
      topic.error_code = Errc::unknown_topic_or_partition;
      return response;
    }
    topic.topic_id = topic_id();
    topic.is_internal = is_internal;
    for (std::size_t i = 0; i < partitions; ++i) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = PartitionIndex{static_cast<std::int32_t>(i)};
      partition.leader_id = leader;
      partition.leader_epoch = LeaderEpoch{4};
      partition.replica_nodes = replicas;
    }
    return response;
  }
  protocol::InitProducerIdResponse new_producer() {
    protocol::InitProducerIdResponse response;
    response.producer_id = ProducerId{++producers_};
    response.producer_epoch = ProducerEpoch{0};
    return response;
  }
  Offset end_of(std::int32_t partition) {
    const auto& log = logs[partition];
    return log.empty() ? log_start : record::BatchView::read(log.back())->next_offset();
  }
  protocol::ProduceResponse produce(const protocol::ProduceRequest& request) {
    const Errc error = next_error(produce_errors);
    protocol::ProduceResponse response;
    for (const auto& topic : request.topic_data) {
      auto& answered = response.responses.emplace_back();
      answered.name = topic.name;
      answered.topic_id = topic.topic_id;
      for (const auto& partition : topic.partition_data) {
        auto& told = answered.partition_responses.emplace_back();
        told.index = partition.index;
        told.error_code = error;
        if (error != Errc::none) continue;
        told.base_offset = end_of(partition.index.value());
        auto& batch = logs[partition.index.value()].emplace_back(partition.records->begin(),
                                                                 partition.records->end());
        store_big(batch.data() + record::at::k_base_offset, told.base_offset.value());
      }
    }
    return response;
  }
  rpc::Response fetch(const protocol::FetchRequest& request, ApiVersion version) {
    protocol::FetchResponse response;
    fetcher_rack = request.rack_id;
    for (const auto& topic : request.topics) {
      auto& answered = response.responses.emplace_back();
      answered.topic = std::string(topic.topic);
      answered.topic_id = topic.topic_id;
      for (const auto& partition : topic.partitions) {
        auto& told = answered.partitions.emplace_back();
        told.partition_index = partition.partition;
        told.error_code = next_error(fetch_errors);
        const Offset end = end_of(partition.partition.value());
        if (partition.fetch_offset < log_start || partition.fetch_offset > end) {
          told.error_code = Errc::offset_out_of_range;
        }
        if (told.error_code != Errc::none) continue;
        told.high_watermark = end;
        if (!named_replicas.empty()) {
          told.preferred_read_replica = named_replicas.front();
          named_replicas.pop_front();
          continue;
        }
        told.aborted_transactions = aborted;
        std::vector<std::byte> bytes;
        for (const auto& batch : logs[partition.partition.value()]) {
          if (record::BatchView::read(batch)->next_offset() <= partition.fetch_offset) continue;
          bytes.insert(bytes.end(), batch.begin(), batch.end());
        }
        told.records = protocol::Records(SharedBytes::copy_of(bytes));
      }
    }
    return encoded(response, version);
  }
  protocol::ListOffsetsResponse list_offsets(const protocol::ListOffsetsRequest& request) {
    protocol::ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = request.topics.at(0).name;
    auto& told = topic.partitions.emplace_back();
    const auto& asked_for = request.topics.at(0).partitions.at(0);
    told.partition_index = asked_for.partition_index;
    told.error_code = next_error(list_offsets_errors);
    if (told.error_code != Errc::none) return response;
    told.leader_epoch = LeaderEpoch{4};
    told.offset = asked_for.timestamp == timestamp_of(-2)
                      ? log_start
                      : end_of(asked_for.partition_index.value());
    return response;
  }
  std::int64_t producers_ = 0;
};

// A fake broker that is served, and a client of it that does not wait long.
struct ClientWorld {
  ClientWorld(env::Env& its_env, std::unique_ptr<env::Listener> listener)
      : env(its_env), server(parts, {.listener = "PLAINTEXT"}, broker), serving(its_env.scheduler) {
    broker.at = listener->local();
    settings.bootstrap = {broker.at};
    settings.retry_backoff = Milliseconds{1};
    settings.api_timeout = Milliseconds{100};
    serving.spawn(server.serve(std::move(listener)));
  }
  env::Env& env;
  FakeBroker broker;
  ClusterSettings settings;
  telemetry::Counters counters;
  telemetry::CapturedLog sink;
  rpc::FrameMemory memory{env, counters, k_frame_bytes_per_shard_max};
  rpc::ServerParts parts{env, memory, counters, telemetry::Logger(sink, "rpc")};
  rpc::Server server;
  env::TaskGroup serving;
};

using ClientTest = env::Task<void> (*)(ClientWorld&);

inline env::Task<void> run_with_broker(env::Env& env, ClientTest test) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  ClientWorld world(env, *std::move(listener));
  co_await test(world);
  world.server.stop();
  co_await world.serving.join();
}
inline void with_broker(ClientTest test) {
  os::on_one_shard([test](env::Env& env) { return run_with_broker(env, test); });
}
// In a simulated machine: time that passes costs none, and a connection holds sim's window.
inline void simulated_with_broker(ClientTest test) {
  sim::World world{7};
  sim::Boot& boot = world.add_host({.name = "node"}).boot();
  env::Task<void> task = run_with_broker(boot.env(0), test);
  EXPECT_TRUE(world.run_until([&] { return task.done(); }));
}

}  // namespace moldau::client
