#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "broker/dispatch.h"
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"
#include "broker/shard.h"
#include "broker/transaction_coordinators.h"
#include "log/file_pool.h"
#include "metadata/delta.h"
#include "record/builder.h"
#include "sim/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::broker {

inline constexpr BrokerId k_self{1};

// Keeps what was asked of it and answers what it was told to.
class FakeController final : public ControllerClient {
 public:
  [[nodiscard]] env::Task<Result<SharedBytes>> send(ControllerRequest request) override {
    asked.push_back(request);
    if (!answer) co_return fail(Errc::not_controller);
    co_return answer(asked.back());
  }
  std::vector<ControllerRequest> asked;
  std::function<Result<SharedBytes>(const ControllerRequest&)> answer;
};

template <class Message>
SharedBytes encoded(const Message& message, ApiVersion version) {
  Writer out;
  message.encode(out, version);
  return SharedBytes::take(out.take());
}

// Everybody may do everything but what a test forbids.
class ForbiddingAuthorizer final : public security::Authorizer {
 public:
  [[nodiscard]] bool allows(const security::Principal&, std::string_view,
                            security::Operation operation, security::ResourceType type,
                            std::string_view name) const override {
    return !forbids || !forbids(operation, type, name);
  }
  std::function<bool(security::Operation, security::ResourceType, std::string_view)> forbids;
};

// A broker of one or more shards in a simulated world, without connections: requests go to its
// dispatch, answers come back decoded. Topics are put into the metadata by hand.
class BrokerWorld {
 public:
  explicit BrokerWorld(std::int32_t shards = 1)
      : boot_(world.add_host({.name = "broker", .shards = shards}).boot()) {
    Result<config::LoadedNodeConfig> loaded =
        config::load_node_config(config::default_settings("data"));
    CHECK_OK(loaded);
    facts.config = std::make_shared<const config::NodeConfig>(loaded->config);
    for (std::int32_t i = 0; i < shards; ++i) {
      files_.push_back(std::make_unique<log::FilePool>(boot_.env(i).disk, 64));
      shards_.push_back(std::make_unique<Shard>(
          boot_.env(i), facts, sink, controller,
          FetchSessions::Settings{.slots = 4, .first_id = 1 + 1000 * i, .end_id = 1000 * (i + 1)}));
      facts.shards.push_back(shards_.back().get());
    }
    register_broker(k_self, false);
    show();
  }
  ~BrokerWorld() {
    for (const auto& shard : shards_) {
      run(shard->transactions.resign_all());
      auto resigned = shard->groups.resign_all();
      world.run_until([&] { return resigned.done(); });
      for (const auto& partition : shard->partitions.all()) {
        partition->retire(Errc::not_leader_or_follower);
        (void)run(partition->log().close());
        (void)shard->partitions.take(partition->id());
      }
      shard->drain();
      auto joined = shard->tasks.join();
      world.run_until([&] { return joined.done(); });
      shard->fetch_watches.clear();
    }
  }

  // ---- the metadata ----------------------------------------------------------------------------
  void register_broker(BrokerId id, bool fenced) {
    auto broker = std::make_shared<metadata::BrokerRegistration>();
    broker->id = id;
    broker->epoch = BrokerEpoch{7};
    broker->fenced = fenced;
    broker->endpoints = {{"PLAINTEXT", "broker" + std::to_string(id.value()), 9092}};
    image.cluster.brokers.set(id, broker);
  }
  Uuid add_topic(const std::string& name, std::int32_t partitions = 1,
                 const config::TopicConfig& config = {}, BrokerId leader = k_self) {
    auto topic = std::make_shared<metadata::Topic>();
    topic->name = name;
    topic->id = Uuid{0xabc, ++topics_};
    for (std::int32_t i = 0; i < partitions; ++i) {
      auto partition = std::make_shared<metadata::Partition>();
      partition->index = PartitionIndex{i};
      partition->replicas = {leader};
      partition->isr = {leader};
      partition->directories = {Uuid{1, 5}};
      partition->leader = leader;
      partition->leader_epoch = LeaderEpoch{3};
      topic->partitions.push_back(partition);
      if (leader == k_self) open({topic->id, PartitionIndex{i}}, name, config);
    }
    image.topics.by_id.set(topic->id, topic);
    image.topics.by_name.set(name, topic);
    show();
    return topic->id;
  }
  // __consumer_offsets, with its coordinators loaded.
  void lead_groups(std::int32_t partitions = 2) {
    const Uuid id = add_topic(std::string{k_offsets_topic}, partitions);
    for (std::int32_t i = 0; i < partitions; ++i) {
      Shard& owner = facts.owner({id, PartitionIndex{i}});
      owner.groups.lead(owner.partitions.find({id, PartitionIndex{i}}));
    }
    CHECK(world.run_until([this] {
      return std::ranges::all_of(shards_, [](const auto& shard) { return shard->groups.loaded(); });
    }));
  }
  // The same of __transaction_state.
  void lead_transactions(std::int32_t partitions = 2) {
    const Uuid id = add_topic(std::string{k_transaction_topic}, partitions);
    for (std::int32_t i = 0; i < partitions; ++i) {
      Shard& owner = facts.owner({id, PartitionIndex{i}});
      owner.transactions.lead(owner.partitions.find({id, PartitionIndex{i}}));
    }
    show_newer();
    CHECK(world.run_until([this] {
      return std::ranges::all_of(shards_,
                                 [](const auto& shard) { return shard->transactions.loaded(); });
    }));
  }
  void remove_topic(const std::string& name) {
    const metadata::Topic* topic = image.topics.find(name);
    image.topics.by_id.erase(Uuid{topic->id});
    image.topics.by_name.erase(std::string{name});
    show();
  }
  // Whoever says that it is in a transaction is believed, as
  // transaction.partition.verification.enable allows.
  void trust_transactions() {
    auto config = std::make_shared<config::NodeConfig>(*facts.config);
    config->transactions.partition_verification = false;
    facts.config = std::move(config);
    show();
  }
  // Something changed that no test looks at.
  void show_newer() {
    metadata_end = metadata_end.next();
    show();
  }
  void show() {
    auto view = std::make_shared<ClusterView>();
    image.provenance.last_contained_offset = metadata_end;
    view->image = std::make_shared<metadata::Image>(image);
    view->node = facts.config;
    view->controller = k_self;
    for (const auto& shard : shards_) shard->show(view);
  }

  // ---- requests --------------------------------------------------------------------------------
  // The body of the answer, with ranges of files read. nullopt: no answer (acks=0).
  Result<std::optional<SharedBytes>> ask_bytes(protocol::ApiKey api, ApiVersion version,
                                               SharedBytes body, bool exists = true) {
    rpc::Request request{.header = {.api = api,
                                    .version = version,
                                    .client_id = client_id,
                                    .version_exists = exists},
                         .frame = std::move(body),
                         .received = world.now()};
    rpc::RequestContext context{shard(0).env, connection, request.header, request.received};
    Dispatch dispatch(shard(0), controller_listener);
    Result<rpc::Response> response = run(dispatch.handle(context, request));
    if (!response) return fail(std::move(response).error());
    if (response->is_none()) return std::nullopt;
    return collect(*std::move(response));
  }
  template <class Response, class Request>
  Result<Response> ask(const Request& request, ApiVersion version) {
    TRY(std::optional<SharedBytes> body,
        ask_bytes(Request::k_key, version, encoded(request, version)));
    CHECK(body.has_value());
    kept_.push_back(*body);
    return Response::decode(kept_.back(), version);
  }
  template <class Response, class Request>
  Response ok(const Request& request, ApiVersion version) {
    Result<Response> response = ask<Response>(request, version);
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().describe());
    return response ? *std::move(response) : Response{};
  }
  // Starts a request that waits; the answer is there when the task is done.
  struct Pending {
    rpc::Request request;
    rpc::RequestContext context;
    Dispatch dispatch;
    std::optional<env::Task<Result<rpc::Response>>> task;
  };
  template <class Request>
  std::unique_ptr<Pending> begin(const Request& request, ApiVersion version) {
    rpc::Request raw{.header = {.api = Request::k_key, .version = version, .client_id = client_id},
                     .frame = encoded(request, version),
                     .received = world.now()};
    std::unique_ptr<Pending> pending(
        new Pending{std::move(raw),
                    {shard(0).env, connection, pending_header_, world.now()},
                    Dispatch(shard(0), controller_listener),
                    std::nullopt});
    pending->task.emplace(pending->dispatch.handle(pending->context, pending->request));
    return pending;
  }
  template <class Response>
  Response finish(Pending& pending, ApiVersion version) {
    CHECK(world.run_until([&] { return pending.task->done(); }));
    Result<rpc::Response> response = pending.task->take_result();
    CHECK_OK(response);
    kept_.push_back(collect(*std::move(response)));
    Result<Response> decoded = Response::decode(kept_.back(), version);
    CHECK_OK(decoded);
    return *std::move(decoded);
  }

  template <class T>
  T run(env::Task<T> task) {
    CHECK(world.run_until([&task] { return task.done(); }));
    if constexpr (!std::is_void_v<T>) return task.take_result();
  }
  Shard& shard(std::int32_t index) { return *shards_.at(static_cast<std::size_t>(index)); }
  std::shared_ptr<Partition> partition(const std::string& topic, std::int32_t index = 0) {
    const TopicIdPartition id{image.topics.find(topic)->id, PartitionIndex{index}};
    return facts.owner(id).partitions.find(id);
  }

  // ---- records ---------------------------------------------------------------------------------
  SharedBytes batch(int count, const record::BatchFields& fields = {}) {
    record::BatchBuilder builder(fields);
    for (int i = 0; i < count; ++i) {
      const std::string value = "value-" + std::to_string(i);
      builder.append({.timestamp = timestamp_of(1'000 + i), .value = as_bytes(value)});
    }
    return SharedBytes::take(builder.build());
  }
  // Appends to a partition, past the handlers.
  AppendAnswer append(const std::string& topic, int count, std::int32_t index = 0) {
    return run(partition(topic, index)->append(batch(count), replica::Acks::all));
  }

  sim::World world{7};
  metadata::Image image;
  Offset metadata_end{41};
  telemetry::CapturedLog sink;
  FakeController controller;
  ForbiddingAuthorizer authorizer;
  NodeFacts facts{.node_id = k_self,
                  .cluster_id = "cluster-of-the-test",
                  .is_broker = true,
                  .is_controller = true,
                  .config = nullptr,
                  .authorizer = authorizer,
                  .shards = {}};
  rpc::ConnectionFacts connection{.peer = "10.0.0.9:4711", .listener = "PLAINTEXT"};
  std::string_view client_id = "test-client";
  bool controller_listener = false;

 private:
  void open(const TopicIdPartition& id, const std::string& topic,
            const config::TopicConfig& config) {
    const auto place = static_cast<std::size_t>(owner_of(id, facts.shard_count()).value());
    Shard& owner = *shards_[place];
    const auto settings = make_topic_settings(config, {.id_expiration = Milliseconds{86'400'000}});
    log::LogLocation where;
    where.path = "data/" + topic + "-" + std::to_string(id.partition.value());
    where.topic = topic;
    where.partition = id.partition;
    where.topic_id = id.topic_id;
    Result<std::unique_ptr<log::PartitionLog>> log =
        run(log::PartitionLog::open(owner.env, *files_[place], where, settings->log));
    CHECK_OK(log);
    auto partition =
        std::make_shared<Partition>(owner.partition_parts, id, *std::move(log), settings);
    CHECK_OK(run(partition->lead(LeaderEpoch{3}, {k_self}, {k_self}, Offset{0})));
    owner.partitions.add(partition);
  }
  SharedBytes collect(rpc::Response response) {
    std::vector<std::byte> all;
    for (rpc::Piece& piece : response.take_pieces()) {
      SharedBytes part;
      if (auto* bytes = std::get_if<SharedBytes>(&piece)) {
        part = *bytes;
      } else {
        const auto& range = std::get<env::FileRange>(piece);
        Result<SharedBytes> read = run(range.file->read_at(range.position, range.size));
        CHECK_OK(read);
        part = *read;
      }
      all.insert(all.end(), part.view().begin(), part.view().end());
    }
    return SharedBytes::take(std::move(all));
  }

  sim::Boot& boot_;
  rpc::RequestHeader pending_header_;
  std::vector<std::unique_ptr<log::FilePool>> files_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::deque<SharedBytes> kept_;
  std::uint64_t topics_ = 0;
};

}  // namespace moldau::broker
