#include "protocol/api/describe_producers.h"

#include <utility>
#include <variant>

#include "base/limits.h"
#include "base/topic_name.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using PartitionAnswer = DescribeProducersResponse::PartitionResponse;
using ProducerAnswer = DescribeProducersResponse::ProducerState;

struct ProducersAsk {
  TopicIdPartition id;
};
struct Place {
  std::size_t topic;
  std::size_t partition;
};

struct Fault {
  Errc error = Errc::none;
  std::optional<std::string> message;
};

Fault fault_of(const RequestContext& context, const std::string& topic) {
  if (const Result<void> legal = check_topic_name(topic); !legal) {
    return {.error = legal.error().code(), .message = std::string{legal.error().text()}};
  }
  Fault fault;
  if (!context.allows(security::Operation::read, security::ResourceType::topic, topic)) {
    fault.error = Errc::topic_authorization_failed;
  } else if (context.image().topics.find(topic) == nullptr) {
    fault.error = Errc::unknown_topic_or_partition;
  }
  if (fault.error != Errc::none) fault.message = std::string{facts(fault.error).text};
  return fault;
}

// A replica that follows has the same producers, and answers too.
std::vector<ProducerAnswer> producers_of(const log::ProducerState& state) {
  std::vector<ProducerAnswer> out;
  out.reserve(state.size());
  for (const log::ProducerEntry& entry : state.entries()) {
    out.push_back({.producer_id = entry.producer_id,
                   .producer_epoch = entry.producer_epoch.value(),
                   .last_sequence = entry.last_sequence(),
                   .last_timestamp = entry.last_timestamp,
                   .coordinator_epoch = entry.coordinator_epoch,
                   .current_txn_start_offset = entry.txn_first_offset.value_or(k_no_offset)});
  }
  return out;
}

env::Task<std::vector<PartitionAnswer>> answer_here(Shard& shard, std::monostate /*common*/,
                                                    std::vector<ProducersAsk> asks) {
  std::vector<PartitionAnswer> answers;
  answers.reserve(asks.size());
  std::size_t told = 0;
  for (const ProducersAsk& ask : asks) {
    PartitionAnswer& answer = answers.emplace_back();
    const std::shared_ptr<Partition> partition = shard.partitions.find(ask.id);
    if (partition == nullptr) {
      answer.error_code = Errc::not_leader_or_follower;
    } else if (partition->log().offline()) {
      answer.error_code = Errc::kafka_storage_error;
    } else if (told += partition->log().producers().size();
               std::cmp_greater(told, k_described_producers_max.value)) {
      // A short request may name a partition of many producers many times.
      answer.error_code = Errc::invalid_request;
    } else {
      answer.active_producers = producers_of(partition->log().producers());
    }
  }
  co_return answers;
}

}  // namespace

Answer<DescribeProducersResponse> describe_producers(RequestContext& context,
                                                     DescribeProducersRequest request) {
  DescribeProducersResponse response;
  std::vector<ProducersAsk> asks;
  std::vector<Place> places;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    const Fault fault = fault_of(context, topic.name);
    for (const PartitionIndex partition : topic.partition_indexes) {
      PartitionAnswer& answer = out.partitions.emplace_back();
      answer.partition_index = partition;
      answer.error_code = fault.error;
      answer.error_message = fault.message;
      if (fault.error != Errc::none) continue;
      const Located located = locate(context.image(), topic.name, partition);
      answer.error_code = located.error;
      if (located.error != Errc::none) continue;
      asks.push_back({located.id});
      places.push_back({response.topics.size() - 1, out.partitions.size() - 1});
    }
  }
  std::vector<PartitionAnswer> answers =
      co_await ask_owners<PartitionAnswer, std::monostate, ProducersAsk>(
          context.shard, {}, std::move(asks), &answer_here);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    PartitionAnswer& out = response.topics[places[i].topic].partitions[places[i].partition];
    answers[i].partition_index = out.partition_index;
    out = std::move(answers[i]);
  }
  co_return response;
}

}  // namespace moldau::broker
