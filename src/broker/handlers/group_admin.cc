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

Described describe_refusal(std::string group, Errc error) {
  Described out;
  out.group_id = std::move(group);
  out.error_code = error;
  out.authorized_operations = k_operations_not_asked;
  return out;
}

Deleted delete_refusal(std::string group, Errc error) {
  Deleted out;
  out.group_id = std::move(group);
  out.error_code = error;
  return out;
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
          describe_refusal(std::move(group), Errc::group_authorization_failed));
    }
  }
  for (const std::string& group : allowed) {
    auto told = co_await ask_group(
        context, group,
        [group](group::Coordinator& machine, const group::Ask& asker, coordinator::Now /*now*/,
                group::Step& out) { machine.describe(asker, {group}, out); });
    if (!told) {
      response.groups.push_back(describe_refusal(group, told.error().code()));
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
      [request](group::Coordinator& machine, const group::Ask& asker, coordinator::Now /*now*/,
                group::Step& out) { machine.list(asker, request, out); });
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
    auto told = co_await ask_group(
        context, group,
        [group](group::Coordinator& machine, const group::Ask& asker, coordinator::Now now,
                group::Step& out) { machine.remove(asker, {group}, now, out); });
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
