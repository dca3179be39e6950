#include "harness/membership.h"

#include <fmt/format.h>

#include <utility>

namespace moldau::harness {

Identity Membership::identity() const {
  return {.member_id = member_id_,
          .epoch = epoch_,
          .instance_id = plan_.instance_id,
          .consumer_protocol = plan_.protocol == GroupProtocol::consumer};
}

void Membership::gave_up() {
  plan_.group->ownership.gave_up(plan_.number, wanted_back_);
  for (const client::TopicPartition& partition : wanted_back_) owned_.erase(partition);
  wanted_back_.clear();
  after_giving_up();
}

void Membership::lost() { lose(true); }

void Membership::lose(bool with_member_id) {
  plan_.group->ownership.lost_all(plan_.number);
  owned_.clear();
  wanted_back_.clear();
  is_member_ = false;
  if (with_member_id) member_id_.clear();
  after_losing(with_member_id);
}

bool Membership::is_gone(const client::TopicPartition& partition, const TopicIds& of) const {
  const auto known = of.find(partition.topic);
  return known == of.end() || plan_.group->topic(partition.topic).id != known->second;
}

bool Membership::take(Partitions partitions, const Grant& grant, const TopicIds& of) {
  const auto gone =
      std::erase_if(partitions, [&](const auto& partition) { return is_gone(partition, of); });
  owned_ = partitions;
  owned_.insert(wanted_back_.begin(), wanted_back_.end());
  ids_ = of;
  plan_.group->identities[plan_.number] = identity();
  std::string text;
  for (const auto& one : partitions) text += fmt::format(" {}-{}", one.topic, one.partition);
  run_.verdict.note("{} member {} has under {}:{}", group().id, plan_.number, epoch_, text);
  run_.check(
      plan_.group->ownership.took(plan_.number, epoch_, partitions, grant, now(), wanted_back_));
  return gone == 0;
}

bool Membership::drop_what_is_gone() {
  const auto goes = [&](const auto& partition) { return is_gone(partition, ids_); };
  (void)std::erase_if(wanted_back_, goes);
  return std::erase_if(owned_, goes) > 0;
}

}  // namespace moldau::harness
