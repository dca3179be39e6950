#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "harness/group_oracle.h"
#include "harness/offset_oracle.h"
#include "harness/transform_oracle.h"

namespace moldau::harness {

struct TopicPlan;

// As whom a member commits.
struct Identity {
  std::string member_id;
  std::int32_t epoch = -1;  // its generation or its member epoch
  std::optional<std::string> instance_id;
  bool consumer_protocol = false;
};

// A group of the run, and what must be true of it.
struct GroupPlan {
  std::string id;
  std::vector<TopicPlan*> topics;  // that its members read
  std::string pattern;             // a regular expression that matches these and no others
  // Its members speak both protocols, and its topics come and go: only requests that name ids may
  // be sent, since an old one that arrives late must not reach a new topic.
  bool changes = false;
  TopicPlan* output = nullptr;  // that they write to in transactions, with their offsets; if any
  GroupOracle ownership;
  OffsetOracle offsets;
  TransformOracle transformed;                  // what is in `output`
  std::map<MemberNumber, Identity> identities;  // of those that own something

  [[nodiscard]] TopicPlan& topic(const std::string& name) const;
  [[nodiscard]] TopicPlan& topic(const Uuid& topic_id) const;
  // Of the topics that are there by now, by name.
  [[nodiscard]] std::map<std::string, Uuid> topic_ids() const;
  // What was said of a topic that goes.
  void forget(const std::string& topic);
  // Of the topics that are there by now.
  [[nodiscard]] std::set<client::TopicPartition> partitions() const;
  // As whom the one commits who took the partition last; nullopt: nobody holds it.
  [[nodiscard]] std::optional<Identity> identity_of_owner(
      const client::TopicPartition& partition) const;
};

}  // namespace moldau::harness
