#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/partition_file.h"

// What kafka-reassign-partitions works out and prints. Pure. Source: ReassignPartitionsCommand.
namespace moldau::cli {

using Replicas = std::vector<BrokerId>;
using Assignments = std::map<client::TopicPartition, Replicas>;
// A replica, by the broker that has it: in the order in which the tool names them.
using ReplicaName = std::pair<BrokerId, client::TopicPartition>;
using LogDirs = std::map<ReplicaName, std::string>;

// A reassignment that is under way.
struct Reassigning {
  Replicas replicas, adding, removing;
};
using Ongoing = std::map<client::TopicPartition, Reassigning>;

// What --execute may ask for. Errors: invalid_request: nothing, nobody, something twice.
[[nodiscard]] Result<Assignments> checked(const std::vector<Placement>& placements);
// Where replicas are to lie, of those for which the file names a directory.
[[nodiscard]] LogDirs log_dirs_of(const std::vector<Placement>& placements);

// The JSON that --execute takes. A replica without a directory may lie anywhere.
[[nodiscard]] std::string as_reassignment_json(const Assignments& assignments,
                                               const LogDirs& log_dirs);

// Which replicas copy from which while partitions move: the values of
// leader.replication.throttled.replicas and of the followers' key, by topic, and all brokers.
struct Throttled {
  std::map<std::string, std::string> leaders, followers;
  std::set<BrokerId> brokers;
};
[[nodiscard]] Throttled throttled_by(const Ongoing& ongoing, const Assignments& proposed,
                                     const Assignments& current);

// "Current partition reassignments:..." of --list, with the end of the line.
[[nodiscard]] std::string ongoing_as_text(const Ongoing& ongoing);

// How a partition of the file stands. `done`: nothing of it is under way.
struct Standing {
  Replicas current, target;
  bool done = false;
};
[[nodiscard]] std::string standing_as_text(
    const std::map<client::TopicPartition, Standing>& standing);

// Where the replicas of a file lie; empty: nowhere.
struct Lying {
  std::string current, future;
};
[[nodiscard]] std::string moves_as_text(const LogDirs& wanted,
                                        const std::map<ReplicaName, Lying>& lying);

// "topic-0-1"
[[nodiscard]] std::string name_of(const ReplicaName& replica);

}  // namespace moldau::cli
