#include "group/offset_fetch.h"

namespace moldau::group {
namespace {

using Request = protocol::OffsetFetchRequest::OffsetFetchRequestGroup;
using Response = protocol::OffsetFetchResponse::OffsetFetchResponseGroup;
using PartitionAnswer = protocol::OffsetFetchResponse::OffsetFetchResponsePartitions;

// A topic that was made anew under its name has another id, and the offsets of the old one do not
// count for it. Who does not name the id, or committed without, gets what the name has.
bool is_of_other_topic(const Uuid& committed, const Uuid& asked) {
  return !committed.is_zero() && !asked.is_zero() && committed != asked;
}

PartitionAnswer answer_partition(PartitionIndex partition, const CommittedOffset* committed,
                                 bool unstable) {
  if (unstable || committed == nullptr) {
    return {.partition_index = partition,
            .committed_offset = k_no_offset,
            .metadata = "",
            .error_code = unstable ? Errc::unstable_offset_commit : Errc::none};
  }
  return {.partition_index = partition,
          .committed_offset = committed->offset,
          .committed_leader_epoch = committed->leader_epoch,
          .metadata = committed->metadata};
}

void answer_asked(const Machine& machine, const Request& request, bool require_stable,
                  Response& response) {
  const bool group_exists = machine.groups.contains(request.group_id);
  for (const auto& topic : *request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const PartitionIndex partition : topic.partition_indexes) {
      const CommittedOffset* committed =
          group_exists ? machine.offsets.find(request.group_id, topic.name, partition) : nullptr;
      if (committed != nullptr && is_of_other_topic(committed->topic_id, topic.topic_id)) {
        committed = nullptr;
      }
      answered.partitions.push_back(answer_partition(
          partition, committed,
          require_stable && machine.offsets.is_pending(request.group_id, topic.name, partition)));
    }
  }
}

void answer_whole_group(const Machine& machine, const Request& request, bool require_stable,
                        Response& response) {
  const TopicOffsets* topics = machine.offsets.of(request.group_id);
  if (topics == nullptr || !machine.groups.contains(request.group_id)) return;
  for (const auto& [topic, partitions] : *topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic;
    for (const auto& [partition, committed] : partitions) {
      answered.partitions.push_back(answer_partition(
          partition, &committed,
          require_stable && machine.offsets.is_pending(request.group_id, topic, partition)));
    }
  }
}

// A member that says who it is must be one of the consumer group, in its present epoch.
Errc check_member(const Machine& machine, const Request& request) {
  const auto found = machine.groups.find(request.group_id);
  if (found == machine.groups.end()) return Errc::none;
  const auto* group = std::get_if<ConsumerGroup>(&found->second);
  if (group == nullptr || (!request.member_id && request.member_epoch < 0)) return Errc::none;
  const ConsumerMember* member = group->member(request.member_id.value_or(""));
  if (member == nullptr) return Errc::unknown_member_id;
  if (member->epoch == request.member_epoch) return Errc::none;
  return member->classic ? Errc::illegal_generation : Errc::stale_member_epoch;
}

}  // namespace

void fetch_offsets(Machine& machine, const Ask& ask, const Request& request, bool require_stable,
                   Step& out) {
  Response response{.group_id = request.group_id, .error_code = check_member(machine, request)};
  if (response.error_code != Errc::none) return out.answer(ask.id, std::move(response));
  if (request.topics) {
    answer_asked(machine, request, require_stable, response);
  } else {
    answer_whole_group(machine, request, require_stable, response);
  }
  out.answer(ask.id, std::move(response));
}

}  // namespace moldau::group
