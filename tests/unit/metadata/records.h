#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "metadata/delta.h"
#include "metadata/record.h"

// The vocabulary of the metadata and controller tests.
namespace moldau::metadata::test {

inline constexpr Uuid k_topic_a{0xa, 1};
inline constexpr Uuid k_topic_b{0xb, 1};
inline constexpr Uuid k_dir_1{0xd1, 1};
inline constexpr Uuid k_dir_2{0xd2, 1};

inline std::vector<BrokerId> brokers(std::initializer_list<int> ids) {
  std::vector<BrokerId> all;
  for (const int id : ids) all.emplace_back(id);
  return all;
}

inline MetadataRecord feature_is(std::string name, int level) {
  return {protocol::FeatureLevelRecord{.name = std::move(name),
                                       .feature_level = static_cast<std::int16_t>(level)},
          ApiVersion{0}};
}
inline MetadataRecord broker_is(int id, int epoch, bool fenced = false, Uuid dir = k_dir_1) {
  protocol::RegisterBrokerRecord record{.broker_id = BrokerId{id},
                                        .incarnation_id = Uuid{0x1c, static_cast<unsigned>(id)},
                                        .broker_epoch = BrokerEpoch{epoch},
                                        .rack = std::nullopt,
                                        .fenced = fenced,
                                        .log_dirs = {dir}};
  record.end_points.push_back({.name = "PLAINTEXT", .host = "localhost", .port = 9092});
  record.features.push_back(
      {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 33});
  return {std::move(record), ApiVersion{3}};
}
inline MetadataRecord topic_is(std::string name, Uuid id) {
  return {protocol::TopicRecord{.name = std::move(name), .topic_id = id}, ApiVersion{0}};
}
inline MetadataRecord partition_is(Uuid topic, int index, std::initializer_list<int> replicas,
                                   int leader) {
  return {protocol::PartitionRecord{.partition_id = PartitionIndex{index},
                                    .topic_id = topic,
                                    .replicas = brokers(replicas),
                                    .isr = brokers(replicas),
                                    .leader = BrokerId{leader},
                                    .leader_epoch = LeaderEpoch{0},
                                    .partition_epoch = PartitionEpoch{0},
                                    .directories = std::vector<Uuid>(replicas.size(), k_dir_1)},
          ApiVersion{2}};
}
inline MetadataRecord config_is(int type, std::string resource, std::string key,
                                std::optional<std::string> value) {
  return {protocol::ConfigRecord{.resource_type = static_cast<std::int8_t>(type),
                                 .resource_name = std::move(resource),
                                 .name = std::move(key),
                                 .value = std::move(value)},
          ApiVersion{0}};
}
template <class Record>
MetadataRecord record_of(Record record, int version = 0) {
  return {std::move(record), ApiVersion{static_cast<std::int16_t>(version)}};
}

inline std::shared_ptr<const Image> image_of(const std::vector<MetadataRecord>& records) {
  Delta delta(std::make_shared<const Image>());
  for (const MetadataRecord& record : records) CHECK_OK(delta.replay(record));
  return delta.build({});
}

}  // namespace moldau::metadata::test
