#include "controller/node_config_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/controller/cluster.h"
#include "unit/metadata/kafka_log.h"

namespace moldau::controller {
namespace {

using metadata::test::read_batches;

config::NodeConfig kafkas_node() {
  config::ConfigMap settings = config::default_settings("/tmp/unused");
  settings.set("num.partitions", "4");
  auto loaded = config::load_node_config(settings);
  CHECK_OK(loaded);
  return std::move(loaded->config);
}

// An active controller with the state that Kafka's had before it wrote the record at `offset`,
// asked what Kafka's was asked then. It must decide the records that stand in Kafka's log from
// there on.
class KafkasDecisions : public testing::Test {
 protected:
  KafkasDecisions() {
    for (const auto& batch : read_batches("static/00000000000000000000.log")) {
      if (batch.control) continue;
      for (std::size_t i = 0; i < batch.records.size(); ++i) {
        log_.emplace_back(batch.base_offset + static_cast<std::int64_t>(i), batch.records[i]);
      }
    }
  }
  Controller& before(int offset) {
    Settings settings = test::settings();
    settings.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
    settings.num_partitions = 4;
    controller_.emplace(std::move(settings), rules_);
    for (const auto& [at, record] : log_) {
      if (at >= Offset{offset}) break;
      CHECK_OK(controller_->replay({&record, 1}, at, at.next(), Instant{}));
    }
    CHECK_OK(controller_->activate(Instant{}));
    at_ = Offset{offset};
    return *controller_;
  }
  [[nodiscard]] Call call(int version) {
    return {.version = ApiVersion{static_cast<std::int16_t>(version)},
            .next_offset = at_,
            .rng = rng_,
            .authorizer = all_};
  }
  // Kafka's records in [from, end), without the NoOps between them.
  std::vector<MetadataRecord> kafkas(int from, int end) {
    std::vector<MetadataRecord> records;
    for (const auto& [at, record] : log_) {
      if (at < Offset{from} || at >= Offset{end}) continue;
      if (!std::holds_alternative<protocol::NoOpRecord>(record.data)) records.push_back(record);
    }
    return records;
  }
  // Ids of new topics are random, and the order of partition changes is that of Kafka's hash maps.
  static std::vector<std::vector<std::byte>> comparable(std::vector<MetadataRecord> records) {
    std::optional<Uuid> fresh;
    std::vector<std::vector<std::byte>> bytes;
    for (MetadataRecord& record : records) {
      if (auto* topic = std::get_if<protocol::TopicRecord>(&record.data)) {
        fresh = topic->topic_id;
        topic->topic_id = {};
      }
      if (auto* partition = std::get_if<protocol::PartitionRecord>(&record.data)) {
        if (partition->topic_id == fresh) partition->topic_id = {};
      }
      bytes.push_back(metadata::encode_record(record));
    }
    const auto is_change = [&](std::size_t i) {
      return std::holds_alternative<protocol::PartitionChangeRecord>(records[i].data);
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (!is_change(i)) continue;
      std::size_t end = i;
      while (end < bytes.size() && is_change(end)) ++end;
      std::sort(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                bytes.begin() + static_cast<std::ptrdiff_t>(end));
      i = end;
    }
    return bytes;
  }
  template <class Decided>
  void expect(const Decided& decided, int from, int end) {
    ASSERT_TRUE(decided.has_value()) << decided.error().describe();
    EXPECT_EQ(comparable(decided->records), comparable(kafkas(from, end)));
    EXPECT_EQ(decided->records.size(), kafkas(from, end).size());
  }

  using Alter = protocol::IncrementalAlterConfigsRequest;
  static Alter alter(int type, std::string name, std::vector<Alter::AlterableConfig> configs) {
    Alter request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<std::int8_t>(type);
    resource.resource_name = std::move(name);
    resource.configs = std::move(configs);
    return request;
  }
  static protocol::UpdateFeaturesRequest feature(std::string name, int level, int type = 1) {
    protocol::UpdateFeaturesRequest request;
    request.feature_updates.push_back({.feature = std::move(name),
                                       .max_version_level = static_cast<std::int16_t>(level),
                                       .upgrade_type = static_cast<std::int8_t>(type)});
    return request;
  }
  protocol::BrokerHeartbeatRequest heartbeat(int epoch) {
    return {.broker_id = BrokerId{1},
            .broker_epoch = BrokerEpoch{epoch},
            .current_metadata_offset = at_};
  }

  config::NodeConfig node_ = kafkas_node();
  NodeConfigRules rules_{node_};
  security::AllowAll all_;
  Rng rng_{1};
  Offset at_;
  std::optional<Controller> controller_;
  std::vector<std::pair<Offset, MetadataRecord>> log_;
};

TEST_F(KafkasDecisions, CreateTopics) {
  protocol::CreateTopicsRequest request;
  request.topics = {{.name = "t1", .num_partitions = 3, .replication_factor = 1}};
  expect(before(26).create_topics(call(7), request), 26, 30);

  request.topics = {{.name = "cfg", .num_partitions = 1, .replication_factor = 1}};
  request.topics[0].configs = {{.name = "cleanup.policy", .value = "compact"},
                               {.name = "segment.bytes", .value = "1048576"}};
  expect(before(30).create_topics(call(7), request), 30, 34);

  request.topics = {{.name = "dflt", .num_partitions = -1, .replication_factor = -1}};
  expect(before(35).create_topics(call(7), request), 35, 40);

  request.topics = {{.name = "manual", .num_partitions = -1, .replication_factor = -1}};
  request.topics[0].assignments = {
      {.partition_index = PartitionIndex{1}, .broker_ids = {BrokerId{1}}},
      {.partition_index = PartitionIndex{0}, .broker_ids = {BrokerId{1}}}};
  expect(before(40).create_topics(call(7), request), 40, 43);
}

TEST_F(KafkasDecisions, CreateTopicsAnswersWithTheConfigsInForce) {
  protocol::CreateTopicsRequest request;
  request.topics = {{.name = "cfg", .num_partitions = 1, .replication_factor = 1}};
  request.topics[0].configs = {{.name = "cleanup.policy", .value = "compact"}};
  const auto decided = before(30).create_topics(call(7), request);
  const auto& configs = *decided->response.topics.at(0).configs;
  const auto of = [&](std::string_view name) {
    const auto at = std::ranges::find(configs, name, [](const auto& c) { return c.name; });
    return at == configs.end() ? std::pair<std::string, int>{}
                               : std::pair{*at->value, int{at->config_source}};
  };
  EXPECT_EQ(of("cleanup.policy"), (std::pair<std::string, int>{"compact", 1}));
  EXPECT_EQ(of("min.insync.replicas"), (std::pair<std::string, int>{"1", 3}));
  EXPECT_EQ(of("retention.ms"), (std::pair<std::string, int>{"604800000", 5}));
}

TEST_F(KafkasDecisions, CreatePartitions) {
  protocol::CreatePartitionsRequest request;
  request.topics = {{.name = "t1", .count = 5, .assignments = std::nullopt}};
  expect(before(47).create_partitions(call(3), request), 47, 49);
}

TEST_F(KafkasDecisions, IncrementalAlterConfigs) {
  expect(before(51).incremental_alter_configs(
             call(1), alter(2, "t1",
                            {{.name = "cleanup.policy", .config_operation = 2, .value = "compact"},
                             {.name = "retention.ms", .value = "1000"}})),
         51, 53);
  expect(
      before(53).incremental_alter_configs(
          call(1), alter(2, "t1", {{.name = "retention.ms", .config_operation = 1, .value = ""}})),
      53, 54);
  expect(before(54).incremental_alter_configs(
             call(1), alter(4, "1", {{.name = "log.cleaner.threads", .value = "2"}})),
         54, 55);
  expect(before(55).incremental_alter_configs(
             call(1), alter(4, "", {{.name = "min.insync.replicas", .value = "1"}})),
         55, 57);
  expect(before(58).incremental_alter_configs(
             call(1), alter(2, "t1", {{.name = "min.insync.replicas", .value = "1"}})),
         58, 60);
  expect(before(75).incremental_alter_configs(
             call(1), alter(32, "g1", {{.name = "consumer.session.timeout.ms", .value = "50000"}})),
         75, 76);
  expect(before(76).incremental_alter_configs(
             call(1), alter(16, "cm", {{.name = "interval.ms", .value = "60000"}})),
         76, 77);
}

TEST_F(KafkasDecisions, ConfigsThatKafkaRefused) {
  const auto text = [&](int type, std::string name, std::string key, std::string value, int op) {
    const auto decided = before(53).incremental_alter_configs(
        call(1), alter(type, std::move(name),
                       {{.name = std::move(key),
                         .config_operation = static_cast<std::int8_t>(op),
                         .value = std::move(value)}}));
    EXPECT_TRUE(decided->records.empty());
    return decided->response.responses.at(0).error_message.value_or("");
  };
  EXPECT_EQ(text(2, "t1", "zz", "5", 0), "Unknown topic config name: zz");
  EXPECT_EQ(text(2, "t1", "retention.ms", "5", 2),
            "Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(text(4, "", "min.insync.replicas", "", 1),
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  EXPECT_EQ(text(4, "1", "min.insync.replicas", "1", 0),
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  EXPECT_EQ(text(2, "t1", "segment.bytes", "-5", 0),
            "Invalid value -5 for configuration segment.bytes: Value must be at least 1048576");
}

TEST_F(KafkasDecisions, UpdateFeatures) {
  expect(before(60).update_features(call(2), feature("group.version", 1)), 60, 61);
  expect(before(61).update_features(call(2), feature("streams.version", 0, 2)), 61, 62);
  expect(before(62).update_features(call(2), feature("streams.version", 1)), 62, 63);
  expect(before(63).update_features(call(2), feature("metadata.version", 33)), 63, 64);
  expect(before(64).update_features(call(2), feature("eligible.leader.replicas.version", 0, 2)), 64,
         65);
  expect(before(65).update_features(call(2), feature("eligible.leader.replicas.version", 1)), 65,
         66);
}

TEST_F(KafkasDecisions, DeleteTopicsAndProducerIds) {
  protocol::DeleteTopicsRequest request;
  request.topics.push_back({.name = "dflt"});
  expect(before(66).delete_topics(call(6), request), 66, 67);
  expect(before(78).allocate_producer_ids(
             call(0), {.broker_id = BrokerId{1}, .broker_epoch = BrokerEpoch{11}}),
         78, 79);
}

TEST_F(KafkasDecisions, BrokerRegistersFollowsAndIsUnfenced) {
  Controller& fresh = before(11);
  const auto theirs = std::get<protocol::RegisterBrokerRecord>(kafkas(11, 12).at(0).data);
  protocol::BrokerRegistrationRequest request{.broker_id = BrokerId{1},
                                              .cluster_id = "MkU3OEVBNTcwNTJENDM2Qg",
                                              .incarnation_id = theirs.incarnation_id,
                                              .rack = std::nullopt,
                                              .log_dirs = theirs.log_dirs};
  for (const auto& e : theirs.end_points) {
    request.listeners.push_back({.name = e.name, .host = e.host, .port = e.port});
  }
  for (const auto& f : theirs.features) {
    request.features.push_back({.name = f.name,
                                .min_supported_version = f.min_supported_version,
                                .max_supported_version = f.max_supported_version});
  }
  expect(fresh.register_broker(call(4), request), 11, 12);

  (void)before(12);
  auto beat = heartbeat(11);
  beat.want_fence = true;
  beat.cordoned_log_dirs.emplace();
  expect(controller_->heartbeat(call(2), beat), 12, 13);

  (void)before(14);
  beat = heartbeat(11);
  beat.cordoned_log_dirs.emplace();
  expect(controller_->heartbeat(call(2), beat), 14, 15);
}

TEST_F(KafkasDecisions, BrokerShutsDownInTwoStepsAndComesBack) {
  (void)before(134);
  auto beat = heartbeat(11);
  beat.want_shut_down = true;
  const auto first = controller_->heartbeat(call(2), beat);
  expect(first, 134, 146);
  CHECK_OK(controller_->replay(first->records, Offset{134}, Offset{146}, Instant{}));
  expect(controller_->heartbeat(call(2), beat), 146, 147);

  (void)before(153);
  expect(controller_->heartbeat(call(2), heartbeat(151)), 153, 165);
}

TEST(NodeConfigRules, StaticValueIsTheFilesElseTheDefault) {
  const config::NodeConfig node = kafkas_node();
  const NodeConfigRules rules(node);
  EXPECT_EQ(rules.static_value(metadata::ConfigType::topic, "retention.ms"), "604800000");
  EXPECT_EQ(rules.static_value(metadata::ConfigType::topic, "nope"), std::nullopt);
  EXPECT_EQ(rules.static_value(metadata::ConfigType::broker, "num.partitions"), "4");
}

TEST(NodeConfigRules, ReplacingDropsWhatIsNotNamed) {
  const config::NodeConfig node = kafkas_node();
  const NodeConfigRules rules(node);
  const std::vector<Alteration> wanted{{.key = "retention.ms", .value = "5"}};
  const auto changes =
      rules.replace({metadata::ConfigType::topic, "t"}, {{"segment.bytes", "2000000"}}, wanted, {});
  ASSERT_TRUE(changes.has_value());
  EXPECT_EQ(changes->size(), 2U);
}

}  // namespace
}  // namespace moldau::controller
