#pragma once
#include <string>
#include <vector>

#include "base/rng.h"
#include "harness/cluster_run.h"
#include "harness/membership.h"

// Runs in which groups change under their members: from one protocol to the other, with topics that
// come, go and come again, and with transactions that are open on those.
namespace moldau::harness {

// The topics of such a run, its group, and a transactional load beside it. Appends the node's
// settings: how groups may change is drawn.
void plan_group_changes(ClusterRun& run, Rng& rng, std::vector<std::string>& settings);

// The members of that group, numbered from `first` on. Some speak another protocol in each life.
[[nodiscard]] std::vector<MemberPlan> plan_changing_members(GroupPlan& group, MemberNumber first,
                                                            Rng& rng);

}  // namespace moldau::harness
