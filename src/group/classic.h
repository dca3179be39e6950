#pragma once
#include <string>

#include "group/machine.h"

// The classic protocol: members join, the group comes to a generation, its leader assigns.
// Source: GroupMetadataManager.
namespace moldau::group::classic {

// ---- requests: classic_join.cc, classic_sync.cc, classic_members.cc ----------------------------
void join(Machine& machine, const Ask& ask, const protocol::JoinGroupRequest& request, Now now,
          Step& out);
void sync(Machine& machine, const Ask& ask, const protocol::SyncGroupRequest& request, Now now,
          Step& out);
void heartbeat(Machine& machine, const Ask& ask, const protocol::HeartbeatRequest& request, Now now,
               Step& out);
void leave(Machine& machine, const Ask& ask, const protocol::LeaveGroupRequest& request, Now now,
           Step& out);

// The part of join that is the same for all who are let in: the group rebalances, or goes on to.
void rebalance_or_complete(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                           Step& out);

// ---- the generation: classic_rebalance.cc -------------------------------------------------------
// Everybody has to join again. Those who wait for an assignment are told so.
void prepare_rebalance(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                       Step& out);
// Completes the join phase if nobody is missing.
void complete_if_joined(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                        Step& out);
// Goes on without those who are missing.
void complete_join(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                   Step& out);
// The present generation, as `member` is told of it.
[[nodiscard]] protocol::JoinGroupResponse describe_generation(const ClassicGroup& group,
                                                              const ClassicMember& member,
                                                              bool skip_assignment = false);
void answer_join(ClassicGroup& group, ClassicMember& member, protocol::JoinGroupResponse response,
                 Step& out);
// Versions before 7 cannot say that there is no protocol name.
[[nodiscard]] protocol::JoinGroupResponse fit(protocol::JoinGroupResponse response,
                                              ApiVersion version);
[[nodiscard]] protocol::JoinGroupResponse join_refusal(std::string member, Errc code);

// ---- members: classic_members.cc ----------------------------------------------------------------
void keep_session(Machine& machine, const std::string& id, const ClassicMember& member, Now now);
void keep_session(Machine& machine, const std::string& id, const ClassicMember& member,
                  Milliseconds timeout, Now now);
void stop_session(Machine& machine, const std::string& id, const std::string& member);
// Whoever waits for its join is told unknown_member_id, so that it tries again if it is alive.
void remove_member(Machine& machine, const std::string& id, ClassicGroup& group,
                   const std::string& member, Step& out);

// ---- time ---------------------------------------------------------------------------------------
// After loading, every session begins anew.
void start_sessions(Machine& machine, const std::string& id, ClassicGroup& group, Now now,
                    Step& out);
void join_time_over(Machine& machine, const std::string& id, Now now, Step& out);
void sync_time_over(Machine& machine, const std::string& id, Now now, Step& out);
void session_over(Machine& machine, const std::string& id, const std::string& member, Now now,
                  Step& out);

}  // namespace moldau::group::classic
