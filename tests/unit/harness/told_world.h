#pragma once
#include "harness/membership.h"
#include "unit/harness/group_world.h"

namespace moldau::harness {

// Owns what the test says.
class Told final : public Membership {
 public:
  using Membership::Membership;
  env::Task<void> go_on() override { co_return; }
  env::Task<void> leave() override { co_return; }
  void tell(Partitions partitions, Partitions wanted_back) {
    is_member_ = true;
    const Grant grant{.asked = now(), .told = now(), .until = now() + std::chrono::seconds(1)};
    all_there = take(std::move(partitions), grant, of.value_or(group().topic_ids()));
    wanted_back_ = std::move(wanted_back);
  }
  bool drop() { return drop_what_is_gone(); }
  std::optional<TopicIds> of;  // else what is there
  bool all_there = false;
  int losses = 0;

 private:
  void after_giving_up() override {}
  void after_losing(bool) override { ++losses; }
};

// A member of a group with one topic of two partitions, and no broker.
class ToldWorld : public GroupWorld {
 protected:
  ToldWorld() {
    run.groups.push_back(std::make_unique<GroupPlan>());
    topic = &plan("t", true);
    topic->id = Uuid(1, 1);
    group().topics.push_back(topic);
    told = std::make_unique<Told>(run, client(), plan_of(1, GroupProtocol::cooperative));
  }
  const client::TopicPartition one{"t", PartitionIndex{0}};
  const client::TopicPartition two{"t", PartitionIndex{1}};
  TopicPlan* topic = nullptr;
  std::unique_ptr<Told> told;
};

}  // namespace moldau::harness
