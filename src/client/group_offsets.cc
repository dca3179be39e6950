#include "client/group_offsets.h"

#include "client/backoff.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_fetch.h"

namespace moldau::client {
namespace {

// From version 10 on both name topics by id; a topic may have none here (an old broker's), and
// names say the same.
constexpr ApiVersion k_last_with_names{9};

template <class Topic>
Topic& topic_of(std::vector<Topic>& topics, const std::string& name) {
  if (topics.empty() || topics.back().name != name) topics.emplace_back().name = name;
  return topics.back();
}

}  // namespace

bool may_pass(Errc code) { return facts(code).retry != Retry::no; }

env::Task<Result<PartitionErrors>> commit_once(CoordinatorLink& link,
                                               std::optional<MemberIdentity> as,
                                               GroupOffsets offsets) {
  protocol::OffsetCommitRequest request;
  request.group_id = link.key();
  if (as) {
    request.generation_id_or_member_epoch = as->epoch;
    request.member_id = as->member_id;
    request.group_instance_id = as->instance_id;
  }
  for (const auto& [partition, committed] : offsets) {
    auto& one = topic_of(request.topics, partition.topic).partitions.emplace_back();
    one.partition_index = partition.partition;
    one.committed_offset = committed.offset;
    one.committed_leader_epoch = committed.leader_epoch;
    one.committed_metadata = committed.metadata;
  }
  CO_TRY(const protocol::OffsetCommitResponse answer,
         co_await link.ask<protocol::OffsetCommitRequest, protocol::OffsetCommitResponse>(
             std::move(request), std::nullopt, k_last_with_names));
  PartitionErrors out;
  for (const auto& topic : answer.topics) {
    for (const auto& partition : topic.partitions) {
      out[{topic.name, partition.partition_index}] = partition.error_code;
      link.heed(partition.error_code);
    }
  }
  co_return out;
}

env::Task<Result<void>> commit_offsets(CoordinatorLink& link, std::optional<MemberIdentity> as,
                                       GroupOffsets offsets) {
  if (offsets.empty()) co_return Result<void>{};
  env::Env& env = link.cluster().env();
  const Instant deadline = env.clock.now() + link.cluster().settings().api_timeout;
  for (Backoff backoff;;) {
    const auto answer = co_await commit_once(link, as, offsets);
    Error failed(Errc::none);
    if (!answer) failed = answer.error();
    if (answer) {
      for (const auto& [partition, code] : *answer) {
        if (code == Errc::none) continue;
        if (failed.code() == Errc::none || !may_pass(code)) failed = Error(code);
      }
    }
    if (failed.code() == Errc::none) co_return Result<void>{};
    if (!may_pass(failed.code()) || env.clock.now() >= deadline) co_return fail(failed);
    co_await env::sleep_for(env, backoff.next(link.cluster().settings().retry_backoff));
  }
}

env::Task<Result<GroupOffsets>> fetch_offsets_once(CoordinatorLink& link, OffsetQuestion question) {
  protocol::OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = link.key();
  if (question.as) {
    group.member_id = question.as->member_id;
    group.member_epoch = question.as->epoch;
  }
  if (question.partitions) {
    for (const TopicPartition& it : *question.partitions) {
      topic_of(*group.topics, it.topic).partition_indexes.push_back(it.partition);
    }
  } else {
    group.topics.reset();
  }
  request.require_stable = question.require_stable;
  CO_TRY(const protocol::OffsetFetchResponse answer,
         co_await link.ask<protocol::OffsetFetchRequest, protocol::OffsetFetchResponse>(
             std::move(request), std::nullopt, k_last_with_names));
  if (answer.groups.empty()) co_return fail(Errc::unknown_server_error);
  const auto& told = answer.groups.front();
  if (told.error_code != Errc::none) {
    link.heed(told.error_code);
    co_return fail(told.error_code);
  }
  GroupOffsets out;
  for (const auto& topic : told.topics) {
    for (const auto& it : topic.partitions) {
      if (it.error_code != Errc::none) co_return fail(it.error_code);
      if (it.committed_offset < Offset{0}) continue;
      out[{topic.name, it.partition_index}] = {it.committed_offset, it.committed_leader_epoch,
                                               it.metadata.value_or("")};
    }
  }
  co_return out;
}

env::Task<Result<GroupOffsets>> fetch_offsets(CoordinatorLink& link, OffsetQuestion question) {
  env::Env& env = link.cluster().env();
  const Instant deadline = env.clock.now() + link.cluster().settings().api_timeout;
  for (Backoff backoff;;) {
    auto answer = co_await fetch_offsets_once(link, question);
    if (answer || !may_pass(answer.error().code()) || env.clock.now() >= deadline) {
      co_return answer;
    }
    co_await env::sleep_for(env, backoff.next(link.cluster().settings().retry_backoff));
  }
}

}  // namespace moldau::client
