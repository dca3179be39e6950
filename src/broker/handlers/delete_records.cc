#include "protocol/api/delete_records.h"

#include <absl/container/flat_hash_map.h>

#include <utility>

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;

struct DeleteAsk {
  TopicIdPartition id;
  Offset end;
};
struct Nothing {};

env::Task<std::vector<DeletedRecords>> delete_here(Shard& shard, Nothing /*common*/,
                                                   std::vector<DeleteAsk> asks) {
  std::vector<DeletedRecords> answers;
  answers.reserve(asks.size());
  for (const DeleteAsk& ask : asks) {
    const std::shared_ptr<Partition> partition = shard.partitions.find(ask.id);
    if (partition == nullptr) {
      answers.push_back({.error = Errc::not_leader_or_follower});
    } else {
      answers.push_back(co_await partition->delete_records(ask.end));
    }
  }
  co_return answers;
}

struct Place {
  std::size_t topic;
  std::size_t partition;
};
struct Sorted {
  DeleteRecordsResponse response;
  std::vector<DeleteAsk> asks;
  std::vector<Place> places;
};

Errc fault_of(const RequestContext& context, const std::string& topic, const Located& located) {
  if (!context.allows(security::Operation::remove, security::ResourceType::topic, topic)) {
    return Errc::topic_authorization_failed;
  }
  if (located.error != Errc::none) return located.error;
  return is_internal_topic(topic) ? Errc::invalid_topic_exception : Errc::none;
}

// A partition that is named again counts as named last.
Sorted sort_out(const RequestContext& context, const DeleteRecordsRequest& request) {
  Sorted sorted;
  absl::flat_hash_map<std::string, std::size_t> topics;  // to where they stand in the response
  absl::flat_hash_map<std::pair<std::string, PartitionIndex>, Offset> last;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      last[{topic.name, partition.partition_index}] = partition.offset;
    }
  }
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const auto named = last.find({topic.name, partition.partition_index});
      if (named == last.end()) continue;
      const auto [place, is_new] = topics.try_emplace(topic.name, sorted.response.topics.size());
      if (is_new) sorted.response.topics.emplace_back().name = topic.name;
      auto& out = sorted.response.topics[place->second].partitions;
      const Located located = locate(context.image(), topic.name, partition.partition_index);
      const Errc fault = fault_of(context, topic.name, located);
      out.push_back({.partition_index = partition.partition_index,
                     .low_watermark = k_no_offset,
                     .error_code = fault});
      if (fault == Errc::none) {
        sorted.asks.push_back({located.id, named->second});
        sorted.places.push_back({place->second, out.size() - 1});
      }
      last.erase(named);
    }
  }
  return sorted;
}

}  // namespace

// What was answered stays deleted over a crash; Apache Kafka writes the checkpoint within a minute.
Answer<DeleteRecordsResponse> delete_records(RequestContext& context,
                                             DeleteRecordsRequest request) {
  Sorted sorted = sort_out(context, request);
  const NodeFacts& facts = context.shard.facts;
  const std::vector<DeletedRecords> answers = co_await ask_owners<DeletedRecords>(
      context.shard, Nothing{}, std::move(sorted.asks), &delete_here);
  bool moved = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& out =
        sorted.response.topics[sorted.places[i].topic].partitions[sorted.places[i].partition];
    out.error_code = answers[i].error;
    out.low_watermark = answers[i].low_watermark;
    moved = moved || answers[i].error == Errc::none;
  }
  if (moved && facts.write_checkpoints) {
    const Result<void> written = co_await env::call_on<Result<void>>(
        context.env(), facts.shards.front()->port, [&facts] { return facts.write_checkpoints(); });
    if (!written) {
      for (const Place& place : sorted.places) {
        auto& out = sorted.response.topics[place.topic].partitions[place.partition];
        if (out.error_code != Errc::none) continue;
        out.error_code = Errc::kafka_storage_error;
        out.low_watermark = k_no_offset;
      }
    }
  }
  co_return std::move(sorted.response);
}

}  // namespace moldau::broker
