#pragma once
#include <optional>
#include <vector>

#include "base/result.h"
#include "group/consumer_group.h"
#include "metadata/image.h"

// How a member of a consumer group goes from what it has to its target assignment.
// Source: CurrentAssignmentBuilder; KIP-848.
namespace moldau::group {

using OwnedByClient =
    std::optional<std::vector<protocol::ConsumerGroupHeartbeatRequest::TopicPartitions>>;

struct Reconciliation {
  const ConsumerGroup& group;
  const metadata::Image& image;
  std::int32_t target_epoch;
  const TopicPartitions& target;
  // Its assignment must fit its subscription even where the target is not made anew yet.
  bool subscription_changed;
  const OwnedByClient& owned;  // what the client says that it has; nullopt: it does not say
};

// The member after this step. Errors: fenced_member_epoch, when it must begin from nothing.
[[nodiscard]] Result<ConsumerMember> reconcile(const ConsumerMember& member,
                                               const Reconciliation& with);

}  // namespace moldau::group
