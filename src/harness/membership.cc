#include "harness/membership.h"

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

void Membership::take(Partitions partitions, const Grant& grant) {
  owned_ = std::move(partitions);
  plan_.group->identities[plan_.number] = identity();
  run_.check(plan_.group->ownership.took(plan_.number, epoch_, owned_, grant, now()));
}

}  // namespace moldau::harness
