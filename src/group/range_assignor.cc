#include <algorithm>
#include <tuple>

#include "group/assignor.h"

namespace moldau::group {
namespace {

struct Topic {
  std::int32_t partition_count = 0;
  std::int32_t subscriber_count = 0;
  std::int32_t served = 0;
  std::int32_t next = 0;  // the first partition that nobody has yet

  // The first of the subscribers get one more where it does not come out even.
  std::set<PartitionIndex> take() {
    const std::int32_t extra = served++ < partition_count % subscriber_count ? 1 : 0;
    const std::int32_t end = next + partition_count / subscriber_count + extra;
    std::set<PartitionIndex> range;
    for (; next < end; ++next) range.insert(range.end(), PartitionIndex{next});
    return range;
  }
};

// Static members first, so that what they have does not depend on ids that change.
auto order_of(const AssignedMember* member) {
  return std::tuple(!member->instance_id, member->instance_id.value_or(member->id));
}

}  // namespace

GroupAssignment assign_ranges(const AssignmentQuestion& question) {
  std::vector<const AssignedMember*> members;
  std::map<Uuid, Topic> topics;
  for (const AssignedMember& member : question.members) {
    members.push_back(&member);
    for (const Uuid& topic : member.topics) {
      topics.try_emplace(topic, Topic{question.partition_counts.at(topic)})
          .first->second.subscriber_count++;
    }
  }
  std::ranges::sort(members, {}, order_of);
  GroupAssignment assignment;
  for (const AssignedMember* member : members) {
    TopicPartitions& assigned = assignment[member->id];
    for (const Uuid& topic : member->topics) {
      auto range = topics.at(topic).take();
      if (!range.empty()) assigned.emplace(topic, std::move(range));
    }
  }
  return assignment;
}

}  // namespace moldau::group
