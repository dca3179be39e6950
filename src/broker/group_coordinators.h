#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/coordinator_host.h"
#include "broker/request_context.h"
#include "broker/topic_partition.h"
#include "group/coordinator.h"

namespace moldau::broker {

struct Shard;

inline constexpr std::string_view k_offsets_topic = "__consumer_offsets";

using GroupHost = CoordinatorHost<group::Coordinator, group::Answer>;

// The group coordinators of one shard: one for each partition of __consumer_offsets that lives here
// and that this broker leads.
// Context: the shard.
class GroupCoordinators {
 public:
  explicit GroupCoordinators(Shard& shard) : shard_(shard) {}
  GroupCoordinators(const GroupCoordinators&) = delete;
  GroupCoordinators& operator=(const GroupCoordinators&) = delete;
  ~GroupCoordinators();

  // The partition leads from now on: its groups are loaded. No effect when they are.
  void lead(std::shared_ptr<Partition> partition);
  // It no longer does. Completes when its coordinator has ended.
  [[nodiscard]] env::Task<void> resign(TopicIdPartition id);
  [[nodiscard]] env::Task<void> resign_all();
  // The shard's view is a new one.
  void view_changed(const ClusterView& before);
  // Who waits for a coordinator is told not_coordinator, so that the node can stop.
  void drain();

  // Errors: those of CoordinatorHost::ask; not_coordinator when the partition does not lead here.
  [[nodiscard]] env::Task<Result<group::Answer>> ask(
      TopicIdPartition id, GroupHost::Call call, log::VerificationGuard guard = log::k_no_guard);
  // Ends a transaction in a partition that leads here; as CoordinatorHost::end_transaction.
  [[nodiscard]] env::Task<AppendAnswer> end_transaction(TopicIdPartition id, TransactionEnd end);
  // Whether all that lead here have read their logs.
  [[nodiscard]] bool loaded() const;
  // One answer of each that leads here, in the order of their ids.
  [[nodiscard]] env::Task<std::vector<Result<group::Answer>>> ask_all(GroupHost::Call call);

 private:
  using Hosts = std::vector<std::unique_ptr<GroupHost>>;
  [[nodiscard]] Hosts::iterator place_of(const TopicIdPartition& id);  // where it is, or belongs
  [[nodiscard]] GroupHost* find(const TopicIdPartition& id);

  Shard& shard_;
  Hosts hosts_;  // by id
};

// ---- for handlers ------------------------------------------------------------------------------

// The partition of __consumer_offsets that has the group; nullopt: the topic does not exist.
// Source: GroupCoordinatorService.partitionFor.
[[nodiscard]] std::optional<TopicIdPartition> partition_of_group(const metadata::Image& image,
                                                                 std::string_view group);

// What is asked of a machine, by whoever sent the request.
using GroupQuestion =
    std::function<void(group::Coordinator&, const group::Ask&, coordinator::Now, group::Step&)>;

// What is to be done on the coordinator's shard before it is asked.
using BeforeAsking =
    std::function<env::Task<Result<log::VerificationGuard>>(Shard&, TopicIdPartition)>;

// Puts a question to the group's coordinator, whichever shard it lives on.
// Errors: those of ask() and of `before`; coordinator_not_available when there is no
// __consumer_offsets.
[[nodiscard]] env::Task<Result<group::Answer>> ask_group(RequestContext& context, std::string group,
                                                         GroupQuestion question,
                                                         BeforeAsking before = {});
// Puts a question to every coordinator of groups that this node leads, on all shards.
[[nodiscard]] env::Task<std::vector<Result<group::Answer>>> ask_all_groups(RequestContext& context,
                                                                           GroupQuestion question);

// ask_group() for an API that concerns one group. `method` is the machine's.
template <class Response, class Request>
[[nodiscard]] env::Task<Result<Response>> ask_one_group(
    RequestContext& context, Request request,
    void (group::Coordinator::*method)(const group::Ask&, const Request&, coordinator::Now,
                                       group::Step&)) {
  std::string group = request.group_id;
  Result<group::Answer> answer = co_await ask_group(
      context, std::move(group),
      [request = std::move(request), method](group::Coordinator& machine, const group::Ask& asker,
                                             coordinator::Now now, group::Step& out) {
        (machine.*method)(asker, request, now, out);
      });
  if (!answer) co_return fail(std::move(answer).error());
  co_return std::get<Response>(*std::move(answer));
}

}  // namespace moldau::broker
