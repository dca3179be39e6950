#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "harness/group_plan.h"
#include "harness/metadata_oracle.h"
#include "harness/partition_oracle.h"
#include "harness/planted_bugs.h"
#include "harness/transaction_oracle.h"
#include "harness/verdict.h"
#include "sim/world.h"

namespace moldau::harness {

// A topic that clients write to and read from.
struct TopicPlan {
  std::string name;
  Uuid id;  // zero while it is not there
  bool synced = false;
  // Now and then deleted and made again: then only requests that name its id may be sent, since an
  // old one that arrives late must not reach the new topic.
  bool comes_and_goes = false;
  bool comes_later = false;  // made while the run goes on, at last when the world is healed
  std::size_t in_use = 0;    // workloads that work on this `id`; they stop when it changes
  std::set<Uuid> former_ids;
  std::vector<std::pair<std::string, std::string>> configs;
  std::vector<std::unique_ptr<PartitionOracle>> partitions;
};

// What all workloads of a run share.
struct ClusterRun {
  sim::World& world;
  Verdict& verdict;
  MetadataOracle metadata;
  std::vector<std::unique_ptr<TopicPlan>> topics;
  // Written to in transactions alone, if at all; their partition oracles only say how many.
  std::vector<std::unique_ptr<TopicPlan>> transactional;
  // Producers write to these in the same transactions, and they go while those are open.
  std::vector<std::unique_ptr<TopicPlan>> fleeting;
  // Kafka's own, made by hand so that they wait for the disk.
  std::vector<std::unique_ptr<TopicPlan>> coordinators;
  TransactionOracle transactions;
  std::vector<std::unique_ptr<GroupPlan>> groups;
  std::vector<std::unique_ptr<TopicPlan>> outputs;  // of groups that write what they read
  std::set<std::uint32_t> ordered_writers;          // idempotent producers
  std::uint32_t next_writer = 1;
  WireBug wire_bug = WireBug::none;
  bool stopping = false;
  // The world is healed: by what follows, the run is alive.
  bool healed = false;
  std::size_t producers = 0;
  std::size_t producers_alive = 0;
  std::size_t readers = 0;
  std::size_t readers_alive = 0;
  bool admin_alive = false;
  std::size_t at_work = 0;  // producers and readers that have not ended
  // Members go on when all others stop, until everything that was sent to them is committed.
  bool members_stopping = false;
  std::size_t members_at_work = 0;
  std::string lagging;  // what the last look at the groups found

  // The topic is about to be deleted: from now on nothing is known of it.
  void topic_goes(TopicPlan& topic) {
    topic.former_ids.insert(topic.id);
    topic.id = Uuid{};
    for (const auto& group : groups) group->forget(topic.name);
  }
  void check(const std::optional<std::string>& wrong) {
    if (wrong) verdict.fail(*wrong);
  }
  [[nodiscard]] bool going_on() const { return !stopping && !verdict.failed(); }
  [[nodiscard]] bool members_going_on() const { return !members_stopping && !verdict.failed(); }
};

}  // namespace moldau::harness
