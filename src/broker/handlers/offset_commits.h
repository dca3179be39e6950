#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "broker/request_context.h"
#include "group/offset_commit.h"

namespace moldau::broker {

// The topics of a request that commits offsets, in a transaction or not, while it is answered: what
// the group's coordinator is to commit, and what is answered without it. A topic that comes twice
// is answered twice by the group; beside what is refused here its partitions come together.
// Request: OffsetCommitRequest or TxnOffsetCommitRequest; they name topics alike.
// Source: KafkaApis.handleOffsetCommitRequest, handleTxnOffsetCommitRequest.
template <class Request, class Response>
class OffsetCommits {
 public:
  using Topic = typename decltype(Request::topics)::value_type;
  // `by_id`: this version names topics by their ids.
  OffsetCommits(const RequestContext& context, bool by_id) : context_(context), by_id_(by_id) {}

  // Takes the topics whose offsets can be committed, with name and id, and answers the rest.
  [[nodiscard]] std::vector<Topic> sort_out(std::vector<Topic> topics) {
    std::vector<Topic> wanted;
    for (Topic& topic : topics) {
      if (const Errc error = resolve(topic); error != Errc::none) {
        refuse(topic, error);
        continue;
      }
      std::erase_if(topic.partitions, [&](const auto& partition) {
        const PartitionIndex index = partition.partition_index;
        if (context_.image().topics.find(topic.topic_id, index) != nullptr) return false;
        add(topic, index, Errc::unknown_topic_or_partition);
        return true;
      });
      if (!topic.partitions.empty()) wanted.push_back(std::move(topic));
    }
    return wanted;
  }
  // The same error for all that is asked of the group.
  void answer(const std::vector<Topic>& topics, Errc error) {
    answer(group::answer_all<Response>(topics, error));
  }
  // What the coordinator said.
  void answer(Response told) {
    if (response_.topics.empty()) {
      response_ = std::move(told);
      return;
    }
    for (const auto& topic : told.topics) {
      for (const auto& partition : topic.partitions) {
        add(topic, partition.partition_index, partition.error_code);
      }
    }
  }
  [[nodiscard]] Response take() { return std::move(response_); }

 private:
  // A topic that is refused as a whole is in the answer even when it named no partition.
  void refuse(const Topic& topic, Errc error) {
    (void)place_of(topic);
    for (const auto& partition : topic.partitions) add(topic, partition.partition_index, error);
  }
  [[nodiscard]] Errc resolve(Topic& topic) const {
    const auto& topics = context_.image().topics;
    const metadata::Topic* known = by_id_ ? topics.find(topic.topic_id) : topics.find(topic.name);
    if (by_id_) {
      if (known == nullptr) return Errc::unknown_topic_id;
      topic.name = known->name;
    }
    if (!context_.allows(security::Operation::read, security::ResourceType::topic, topic.name)) {
      return Errc::topic_authorization_failed;
    }
    if (known == nullptr) return Errc::unknown_topic_or_partition;
    topic.topic_id = known->id;
    return Errc::none;
  }
  // Where the topic is in the response.
  std::size_t place_of(const auto& topic) {
    const auto [place, is_new] = places_.try_emplace(
        by_id_ ? Key{topic.topic_id, {}} : Key{Uuid{}, topic.name}, response_.topics.size());
    if (is_new) {
      auto& added = response_.topics.emplace_back();
      added.name = topic.name;
      added.topic_id = topic.topic_id;
    }
    return place->second;
  }
  void add(const auto& topic, PartitionIndex partition, Errc error) {
    response_.topics[place_of(topic)].partitions.push_back(
        {.partition_index = partition, .error_code = error});
  }

  using Key = std::pair<Uuid, std::string>;
  const RequestContext& context_;
  bool by_id_;
  Response response_;
  absl::flat_hash_map<Key, std::size_t> places_;  // in the response
};

}  // namespace moldau::broker
