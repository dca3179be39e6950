#pragma once
#include <string>
#include <vector>

#include "group/consumer_records.h"
#include "group/machine.h"

// The consumer protocol: members send heartbeats, and the coordinator assigns (KIP-848).
// Source: GroupMetadataManager.
namespace moldau::group::consumer {

// ---- consumer_heartbeat.cc ----------------------------------------------------------------------
void heartbeat(Machine& machine, const Ask& ask,
               const protocol::ConsumerGroupHeartbeatRequest& request, Now now, Step& out);

// ---- members of the classic protocol in a consumer group: consumer_classic.cc -------------------
void join(Machine& machine, const Ask& ask, const protocol::JoinGroupRequest& request, Now now,
          Step& out);
void sync(Machine& machine, const Ask& ask, const protocol::SyncGroupRequest& request, Now now,
          Step& out);
[[nodiscard]] Errc beat(Machine& machine, const protocol::HeartbeatRequest& request, Now now);
// What became of each, in their order.
[[nodiscard]] std::vector<Errc> leave(
    Machine& machine, const std::string& id,
    const std::vector<protocol::LeaveGroupRequest::MemberIdentity>& members, Now now, Step& out);

// ---- members: consumer_members.cc ---------------------------------------------------------------
// They are no members any more, and the others get what they had.
void fence(Machine& machine, const std::string& id, const std::vector<std::string>& members,
           Now now, Step& out);
void keep_session(Machine& machine, const std::string& id, const ConsumerMember& member, Now now);
void stop_timers(Machine& machine, const std::string& id, const std::string& member);
void start_sessions(Machine& machine, const std::string& id, const ConsumerGroup& group, Now now);
// A timer of the member is over. `epoch`: the one in which it was to give up partitions.
void time_over(Machine& machine, const TimerKey& timer, std::int32_t epoch, Now now, Step& out);

// ---- topics: consumer_topics.cc -----------------------------------------------------------------
// What the group is to notice changes of. Zero without topics.
[[nodiscard]] std::int64_t metadata_hash(Machine& machine, const Subscriptions& subscriptions);
void new_image(Machine& machine, std::shared_ptr<const metadata::Image> image);
// Errors: invalid_regular_expression.
[[nodiscard]] Result<void> check_regex(const std::string& regex);
// The group's regular expressions are looked at anew, in a step of their own: with many topics it
// takes longer than a heartbeat may. Topics that `may_describe` denies are left out, of those that
// other members wrote too: as in Kafka, the group sees what the one sees who asked last.
void resolve_regexes_soon(Machine& machine, const std::string& id, const TopicFilter& may_describe,
                          Now now);
void resolve_regexes(Machine& machine, const std::string& id, Now now, Step& out);

}  // namespace moldau::group::consumer
