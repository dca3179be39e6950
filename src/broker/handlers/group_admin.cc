// DescribeGroups, ListGroups and DeleteGroups: what concerns groups of several coordinators. The
// answers of all are put together.
#include <algorithm>

#include "broker/authorized_operations.h"
#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::DeleteGroupsRequest;
using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;
using security::Operation;
using security::ResourceType;
using Described = DescribeGroupsResponse::DescribedGroup;
using Deleted = DeleteGroupsResponse::DeletableGroupResult;
using Listed = ListGroupsResponse::ListedGroup;

constexpr ApiVersion k_describe_tells_operations_from{3};
constexpr ApiVersion k_describe_tells_message_from{6};

Described describe_refusal(const RequestContext& context, std::string group, Errc error) {
  Described out;
  out.group_id = std::move(group);
  out.error_code = error;
  if (context.version() >= k_describe_tells_message_from) out.error_message.reset();
  out.authorized_operations = k_operations_not_asked;
  return out;
}

Deleted delete_refusal(std::string group, Errc error) {
  Deleted out;
  out.group_id = std::move(group);
  out.error_code = error;
  return out;
}

// One group of a request that names several; `Call` puts it to the machine.
using GroupsCall = void (*)(group::Coordinator&, const group::Ask&, const std::string&,
                            coordinator::Now, group::Step&);
env::Task<Result<group::Answer>> ask_for(RequestContext& context, std::string group,
                                         GroupsCall call) {
  return ask_group(
      context, group,
      [asker = asker_of(context), group, call](group::Coordinator& machine, coordinator::AskId id,
                                               coordinator::Now now, group::Step& out) mutable {
        asker.id = id;
        call(machine, asker, group, now, out);
      });
}
void call_describe(group::Coordinator& machine, const group::Ask& ask, const std::string& group,
                   coordinator::Now /*now*/, group::Step& out) {
  machine.describe(ask, {group}, out);
}
void call_remove(group::Coordinator& machine, const group::Ask& ask, const std::string& group,
                 coordinator::Now now, group::Step& out) {
  machine.remove(ask, {group}, now, out);
}

}  // namespace

Answer<DescribeGroupsResponse> describe_groups(RequestContext& context,
                                               DescribeGroupsRequest request) {
  DescribeGroupsResponse response;
  std::vector<std::string> allowed;
  for (std::string& group : request.groups) {
    if (context.allows(Operation::describe, ResourceType::group, group)) {
      allowed.push_back(std::move(group));
    } else {
      response.groups.push_back(
          describe_refusal(context, std::move(group), Errc::group_authorization_failed));
    }
  }
  for (const std::string& group : allowed) {
    auto told = co_await ask_for(context, group, &call_describe);
    if (!told) {
      response.groups.push_back(describe_refusal(context, group, told.error().code()));
      continue;
    }
    for (Described& described : std::get<std::vector<Described>>(*told)) {
      const bool tells = context.version() >= k_describe_tells_operations_from &&
                         request.include_authorized_operations &&
                         described.error_code == Errc::none;
      described.authorized_operations =
          tells ? authorized_group_operations(context, described.group_id) : k_operations_not_asked;
      response.groups.push_back(std::move(described));
    }
  }
  co_return response;
}

Answer<ListGroupsResponse> list_groups(RequestContext& context, ListGroupsRequest request) {
  ListGroupsResponse response;
  auto told = co_await ask_all_groups(
      context,
      [asker = asker_of(context), request](group::Coordinator& machine, coordinator::AskId id,
                                           coordinator::Now, group::Step& out) mutable {
        asker.id = id;
        machine.list(asker, request, out);
      });
  const bool sees_all = context.allows_on_cluster(Operation::describe);
  for (Result<group::Answer>& part : told) {
    if (!part) {
      // A coordinator that has just moved away is asked where it is now.
      if (part.error().code() == Errc::not_coordinator) continue;
      response.error_code = part.error().code();
      response.groups.clear();
      co_return response;
    }
    for (Listed& listed : std::get<std::vector<Listed>>(*part)) {
      if (sees_all || context.allows(Operation::describe, ResourceType::group, listed.group_id)) {
        response.groups.push_back(std::move(listed));
      }
    }
  }
  co_return response;
}

Answer<DeleteGroupsResponse> delete_groups(RequestContext& context, DeleteGroupsRequest request) {
  DeleteGroupsResponse response;
  std::vector<Deleted> refused;
  std::vector<std::string> seen;
  for (const std::string& group : request.groups_names) {
    if (std::ranges::find(seen, group) != seen.end()) continue;
    seen.push_back(group);
    if (!context.allows(Operation::remove, ResourceType::group, group)) {
      refused.push_back(delete_refusal(group, Errc::group_authorization_failed));
      continue;
    }
    auto told = co_await ask_for(context, group, &call_remove);
    if (!told) {
      response.results.push_back(delete_refusal(group, told.error().code()));
      continue;
    }
    std::ranges::move(std::get<std::vector<Deleted>>(*told), std::back_inserter(response.results));
  }
  std::ranges::move(refused, std::back_inserter(response.results));
  co_return response;
}

}  // namespace moldau::broker
