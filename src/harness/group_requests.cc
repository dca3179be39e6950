#include "harness/group_requests.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_fetch.h"

namespace moldau::harness {

namespace {

using client::TopicPartition;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

// Members of the consumer protocol say their epoch; before these versions they could not.
constexpr ApiVersion k_commit_with_epoch{9};
constexpr ApiVersion k_commit_with_instance{7};
constexpr ApiVersion k_fetch_with_epoch{9};
constexpr ApiVersion k_fetch_with_groups{8};
constexpr ApiVersion k_fetch_stable{7};
constexpr ApiVersion k_commit_with_topic_ids{10};
constexpr ApiVersion k_fetch_with_topic_ids{10};

// `topics` gets one entry of `Topic` for each topic, and what `add` puts into it.
template <class Topic, class Partitions, class Add>
void by_topic(std::vector<Topic>& topics, const Partitions& partitions, const Add& add) {
  for (const auto& one : partitions) {
    const TopicPartition* at = nullptr;
    if constexpr (requires { one.first; }) {
      at = &one.first;
    } else {
      at = &one;
    }
    if (topics.empty() || topics.back().name != at->topic) topics.emplace_back().name = at->topic;
    add(topics.back(), one);
  }
}

env::Task<Result<Commits>> fetch_as_before_8(ClusterClient& client, GroupPlan& group,
                                             std::set<TopicPartition> of) {
  OffsetFetchRequest request;
  request.group_id = group.id;
  request.require_stable = group.output != nullptr;
  by_topic(*request.topics, of, [](auto& topic, const TopicPartition& one) {
    topic.partition_indexes.push_back(one.partition);
  });
  const ApiVersion least = request.require_stable ? k_fetch_stable : ApiVersion{1};
  CO_TRY(const OffsetFetchResponse answer,
         (co_await client.ask<OffsetFetchRequest, OffsetFetchResponse>(
             std::move(request), least, ApiVersion{k_fetch_with_groups.value() - 1})));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  Commits shown;
  for (const auto& topic : answer.topics) {
    for (const auto& one : topic.partitions) {
      if (one.error_code == Errc::unstable_offset_commit) continue;
      if (one.error_code != Errc::none) co_return fail(one.error_code);
      shown[{topic.name, one.partition_index}] = {one.committed_offset, one.metadata.value_or("")};
    }
  }
  co_return shown;
}

using TopicIds = std::map<std::string, Uuid>;

std::string name_of(const TopicIds& ids, const std::string& name, const Uuid& id) {
  const auto found = std::ranges::find(ids, id, [](const auto& one) { return one.second; });
  return name.empty() && found != ids.end() ? found->first : name;
}

env::Task<Result<Commits>> fetch_by_group(ClusterClient& client, GroupPlan& group,
                                          std::set<TopicPartition> of, std::optional<Identity> as) {
  const TopicIds ids = group.topic_ids();
  OffsetFetchRequest request;
  request.require_stable = group.output != nullptr;
  auto& asked = request.groups.emplace_back();
  asked.group_id = group.id;
  const bool says_epoch = as && as->consumer_protocol;
  if (says_epoch) {
    asked.member_id = as->member_id;
    asked.member_epoch = as->epoch;
  }
  by_topic(*asked.topics, of, [&](auto& topic, const TopicPartition& one) {
    topic.topic_id = ids.at(topic.name);
    topic.partition_indexes.push_back(one.partition);
  });
  ApiVersion least = says_epoch ? k_fetch_with_epoch : k_fetch_with_groups;
  if (group.changes) least = k_fetch_with_topic_ids;
  CO_TRY(const OffsetFetchResponse answer,
         (co_await client.ask<OffsetFetchRequest, OffsetFetchResponse>(std::move(request), least)));
  if (answer.groups.size() != 1) co_return fail(Errc::bad_frame);
  if (answer.groups[0].error_code != Errc::none) co_return fail(answer.groups[0].error_code);
  Commits shown;
  for (const auto& topic : answer.groups[0].topics) {
    for (const auto& one : topic.partitions) {
      if (one.error_code == Errc::unstable_offset_commit) continue;
      if (one.error_code != Errc::none) co_return fail(one.error_code);
      const std::string name = name_of(ids, topic.name, topic.topic_id);
      shown[{name, one.partition_index}] = {one.committed_offset, one.metadata.value_or("")};
    }
  }
  co_return shown;
}

}  // namespace

bool is_passing(Errc error) {
  switch (error) {
    case Errc::concurrent_transactions:
    case Errc::coordinator_load_in_progress:
    case Errc::coordinator_not_available:
    case Errc::not_coordinator:
    case Errc::not_leader_or_follower:
    case Errc::leader_not_available:
    case Errc::unknown_topic_or_partition:
    case Errc::unknown_topic_id:
    case Errc::not_enough_replicas:
    case Errc::not_enough_replicas_after_append:
    case Errc::request_timed_out:
    case Errc::network_exception:
    case Errc::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

env::Task<Result<CommitErrors>> commit_offsets(ClusterRun& run, ClusterClient& client,
                                               GroupPlan& group, MemberNumber member, Identity as,
                                               Commits commits) {
  if (run.wire_bug == WireBug::commits_not_fenced) {
    as = group.identity_of_owner(commits.begin()->first).value_or(as);
  }
  OffsetCommitRequest request;
  request.group_id = group.id;
  request.member_id = as.member_id;
  request.generation_id_or_member_epoch = as.epoch;
  request.group_instance_id = as.instance_id;
  TopicIds ids;
  for (const auto& [partition, commit] : commits) ids[partition.topic] = commit.topic_id;
  by_topic(request.topics, commits, [&](auto& topic, const auto& one) {
    topic.topic_id = ids.at(topic.name);
    topic.partitions.push_back({.partition_index = one.first.partition,
                                .committed_offset = one.second.offset,
                                .committed_metadata = one.second.metadata});
  });
  const auto is_there = [&](const TopicPartition& partition) {
    return group.topic(partition.topic).id == ids.at(partition.topic);
  };
  for (const auto& [partition, commit] : commits) {
    if (!is_there(partition)) continue;
    group.offsets.will_commit(partition, commit.offset, commit.metadata);
  }
  ApiVersion least = as.instance_id ? k_commit_with_instance : ApiVersion{2};
  if (as.consumer_protocol) least = k_commit_with_epoch;
  if (group.changes) least = k_commit_with_topic_ids;
  const Instant asked = run.world.now();
  CO_TRY(
      const OffsetCommitResponse answer,
      (co_await client.ask<OffsetCommitRequest, OffsetCommitResponse>(std::move(request), least)));
  CommitErrors errors;
  for (const auto& topic : answer.topics) {
    for (const auto& one : topic.partitions) {
      const TopicPartition partition{name_of(ids, topic.name, topic.topic_id), one.partition_index};
      errors[partition] = one.error_code;
      if (one.error_code != Errc::none || !is_there(partition)) continue;
      group.offsets.committed(partition, commits.at(partition).offset);
      run.check(group.ownership.committed(member, partition, asked));
    }
  }
  run.verdict.note("{} member {} commits x{} under {}: error {}", group.id, member, commits.size(),
                   as.epoch, errors.empty() ? -9 : static_cast<int>(errors.begin()->second));
  co_return errors;
}

env::Task<Result<Commits>> fetch_commits(ClusterRun& run, ClusterClient& client, GroupPlan& group,
                                         std::set<TopicPartition> of, std::optional<Identity> as) {
  const TopicIds ids = group.topic_ids();
  std::erase_if(of, [&](const TopicPartition& one) { return !ids.contains(one.topic); });
  std::map<TopicPartition, Offset> least;
  for (const TopicPartition& one : of) least[one] = group.offsets.least(one);
  const bool may_be_old = !(as && as->consumer_protocol) && !group.changes;
  const bool old = may_be_old && client.rng().one_in(4);
  Result<Commits> shown = fail(Errc::none);
  if (old) {
    shown = co_await fetch_as_before_8(client, group, of);
  } else {
    shown = co_await fetch_by_group(client, group, of, as);
  }
  if (!shown) co_return shown;
  // What goes meanwhile may be shown, or not any more.
  std::erase_if(*shown, [&](const auto& one) {
    return group.topic(one.first.topic).id != ids.at(one.first.topic);
  });
  for (const auto& [partition, commit] : *shown) {
    run.verdict.note("{} {}-{} is committed at {} \"{}\"", group.id, partition.topic,
                     partition.partition, commit.offset, commit.metadata);
    run.check(group.offsets.shown(partition, commit.offset, commit.metadata, least.at(partition)));
  }
  co_return shown;
}

}  // namespace moldau::harness
