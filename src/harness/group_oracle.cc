#include "harness/group_oracle.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace moldau::harness {

std::optional<std::string> GroupOracle::took(MemberNumber member, std::int32_t epoch,
                                             const Partitions& partitions, const Grant& grant,
                                             Instant now, const Partitions& kept) {
  if (rule_ == Epochs::may_start_anew && !was_alive(grant.asked)) epochs_.clear();
  Member& self = members_[member];
  Partitions holds = partitions;
  if (self.until > grant.asked) {
    std::ranges::set_intersection(self.holds, kept, std::inserter(holds, holds.end()));
  }
  self.holds = std::move(holds);
  self.until = grant.until;
  for (const client::TopicPartition& partition : partitions) {
    auto& takes = takes_[partition];
    takes[member] = {grant.asked, grant.told};
    for (const auto& [number, other] : members_) {
      if (number == member || other.until <= now || !other.holds.contains(partition)) continue;
      // Else the other one may have got it after this one was told.
      if (grant.until <= now && takes.at(number).told > grant.asked) continue;
      return fmt::format("O1 {}-{}: member {} takes it under epoch {}, and member {} holds it",
                         partition.topic, partition.partition, member, epoch, number);
    }
    const auto [owner, is_new] = epochs_[partition].emplace(epoch, member);
    if (owner->second != member) {
      return fmt::format("O2 {}-{}: member {} takes it under epoch {}, as member {} did before",
                         partition.topic, partition.partition, member, epoch, owner->second);
    }
  }
  return std::nullopt;
}

bool GroupOracle::was_alive(Instant at) const {
  return std::ranges::any_of(members_, [&](const auto& one) { return one.second.until > at; });
}

void GroupOracle::forget(const std::string& topic) {
  const auto is_of_topic = [&](const auto& one) { return one.first.topic == topic; };
  std::erase_if(takes_, is_of_topic);
  std::erase_if(epochs_, is_of_topic);
  for (auto& [number, member] : members_) {
    std::erase_if(member.holds, [&](const auto& one) { return one.topic == topic; });
  }
}

void GroupOracle::renewed(MemberNumber member, Instant until) {
  const auto found = members_.find(member);
  if (found != members_.end()) found->second.until = std::max(found->second.until, until);
}

void GroupOracle::gave_up(MemberNumber member, const Partitions& partitions) {
  for (const client::TopicPartition& partition : partitions) {
    members_[member].holds.erase(partition);
  }
}

void GroupOracle::lost_all(MemberNumber member) { members_.erase(member); }

std::optional<std::string> GroupOracle::committed(MemberNumber member,
                                                  const client::TopicPartition& partition,
                                                  Instant asked) const {
  const auto takes = takes_.find(partition);
  if (takes == takes_.end() || !takes->second.contains(member)) return std::nullopt;
  const Take& own = takes->second.at(member);
  for (const auto& [number, other] : takes->second) {
    if (number == member || other.asked <= own.told || other.told >= asked) continue;
    return fmt::format("O3 {}-{}: a commit of member {} is accepted, and member {} had taken it",
                       partition.topic, partition.partition, member, number);
  }
  return std::nullopt;
}

std::optional<MemberNumber> GroupOracle::owner(const client::TopicPartition& partition) const {
  std::optional<MemberNumber> last;
  for (const auto& [number, member] : members_) {
    if (!member.holds.contains(partition)) continue;
    const auto& takes = takes_.at(partition);
    if (!last || takes.at(number).told > takes.at(*last).told) last = number;
  }
  return last;
}

}  // namespace moldau::harness
