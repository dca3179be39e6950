#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/uuid.h"
#include "metadata/persistent_map.h"

// The cluster's metadata at one offset of the metadata log.
// Invariant: an Image never changes once it is shared; a Delta makes the next one.
// Context:   pure data. Hand it round as std::shared_ptr<const Image>; any shard may read it.
// Sharing:   images that differ in one topic (broker, config resource, ...) share all the others,
// so
//            a node with 100,000 partitions pays for a change what the change touches.
// Source:    org.apache.kafka.image.MetadataImage and its parts.
namespace moldau::metadata {

// ---- cluster -----------------------------------------------------------------------------------
enum class SecurityProtocol : std::int16_t {
  plaintext = 0,
  ssl = 1,
  sasl_plaintext = 2,
  sasl_ssl = 3,
};

struct Endpoint {
  std::string name;  // of the listener
  std::string host;
  std::uint16_t port = 0;
  SecurityProtocol security_protocol = SecurityProtocol::plaintext;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct FeatureLevel {
  std::int16_t value = 0;
  friend constexpr auto operator<=>(const FeatureLevel&, const FeatureLevel&) = default;
};
struct FeatureRange {  // both inclusive
  FeatureLevel min;
  FeatureLevel max;
  [[nodiscard]] bool contains(FeatureLevel level) const { return min <= level && level <= max; }
  friend bool operator==(const FeatureRange&, const FeatureRange&) = default;
};
using FeatureRanges = std::map<std::string, FeatureRange, std::less<>>;

struct BrokerRegistration {
  BrokerId id;
  BrokerEpoch epoch;
  Uuid incarnation_id;
  std::vector<Endpoint> endpoints;  // in the order of the record
  FeatureRanges features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;  // sorted; empty: written before 3.7-IV2
  std::optional<std::vector<Uuid>> cordoned_log_dirs;
  [[nodiscard]] const Endpoint* endpoint(std::string_view listener) const;
  // Whether the broker says that it has this directory; true when it told of none.
  [[nodiscard]] bool has_online_dir(const Uuid& dir) const;
  friend bool operator==(const BrokerRegistration&, const BrokerRegistration&) = default;
};

struct ControllerRegistration {
  BrokerId id;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<Endpoint> endpoints;
  FeatureRanges features;
  friend bool operator==(const ControllerRegistration&, const ControllerRegistration&) = default;
};

struct Cluster {
  PersistentMap<BrokerId, std::shared_ptr<const BrokerRegistration>> brokers;
  PersistentMap<BrokerId, std::shared_ptr<const ControllerRegistration>> controllers;
  [[nodiscard]] const BrokerRegistration* broker(BrokerId id) const;
  [[nodiscard]] const ControllerRegistration* controller(BrokerId id) const;
};

// ---- topics ------------------------------------------------------------------------------------
enum class LeaderRecoveryState : std::int8_t { recovered = 0, recovering = 1 };

// Reserved directory ids. Source: DirectoryId.
inline constexpr Uuid k_dir_unassigned{0, 0};
inline constexpr Uuid k_dir_lost{0, 1};
inline constexpr Uuid k_dir_migrating{0, 2};

struct Partition {
  PartitionIndex index;
  std::vector<BrokerId> replicas;  // in order of preference: the first is the preferred leader
  std::vector<Uuid> directories;   // of replicas, same order and size
  std::vector<BrokerId> isr;
  std::vector<BrokerId> removing_replicas;
  std::vector<BrokerId> adding_replicas;
  std::vector<BrokerId> elr;  // eligible leader replicas (KIP-966)
  std::vector<BrokerId> last_known_elr;
  BrokerId leader = k_no_broker;
  LeaderRecoveryState leader_recovery_state = LeaderRecoveryState::recovered;
  LeaderEpoch leader_epoch{0};
  PartitionEpoch partition_epoch{0};
  [[nodiscard]] BrokerId preferred_leader() const;  // k_no_broker without replicas
  // k_dir_unassigned if `replica` is none.
  [[nodiscard]] Uuid directory_of(BrokerId replica) const;
  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Topic {
  std::string name;
  Uuid id;
  std::vector<std::shared_ptr<const Partition>> partitions;  // by index, increasing
  // nullptr when there is none.
  [[nodiscard]] const Partition* partition(PartitionIndex index) const;
  friend bool operator==(const Topic& a, const Topic& b);
};

struct Topics {
  PersistentMap<Uuid, std::shared_ptr<const Topic>> by_id;
  PersistentMap<std::string, std::shared_ptr<const Topic>> by_name;  // the same topics
  [[nodiscard]] const Topic* find(std::string_view name) const;
  [[nodiscard]] const Topic* find(const Uuid& id) const;
  [[nodiscard]] const Partition* find(const Uuid& id, PartitionIndex index) const;
};

// ---- configs and quotas ------------------------------------------------------------------------
enum class ConfigType : std::int8_t {  // codes as in requests and ConfigRecord
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32,
};
struct ConfigResource {
  ConfigType type = ConfigType::unknown;
  std::string name;  // a broker's is its id in decimals, empty for the default of all brokers
  friend auto operator<=>(const ConfigResource&, const ConfigResource&) = default;
};
using ConfigMap = std::map<std::string, std::string, std::less<>>;
struct Configs {
  PersistentMap<ConfigResource, std::shared_ptr<const ConfigMap>> resources;
  // Empty map when nothing is set.
  [[nodiscard]] const ConfigMap& of(const ConfigResource& resource) const;
  [[nodiscard]] std::optional<std::string_view> value(const ConfigResource& resource,
                                                      std::string_view key) const;
};

// Sorted by type; a name of nullopt is the default entity of that type.
using QuotaEntity = std::vector<std::pair<std::string, std::optional<std::string>>>;
using QuotaValues = std::map<std::string, double, std::less<>>;
struct ClientQuotas {
  PersistentMap<QuotaEntity, std::shared_ptr<const QuotaValues>> entities;
};

// ---- security ----------------------------------------------------------------------------------
struct AclEntry {  // codes as in ACL requests; see security/authorizer.h
  Uuid id;
  std::int8_t resource_type = 0;
  std::string resource_name;
  std::int8_t pattern_type = 0;
  std::string principal;
  std::string host;
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;
  friend bool operator==(const AclEntry&, const AclEntry&) = default;
};
struct Acls {
  PersistentMap<Uuid, std::shared_ptr<const AclEntry>> entries;
};

enum class ScramMechanism : std::int8_t { unknown = 0, sha_256 = 1, sha_512 = 2 };
struct ScramCredential {
  std::vector<std::byte> salt;
  std::vector<std::byte> stored_key;
  std::vector<std::byte> server_key;
  std::int32_t iterations = 0;
  friend bool operator==(const ScramCredential&, const ScramCredential&) = default;
};
struct Scram {
  PersistentMap<std::pair<ScramMechanism, std::string>, std::shared_ptr<const ScramCredential>>
      credentials;
};

struct DelegationToken {
  std::string owner;  // "User:alice", as the two below
  std::string requester;
  std::vector<std::string> renewers;
  Timestamp issued{};
  Timestamp max_lifetime{};
  Timestamp expires{};
  std::string token_id;
  friend bool operator==(const DelegationToken&, const DelegationToken&) = default;
};
struct DelegationTokens {
  PersistentMap<std::string, std::shared_ptr<const DelegationToken>> by_id;
};

// ---- the rest ----------------------------------------------------------------------------------
struct Features {
  std::optional<FeatureLevel> metadata_version;  // nullopt: no FeatureLevelRecord seen yet
  // All finalized levels but metadata.version's and kraft.version's, which raft keeps. No zeros.
  std::map<std::string, FeatureLevel, std::less<>> finalized;
  [[nodiscard]] FeatureLevel level(std::string_view feature) const;  // 0 when absent
  friend bool operator==(const Features&, const Features&) = default;
};

struct ProducerIds {
  std::optional<ProducerId> next;  // the first of the next block; nullopt: none given out yet
  friend bool operator==(const ProducerIds&, const ProducerIds&) = default;
};

// What of the log an image stands for.
struct Provenance {
  Offset last_contained_offset{-1};
  LeaderEpoch last_contained_epoch{-1};
  Timestamp last_contained_log_time = k_no_timestamp;
  bool offset_batch_aligned = true;  // false: inside a batch, not to be made a snapshot
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

struct Image {
  Provenance provenance;
  Features features;
  Cluster cluster;
  Topics topics;
  Configs configs;
  ClientQuotas client_quotas;
  ProducerIds producer_ids;
  Acls acls;
  Scram scram;
  DelegationTokens delegation_tokens;

  [[nodiscard]] bool empty() const;
};
// Compares what the images hold, not where they come from.
[[nodiscard]] bool same_content(const Image& a, const Image& b);

}  // namespace moldau::metadata
