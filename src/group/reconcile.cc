#include "group/reconcile.h"

#include <algorithm>
#include <set>
#include <utility>

namespace moldau::group {
namespace {

bool owns_any_of(const OwnedByClient& owned, const OwnedPartitions& partitions) {
  if (!owned) return true;
  return std::ranges::any_of(*owned, [&](const auto& topic) {
    const auto found = partitions.find(topic.topic_id);
    return found != partitions.end() &&
           std::ranges::any_of(topic.partitions, [&](PartitionIndex partition) {
             return found->second.contains(partition);
           });
  });
}

std::set<Uuid> subscribed_ids(const ConsumerMember& member, const Reconciliation& with) {
  std::set<Uuid> ids;
  for (const std::string& name : with.group.topics_of(member)) {
    const metadata::Topic* topic = with.image.topics.find(std::string_view(name));
    if (topic != nullptr) ids.insert(topic->id);
  }
  return ids;
}

// Only takes away what the member does not subscribe to any more.
ConsumerMember shrink(const ConsumerMember& member, const Reconciliation& with) {
  const std::set<Uuid> subscribed = subscribed_ids(member, with);
  ConsumerMember next = member;
  for (const auto& [topic, partitions] : member.assigned) {
    if (subscribed.contains(topic)) continue;
    for (const auto& [partition, epoch] : partitions) next.to_revoke[topic][partition] = epoch;
    next.assigned.erase(topic);
  }
  if (next.assigned == member.assigned) return member;
  next.move_to_epoch(member.epoch);
  if (owns_any_of(with.owned, next.to_revoke)) {
    next.state = MemberState::unrevoked_partitions;
  } else {
    next.to_revoke = member.to_revoke;  // the client has given them up already
  }
  return next;
}

// What the member keeps, has to give up, gets now, and gets when others have given it up.
struct Difference {
  OwnedPartitions kept;
  OwnedPartitions to_revoke;
  TopicPartitions to_assign;
  bool others_hold_some = false;
};

bool is_revoked_by_itself(const ConsumerMember& member, const Uuid& topic,
                          PartitionIndex partition) {
  const auto found = member.to_revoke.find(topic);
  return found != member.to_revoke.end() && found->second.contains(partition);
}

Difference compare(const ConsumerMember& member, const Reconciliation& with) {
  const std::set<Uuid> subscribed = subscribed_ids(member, with);
  Difference difference;
  TopicPartitions target;
  for (const auto& [topic, partitions] : with.target) {
    if (subscribed.contains(topic)) target.emplace(topic, partitions);
  }
  for (const auto& [topic, partitions] : member.assigned) {
    const auto wanted = target.find(topic);
    for (const auto& [partition, epoch] : partitions) {
      const bool keeps = wanted != target.end() && wanted->second.contains(partition);
      (keeps ? difference.kept : difference.to_revoke)[topic][partition] = epoch;
    }
  }
  for (const auto& [topic, partitions] : target) {
    const auto kept = difference.kept.find(topic);
    for (const PartitionIndex partition : partitions) {
      if (kept != difference.kept.end() && kept->second.contains(partition)) continue;
      // Nobody but the member itself can hold what it has to give up.
      if (with.group.partition_epoch(topic, partition) != -1 &&
          !is_revoked_by_itself(member, topic, partition)) {
        difference.others_hold_some = true;
      } else {
        difference.to_assign[topic].insert(partition);
      }
    }
  }
  return difference;
}

ConsumerMember go_on(const ConsumerMember& member, std::int32_t epoch, const Reconciliation& with) {
  Difference difference = compare(member, with);
  ConsumerMember next = member;
  next.assigned = std::move(difference.kept);
  if (!difference.to_revoke.empty() && owns_any_of(with.owned, difference.to_revoke)) {
    // It stays in its epoch until the client says that it has given them up.
    next.state = MemberState::unrevoked_partitions;
    next.move_to_epoch(epoch);
    next.to_revoke = std::move(difference.to_revoke);
    return next;
  }
  for (const auto& [topic, partitions] : difference.to_assign) {
    for (const PartitionIndex partition : partitions) {
      next.assigned[topic][partition] = with.target_epoch;
    }
  }
  next.state =
      difference.others_hold_some ? MemberState::unreleased_partitions : MemberState::stable;
  next.move_to_epoch(with.target_epoch);
  next.to_revoke.clear();
  return next;
}

}  // namespace

Result<ConsumerMember> reconcile(const ConsumerMember& member, const Reconciliation& with) {
  switch (member.state) {
    case MemberState::stable:
      if (member.epoch != with.target_epoch) return go_on(member, member.epoch, with);
      return with.subscription_changed ? shrink(member, with) : member;
    case MemberState::unrevoked_partitions:
      if (!owns_any_of(with.owned, member.to_revoke)) return go_on(member, member.epoch, with);
      return with.subscription_changed ? shrink(member, with) : member;
    case MemberState::unreleased_partitions:
      return go_on(member, member.epoch, with);
    case MemberState::unknown:
      break;
  }
  if (!with.owned || !with.owned->empty()) {
    return fail(Errc::fenced_member_epoch,
                "The state of the consumer group member is not known here. The member must abandon "
                "all its partitions and rejoin.");
  }
  return go_on(member, with.target_epoch, with);
}

}  // namespace moldau::group
