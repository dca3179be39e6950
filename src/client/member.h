#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "client/assignor.h"
#include "client/record.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/sync_group.h"

namespace moldau::client {

struct GroupSettings {
  std::string group_id;                        // group.id
  std::optional<std::string> instance_id;      // group.instance.id
  std::optional<std::string> rack;             // client.rack
  std::optional<std::string> remote_assignor;  // group.remote.assignor (consumer protocol)
  Milliseconds session_timeout{45'000};        // session.timeout.ms (classic protocol)
  Milliseconds heartbeat_interval{3'000};      // heartbeat.interval.ms (classic protocol)
  Milliseconds max_poll_interval{300'000};     // max.poll.interval.ms
  Milliseconds retry_backoff{100};             // retry.backoff.ms
  Milliseconds retry_backoff_max{1'000};       // retry.backoff.max.ms
};

// What a consumer wants to read.
struct Subscription {
  std::vector<std::string> topics;     // sorted
  std::optional<std::string> pattern;  // for the broker to match (consumer protocol, RE2)
  bool by_client_pattern = false;      // `topics` are those that match here, now
  [[nodiscard]] bool empty() const { return topics.empty() && !pattern && !by_client_pattern; }
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

// What the program must do before the member goes on.
struct Duty {
  enum class Kind : std::uint8_t {
    revoke,  // commit while it still may, and let go
    lose,    // let go: others may have them by now
    assign,  // begin
  };
  Kind kind;
  std::vector<TopicPartition> partitions;  // sorted
  bool commit_first = false;               // with auto commit: commit all positions before it
  std::uint32_t number = 0;                // names it in duty_done()
};

// Under which name offsets are committed.
struct MemberIdentity {
  std::string member_id;
  std::int32_t epoch = -1;  // the generation, or the member epoch
  std::optional<std::string> instance_id;
};

// What a member must know of topics.
struct TopicNeed {
  std::vector<std::string> names;
  std::vector<Uuid> ids;
  bool replicas = false;  // of `names`: where they are, too
  [[nodiscard]] bool empty() const { return names.empty() && ids.empty(); }
};
struct TopicKnowledge {
  PartitionCounts partition_counts;
  std::map<Uuid, std::string> names;
  TopicReplicas replicas = {};
};

using GroupQuestion =
    std::variant<protocol::JoinGroupRequest, protocol::SyncGroupRequest, protocol::HeartbeatRequest,
                 protocol::LeaveGroupRequest, protocol::ConsumerGroupHeartbeatRequest>;
using GroupAnswer = std::variant<protocol::JoinGroupResponse, protocol::SyncGroupResponse,
                                 protocol::HeartbeatResponse, protocol::LeaveGroupResponse,
                                 protocol::ConsumerGroupHeartbeatResponse, Error>;

// One consumer as the member of a group: decides what to ask the coordinator and when, and what
// the program must do. The caller sends next()'s question and brings its answer or an Error before
// it asks for the next one; errors that tell that the coordinator is elsewhere are the caller's to
// read, too.
// Context: pure; one shard.
// Source:  AbstractCoordinator and ConsumerCoordinator (ClassicMember), AbstractMembershipManager
//          and ConsumerHeartbeatRequestManager (ConsumerMember).
class Member {
 public:
  Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  virtual ~Member() = default;

  // Enters the group at the next polled(), or changes what is wanted.
  virtual void subscribe(Subscription subscription, Instant now) = 0;
  // The program is alive: it called poll().
  virtual void polled(Instant now) = 0;
  // Gives everything back and leaves, once the duty that this makes is done.
  virtual void leave(Instant now) = 0;
  // Nothing more comes: it is not in the group, or nobody need be told that it is not.
  [[nodiscard]] virtual bool is_out() const = 0;

  [[nodiscard]] virtual std::optional<GroupQuestion> next(Instant now) = 0;
  virtual void answered(GroupAnswer answer, Instant now) = 0;
  // When next() may have something that it has not now; nullopt: not by time alone.
  [[nodiscard]] virtual std::optional<Instant> wake_at() const = 0;

  // What it wants to be told of; `needs_topics`: it waits for that.
  [[nodiscard]] virtual TopicNeed topic_need() const = 0;
  [[nodiscard]] virtual bool needs_topics() const = 0;
  virtual void know(const TopicKnowledge& topics, Instant now) = 0;

  [[nodiscard]] virtual const std::optional<Duty>& duty() const = 0;
  // A number of a duty that has gone by does nothing.
  virtual void duty_done(std::uint32_t number, Instant now) = 0;
  // What it may read. During `revoke` and `lose` the partitions are still here, during `assign`
  // already.
  [[nodiscard]] virtual const std::set<TopicPartition>& assigned() const = 0;
  // nullopt: no commit would be accepted now.
  [[nodiscard]] virtual std::optional<MemberIdentity> identity() const = 0;
  // What ended the membership, for the program; it is told once. The classic member tries again
  // at the next polled().
  [[nodiscard]] virtual std::optional<Error> take_failure() = 0;
};

}  // namespace moldau::client
