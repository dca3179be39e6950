#include "metadata/snapshot.h"

#include "base/check.h"
#include "metadata/features.h"

namespace moldau::metadata {
namespace {

class Writing {
 public:
  explicit Writing(const Image& image)
      : image_(image), version_(*image.features.metadata_version) {}

  std::vector<MetadataRecord> all() {
    features();
    cluster();
    topics();
    configs();
    client_quotas();
    producer_ids();
    security();
    return std::move(out_);
  }

 private:
  template <class Record>
  void add(Record record, ApiVersion version = ApiVersion{0}) {
    out_.push_back({std::move(record), version});
  }

  void features() {
    // metadata.version first: it decides how what follows is read.
    add(protocol::FeatureLevelRecord{.name = std::string(k_metadata_version),
                                     .feature_level = version_.level().value});
    for (const auto& [name, level] : image_.features.finalized) {
      add(protocol::FeatureLevelRecord{.name = name, .feature_level = level.value});
    }
  }

  void cluster() {
    for (const auto& [id, broker] : image_.cluster.brokers) {
      add(register_broker_record(*broker, version_), version_.register_broker_record());
    }
    if (!version_.controller_registration()) return;
    for (const auto& [id, controller] : image_.cluster.controllers) {
      protocol::RegisterControllerRecord record{
          .controller_id = controller->id,
          .incarnation_id = controller->incarnation_id,
          .zk_migration_ready = controller->zk_migration_ready};
      for (const Endpoint& e : controller->endpoints) {
        record.end_points.push_back(
            {.name = e.name,
             .host = e.host,
             .port = e.port,
             .security_protocol = static_cast<std::int16_t>(e.security_protocol)});
      }
      for (const auto& [name, range] : controller->features) {
        record.features.push_back({.name = name,
                                   .min_supported_version = range.min.value,
                                   .max_supported_version = range.max.value});
      }
      add(std::move(record));
    }
  }

  void topics() {
    for (const auto& [id, topic] : image_.topics.by_id) {
      add(protocol::TopicRecord{.name = topic->name, .topic_id = id});
      for (const auto& partition : topic->partitions) {
        add(partition_record(id, *partition, image_.features), version_.partition_record());
      }
    }
  }

  void configs() {
    for (const auto& [resource, values] : image_.configs.resources) {
      for (const auto& [name, value] : *values) {
        add(protocol::ConfigRecord{.resource_type = static_cast<std::int8_t>(resource.type),
                                   .resource_name = resource.name,
                                   .name = name,
                                   .value = value});
      }
    }
  }

  void client_quotas() {
    for (const auto& [entity, values] : image_.client_quotas.entities) {
      for (const auto& [key, value] : *values) {
        protocol::ClientQuotaRecord record{.key = key, .value = value};
        for (const auto& [type, name] : entity) {
          record.entity.push_back({.entity_type = type, .entity_name = name});
        }
        add(std::move(record));
      }
    }
  }

  void producer_ids() {
    if (!image_.producer_ids.next) return;
    add(protocol::ProducerIdsRecord{.broker_id = k_no_broker,
                                    .broker_epoch = BrokerEpoch{-1},
                                    .next_producer_id = *image_.producer_ids.next});
  }

  void security() {
    for (const auto& [id, entry] : image_.acls.entries) {
      add(protocol::AccessControlEntryRecord{.id = id,
                                             .resource_type = entry->resource_type,
                                             .resource_name = entry->resource_name,
                                             .pattern_type = entry->pattern_type,
                                             .principal = entry->principal,
                                             .host = entry->host,
                                             .operation = entry->operation,
                                             .permission_type = entry->permission_type});
    }
    for (const auto& [key, credential] : image_.scram.credentials) {
      add(protocol::UserScramCredentialRecord{.name = key.second,
                                              .mechanism = static_cast<std::int8_t>(key.first),
                                              .salt = credential->salt,
                                              .stored_key = credential->stored_key,
                                              .server_key = credential->server_key,
                                              .iterations = credential->iterations});
    }
    for (const auto& [id, token] : image_.delegation_tokens.by_id) {
      add(protocol::DelegationTokenRecord{.owner = token->owner,
                                          .requester = token->requester,
                                          .renewers = token->renewers,
                                          .issue_timestamp = token->issued,
                                          .max_timestamp = token->max_lifetime,
                                          .expiration_timestamp = token->expires,
                                          .token_id = id});
    }
  }

  const Image& image_;
  MetadataVersion version_;
  std::vector<MetadataRecord> out_;
};

}  // namespace

protocol::RegisterBrokerRecord register_broker_record(const BrokerRegistration& broker,
                                                      MetadataVersion version) {
  protocol::RegisterBrokerRecord record{.broker_id = broker.id,
                                        .is_migrating_zk_broker = broker.is_migrating_zk_broker,
                                        .incarnation_id = broker.incarnation_id,
                                        .broker_epoch = broker.epoch,
                                        .rack = broker.rack,
                                        .fenced = broker.fenced,
                                        .in_controlled_shutdown = broker.in_controlled_shutdown};
  for (const Endpoint& e : broker.endpoints) {
    record.end_points.push_back(
        {.name = e.name,
         .host = e.host,
         .port = e.port,
         .security_protocol = static_cast<std::int16_t>(e.security_protocol)});
  }
  for (const auto& [name, range] : broker.features) {
    record.features.push_back({.name = name,
                               .min_supported_version = range.min.value,
                               .max_supported_version = range.max.value});
  }
  if (version.directory_assignment()) record.log_dirs = broker.log_dirs;
  if (version.cordoned_log_dirs()) record.cordoned_log_dirs = broker.cordoned_log_dirs;
  return record;
}

protocol::PartitionRecord partition_record(const Uuid& topic_id, const Partition& partition,
                                           const Features& features) {
  protocol::PartitionRecord record{
      .partition_id = partition.index,
      .topic_id = topic_id,
      .replicas = partition.replicas,
      .isr = partition.isr,
      .removing_replicas = partition.removing_replicas,
      .adding_replicas = partition.adding_replicas,
      .leader = partition.leader,
      .leader_recovery_state = static_cast<std::int8_t>(partition.leader_recovery_state),
      .leader_epoch = partition.leader_epoch,
      .partition_epoch = partition.partition_epoch};
  const MetadataVersion version{*features.metadata_version};
  if (version.directory_assignment()) record.directories = partition.directories;
  // The feature, not the metadata.version: a cluster may have switched it off again.
  if (version.elr() && features.level(k_elr_version).value > 0) {
    if (!partition.elr.empty()) record.eligible_leader_replicas = partition.elr;
    if (!partition.last_known_elr.empty()) record.last_known_elr = partition.last_known_elr;
  }
  return record;
}

std::vector<MetadataRecord> snapshot_records(const Image& image) {
  CHECK(image.features.metadata_version.has_value());
  return Writing(image).all();
}

}  // namespace moldau::metadata
