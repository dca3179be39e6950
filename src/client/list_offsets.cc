#include "client/list_offsets.h"

#include "client/backoff.h"
#include "protocol/api/list_offsets.h"

namespace moldau::client {
namespace {

env::Task<Result<FoundOffset>> list_offset(Cluster& cluster, TopicPartition partition,
                                           std::int64_t timestamp, Isolation isolation) {
  const auto place = cluster.place_of(partition.topic, partition.partition);
  if (!place || place->leader == k_no_broker) co_return fail(Errc::leader_not_available);
  protocol::ListOffsetsRequest request;
  request.replica_id = k_no_broker;
  request.isolation_level = static_cast<std::int8_t>(isolation);
  request.timeout_ms = cluster.settings().request_timeout;
  auto& topic = request.topics.emplace_back();
  topic.name = partition.topic;
  auto& one = topic.partitions.emplace_back();
  one.partition_index = partition.partition;
  one.current_leader_epoch = place->leader_epoch;
  one.timestamp = timestamp_of(timestamp);
  CO_TRY(const protocol::ListOffsetsResponse answer,
         co_await cluster.ask<protocol::ListOffsetsRequest, protocol::ListOffsetsResponse>(
             place->leader, std::move(request)));
  if (answer.topics.empty() || answer.topics[0].partitions.empty()) {
    co_return fail(Errc::unknown_server_error, "{}: an answer without the partition", partition);
  }
  const auto& told = answer.topics[0].partitions[0];
  if (told.error_code != Errc::none) co_return fail(told.error_code);
  co_return FoundOffset{told.offset, told.timestamp, told.leader_epoch};
}

env::Task<Result<FoundOffset>> find_with_retries(Cluster& cluster, TopicPartition partition,
                                                 std::int64_t timestamp, Isolation isolation) {
  env::Env& env = cluster.env();
  const Instant deadline = env.clock.now() + cluster.settings().api_timeout;
  Backoff backoff;
  while (true) {
    auto found = co_await list_offset(cluster, partition, timestamp, isolation);
    if (found || facts(found.error().code()).retry == Retry::no) co_return found;
    if (env.clock.now() >= deadline) co_return found;
    const bool known = cluster.place_of(partition.topic, partition.partition).has_value();
    if (known) co_await env::sleep_for(env, backoff.next(cluster.settings().retry_backoff));
    // Without an answer the next turn fails the same way, until the deadline.
    const auto refreshed = co_await cluster.refresh(std::vector<std::string>{partition.topic});
    if (!refreshed || !cluster.place_of(partition.topic, partition.partition)) {
      co_await env::sleep_for(env, backoff.next(cluster.settings().retry_backoff));
    }
  }
}

}  // namespace

env::Task<Result<FoundOffset>> find_offset(Cluster& cluster, TopicPartition partition,
                                           OffsetSpec spec, Isolation isolation) {
  return find_with_retries(cluster, std::move(partition), static_cast<std::int64_t>(spec),
                           isolation);
}

env::Task<Result<FoundOffset>> find_offset_for_time(Cluster& cluster, TopicPartition partition,
                                                    Timestamp at) {
  return find_with_retries(cluster, std::move(partition), to_millis(at),
                           Isolation::read_uncommitted);
}

env::Task<Result<FoundOffset>> find_reset_offset(Cluster& cluster, TopicPartition partition,
                                                 ResetPolicy policy, Isolation isolation) {
  switch (policy.kind) {
    case ResetPolicy::Kind::earliest:
      co_return co_await find_offset(cluster, std::move(partition), OffsetSpec::earliest,
                                     isolation);
    case ResetPolicy::Kind::latest:
      break;
    case ResetPolicy::Kind::by_duration: {
      const Timestamp at = cluster.env().clock.wall() - policy.duration;
      CO_TRY(const FoundOffset found, co_await find_offset_for_time(cluster, partition, at));
      if (found.offset != k_no_offset) co_return found;
      break;
    }
    case ResetPolicy::Kind::none:
      co_return fail(Errc::offset_out_of_range, "no reset policy for {}", partition);
  }
  co_return co_await find_offset(cluster, std::move(partition), OffsetSpec::latest, isolation);
}

}  // namespace moldau::client
