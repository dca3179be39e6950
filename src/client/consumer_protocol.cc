#include "client/consumer_protocol.h"

#include <algorithm>
#include <utility>

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/data/consumer_protocol_assignment.h"
#include "protocol/data/consumer_protocol_subscription.h"

namespace moldau::client {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;

// The version goes before the message; a later one reads as the last known: fields are only added.
template <class Message>
std::vector<std::byte> written(const Message& message) {
  Writer out;
  out.i16(Message::k_versions.last.value());
  message.encode(out, Message::k_versions.last);
  return out.take();
}
template <class Message>
Result<Message> read(Bytes bytes) {
  Reader in(bytes);
  const ApiVersion version{in.i16()};
  if (!in.ok() || version < ApiVersion{0}) return fail(Errc::corrupt_data);
  return Message::decode(in.rest(), std::min(version, Message::k_versions.last));
}

template <class Topic>
std::vector<Topic> by_topic(const std::vector<TopicPartition>& partitions) {
  std::vector<Topic> out;
  for (const TopicPartition& it : partitions) {
    if (out.empty() || out.back().topic != it.topic) out.emplace_back().topic = it.topic;
    out.back().partitions.push_back(it.partition);
  }
  return out;
}
template <class Topic>
std::vector<TopicPartition> flat(const std::vector<Topic>& topics) {
  std::vector<TopicPartition> out;
  for (const Topic& topic : topics) {
    for (const PartitionIndex partition : topic.partitions) out.push_back({topic.topic, partition});
  }
  return out;
}

}  // namespace

std::vector<std::byte> write_subscription(const std::vector<std::string>& topics,
                                          const std::vector<TopicPartition>& owned,
                                          GenerationId generation,
                                          const std::optional<std::string>& rack,
                                          std::optional<std::vector<std::byte>> user_data) {
  ConsumerProtocolSubscription message;
  message.topics = topics;
  message.user_data = std::move(user_data);
  message.owned_partitions = by_topic<ConsumerProtocolSubscription::TopicPartition>(owned);
  message.generation_id = generation.value();
  message.rack_id = rack;
  return written(message);
}

MemberSubscription read_member(std::string id, std::optional<std::string> instance_id,
                               Bytes bytes) {
  MemberSubscription out{.id = std::move(id), .instance_id = std::move(instance_id)};
  auto message = read<ConsumerProtocolSubscription>(bytes);
  if (!message) return out;
  out.topics = std::move(message->topics);
  out.owned = flat(message->owned_partitions);
  if (message->generation_id >= 0) out.generation = GenerationId{message->generation_id};
  out.user_data = std::move(message->user_data);
  if (message->rack_id && !message->rack_id->empty()) out.rack = std::move(message->rack_id);
  return out;
}

std::vector<std::byte> write_assignment(const std::vector<TopicPartition>& partitions) {
  ConsumerProtocolAssignment message;
  message.assigned_partitions = by_topic<ConsumerProtocolAssignment::TopicPartition>(partitions);
  return written(message);
}

Result<std::vector<TopicPartition>> read_assignment(Bytes bytes) {
  TRY(const auto message, read<ConsumerProtocolAssignment>(bytes));
  return flat(message.assigned_partitions);
}

}  // namespace moldau::client
