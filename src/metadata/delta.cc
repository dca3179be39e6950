#include "metadata/delta.h"

#include <fmt/core.h>

#include <algorithm>

#include "metadata/features.h"

namespace moldau::metadata {
namespace {

// Puts `key` into a copy of the map behind a shared pointer. A new pointer: old images keep theirs.
template <class Map>
std::shared_ptr<const Map> with(const Map& before, const std::string& key,
                                typename Map::mapped_type value) {
  auto after = std::make_shared<Map>(before);
  (*after)[key] = std::move(value);
  return after;
}
template <class Map>
std::shared_ptr<const Map> without(const Map& before, const std::string& key) {
  auto after = std::make_shared<Map>(before);
  after->erase(key);
  return after;
}

// Keys whose values differ between the maps.
template <class Map, class Report>
void differences(const Map& before, const Map& after, const Report& report) {
  if (before.is_same(after)) return;
  for (const auto& [key, value] : before) {
    const auto* other = after.find(key);
    if (other == nullptr || (*other != value && !(**other == *value))) report(key);
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) report(key);
  }
}

Result<ScramMechanism> mechanism_of(std::int8_t code) {
  if (code == 1) return ScramMechanism::sha_256;
  if (code == 2) return ScramMechanism::sha_512;
  return fail(Errc::unusable_record, "unknown SCRAM mechanism {}", code);
}

}  // namespace

bool Changes::empty() const {
  return topics.empty() && brokers.empty() && controllers.empty() && configs.empty() &&
         client_quotas.empty() && acls.empty() && scram.empty() && delegation_tokens.empty() &&
         !features && !producer_ids;
}

Delta::Delta(std::shared_ptr<const Image> base) : base_(std::move(base)), now_(*base_) {}

Delta Delta::replacing(std::shared_ptr<const Image> base) {
  Delta delta(std::move(base));
  delta.now_ = Image{};
  delta.replaces_ = true;
  return delta;
}

Result<void> Delta::replay(const MetadataRecord& record) {
  Result<void> done = std::visit([this](const auto& data) { return apply(data); }, record.data);
  if (!done) {
    return fail(Errc::unusable_record, "{}: {}", name_of(record.data), done.error().text());
  }
  return {};
}

std::shared_ptr<const Image> Delta::build(Provenance provenance) {
  close_topics();
  if (replaces_) find_changes_of_replacement();
  now_.provenance = provenance;
  return std::make_shared<const Image>(now_);
}

void Delta::find_changes_of_replacement() {
  changes_ = Changes{};
  differences(base_->topics.by_id, now_.topics.by_id, [this](const Uuid& id) {
    const Topic* before = base_->topics.find(id);
    const Topic* after = now_.topics.find(id);
    TopicChange& change = changes_.topics[id];
    change.name = after != nullptr ? after->name : before->name;
    change.created = before == nullptr;
    change.deleted = after == nullptr;
    if (after == nullptr) return;
    for (const auto& partition : after->partitions) {
      const Partition* old = before == nullptr ? nullptr : before->partition(partition->index);
      if (old == nullptr || !(*old == *partition)) change.partitions.insert(partition->index);
    }
  });
  const auto into = [](auto& set) { return [&set](const auto& key) { set.insert(key); }; };
  differences(base_->cluster.brokers, now_.cluster.brokers, into(changes_.brokers));
  differences(base_->cluster.controllers, now_.cluster.controllers, into(changes_.controllers));
  differences(base_->configs.resources, now_.configs.resources, into(changes_.configs));
  differences(base_->client_quotas.entities, now_.client_quotas.entities,
              into(changes_.client_quotas));
  differences(base_->acls.entries, now_.acls.entries, into(changes_.acls));
  differences(base_->scram.credentials, now_.scram.credentials, into(changes_.scram));
  differences(base_->delegation_tokens.by_id, now_.delegation_tokens.by_id,
              into(changes_.delegation_tokens));
  changes_.features = !(base_->features == now_.features);
  changes_.producer_ids = !(base_->producer_ids == now_.producer_ids);
}

Result<void> Delta::apply(const protocol::ConfigRecord& record) {
  const ConfigResource resource{static_cast<ConfigType>(record.resource_type),
                                record.resource_name};
  const ConfigMap& before = now_.configs.of(resource);
  if (record.value) {
    now_.configs.resources.set(resource, with(before, record.name, *record.value));
  } else if (before.size() == 1 && before.contains(record.name)) {
    now_.configs.resources.erase(resource);
  } else if (before.contains(record.name)) {
    now_.configs.resources.set(resource, without(before, record.name));
  }
  changes_.configs.insert(resource);
  return {};
}

Result<void> Delta::apply(const protocol::ClientQuotaRecord& record) {
  QuotaEntity entity;
  for (const auto& part : record.entity) entity.emplace_back(part.entity_type, part.entity_name);
  std::ranges::sort(entity);
  const auto* found = now_.client_quotas.entities.find(entity);
  const QuotaValues before = found == nullptr ? QuotaValues{} : **found;
  if (!record.remove) {
    now_.client_quotas.entities.set(entity, with(before, record.key, record.value));
  } else if (before.size() == 1 && before.contains(record.key)) {
    now_.client_quotas.entities.erase(entity);
  } else if (before.contains(record.key)) {
    now_.client_quotas.entities.set(entity, without(before, record.key));
  }
  changes_.client_quotas.insert(std::move(entity));
  return {};
}

Result<void> Delta::apply(const protocol::FeatureLevelRecord& record) {
  changes_.features = true;
  const FeatureLevel level{record.feature_level};
  if (record.name == k_metadata_version) {
    if (metadata_version(level) == nullptr) {
      return fail(Errc::unusable_record,
                  "metadata.version {} is none that this version knows; it knows {} to {}",
                  level.value, metadata_versions().front().level.value,
                  metadata_versions().back().level.value);
    }
    now_.features.metadata_version = level;
  } else if (record.name == k_kraft_version) {
    // Some 4.0 controllers wrote one by mistake (KAFKA-18979). Control records say what holds.
  } else if (level.value == 0) {
    now_.features.finalized.erase(record.name);
  } else {
    now_.features.finalized[record.name] = level;
  }
  return {};
}

Result<void> Delta::apply(const protocol::ProducerIdsRecord& record) {
  now_.producer_ids.next = record.next_producer_id;
  changes_.producer_ids = true;
  return {};
}

Result<void> Delta::apply(const protocol::AccessControlEntryRecord& record) {
  now_.acls.entries.set(record.id, std::make_shared<const AclEntry>(
                                       AclEntry{.id = record.id,
                                                .resource_type = record.resource_type,
                                                .resource_name = record.resource_name,
                                                .pattern_type = record.pattern_type,
                                                .principal = record.principal,
                                                .host = record.host,
                                                .operation = record.operation,
                                                .permission_type = record.permission_type}));
  changes_.acls.insert(record.id);
  return {};
}

Result<void> Delta::apply(const protocol::RemoveAccessControlEntryRecord& record) {
  if (!now_.acls.entries.erase(record.id)) {
    return fail(Errc::unusable_record, "no access control entry {}", record.id);
  }
  changes_.acls.insert(record.id);
  return {};
}

Result<void> Delta::apply(const protocol::UserScramCredentialRecord& record) {
  TRY(ScramMechanism mechanism, mechanism_of(record.mechanism));
  const std::pair key{mechanism, record.name};
  now_.scram.credentials.set(key, std::make_shared<const ScramCredential>(
                                      ScramCredential{.salt = record.salt,
                                                      .stored_key = record.stored_key,
                                                      .server_key = record.server_key,
                                                      .iterations = record.iterations}));
  changes_.scram.insert(key);
  return {};
}

Result<void> Delta::apply(const protocol::RemoveUserScramCredentialRecord& record) {
  TRY(ScramMechanism mechanism, mechanism_of(record.mechanism));
  const std::pair key{mechanism, record.name};
  if (!now_.scram.credentials.erase(key)) {
    return fail(Errc::unusable_record, "user {} has no credential of this mechanism", record.name);
  }
  changes_.scram.insert(key);
  return {};
}

Result<void> Delta::apply(const protocol::DelegationTokenRecord& record) {
  now_.delegation_tokens.by_id.set(record.token_id,
                                   std::make_shared<const DelegationToken>(
                                       DelegationToken{.owner = record.owner,
                                                       .requester = record.requester,
                                                       .renewers = record.renewers,
                                                       .issued = record.issue_timestamp,
                                                       .max_lifetime = record.max_timestamp,
                                                       .expires = record.expiration_timestamp,
                                                       .token_id = record.token_id}));
  changes_.delegation_tokens.insert(record.token_id);
  return {};
}

Result<void> Delta::apply(const protocol::RemoveDelegationTokenRecord& record) {
  now_.delegation_tokens.by_id.erase(record.token_id);
  changes_.delegation_tokens.insert(record.token_id);
  return {};
}

Result<void> Delta::apply(const protocol::NoOpRecord& /*record*/) { return {}; }
Result<void> Delta::apply(const protocol::ZkMigrationStateRecord& /*record*/) { return {}; }
Result<void> Delta::apply(const protocol::BeginTransactionRecord& /*record*/) { return {}; }
Result<void> Delta::apply(const protocol::EndTransactionRecord& /*record*/) { return {}; }
Result<void> Delta::apply(const protocol::AbortTransactionRecord& /*record*/) { return {}; }

}  // namespace moldau::metadata
