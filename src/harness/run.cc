#include "harness/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/log_scenario.h"
#include "harness/node_scenario.h"

namespace moldau::harness {

namespace {

constexpr auto k_scenarios = std::to_array<Scenario>({
    {.name = "groups",
     .about = "a node with groups that read and commit under the same crashes, cuts and bad disk",
     .run = &run_group_scenario},
    {.name = "groups_change",
     .about = "groups that change their protocol and lose topics, under the same",
     .run = &run_group_changes_scenario},
    {.name = "log",
     .about = "partition logs of one node: append, sync, roll, cut, crash, recover",
     .run = &run_log_scenario},
    {.name = "node",
     .about = "a node with producers, readers and an admin under crashes, cuts and a bad disk",
     .run = &run_node_scenario},
});

}  // namespace

std::span<const Scenario> scenarios() { return k_scenarios; }

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::ranges::find(k_scenarios, name, &Scenario::name);
  return found == k_scenarios.end() ? nullptr : &*found;
}

std::string result_line(std::uint64_t seed, const RunResult& result) {
  return fmt::format("seed {}: {} events={} hash={:016x}", seed, result.passed ? "PASS" : "FAIL",
                     result.events, result.hash);
}

}  // namespace moldau::harness
