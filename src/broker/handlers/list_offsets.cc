#include "protocol/api/list_offsets.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <optional>
#include <utility>

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using replica::Visible;

// The timestamps that ask for a place and not for a time.
constexpr Timestamp k_latest = timestamp_of(-1);
constexpr Timestamp k_earliest = timestamp_of(-2);
constexpr Timestamp k_max_timestamp = timestamp_of(-3);            // KIP-734
constexpr Timestamp k_earliest_local = timestamp_of(-4);           // KIP-405
constexpr Timestamp k_latest_tiered = timestamp_of(-5);            // KIP-1005
constexpr Timestamp k_earliest_pending_upload = timestamp_of(-6);  // KIP-1023

constexpr BrokerId k_consumer{-1};
constexpr BrokerId k_debugging{-2};
constexpr ApiVersion k_first_with_offset_not_available{5};

// The first version that may ask for it; nullopt: no version may.
std::optional<ApiVersion> first_version_of(Timestamp asked) {
  if (asked >= timestamp_of(0) || asked == k_latest || asked == k_earliest) return ApiVersion{1};
  if (asked == k_max_timestamp) return ApiVersion{7};
  if (asked == k_earliest_local) return ApiVersion{8};
  if (asked == k_latest_tiered) return ApiVersion{9};
  if (asked == k_earliest_pending_upload) return ApiVersion{11};
  return std::nullopt;
}

struct OffsetAsk {
  TopicIdPartition id;
  Timestamp timestamp;
  LeaderEpoch current_leader_epoch;
};
struct OffsetCommon {
  Visible visible = Visible::high_watermark;
  bool is_client = true;
  bool leader_only = true;
};
struct OffsetAnswer {
  Errc error = Errc::none;
  log::TimestampOffset found;  // offset -1: there is none
};

env::Task<OffsetAnswer> answer_one(std::shared_ptr<Partition> partition, OffsetAsk ask,
                                   OffsetCommon common) {
  OffsetAnswer answer;
  answer.error = partition->check_leader(ask.current_leader_epoch);
  if (answer.error == Errc::not_leader_or_follower && !common.leader_only) {
    answer.error = Errc::none;
  }
  if (answer.error != Errc::none) co_return answer;
  replica::Leader* const leader = partition->leader();
  const Offset end =
      leader == nullptr ? partition->high_watermark() : leader->end_of(common.visible);
  // A new leader does not know yet how far its predecessor had told consumers (KIP-207).
  const bool lags =
      common.is_client && partition->epoch_start_offset() > partition->high_watermark();
  if (ask.timestamp == k_latest) {
    if (lags)
      answer.error = Errc::offset_not_available;
    else
      answer.found = {k_no_timestamp, end, partition->leader_epoch()};
    co_return answer;
  }
  if (ask.timestamp == k_earliest || ask.timestamp == k_earliest_local) {
    answer.found = partition->log().earliest();
    co_return answer;
  }
  // Without tiered storage there is nothing tiered, and nothing waits to be.
  if (ask.timestamp == k_latest_tiered || ask.timestamp == k_earliest_pending_upload)
    co_return answer;
  Result<std::optional<log::TimestampOffset>> found =
      ask.timestamp == k_max_timestamp
          ? co_await partition->log().offset_of_max_timestamp()
          : co_await partition->log().offset_for_timestamp(ask.timestamp);
  if (!found) {
    answer.error = found.error().code();
  } else if (*found && (*found)->offset < end) {
    answer.found = **found;
  } else if (lags) {
    answer.error = Errc::offset_not_available;
  }
  co_return answer;
}

env::Task<std::vector<OffsetAnswer>> answer_here(Shard& shard, OffsetCommon common,
                                                 std::vector<OffsetAsk> asks) {
  std::vector<OffsetAnswer> answers;
  answers.reserve(asks.size());
  for (const OffsetAsk& ask : asks) {
    std::shared_ptr<Partition> partition = shard.partitions.find(ask.id);
    if (partition == nullptr) {
      answers.push_back({.error = Errc::not_leader_or_follower, .found = {}});
    } else {
      answers.push_back(co_await answer_one(std::move(partition), ask, common));
    }
  }
  co_return answers;
}

OffsetCommon common_of(const ListOffsetsRequest& request) {
  OffsetCommon common;
  common.is_client = request.replica_id == k_consumer;
  common.leader_only = request.replica_id != k_debugging;
  common.visible = !common.is_client              ? Visible::log_end
                   : request.isolation_level == 1 ? Visible::last_stable_offset
                                                  : Visible::high_watermark;
  return common;
}

struct Place {
  std::size_t topic;
  std::size_t partition;
};
struct Sorted {
  ListOffsetsResponse response;
  std::vector<OffsetAsk> asks;
  std::vector<Place> places;
};

using Names = absl::flat_hash_set<std::pair<std::string, PartitionIndex>>;

// A partition that comes twice is refused, once.
Names duplicates_of(const ListOffsetsRequest& request) {
  Names seen;
  Names twice;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      std::pair<std::string, PartitionIndex> key{topic.name, partition.partition_index};
      if (!seen.insert(key).second) twice.insert(std::move(key));
    }
  }
  return twice;
}

Sorted sort_out(RequestContext& context, const ListOffsetsRequest& request) {
  Sorted sorted;
  const Names twice = duplicates_of(request);
  Names refused;
  absl::flat_hash_map<std::string, std::size_t> topics;  // to where they stand in the response
  for (const auto& topic : request.topics) {
    if (topic.partitions.empty()) continue;
    const bool allowed =
        context.allows(security::Operation::describe, security::ResourceType::topic, topic.name);
    const auto [place, is_new] = topics.try_emplace(topic.name, sorted.response.topics.size());
    if (is_new) sorted.response.topics.emplace_back().name = topic.name;
    auto& out = sorted.response.topics[place->second];
    for (const auto& partition : topic.partitions) {
      if (twice.contains({topic.name, partition.partition_index}) &&
          !refused.insert({topic.name, partition.partition_index}).second) {
        continue;
      }
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      const Located located = locate(context.image(), topic.name, partition.partition_index);
      const std::optional<ApiVersion> since = first_version_of(partition.timestamp);
      if (!allowed) {
        answer.error_code = Errc::topic_authorization_failed;
      } else if (twice.contains({topic.name, partition.partition_index})) {
        answer.error_code = Errc::invalid_request;
      } else if (!since || context.version() < *since) {
        answer.error_code = Errc::unsupported_version;
      } else if (located.error != Errc::none) {
        answer.error_code = located.error;
      } else {
        sorted.asks.push_back({located.id, partition.timestamp, partition.current_leader_epoch});
        sorted.places.push_back({place->second, out.partitions.size() - 1});
      }
    }
  }
  return sorted;
}

}  // namespace

Answer<ListOffsetsResponse> list_offsets(RequestContext& context, ListOffsetsRequest request) {
  Sorted sorted = sort_out(context, request);
  const std::vector<OffsetAnswer> answers = co_await ask_owners<OffsetAnswer>(
      context.shard, common_of(request), std::move(sorted.asks), &answer_here);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Place& place = sorted.places[i];
    auto& out = sorted.response.topics[place.topic].partitions[place.partition];
    out.error_code = answers[i].error;
    if (out.error_code == Errc::offset_not_available &&
        context.version() < k_first_with_offset_not_available) {
      out.error_code = Errc::leader_not_available;
    }
    if (out.error_code != Errc::none) continue;
    out.timestamp = answers[i].found.timestamp;
    out.offset = answers[i].found.offset;
    if (context.version() >= ApiVersion{4}) out.leader_epoch = answers[i].found.leader_epoch;
  }
  co_return std::move(sorted.response);
}

}  // namespace moldau::broker
