#include "protocol/api/offset_commit.h"

#include "broker/group_coordinators.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using security::Operation;
using security::ResourceType;
using RequestTopic = OffsetCommitRequest::OffsetCommitRequestTopic;

constexpr ApiVersion k_first_with_topic_ids{10};

// Partitions of one topic come together in the answer, whoever answered them.
class Answers {
 public:
  explicit Answers(bool by_id) : by_id_(by_id) {}
  void add(const Uuid& id, const std::string& name, PartitionIndex partition, Errc error) {
    auto& topics = response_.topics;
    auto at = std::ranges::find_if(topics, [&](const auto& topic) {
      return by_id_ ? topic.topic_id == id : topic.name == name;
    });
    if (at == topics.end()) {
      at = topics.emplace(topics.end());
      at->name = name;
      at->topic_id = id;
    }
    at->partitions.push_back({.partition_index = partition, .error_code = error});
  }
  void add_all(const RequestTopic& topic, Errc error) {
    for (const auto& partition : topic.partitions) {
      add(topic.topic_id, topic.name, partition.partition_index, error);
    }
  }
  void add_all(const OffsetCommitResponse& told) {
    for (const auto& topic : told.topics) {
      for (const auto& partition : topic.partitions) {
        add(topic.topic_id, topic.name, partition.partition_index, partition.error_code);
      }
    }
  }
  [[nodiscard]] OffsetCommitResponse take() { return std::move(response_); }

 private:
  bool by_id_;
  OffsetCommitResponse response_;
};

// The topic's name and id as the metadata have them; why its offsets cannot be committed.
Errc resolve(const RequestContext& context, RequestTopic& topic) {
  const bool by_id = context.version() >= k_first_with_topic_ids;
  const metadata::Topic* known =
      by_id ? context.image().topics.find(topic.topic_id) : context.image().topics.find(topic.name);
  if (by_id) {
    if (known == nullptr) return Errc::unknown_topic_id;
    topic.name = known->name;
  }
  if (!context.allows(Operation::read, ResourceType::topic, topic.name)) {
    return Errc::topic_authorization_failed;
  }
  if (known == nullptr) return Errc::unknown_topic_or_partition;
  topic.topic_id = known->id;
  return Errc::none;
}

// Leaves in the topic what the coordinator is to commit, and answers the rest.
void keep_existing(const RequestContext& context, RequestTopic& topic, Answers& answers) {
  std::erase_if(topic.partitions, [&](const auto& partition) {
    const PartitionIndex index = partition.partition_index;
    if (context.image().topics.find(topic.topic_id, index) != nullptr) return false;
    answers.add(topic.topic_id, topic.name, index, Errc::unknown_topic_or_partition);
    return true;
  });
}

}  // namespace

Answer<OffsetCommitResponse> offset_commit(RequestContext& context, OffsetCommitRequest request) {
  Answers answers(context.version() >= k_first_with_topic_ids);
  if (!context.allows(Operation::read, ResourceType::group, request.group_id)) {
    for (const RequestTopic& topic : request.topics) {
      answers.add_all(topic, Errc::group_authorization_failed);
    }
    co_return answers.take();
  }
  std::vector<RequestTopic> wanted;
  for (RequestTopic& topic : request.topics) {
    if (const Errc error = resolve(context, topic); error != Errc::none) {
      answers.add_all(topic, error);
      continue;
    }
    keep_existing(context, topic, answers);
    if (!topic.partitions.empty()) wanted.push_back(topic);
  }
  if (wanted.empty()) co_return answers.take();
  OffsetCommitRequest inner = request;
  inner.topics = std::move(wanted);
  const auto told = co_await ask_one_group<OffsetCommitResponse>(context, std::move(inner),
                                                                 &group::Coordinator::commit);
  if (told) {
    answers.add_all(*told);
    co_return answers.take();
  }
  Answers refused(context.version() >= k_first_with_topic_ids);
  for (const RequestTopic& topic : request.topics) refused.add_all(topic, told.error().code());
  co_return refused.take();
}

}  // namespace moldau::broker
