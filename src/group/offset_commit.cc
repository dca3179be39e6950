#include "group/offset_commit.h"

#include "group/classic.h"
#include "protocol/utf16.h"
#include "record/wrapping.h"

namespace moldau::group {
namespace {

constexpr ApiVersion k_group_id_not_found_from{9};
constexpr ApiVersion k_stale_epoch_from{9};
constexpr ApiVersion k_txn_group_id_not_found_from{6};

bool is_too_long(const std::optional<std::string>& metadata, std::int32_t units_max) {
  if (!metadata) return false;
  std::int64_t units = 0;
  protocol::for_each_utf16_unit(*metadata, [&](std::uint16_t) { ++units; });
  return units > units_max;
}

// Partitions that can be committed as far as their metadata go.
struct CommittedTopic {
  const std::string& name;
  Uuid id;
  std::vector<PartitionIndex> partitions;
};

// Who commits, and what, in both requests.
struct Committer {
  const std::string& group;
  const std::string& member;
  const std::optional<std::string>& instance_id;
  std::int32_t generation;
  bool in_transaction;
  ApiVersion version;
  std::vector<CommittedTopic> topics;
};

template <class Request>
std::vector<CommittedTopic> topics_of(const Request& request, std::int32_t metadata_units_max) {
  std::vector<CommittedTopic> topics;
  for (const auto& topic : request.topics) {
    CommittedTopic& added = topics.emplace_back(CommittedTopic{topic.name, topic.topic_id, {}});
    for (const auto& partition : topic.partitions) {
      if (is_too_long(partition.committed_metadata, metadata_units_max)) continue;
      added.partitions.push_back(partition.partition_index);
    }
  }
  return topics;
}

Errc check_classic(ClassicGroup& group, const Committer& who) {
  if (who.generation < 0 && group.is(ClassicState::empty)) return Errc::none;
  if (who.generation >= 0 || !who.member.empty() || who.instance_id) {
    if (const Errc code = group.check_member(who.member, who.instance_id); code != Errc::none) {
      return code;
    }
    if (who.generation != group.generation()) return Errc::illegal_generation;
  } else if (!who.in_transaction && !group.is(ClassicState::empty)) {
    // A client without group management may commit only while nobody is in the group.
    return Errc::unknown_member_id;
  }
  if (!who.in_transaction && group.is(ClassicState::completing)) {
    return Errc::rebalance_in_progress;
  }
  return Errc::none;
}

// Who leaves a partition may still commit what it did with it, under the epoch it had then.
Errc check_older_epoch(const Machine& machine, const ConsumerMember& member, const Committer& who) {
  const Errc stale = member.classic ? Errc::illegal_generation : Errc::stale_member_epoch;
  for (const CommittedTopic& topic : who.topics) {
    Uuid id = topic.id;
    if (id.is_zero()) {
      const auto* known = machine.image->topics.find(std::string_view(topic.name));
      if (known != nullptr) id = known->id;
    }
    for (const PartitionIndex partition : topic.partitions) {
      const auto epoch = member.assignment_epoch(id, partition);
      if (!epoch || who.generation < *epoch) return stale;
    }
  }
  return Errc::none;
}

Errc check_consumer(const Machine& machine, const ConsumerGroup& group, const Committer& who) {
  if (who.generation < 0 && group.is_empty()) return Errc::none;
  const bool is_anonymous = who.generation == -1 && who.member.empty() && !who.instance_id;
  if (who.in_transaction && is_anonymous) return Errc::none;
  const ConsumerMember* member = group.member(who.member);
  if (member == nullptr) return Errc::unknown_member_id;
  if (!who.in_transaction && !member->classic && who.version < k_stale_epoch_from) {
    return Errc::unsupported_version;
  }
  if (who.generation == member->epoch) return Errc::none;
  if (who.generation > member->epoch) {
    return member->classic ? Errc::illegal_generation : Errc::stale_member_epoch;
  }
  return check_older_epoch(machine, *member, who);
}

Errc check_commit(Machine& machine, const Committer& who, bool knows_group_id_not_found) {
  Group* group = machine.group(who.group);
  if (group == nullptr) {
    if (who.generation >= 0) {
      return knows_group_id_not_found ? Errc::group_id_not_found : Errc::illegal_generation;
    }
    return Errc::none;  // the first offset that is replayed makes the group
  }
  if (auto* classic = std::get_if<ClassicGroup>(group)) return check_classic(*classic, who);
  const Errc code = check_consumer(machine, std::get<ConsumerGroup>(*group), who);
  // Older clients of transactions do not know the error (KIP-1319).
  const bool is_unknown_to_it = who.in_transaction && who.version < k_txn_group_id_not_found_from;
  return code == Errc::stale_member_epoch && is_unknown_to_it ? Errc::illegal_generation : code;
}

template <class Response, class Request>
Response commit_all(const Machine& machine, const Request& request, Timestamp now,
                    Timestamp expires, std::vector<coordinator::Record>& records) {
  Response response = answer_all<Response>(request.topics, Errc::none);
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      const auto& partition = topic.partitions[p];
      if (is_too_long(partition.committed_metadata, machine.settings.offset_metadata_max_bytes)) {
        response.topics[t].partitions[p].error_code = Errc::offset_metadata_too_large;
        continue;
      }
      records.push_back(offset_commit_record(
          {.group = request.group_id, .topic = topic.name, .partition = partition.partition_index},
          {.offset = partition.committed_offset,
           .leader_epoch = std::max(partition.committed_leader_epoch, k_no_leader_epoch),
           .metadata = partition.committed_metadata.value_or(""),
           .commit_timestamp = now,
           .expire_timestamp = expires,
           .topic_id = topic.topic_id}));
    }
  }
  return response;
}

}  // namespace

void commit_offsets(Machine& machine, const Ask& ask, const protocol::OffsetCommitRequest& request,
                    Now now, Step& out) {
  using Response = protocol::OffsetCommitResponse;
  const Committer who{request.group_id,
                      request.member_id,
                      request.group_instance_id,
                      request.generation_id_or_member_epoch,
                      false,
                      ask.version,
                      topics_of(request, machine.settings.offset_metadata_max_bytes)};
  const Errc code = check_commit(machine, who, ask.version >= k_group_id_not_found_from);
  if (code != Errc::none) return out.answer(ask.id, answer_all<Response>(request.topics, code));
  if (ClassicGroup* group = machine.classic(request.group_id)) {
    // A commit keeps the session alive, as a heartbeat does.
    ClassicMember* member = group->member(request.member_id);
    const bool counts = group->is(ClassicState::stable) || group->is(ClassicState::preparing);
    if (member != nullptr && counts) classic::keep_session(machine, request.group_id, *member, now);
  }
  const Timestamp expires = request.retention_time_ms == Milliseconds{-1}
                                ? k_no_timestamp
                                : timestamp_of(record::wrapping_add(
                                      to_millis(now.wall), request.retention_time_ms.count()));
  std::vector<coordinator::Record> records;
  Response response = commit_all<Response>(machine, request, now.wall, expires, records);
  for (auto& record : records) out.append(std::move(record));
  out.answer(ask.id, std::move(response));
}

void commit_offsets_in_transaction(Machine& machine, const Ask& ask,
                                   const protocol::TxnOffsetCommitRequest& request, Now now,
                                   Step& out) {
  using Response = protocol::TxnOffsetCommitResponse;
  if (request.group_id.empty()) {
    return out.answer(ask.id, answer_all<Response>(request.topics, Errc::invalid_group_id));
  }
  const Committer who{request.group_id,
                      request.member_id,
                      request.group_instance_id,
                      request.generation_id_or_member_epoch,
                      true,
                      ask.version,
                      topics_of(request, machine.settings.offset_metadata_max_bytes)};
  const Errc code = check_commit(machine, who, ask.version >= k_txn_group_id_not_found_from);
  if (code != Errc::none) return out.answer(ask.id, answer_all<Response>(request.topics, code));
  coordinator::Batch batch{
      .records = {},
      .producer = coordinator::Producer{request.producer_id, request.producer_epoch}};
  Response response =
      commit_all<Response>(machine, request, now.wall, k_no_timestamp, batch.records);
  if (!batch.records.empty()) out.batches.push_back(std::move(batch));
  out.answer(ask.id, std::move(response));
}

void replay_offset_commit(Machine& machine, Offset offset, const OffsetCommitEntry& entry,
                          const std::optional<coordinator::Producer>& producer) {
  const auto& [group, topic, partition, unknown_tags] = entry.key;
  if (!entry.value) return machine.offsets.drop(group, topic, partition);
  machine.ensure_group(group, entry.value->commit_timestamp);
  CommittedOffset committed{.offset = entry.value->offset,
                            .leader_epoch = entry.value->leader_epoch,
                            .metadata = entry.value->metadata,
                            .committed = entry.value->commit_timestamp,
                            .expires = entry.value->expire_timestamp,
                            .topic_id = entry.value->topic_id,
                            .record_offset = offset};
  if (producer) {
    machine.offsets.put_pending(producer->id, group, topic, partition, std::move(committed));
  } else {
    machine.offsets.put(group, topic, partition, std::move(committed));
  }
}

}  // namespace moldau::group
