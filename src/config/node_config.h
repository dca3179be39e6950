#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config_map.h"

// The settings of one node, typed and checked against each other: all that process.roles needs to
// start. Source: KafkaConfig, AbstractKafkaConfig, docs of each key in schema/configs/broker.tsv.
// Context: a value, built once at start and again when dynamic configs change; then immutable.
namespace moldau::config {

enum class SecurityProtocol : std::int16_t {  // the codes of Kafka's SecurityProtocol
  plaintext = 0,
  ssl = 1,
  sasl_plaintext = 2,
  sasl_ssl = 3
};
[[nodiscard]] std::string_view name_of(SecurityProtocol protocol);

struct Endpoint {
  std::string listener;  // its name in upper case
  SecurityProtocol protocol = SecurityProtocol::plaintext;
  std::string host;        // empty: every address of the machine
  std::uint16_t port = 0;  // 0: any free one
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};
struct StaticVoter {  // of controller.quorum.voters
  BrokerId id;
  HostPort address;
  friend bool operator==(const StaticVoter&, const StaticVoter&) = default;
};

struct NetworkSettings {
  std::vector<Endpoint> listeners;                     // all, in file order
  std::vector<Endpoint> advertised_broker;             // never empty when the node is a broker
  std::vector<Endpoint> advertised_controller;         // never empty when the node is a controller
  std::vector<std::string> controller_listener_names;  // upper case; the first is the one used
  std::string inter_broker_listener;                   // upper case
  SecurityProtocol inter_broker_protocol = SecurityProtocol::plaintext;
  // listener (upper case) -> protocol, with Kafka's defaults filled in; sorted by name
  std::vector<std::pair<std::string, SecurityProtocol>> protocol_of_listener;
  std::int32_t socket_send_buffer_bytes = 0;  // -1: what the system gives
  std::int32_t socket_receive_buffer_bytes = 0;
  std::int32_t socket_request_bytes_max = 0;
  std::int32_t socket_listen_backlog = 0;
  std::int32_t connections_max = 0;
  std::int32_t connections_per_ip_max = 0;
  std::vector<std::pair<std::string, std::int32_t>> connections_per_ip_overrides;  // by host
  std::int32_t connection_creation_rate_max = 0;                                   // per second
  Milliseconds connections_idle_max{};    // negative: never
  Milliseconds connections_reauth_max{};  // 0: never
  Milliseconds failed_authentication_delay{};
  std::int32_t queued_requests_max = 0;
  std::int64_t queued_request_bytes_max = 0;  // -1: no limit
  std::int32_t network_threads = 0;
  std::int32_t io_threads = 0;
  std::int32_t background_threads = 0;
  Milliseconds request_timeout{};
  Milliseconds connection_setup_timeout{};
  Milliseconds connection_setup_timeout_max{};
  std::int32_t request_partition_count_max = 0;  // max.request.partition.size.limit
  bool unstable_api_versions = false;

  // nullptr: no such listener. `name` in upper case.
  [[nodiscard]] const Endpoint* listener(std::string_view name) const;
  [[nodiscard]] bool is_controller_listener(std::string_view name) const;
};

struct QuorumSettings {
  std::vector<StaticVoter> voters;  // empty: the voters are in the metadata log
  std::vector<HostPort> bootstrap_servers;
  bool auto_join = false;
  Milliseconds election_timeout{};
  Milliseconds election_backoff_max{};
  Milliseconds fetch_timeout{};
  Milliseconds request_timeout{};
  Milliseconds retry_backoff{};
  Milliseconds append_linger{};
  std::int32_t fetch_bytes_max = 0;
  std::int32_t fetch_snapshot_bytes_max = 0;
};

struct MetadataLogSettings {
  std::string directory;  // metadata.log.dir, or the first of log.dirs
  std::int32_t segment_bytes = 0;
  Milliseconds segment_age_max{};
  std::int64_t retention_bytes = 0;
  Milliseconds retention{};
  std::int64_t bytes_between_snapshots_max = 0;
  Milliseconds snapshot_interval_max{};  // 0: only by size
  Milliseconds idle_interval_max{};      // 0: no no-op records
  Milliseconds delete_delay{};
  std::int32_t batch_bytes_max = 0;
};

struct LogSettings {  // of the node as a whole; topic defaults are in TopicConfig
  std::vector<std::string> directories;  // at least one
  std::vector<std::string> cordoned_directories;
  Milliseconds retention_check_interval{};
  Milliseconds flush_scheduler_interval{};
  Milliseconds recovery_checkpoint_interval{};  // log.flush.offset.checkpoint.interval.ms
  Milliseconds start_offset_checkpoint_interval{};
  Milliseconds directory_failure_timeout{};
  Milliseconds initial_task_delay{};
  std::int32_t recovery_threads_per_directory = 0;
  Milliseconds producer_id_expiration{};
  Milliseconds producer_id_expiration_check_interval{};
  bool cleaner_enable = true;
  std::int32_t cleaner_threads = 0;
  std::int64_t cleaner_dedupe_buffer_bytes = 0;
  std::int32_t cleaner_io_buffer_bytes = 0;
  double cleaner_io_buffer_load_factor = 0;
  double cleaner_io_bytes_per_second_max = 0;
  Milliseconds cleaner_backoff{};
};

struct TopicSettings {                  // what the node does about topics
  std::int32_t partition_count = 0;     // num.partitions
  std::int32_t replication_factor = 0;  // default.replication.factor
  bool auto_create = true;
  bool delete_enable = true;
};

struct ReplicationSettings {
  std::int32_t fetchers = 0;
  std::int32_t fetch_bytes_max = 0;  // replica.fetch.max.bytes, of one partition
  std::int32_t fetch_bytes_min = 0;
  std::int32_t fetch_response_bytes_max = 0;
  Milliseconds fetch_wait_max{};
  Milliseconds fetch_backoff{};
  Milliseconds lag_time_max{};
  Milliseconds socket_timeout{};
  std::int32_t socket_receive_buffer_bytes = 0;
  Milliseconds high_watermark_checkpoint_interval{};
  bool auto_leader_rebalance = true;
  std::chrono::seconds leader_imbalance_check_interval{};
  Milliseconds unclean_election_check_interval{};
  std::optional<std::string> selector_class;
};

struct FetchSettings {  // of clients
  std::int32_t fetch_bytes_max = 0;
  std::int32_t session_slots = 0;
};

struct BrokerSettings {  // its life in the cluster
  std::optional<std::string> rack;
  Milliseconds heartbeat_interval{};
  Milliseconds session_timeout{};
  Milliseconds registration_timeout{};  // initial.broker.registration.timeout.ms
  bool controlled_shutdown = true;
  Milliseconds startup_time_max{};
};

struct OffsetsTopicSettings {  // __consumer_offsets
  std::int32_t partition_count = 0;
  std::int16_t replication_factor = 0;
  std::int32_t segment_bytes = 0;
  std::int32_t compression_codec = 0;  // the codec's id
  std::int32_t load_buffer_bytes = 0;
  std::int32_t metadata_bytes_max = 0;
  Milliseconds commit_timeout{};
  std::chrono::minutes retention{};
  Milliseconds retention_check_interval{};
};

struct ClassicGroupSettings {
  Milliseconds session_timeout_min{};
  Milliseconds session_timeout_max{};
  Milliseconds initial_rebalance_delay{};
  std::int32_t members_max = 0;
};

// min <= value <= max, for each of the three timings of a group of the newer protocols.
struct GroupTimings {
  Milliseconds session_timeout{}, session_timeout_min{}, session_timeout_max{};
  Milliseconds heartbeat_interval{}, heartbeat_interval_min{}, heartbeat_interval_max{};
  Milliseconds assignment_interval{}, assignment_interval_min{}, assignment_interval_max{};
  bool assignor_offload = true;
  std::int32_t members_max = 0;
  std::vector<std::string> assignors;
};
struct ShareGroupSettings {
  std::int32_t delivery_count_limit = 0, delivery_count_limit_min = 0, delivery_count_limit_max = 0;
  std::int32_t partition_record_locks = 0, partition_record_locks_min = 0,
               partition_record_locks_max = 0;
  Milliseconds record_lock{}, record_lock_min{}, record_lock_max{};
  std::int32_t share_sessions_max = 0;
};
struct StreamsGroupSettings {
  std::int32_t standby_replicas = 0, standby_replicas_max = 0;
  std::int32_t warmup_replicas = 0, warmup_replicas_max = 0;
  Milliseconds initial_rebalance_delay{};
  Milliseconds task_offset_interval{}, task_offset_interval_min{};
  std::int64_t acceptable_recovery_lag = 0;
  std::vector<std::string> rack_aware_tags;
};

enum class GroupProtocol : std::uint8_t { classic, consumer, share, streams };
struct GroupSettings {
  std::vector<GroupProtocol> protocols;  // group.coordinator.rebalance.protocols
  std::int32_t threads = 0;
  Milliseconds append_linger{};  // -1: as the machine sees fit
  std::int32_t cached_buffer_bytes_max = 0;
  std::string migration_policy;  // lower case
  OffsetsTopicSettings offsets;
  ClassicGroupSettings classic;
  GroupTimings consumer;
  GroupTimings share;
  GroupTimings streams;
  ShareGroupSettings share_limits;
  StreamsGroupSettings streams_limits;
};

struct StateTopicSettings {  // __transaction_state, __share_group_state
  std::int32_t partition_count = 0;
  std::int16_t replication_factor = 0;
  std::int32_t min_isr = 0;
  std::int32_t segment_bytes = 0;
  std::int32_t load_buffer_bytes = 0;
};
struct TransactionSettings {
  StateTopicSettings state_topic;
  Milliseconds timeout_max{};
  Milliseconds transactional_id_expiration{};
  Milliseconds abort_timed_out_interval{};
  Milliseconds remove_expired_interval{};
  bool two_phase_commit = false;
  bool partition_verification = true;
  Milliseconds add_partitions_retry_backoff{};
  Milliseconds add_partitions_retry_backoff_max{};
};

struct Roles {
  bool broker = false;
  bool controller = false;
  friend bool operator==(const Roles&, const Roles&) = default;
};

struct NodeConfig {
  Roles roles;
  BrokerId node_id;
  NetworkSettings network;
  QuorumSettings quorum;
  MetadataLogSettings metadata_log;
  LogSettings log;
  TopicSettings topics;
  ReplicationSettings replication;
  FetchSettings fetch;
  BrokerSettings broker;
  GroupSettings groups;
  TransactionSettings transactions;
  StateTopicSettings share_state_topic;
  bool unstable_features = false;  // unstable.feature.versions.enable
  // What was given, as text: all of the file and of the overrides, unknown keys too, and node.id
  // and broker.id both when one was given. DescribeConfigs and TopicConfig read from it.
  ConfigMap settings;

  // The value in force of any broker key: the given one, else its default. nullopt: null, or no
  // such key. Synonyms are not followed.
  [[nodiscard]] std::optional<std::string> value_of(std::string_view key) const;
};

// What a person should read once: a line for each key that nobody knows (with the nearest known
// one), that this version reads without effect, or that sits in the wrong role's file.
struct LoadedNodeConfig {
  NodeConfig config;
  std::vector<std::string> warnings;
};

// From settings as text. Checks every known key and every rule that holds between keys.
// Errors: invalid_config; the text names the key, the value, what is allowed, and for a misspelt
// key the nearest known one.
// Cost: under 1 ms for a full file.
[[nodiscard]] Result<LoadedNodeConfig> load_node_config(const ConfigMap& settings);
// From the text of a .properties file and `key=value` overrides (--override), which win.
[[nodiscard]] Result<LoadedNodeConfig> load_node_config(std::string_view file_text,
                                                        std::span<const std::string> overrides);

// `moldau server` without a file: broker and controller in one, static quorum of itself, data in
// `data_directory`, 127.0.0.1:9092 and :9093, internal topics with one replica.
[[nodiscard]] ConfigMap default_settings(std::string_view data_directory);

// The node's settings under dynamic configs: `dynamic_default` over the file, `dynamic_broker`
// over both (a dynamic value also removes its synonyms from what lies below, as in Kafka).
// Entries that may not be dynamic, or that do not parse, are left out, each with a warning.
// Errors: invalid_config when the whole breaks a rule between keys.
[[nodiscard]] Result<LoadedNodeConfig> with_dynamic(const NodeConfig& base,
                                                    const ConfigMap& dynamic_default,
                                                    const ConfigMap& dynamic_broker);

}  // namespace moldau::config
