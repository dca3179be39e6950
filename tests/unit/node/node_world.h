#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/node_config.h"
#include "env/task_group.h"
#include "log/checkpoint_files.h"
#include "node/node.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/delete_topics.h"
#include "protocol/api/fetch.h"
#include "protocol/api/metadata.h"
#include "protocol/api/produce.h"
#include "record/builder.h"
#include "record/records.h"
#include "rpc/client_connection.h"
#include "sim/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::node {

// One node on a simulated machine that may be stopped, killed or lose its power, and a client on
// another machine.
class NodeWorld : public testing::Test {
 protected:
  explicit NodeWorld(std::int32_t shards = 2)
      : node_host(world.add_host({.name = "node", .shards = shards})),
        client_host(world.add_host({.name = "client"})),
        client_env(client_host.boot().env(0)),
        memory(client_env, counters) {
    settings = config::default_settings("data");
    settings.set("listeners", "PLAINTEXT://node:9092,CONTROLLER://node:9093");
    settings.set("advertised.listeners", "PLAINTEXT://node:9092");
    settings.set("controller.quorum.voters", "1@node:9093");
  }
  ~NodeWorld() override {
    disconnect();
    if (node) stop();
    client_host.kill();
    EXPECT_TRUE(client_host.unwind());
    client_host.bury();
  }

  // ---- the node --------------------------------------------------------------------------------
  void begin_start(bool format = true) {
    sim::Boot& boot = node_host.boot();
    Result<config::LoadedNodeConfig> loaded = config::load_node_config(settings);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().describe();
    std::vector<env::Env*> envs;
    for (std::int32_t i = 0; i < boot.shard_count(); ++i) envs.push_back(&boot.env(i));
    ready = false;
    node = std::make_unique<Node>(NodeSettings{std::move(loaded->config), format}, envs, sink,
                                  [this](const Serving& now) {
                                    ready = true;
                                    serving = now;
                                  });
    for (std::int32_t i = 0; i < boot.shard_count(); ++i) {
      tasks.push_back(std::make_unique<env::TaskGroup>(boot.env(i).scheduler));
      tasks.back()->spawn(node->run(ShardId{i}));
    }
  }
  void start() {
    begin_start();
    ASSERT_TRUE(world.run_until([this] { return ready || node->failure(); })) << said();
    ASSERT_TRUE(ready) << said();
  }
  [[nodiscard]] bool ended() const {
    for (const auto& group : tasks) {
      if (group->running() > 0) return false;
    }
    return true;
  }
  // Ends the boot with what is left of the program.
  void bury() {
    if (node_host.running()) node_host.kill();
    node->request_stop();
    EXPECT_TRUE(node_host.unwind()) << said();
    node.reset();
    tasks.clear();
    node_host.bury();
  }
  void stop() {
    node->request_stop();
    EXPECT_TRUE(world.run_until([this] { return ended(); })) << said();
    bury();
  }
  void kill() {
    disconnect();
    node_host.kill();
    bury();
  }
  // What the checkpoint says of the partitions of a topic, in their order.
  std::vector<std::int64_t> recovery_points(const std::string& topic) {
    std::vector<std::int64_t> offsets;
    const Result<Bytes> text = node_host.volume().peek("data/recovery-point-offset-checkpoint");
    if (!text) return offsets;
    const auto entries = log::parse_offset_checkpoint(as_text(*text));
    EXPECT_TRUE(entries.has_value());
    for (const log::PartitionOffset& one : *entries) {
      if (one.topic == topic) offsets.push_back(one.offset.value());
    }
    return offsets;
  }
  std::string said() {
    std::string all;
    for (const std::string& line : sink.lines()) all += line + "\n";
    return all;
  }

  // ---- the client ------------------------------------------------------------------------------
  template <class T>
  T run(env::Task<T> task) {
    EXPECT_TRUE(world.run_until([&task] { return task.done(); })) << said();
    return task.take_result();
  }
  void connect(std::uint16_t port = 9092) {
    auto connected = run(rpc::ClientConnection::connect(client_env, memory, {"node", port}, {}));
    ASSERT_TRUE(connected.has_value()) << connected.error().describe() << "\n" << said();
    connection = *std::move(connected);
  }
  void disconnect() {
    if (!connection) return;
    connection->close();
    auto joined = connection->join();
    EXPECT_TRUE(world.run_until([&] { return joined.done(); }));
    connection.reset();
  }
  template <class Req, class Resp>
  Resp ask(Req request) {
    if (!connection) connect();
    const Result<rpc::Answer> answer = run(connection->call(rpc::AnyRequest(std::move(request))));
    Result<Resp> response =
        answer ? Resp::decode(answer->body, answer->version) : Result<Resp>{fail(answer.error())};
    EXPECT_TRUE(response.has_value()) << response.error().describe() << "\n" << said();
    return response ? *std::move(response) : Resp{};
  }
  void create_topic(const std::string& name, std::int32_t partitions,
                    std::vector<std::pair<std::string, std::string>> configs = {}) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = 1;
    for (auto& [key, value] : configs) {
      auto& config = topic.configs.emplace_back();
      config.name = key;
      config.value = value;
    }
    const auto response =
        ask<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(std::move(request));
    ASSERT_EQ(response.topics.at(0).error_code, Errc::none);
    until_known(name);
  }
  void delete_topic(const std::string& name) {
    protocol::DeleteTopicsRequest request;
    request.timeout_ms = Milliseconds{30'000};
    request.topics.emplace_back().name = name;
    const auto response =
        ask<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(std::move(request));
    ASSERT_EQ(response.responses.at(0).error_code, Errc::none);
    world.run_for(std::chrono::seconds{1});
  }
  Uuid until_known(const std::string& name) {
    for (int i = 0; i < 100; ++i) {
      protocol::MetadataRequest request;
      request.topics->emplace_back().name = name;
      request.allow_auto_topic_creation = false;
      const auto response =
          ask<protocol::MetadataRequest, protocol::MetadataResponse>(std::move(request));
      if (response.topics.at(0).error_code == Errc::none) return response.topics[0].topic_id;
      world.run_for(Milliseconds{10});
    }
    ADD_FAILURE() << name << " does not appear\n" << said();
    return {};
  }
  // One batch of `count` records; the first offset, or the error as a negative number.
  std::int64_t produce(const std::string& topic, int count, std::int32_t partition = 0,
                       record::BatchFields fields = {}) {
    record::BatchBuilder builder(fields);
    for (int i = 0; i < count; ++i) {
      const std::string value = "value-" + std::to_string(next_value++);
      builder.append(
          {.timestamp = timestamp_of(to_millis(world.wall()) + i), .value = as_bytes(value)});
    }
    const SharedBytes batch = SharedBytes::take(builder.build());
    protocol::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = Milliseconds{5000};
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    data.topic_id = until_known(topic);
    auto& one = data.partition_data.emplace_back();
    one.index = PartitionIndex{partition};
    one.records = batch.view();
    const auto response =
        ask<protocol::ProduceRequest, protocol::ProduceResponse>(std::move(request));
    const auto& answer = response.responses.at(0).partition_responses.at(0);
    return answer.error_code == Errc::none ? answer.base_offset.value()
                                           : -wire_code(answer.error_code);
  }
  // All values of a partition, in order.
  std::vector<std::string> consume(const std::string& topic, std::int32_t partition = 0) {
    std::vector<std::string> values;
    Offset next{0};
    while (true) {
      protocol::FetchRequest request;
      request.max_wait_ms = Milliseconds{0};
      request.min_bytes = 1;
      auto& one = request.topics.emplace_back();
      one.topic_id = until_known(topic);
      auto& ask_for = one.partitions.emplace_back();
      ask_for.partition = PartitionIndex{partition};
      ask_for.fetch_offset = next;
      ask_for.partition_max_bytes = 1 << 20;
      const auto response = ask<protocol::FetchRequest, protocol::FetchResponse>(request);
      const auto& answer = response.responses.at(0).partitions.at(0);
      EXPECT_EQ(answer.error_code, Errc::none);
      if (answer.records.size() == 0) return values;
      record::BatchesView batches(answer.records.bytes().view());
      while (true) {
        const auto batch = batches.next();
        if (!batch || !*batch) break;
        const auto records = record::Records::read(**batch, 1 << 24);
        EXPECT_TRUE(records.has_value());
        for (const record::RecordView& record : *records) {
          if (record.offset < next) continue;
          values.emplace_back(as_text(*record.value));
          next = record.offset.next();
        }
      }
    }
  }
  static std::vector<std::string> values(int from, int to) {
    std::vector<std::string> all;
    for (int i = from; i < to; ++i) all.push_back("value-" + std::to_string(i));
    return all;
  }

  sim::World world{11};
  sim::Host& node_host;
  sim::Host& client_host;
  env::Env& client_env;
  telemetry::Counters counters;
  rpc::FrameMemory memory;
  telemetry::CapturedLog sink;
  config::ConfigMap settings;
  std::unique_ptr<Node> node;
  std::vector<std::unique_ptr<env::TaskGroup>> tasks;
  bool ready = false;
  Serving serving;
  std::unique_ptr<rpc::ClientConnection> connection;
  int next_value = 0;
};

}  // namespace moldau::node
