#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/errc.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "coordinator/step.h"
#include "metadata/image.h"
#include "protocol/api/consumer_group_describe.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "protocol/api/delete_groups.h"
#include "protocol/api/describe_groups.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/list_groups.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_delete.h"
#include "protocol/api/offset_fetch.h"
#include "protocol/api/sync_group.h"
#include "protocol/api/txn_offset_commit.h"

namespace moldau::group {

using coordinator::AskId;
using coordinator::Now;

// Answers to what concerns several groups are those of the groups of this machine; the handler puts
// the parts of several machines together.
using Answer = std::variant<
    protocol::JoinGroupResponse, protocol::SyncGroupResponse, protocol::HeartbeatResponse,
    protocol::LeaveGroupResponse, protocol::OffsetCommitResponse, protocol::TxnOffsetCommitResponse,
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup, protocol::OffsetDeleteResponse,
    std::vector<protocol::DescribeGroupsResponse::DescribedGroup>,
    std::vector<protocol::ListGroupsResponse::ListedGroup>,
    std::vector<protocol::DeleteGroupsResponse::DeletableGroupResult>,
    protocol::ConsumerGroupHeartbeatResponse,
    std::vector<protocol::ConsumerGroupDescribeResponse::DescribedGroup>>;
using Step = coordinator::Step<Answer>;

using TopicFilter = std::function<bool(std::string_view topic)>;

// Who asks, in what version of the API.
struct Ask {
  AskId id;
  ApiVersion version;
  std::string client_id;
  std::string client_host;  // as Kafka writes it: "/127.0.0.1"
  // Which topics a regular expression of the asker's finds. Called later too, when expressions are
  // looked at anew: it holds what it needs.
  TopicFilter may_describe = {};  // empty: all
};

// How a group may change between the classic and the consumer protocol.
// Source: group.consumer.migration.policy.
enum class MigrationPolicy : std::uint8_t { disabled, downgrade, upgrade, bidirectional };

// What a group's own value is brought into: the broker's keys for it may have changed since.
struct Range {
  Milliseconds min{0};
  Milliseconds max{Milliseconds::max()};
};

// The broker's keys, by their names in Kafka.
struct Settings {
  Milliseconds group_min_session_timeout{6'000};
  Milliseconds group_max_session_timeout{1'800'000};
  Milliseconds group_initial_rebalance_delay{3'000};
  std::int32_t group_max_size = INT32_MAX;
  std::int32_t offset_metadata_max_bytes = 4096;
  Milliseconds offsets_retention{std::chrono::minutes{10'080}};
  Milliseconds offsets_retention_check_interval{600'000};
  Milliseconds consumer_session_timeout{45'000};
  Range consumer_session_timeout_range;
  Milliseconds consumer_heartbeat_interval{5'000};
  Range consumer_heartbeat_interval_range;
  Milliseconds consumer_assignment_interval{1'000};
  Range consumer_assignment_interval_range;
  Milliseconds consumer_regex_refresh_interval{600'000};
  // The first serves members that ask for none; others than these two are not known.
  std::vector<std::string> consumer_assignors{"uniform", "range"};
  std::int32_t consumer_max_size = INT32_MAX;
  MigrationPolicy migration_policy = MigrationPolicy::bidirectional;
};

// The offsets of a topic that was made anew under its name are not those of the deleted one.
struct DeletedTopic {
  std::string name;
  Uuid id;
};

// The groups of one partition of __consumer_offsets and the offsets that they committed.
// Invariant: what replay() has been given, and nothing else, decides what is persistent; timers,
//            pending members and those who wait are soft and end with the machine.
// Context:   pure; one for each partition that this broker leads, on the partition's shard.
// Duty:      the host gives every record of the partition to replay() in the order of the log, at
//            loading and after each append, then calls loaded() once before it asks anything.
//            Steps are executed as coordinator/step.h says, each before the next call.
// Source:    GroupCoordinatorShard, GroupMetadataManager, OffsetMetadataManager; KIP-848.
class Coordinator {
 public:
  // `new_uuid` makes member ids; deterministic in a simulation.
  Coordinator(Settings settings, std::function<Uuid()> new_uuid);
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;
  ~Coordinator();

  // ---- the log ----------------------------------------------------------------------------------
  // Errors: corrupt_data when a record of a known type cannot be read. Unknown types are skipped,
  // as Kafka does, so that a downgrade works.
  [[nodiscard]] Result<void> replay(Offset offset, const coordinator::Record& record,
                                    const std::optional<coordinator::Producer>& producer);
  // A marker of a transaction: offsets pending under the producer count, or are gone.
  void replay_end_transaction(const coordinator::Producer& producer, bool committed);
  void loaded(Now now, Step& out);
  // The topics or the groups' configuration changed.
  void new_image(std::shared_ptr<const metadata::Image> image, Now now, Step& out);
  void configure(Settings settings);

  // ---- classic groups ---------------------------------------------------------------------------
  void join(const Ask& ask, const protocol::JoinGroupRequest& request, Now now, Step& out);
  void sync(const Ask& ask, const protocol::SyncGroupRequest& request, Now now, Step& out);
  void heartbeat(const Ask& ask, const protocol::HeartbeatRequest& request, Now now, Step& out);
  void leave(const Ask& ask, const protocol::LeaveGroupRequest& request, Now now, Step& out);

  // ---- consumer groups --------------------------------------------------------------------------
  void consumer_heartbeat(const Ask& ask, const protocol::ConsumerGroupHeartbeatRequest& request,
                          Now now, Step& out);
  void consumer_describe(const Ask& ask, const std::vector<std::string>& groups, Step& out);

  // ---- offsets ----------------------------------------------------------------------------------
  void commit(const Ask& ask, const protocol::OffsetCommitRequest& request, Now now, Step& out);
  void commit_in_transaction(const Ask& ask, const protocol::TxnOffsetCommitRequest& request,
                             Now now, Step& out);
  // Topics without partitions named: nullopt topics asks for all that the group has.
  void fetch(const Ask& ask, const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& group,
             bool require_stable, Step& out);
  void delete_offsets(const Ask& ask, const protocol::OffsetDeleteRequest& request, Now now,
                      Step& out);

  // ---- administration ---------------------------------------------------------------------------
  void describe(const Ask& ask, const std::vector<std::string>& groups, Step& out);
  void list(const Ask& ask, const protocol::ListGroupsRequest& filter, Step& out);
  void remove(const Ask& ask, const std::vector<std::string>& groups, Now now, Step& out);
  // Offsets of partitions that no longer exist are dropped.
  void topics_deleted(const std::vector<DeletedTopic>& topics, Now now, Step& out);

  // ---- time -------------------------------------------------------------------------------------
  // When tick() has something to do; nullopt: never.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void tick(Now now, Step& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::group
