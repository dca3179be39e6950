#include "cli/reassignment_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/joined.h"
#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

// Where a partition is copied from, and where to.
struct Move {
  std::set<BrokerId> sources, destinations;
};
using Moves = std::map<TopicPartition, Move>;

Moves moves_of(const Ongoing& ongoing, const Assignments& proposed, const Assignments& current) {
  Moves moves;
  for (const auto& [partition, one] : ongoing) {
    Move& move = moves[partition];
    move.sources.insert(one.replicas.begin(), one.replicas.end());
    for (const BrokerId id : one.adding) move.sources.erase(id);
    move.destinations.insert(one.adding.begin(), one.adding.end());
  }
  for (const auto& [partition, replicas] : proposed) {
    Move& move = moves[partition];
    if (!ongoing.contains(partition)) {
      if (const auto at = current.find(partition); at != current.end()) {
        move.sources.insert(at->second.begin(), at->second.end());
      }
    }
    move.destinations.clear();
    for (const BrokerId id : replicas) {
      if (!move.sources.contains(id)) move.destinations.insert(id);
    }
  }
  return moves;
}

}  // namespace

Result<Assignments> checked(const std::vector<Placement>& placements) {
  if (placements.empty()) {
    return fail(Errc::invalid_request, "Partition reassignment list cannot be empty");
  }
  std::vector<TopicPartition> names;
  for (const Placement& one : placements) {
    if (one.replicas.empty()) {
      return fail(Errc::invalid_request, "Partition replica list cannot be empty");
    }
    names.push_back(one.partition);
  }
  if (const auto twice = repeated_in(names); !twice.empty()) {
    return fail(Errc::invalid_request,
                "Partition reassignment contains duplicate topic partitions: {}",
                joined(twice, ","));
  }
  std::vector<std::string> wrong;
  Assignments out;
  for (const Placement& one : placements) {
    std::set<BrokerId> twice;
    for (const BrokerId id : one.replicas) {
      if (std::ranges::count(one.replicas, id) > 1) twice.insert(id);
    }
    if (!twice.empty()) {
      wrong.push_back(
          fmt::format("{} contains multiple entries for {}", one.partition, joined(twice, ",")));
    }
    out.emplace(one.partition, one.replicas);
  }
  if (!wrong.empty()) {
    return fail(Errc::invalid_request,
                "Partition replica lists may not contain duplicate entries: {}",
                joined(wrong, ". "));
  }
  return out;
}

LogDirs log_dirs_of(const std::vector<Placement>& placements) {
  LogDirs out;
  for (const Placement& one : placements) {
    for (std::size_t i = 0; i < one.replicas.size(); ++i) {
      if (one.log_dirs[i] == k_any_log_dir) continue;
      out[{one.replicas[i], one.partition}] = one.log_dirs[i];
    }
  }
  return out;
}

std::string as_reassignment_json(const Assignments& assignments, const LogDirs& log_dirs) {
  nlohmann::ordered_json partitions = nlohmann::ordered_json::array();
  for (const auto& [partition, replicas] : assignments) {
    nlohmann::ordered_json ids = nlohmann::ordered_json::array();
    nlohmann::ordered_json directories = nlohmann::ordered_json::array();
    for (const BrokerId id : replicas) {
      ids.push_back(id.value());
      const auto at = log_dirs.find({id, partition});
      directories.push_back(at == log_dirs.end() ? std::string(k_any_log_dir) : at->second);
    }
    partitions.push_back({{"topic", partition.topic},
                          {"partition", partition.partition.value()},
                          {"replicas", ids},
                          {"log_dirs", directories}});
  }
  const nlohmann::ordered_json out = {{"version", 1}, {"partitions", partitions}};
  return protojson::json_text(out);
}

Throttled throttled_by(const Ongoing& ongoing, const Assignments& proposed,
                       const Assignments& current) {
  // Java's TreeSet of strings: "10:1" stands before "2:1".
  std::map<std::string, std::set<std::string>> leaders;
  std::map<std::string, std::set<std::string>> followers;
  Throttled out;
  for (const auto& [partition, move] : moves_of(ongoing, proposed, current)) {
    auto& from = leaders[partition.topic];
    auto& to = followers[partition.topic];
    for (const BrokerId id : move.sources) {
      from.insert(fmt::format("{}:{}", partition.partition, id));
      out.brokers.insert(id);
    }
    for (const BrokerId id : move.destinations) {
      if (!move.sources.contains(id)) to.insert(fmt::format("{}:{}", partition.partition, id));
      out.brokers.insert(id);
    }
  }
  for (const auto& [topic, some] : leaders) {
    out.leaders[topic] = joined(some, ",");
  }
  for (const auto& [topic, some] : followers) {
    out.followers[topic] = joined(some, ",");
  }
  return out;
}

std::string ongoing_as_text(const Ongoing& ongoing) {
  if (ongoing.empty()) return "No partition reassignments found.\n";
  std::string text = "Current partition reassignments:\n";
  for (const auto& [partition, one] : ongoing) {
    text += fmt::format("{}: replicas: {}.", partition, joined(one.replicas, ","));
    if (!one.adding.empty()) text += fmt::format(" adding: {}.", joined(one.adding, ","));
    if (!one.removing.empty()) text += fmt::format(" removing: {}.", joined(one.removing, ","));
    text += "\n";
  }
  return text;
}

std::string standing_as_text(const std::map<TopicPartition, Standing>& standing) {
  std::string text = "Status of partition reassignment:\n";
  for (const auto& [partition, one] : standing) {
    if (!one.done) {
      text += fmt::format("Reassignment of partition {} is still in progress.\n", partition);
    } else if (one.current == one.target) {
      text += fmt::format("Reassignment of partition {} is completed.\n", partition);
    } else {
      text += fmt::format(
          "There is no active reassignment of partition {}, but replica set is {} rather than "
          "{}.\n",
          partition, joined(one.current, ","), joined(one.target, ","));
    }
  }
  return text;
}

std::string moves_as_text(const LogDirs& wanted, const std::map<ReplicaName, Lying>& lying) {
  std::string text;
  for (const auto& [replica, target] : wanted) {
    const auto& [broker, partition] = replica;
    const auto at = lying.find(replica);
    if (at == lying.end() || at->second.current.empty()) {
      text += fmt::format(
          "Partition {} is not found in any live log dir on broker {}. There is likely an offline "
          "log directory on the broker.\n",
          partition, broker);
    } else if (at->second.future.empty() && at->second.current == target) {
      text += fmt::format("Reassignment of replica {} completed successfully.\n", name_of(replica));
    } else if (at->second.future.empty()) {
      text += fmt::format("Partition {} on broker {} is not being moved from log dir {} to {}.\n",
                          partition, broker, at->second.current, target);
    } else if (at->second.future == target) {
      text += fmt::format("Reassignment of replica {} is still in progress.\n", name_of(replica));
    } else {
      text += fmt::format("Partition {} on broker {} is being moved to log dir {} instead of {}.\n",
                          partition, broker, at->second.future, target);
    }
  }
  return text.empty() ? "\n" : text;
}

std::string name_of(const ReplicaName& replica) {
  return fmt::format("{}-{}", replica.second, replica.first);
}

}  // namespace moldau::cli
