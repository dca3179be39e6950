#include "protocol/api/describe_topic_partitions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/topic_name.h"
#include "broker/authorized_operations.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_metadata.h"

namespace moldau::broker {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using ResponseTopic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using ResponsePartition = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

ResponsePartition describe(const metadata::Image& image, const metadata::Partition& partition,
                           std::string_view listener) {
  ResponsePartition out;
  out.partition_index = partition.index;
  out.leader_id =
      endpoint_of(image, partition.leader, listener) == nullptr ? k_no_broker : partition.leader;
  out.leader_epoch = partition.leader_epoch;
  out.replica_nodes = partition.replicas;
  out.isr_nodes = partition.isr;
  out.offline_replicas = offline_replicas(image, partition, listener);
  out.eligible_leader_replicas = partition.elr;
  out.last_known_elr = partition.last_known_elr;
  return out;
}

ResponseTopic refused(Errc error, const std::string& name) {
  ResponseTopic topic;
  topic.error_code = error;
  topic.name = name;
  topic.is_internal = is_internal_topic(name);
  return topic;
}

// Kafka answers a request that breaks a rule with the error at each topic that it names.
DescribeTopicPartitionsResponse all_refused(const DescribeTopicPartitionsRequest& request) {
  DescribeTopicPartitionsResponse response;
  response.next_cursor = std::nullopt;
  for (const auto& topic : request.topics) {
    ResponseTopic out = refused(Errc::invalid_request, topic.name);
    out.is_internal = false;
    response.topics.push_back(std::move(out));
  }
  return response;
}

// Fills pages: a topic after the other, by name, until the partitions are as many as allowed.
class Page {
 public:
  Page(RequestContext& context, std::int32_t partitions_max, bool skip_unknown)
      : context_(context), left_(partitions_max), skip_unknown_(skip_unknown) {
    response_.next_cursor = std::nullopt;
  }

  // False when the page is full.
  bool add(const std::string& name, std::int32_t first_partition) {
    if (left_ == 0) {
      stop_at(name, 0);
      return false;
    }
    const metadata::Topic* topic = context_.image().topics.find(name);
    if (topic == nullptr) {
      if (!skip_unknown_) add_unknown(name);
      return true;
    }
    ResponseTopic out;
    out.name = name;
    out.topic_id = topic->id;
    out.is_internal = is_internal_topic(name);
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    const std::int32_t end = first_partition >= count          ? count
                             : count - first_partition > left_ ? first_partition + left_
                                                               : count;
    for (std::int32_t i = first_partition; i < end; ++i) {
      out.partitions.push_back(describe(context_.image(),
                                        *topic->partitions[static_cast<std::size_t>(i)],
                                        context_.connection.listener));
    }
    left_ -= static_cast<std::int32_t>(out.partitions.size());
    out.topic_authorized_operations = authorized_topic_operations(context_, name);
    response_.topics.push_back(std::move(out));
    if (end < count) {
      stop_at(name, end);
      return false;
    }
    return true;
  }
  [[nodiscard]] DescribeTopicPartitionsResponse& response() { return response_; }

 private:
  void add_unknown(const std::string& name) {
    ResponseTopic out = refused(
        check_topic_name(name) ? Errc::unknown_topic_or_partition : Errc::invalid_topic_exception,
        name);
    out.topic_authorized_operations = authorized_topic_operations(context_, name);
    response_.topics.push_back(std::move(out));
  }
  void stop_at(const std::string& name, std::int32_t partition) {
    response_.next_cursor.emplace();
    response_.next_cursor->topic_name = name;
    response_.next_cursor->partition_index = PartitionIndex{partition};
  }

  RequestContext& context_;
  std::int32_t left_;
  bool skip_unknown_;
  DescribeTopicPartitionsResponse response_;
};

}  // namespace

Answer<DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext& context, DescribeTopicPartitionsRequest request) {
  const bool all = request.topics.empty();
  const std::string from = request.cursor ? request.cursor->topic_name : "";
  std::set<std::string> names;
  if (all) {
    const auto& by_name = context.image().topics.by_name;
    for (auto at = by_name.lower_bound(from); at != by_name.end(); ++at) names.insert(at->first);
  } else {
    for (const auto& topic : request.topics) {
      if (topic.name >= from) names.insert(topic.name);
    }
  }
  if (request.cursor) {
    const bool unknown_cursor = !all && !names.contains(from);
    if (unknown_cursor || request.cursor->partition_index.value() < 0) {
      co_return all_refused(request);
    }
  }
  const std::int32_t asked = request.response_partition_limit;
  const std::int32_t most = context.view->node->network.request_partition_count_max;
  Page page(context, std::max(std::min(most, asked), 1), all);
  std::vector<ResponseTopic> unauthorized;
  bool room = true;
  for (const std::string& name : names) {
    if (!context.allows(security::Operation::describe, security::ResourceType::topic, name)) {
      if (!all) {
        unauthorized.push_back(refused(Errc::topic_authorization_failed, name));
        unauthorized.back().is_internal = false;
      }
      continue;
    }
    if (!room) continue;
    const bool at_cursor = request.cursor && name == from;
    room = page.add(name, at_cursor ? request.cursor->partition_index.value() : 0);
  }
  for (ResponseTopic& topic : unauthorized) page.response().topics.push_back(std::move(topic));
  co_return std::move(page.response());
}

}  // namespace moldau::broker
