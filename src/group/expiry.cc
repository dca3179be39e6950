#include "group/expiry.h"

#include <algorithm>

#include "group/consumer_records.h"

namespace moldau::group {
namespace {

using coordinator::Record;

// For tombstones that need not be in the log together.
void append_apart(Record record, Step& out) {
  const bool full = !out.batches.empty() &&
                    out.batches.back().records.size() >= coordinator::k_tombstones_per_batch_max;
  if (full) out.batches.emplace_back();
  out.append(std::move(record));
}

// When an offset goes that has no time of expiry of its own.
enum class Retained { for_ever, since_commit, since_group_is_empty };

Retained retained(const ClassicGroup& group) {
  if (!group.protocol_type()) return Retained::since_commit;  // simple: no member ever
  if (group.is(ClassicState::empty)) return Retained::since_group_is_empty;
  // Topics that nobody subscribes to any more; those that are subscribed to stay.
  const bool knows_topics = group.uses_consumer_protocol() && group.subscribed_topics();
  return knows_topics && group.is(ClassicState::stable) ? Retained::since_commit
                                                        : Retained::for_ever;
}

// Of a consumer group, only topics that nobody subscribes to come to be asked about.
Retained retained(const ConsumerGroup& /*group*/) { return Retained::since_commit; }
Retained retained(const Group& group) {
  return std::visit([](const auto& kind) { return retained(kind); }, group);
}

bool subscribes(const Group& group, std::string_view topic) {
  return std::visit([topic](const auto& kind) { return kind.subscribes(topic); }, group);
}

bool is_expired(const Machine& machine, const Group& group, const CommittedOffset& offset,
                Timestamp now) {
  if (offset.expires != k_no_timestamp) return now >= offset.expires;
  Timestamp since = offset.committed;
  if (retained(group) == Retained::since_group_is_empty) {
    const Timestamp emptied = std::get<ClassicGroup>(group).since();
    if (emptied != k_no_timestamp) since = emptied;
  }
  return now - since >= machine.settings.offsets_retention;
}

// Whether no offset of the group is left after it.
bool expire_offsets(const Machine& machine, const std::string& id, const Group& group,
                    Timestamp now, Step& out) {
  const TopicOffsets* topics = machine.offsets.of(id);
  const bool pending = machine.offsets.is_pending(id);
  if (topics == nullptr) return !pending;
  if (retained(group) == Retained::for_ever) return false;
  bool all = true;
  for (const auto& [topic, partitions] : *topics) {
    const bool subscribed = subscribes(group, topic);
    for (const auto& [partition, offset] : partitions) {
      if (!subscribed && is_expired(machine, group, offset, now) &&
          !machine.offsets.is_pending(id, topic, partition)) {
        append_apart(offset_commit_tombstone(id, topic, partition), out);
      } else {
        all = false;
      }
    }
  }
  return all && !pending;
}

bool has_offset(const Machine& machine, const std::string& group, const std::string& topic,
                PartitionIndex partition) {
  return machine.offsets.find(group, topic, partition) != nullptr ||
         machine.offsets.is_pending(group, topic, partition);
}

void append_offset_tombstones(const Machine& machine, const std::string& id, Step& out) {
  if (const TopicOffsets* topics = machine.offsets.of(id)) {
    for (const auto& [topic, partitions] : *topics) {
      for (const auto& [partition, offset] : partitions) {
        append_apart(offset_commit_tombstone(id, topic, partition), out);
      }
    }
  }
  for (const auto& [topic, partition] : machine.offsets.pending_of(id)) {
    if (machine.offsets.find(id, topic, partition) == nullptr) {
      append_apart(offset_commit_tombstone(id, topic, partition), out);
    }
  }
}

void append_group_tombstones(const std::string& id, const Group& group, Step& out) {
  const auto* consumers = std::get_if<ConsumerGroup>(&group);
  if (consumers == nullptr) return append_apart(group_metadata_tombstone(id), out);
  Records records;
  append_consumer_group_tombstones(id, *consumers, records);
  for (Record& record : records) append_apart(std::move(record), out);
}

Errc check_delete_offsets(const Group* group) {
  if (group == nullptr) return Errc::group_id_not_found;
  const auto* classic = std::get_if<ClassicGroup>(group);
  if (classic == nullptr) return Errc::none;
  // Of a group whose subscriptions are not known, every topic may be in use.
  const bool unknown_use = !classic->is(ClassicState::empty) && !classic->uses_consumer_protocol();
  return unknown_use ? Errc::non_empty_group : Errc::none;
}

}  // namespace

void delete_offsets(Machine& machine, const Ask& ask, const protocol::OffsetDeleteRequest& request,
                    Step& out) {
  protocol::OffsetDeleteResponse response;
  const Group* group = machine.group(request.group_id);
  response.error_code =
      request.group_id.empty() ? Errc::invalid_group_id : check_delete_offsets(group);
  if (response.error_code != Errc::none) return out.answer(ask.id, std::move(response));
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    const bool in_use = subscribes(*group, topic.name);
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back(
          {.partition_index = partition.partition_index,
           .error_code = in_use ? Errc::group_subscribed_to_topic : Errc::none});
      if (!in_use && has_offset(machine, request.group_id, topic.name, partition.partition_index)) {
        out.append(
            offset_commit_tombstone(request.group_id, topic.name, partition.partition_index));
      }
    }
  }
  out.answer(ask.id, std::move(response));
}

void delete_groups(Machine& machine, const Ask& ask, const std::vector<std::string>& groups,
                   Step& out) {
  std::vector<protocol::DeleteGroupsResponse::DeletableGroupResult> results;
  for (const std::string& id : groups) {
    const Group* group = machine.group(id);
    const Errc code = group == nullptr   ? Errc::group_id_not_found
                      : is_empty(*group) ? Errc::none
                                         : Errc::non_empty_group;
    results.push_back({.group_id = id, .error_code = code});
    if (code != Errc::none) continue;
    append_offset_tombstones(machine, id, out);
    append_group_tombstones(id, *group, out);
  }
  out.answer(ask.id, std::move(results));
}

void drop_offsets_of_topics(Machine& machine, const std::vector<DeletedTopic>& topics, Step& out) {
  for (const DeletedTopic& topic : topics) {
    for (const auto& holder : machine.offsets.holders_of(topic.name)) {
      // Those of a topic that bears the name since then stay.
      if (!holder.topic_id.is_zero() && holder.topic_id != topic.id) continue;
      append_apart(offset_commit_tombstone(holder.group, topic.name, holder.partition), out);
    }
  }
}

void start_expiry(Machine& machine, Now now) {
  machine.timers.set({TimerKind::expiry, "", ""},
                     now.instant + machine.settings.offsets_retention_check_interval);
}

void expire(Machine& machine, Now now, Step& out) {
  for (const auto& [id, group] : machine.groups) {
    const bool nothing_left = expire_offsets(machine, id, group, now.wall, out);
    if (nothing_left && is_empty(group)) append_group_tombstones(id, group, out);
  }
  start_expiry(machine, now);
}

}  // namespace moldau::group
