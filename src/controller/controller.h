#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"
#include "controller/config_rules.h"
#include "controller/decision.h"
#include "metadata/image.h"
#include "metadata/record.h"
#include "protocol/api/allocate_producer_ids.h"
#include "protocol/api/alter_configs.h"
#include "protocol/api/alter_partition.h"
#include "protocol/api/alter_partition_reassignments.h"
#include "protocol/api/assign_replicas_to_dirs.h"
#include "protocol/api/broker_heartbeat.h"
#include "protocol/api/broker_registration.h"
#include "protocol/api/controller_registration.h"
#include "protocol/api/create_partitions.h"
#include "protocol/api/create_topics.h"
#include "protocol/api/delete_topics.h"
#include "protocol/api/elect_leaders.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/list_partition_reassignments.h"
#include "protocol/api/unregister_broker.h"
#include "protocol/api/unregister_controller.h"
#include "protocol/api/update_features.h"
#include "security/authorizer.h"

// The active controller of a cluster: decides what requests and time lead to, and replays records.
//
// Invariant: deciding is const; replay() is the only writer of what records make. Leader, standby
// and
//            restart reach one state because they run one replay.
// Context:   pure; lives on the shard that runs the metadata log. No clock, no randomness of its
// own. A standby only replays and commits. The caller's loop for a request on the active
// controller:
//   1. check authority for the API as a whole (what is per topic or resource is checked here)
//   2. decision = controller.create_topics(call, request); on an error answer refuse(request,
//   error)
//   3. no records: answer when the log end of now is committed. Else encode them, raft Propose;
//      Accepted{base, end} -> controller.replay(records, base, end); answer when the high watermark
//      reaches `end`; refuse with not_controller when the leadership is lost before, or Refused.
//   Between 2 and 3 no other decision may be made, and Call::next_offset must be what Accepted
//   says.
// Source: QuorumController, ControllerApis and the ...ControlManager classes.
namespace moldau::controller {

using metadata::FeatureLevel;

struct Settings {
  BrokerId node_id;
  std::int32_t num_partitions = 1;              // num.partitions
  std::int16_t default_replication_factor = 1;  // default.replication.factor
  std::int32_t min_insync_replicas = 1;         // min.insync.replicas of the node's file
  bool delete_topic_enable = true;              // delete.topic.enable
  Milliseconds broker_session_timeout{9000};    // broker.session.timeout.ms
  Milliseconds max_idle_interval{500};          // metadata.max.idle.interval.ms; 0: no NoOpRecord
  bool auto_leader_rebalance = true;            // auto.leader.rebalance.enable
  Milliseconds leader_imbalance_check_interval{300'000};
  Milliseconds unclean_leader_election_check_interval{300'000};
  std::string cluster_id;
  // Of the broker in this very process; nullopt: it is a controller alone. Processes of one
  // directory exclude each other, so that the broker's last run is over.
  std::optional<Uuid> own_broker_incarnation;
  bool unstable_feature_versions = false;  // unstable.feature.versions.enable
  // What `storage format` left in the bootstrap snapshot; written again by the first controller.
  std::vector<metadata::MetadataRecord> bootstrap;
};

// The circumstances of one decision.
struct Call {
  ApiVersion version;  // of the request
  Instant now;
  Offset next_offset;          // raft::Machine::next_offset()
  FeatureLevel kraft_version;  // raft::Machine::kraft_version()
  Rng& rng;                    // ids of topics, placement
  const security::Authorizer& authorizer;
  security::Principal principal;
  std::string host;        // of the client
  bool forwarded = false;  // came through a broker in an Envelope
};

class Controller {
 public:
  Controller(Settings settings, const ConfigRules& rules);
  Controller(Controller&&) noexcept;
  Controller& operator=(Controller&&) noexcept;
  ~Controller();

  // ---- records ---------------------------------------------------------------------------------
  // Applies committed records (start, standby) or those of an accepted proposal (active) that stand
  // in [base, end). All of one batch or proposal at once. `now`: brokers that register are alive.
  // Errors: unusable_record, with the record's offset; the node stops.
  [[nodiscard]] Result<void> replay(std::span<const metadata::MetadataRecord> records, Offset base,
                                    Offset end, Instant now);
  // Takes over the image of a snapshot instead of what was replayed before. REQUIRES: not active.
  void load(std::shared_ptr<const metadata::Image> image);
  // Everything below is committed: what was kept for a revert can go.
  void commit(Offset high_watermark);

  // ---- leadership ------------------------------------------------------------------------------
  // This node leads since now (raft LeadershipGained, after the replay of all committed records).
  // The records must be appended and replayed before any request is decided: bootstrap records into
  // an empty log, the abort of a transaction that a predecessor left open.
  // Errors: bad_configuration (an empty log and no bootstrap records): the node stops.
  [[nodiscard]] Result<Decision<std::monostate>> activate(Instant now);
  // raft LeadershipLost: back to the last committed state.
  void resign();
  [[nodiscard]] bool is_active() const;

  // ---- time ------------------------------------------------------------------------------------
  // Call at wake_at() or later while active; append the records like those of a request. Fences
  // brokers that fell silent, moves leaderships, and shows by a NoOpRecord that the quorum lives.
  [[nodiscard]] Decision<std::monostate> tick(Instant now);
  [[nodiscard]] std::optional<Instant> wake_at() const;

  // ---- requests: brokers and controllers --------------------------------------------------------
  [[nodiscard]] Result<Decision<protocol::BrokerRegistrationResponse>> register_broker(
      const Call& call, const protocol::BrokerRegistrationRequest& request) const;
  // Also notes that the broker is alive, which is no record: it starts afresh on a new controller.
  [[nodiscard]] Result<Decision<protocol::BrokerHeartbeatResponse>> heartbeat(
      const Call& call, const protocol::BrokerHeartbeatRequest& request);
  [[nodiscard]] Result<Decision<protocol::UnregisterBrokerResponse>> unregister_broker(
      const Call& call, const protocol::UnregisterBrokerRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::ControllerRegistrationResponse>> register_controller(
      const Call& call, const protocol::ControllerRegistrationRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::UnregisterControllerResponse>> unregister_controller(
      const Call& call, const protocol::UnregisterControllerRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AllocateProducerIdsResponse>> allocate_producer_ids(
      const Call& call, const protocol::AllocateProducerIdsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AlterPartitionResponse>> alter_partition(
      const Call& call, const protocol::AlterPartitionRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AssignReplicasToDirsResponse>> assign_replicas_to_dirs(
      const Call& call, const protocol::AssignReplicasToDirsRequest& request) const;

  // ---- requests: administration
  // ------------------------------------------------------------------
  [[nodiscard]] Result<Decision<protocol::CreateTopicsResponse>> create_topics(
      const Call& call, const protocol::CreateTopicsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::DeleteTopicsResponse>> delete_topics(
      const Call& call, const protocol::DeleteTopicsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::CreatePartitionsResponse>> create_partitions(
      const Call& call, const protocol::CreatePartitionsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::ElectLeadersResponse>> elect_leaders(
      const Call& call, const protocol::ElectLeadersRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AlterPartitionReassignmentsResponse>>
  alter_partition_reassignments(const Call& call,
                                const protocol::AlterPartitionReassignmentsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::ListPartitionReassignmentsResponse>>
  list_partition_reassignments(const Call& call,
                               const protocol::ListPartitionReassignmentsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::IncrementalAlterConfigsResponse>>
  incremental_alter_configs(const Call& call,
                            const protocol::IncrementalAlterConfigsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::AlterConfigsResponse>> alter_configs(
      const Call& call, const protocol::AlterConfigsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::UpdateFeaturesResponse>> update_features(
      const Call& call, const protocol::UpdateFeaturesRequest& request) const;

  // ---- state -----------------------------------------------------------------------------------
  // With all replayed records, committed or not.
  [[nodiscard]] const metadata::Image& image() const;
  // Up to the last commit(); what a client may be shown.
  [[nodiscard]] const metadata::Image& committed_image() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::controller
