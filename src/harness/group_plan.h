#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "harness/group_oracle.h"
#include "harness/offset_oracle.h"

namespace moldau::harness {

struct TopicPlan;

// A group of the run, and what must be true of it.
struct GroupPlan {
  std::string id;
  std::vector<TopicPlan*> topics;  // that its members read
  TopicPlan* output = nullptr;     // that they write to in transactions, with their offsets; if any
  GroupOracle ownership;
  OffsetOracle offsets;

  [[nodiscard]] TopicPlan& topic(const std::string& name) const;
  [[nodiscard]] TopicPlan& topic(const Uuid& topic_id) const;
  // Of the topics that are there by now.
  [[nodiscard]] std::set<client::TopicPartition> partitions() const;
};

}  // namespace moldau::harness
