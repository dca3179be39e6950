// JoinGroup, SyncGroup, Heartbeat and LeaveGroup: what a member of a classic group asks of its
// coordinator. The checks are the machine's (src/group).
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using group::Coordinator;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

constexpr ApiVersion k_sync_names_protocol_from{5};
constexpr ApiVersion k_join_without_protocol_from{7};

bool may_read(const RequestContext& context, std::string_view group) {
  return context.allows(security::Operation::read, security::ResourceType::group, group);
}

JoinGroupResponse join_refusal(const RequestContext& context, Errc error, std::string member_id) {
  JoinGroupResponse out;
  out.error_code = error;
  out.member_id = std::move(member_id);
  out.protocol_name.reset();
  if (context.version() < k_join_without_protocol_from) out.protocol_name.emplace();
  return out;
}

template <class Response>
Response refusal(Errc error) {
  Response out;
  out.error_code = error;
  return out;
}

}  // namespace

Answer<JoinGroupResponse> join_group(RequestContext& context, JoinGroupRequest request) {
  std::string member_id = request.member_id;
  if (!may_read(context, request.group_id)) {
    co_return join_refusal(context, Errc::group_authorization_failed, std::move(member_id));
  }
  auto answer =
      co_await ask_one_group<JoinGroupResponse>(context, std::move(request), &Coordinator::join);
  if (answer) co_return *std::move(answer);
  co_return join_refusal(context, answer.error().code(), std::move(member_id));
}

Answer<SyncGroupResponse> sync_group(RequestContext& context, SyncGroupRequest request) {
  const bool names_protocol = request.protocol_type && request.protocol_name;
  if (context.version() >= k_sync_names_protocol_from && !names_protocol) {
    co_return refusal<SyncGroupResponse>(Errc::inconsistent_group_protocol);
  }
  if (!may_read(context, request.group_id)) {
    co_return refusal<SyncGroupResponse>(Errc::group_authorization_failed);
  }
  auto answer =
      co_await ask_one_group<SyncGroupResponse>(context, std::move(request), &Coordinator::sync);
  if (answer) co_return *std::move(answer);
  co_return refusal<SyncGroupResponse>(answer.error().code());
}

Answer<HeartbeatResponse> heartbeat(RequestContext& context, HeartbeatRequest request) {
  if (!may_read(context, request.group_id)) {
    co_return refusal<HeartbeatResponse>(Errc::group_authorization_failed);
  }
  auto answer = co_await ask_one_group<HeartbeatResponse>(context, std::move(request),
                                                          &Coordinator::heartbeat);
  if (answer) co_return *std::move(answer);
  // While the group is being loaded nobody can be found dead.
  const Errc error = answer.error().code();
  co_return refusal<HeartbeatResponse>(error == Errc::coordinator_load_in_progress ? Errc::none
                                                                                   : error);
}

Answer<LeaveGroupResponse> leave_group(RequestContext& context, LeaveGroupRequest request) {
  if (!may_read(context, request.group_id)) {
    co_return refusal<LeaveGroupResponse>(Errc::group_authorization_failed);
  }
  auto answer =
      co_await ask_one_group<LeaveGroupResponse>(context, std::move(request), &Coordinator::leave);
  if (answer) co_return *std::move(answer);
  co_return refusal<LeaveGroupResponse>(answer.error().code());
}

}  // namespace moldau::broker
