#include "harness/group_changes.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "harness/topic_plans.h"

namespace moldau::harness {

namespace {

std::string_view draw_policy(Rng& rng) {
  static constexpr auto k_others =
      std::to_array<std::string_view>({"upgrade", "downgrade", "disabled"});
  return rng.one_in(3) ? k_others[rng.below(k_others.size())] : "bidirectional";
}

std::unique_ptr<TopicPlan> fleeting_topic(std::string name, std::uint64_t partitions) {
  auto plan = synced_topic(std::move(name), partitions);
  plan->comes_and_goes = true;
  return plan;
}

}  // namespace

void plan_group_changes(ClusterRun& run, Rng& rng, std::vector<std::string>& settings) {
  settings.push_back(fmt::format("group.consumer.migration.policy={}", draw_policy(rng)));
  run.coordinators.push_back(synced_topic("__consumer_offsets", 1));
  if (rng.one_in(2)) run.coordinators.back()->configs.emplace_back("segment.ms", "200");
  run.topics.push_back(synced_topic("input", 1 + rng.below(3)));
  run.topics.push_back(fleeting_topic("input-again", 1 + rng.below(2)));
  if (rng.one_in(2)) {
    run.topics.push_back(fleeting_topic("input-late", 1 + rng.below(2)));
    run.topics.back()->comes_later = true;
  }
  auto group = std::make_unique<GroupPlan>();
  group->id = "group";
  group->changes = true;
  group->pattern = "input(-.*)?";
  group->ownership = GroupOracle(GroupOracle::Epochs::may_start_anew);
  for (const auto& topic : run.topics) group->topics.push_back(topic.get());
  if (rng.one_in(2)) {
    run.outputs.push_back(synced_topic("output", 1 + rng.below(2)));
    group->output = run.outputs.back().get();
  }
  run.groups.push_back(std::move(group));
  run.fleeting.push_back(fleeting_topic("fleeting", 1));
  if (rng.one_in(2)) run.transactional.push_back(synced_topic("transactional", 1));
  if (run.outputs.empty() && run.transactional.empty()) return;
  run.coordinators.push_back(synced_topic("__transaction_state", 1));
}

std::vector<MemberPlan> plan_changing_members(GroupPlan& group, MemberNumber first, Rng& rng) {
  // All of the classic protocol must know one assignor.
  const GroupProtocol classic = rng.one_in(2) ? GroupProtocol::eager : GroupProtocol::cooperative;
  const std::uint64_t count = 2 + rng.below(3);
  std::vector<MemberPlan> members;
  for (std::uint64_t i = 0; i < count; ++i) {
    MemberPlan plan{.group = &group,
                    .number = MemberNumber{first.value() + static_cast<std::uint32_t>(i)}};
    plan.protocols = {GroupProtocol::consumer, classic};
    if (rng.one_in(2)) plan.protocols.erase(plan.protocols.begin() + (rng.one_in(2) ? 0 : 1));
    plan.by_pattern = rng.one_in(2);
    plan.session = Milliseconds{1000 + rng.below(2000)};
    if (rng.one_in(3)) plan.instance_id = fmt::format("instance{}", plan.number);
    members.push_back(std::move(plan));
  }
  return members;
}

}  // namespace moldau::harness
