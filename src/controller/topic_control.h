#pragma once
#include <map>
#include <set>
#include <string>

#include "controller/assignment.h"
#include "controller/controller.h"
#include "controller/view.h"

namespace moldau::controller {

// Topics come and grow. Source: ReplicationControlManager, ControllerApis.
class TopicControl {
 public:
  explicit TopicControl(const View& view) : view_(view) {}

  [[nodiscard]] Result<Decision<protocol::CreateTopicsResponse>> create(
      const Call& call, const protocol::CreateTopicsRequest& request) const;
  [[nodiscard]] Result<Decision<protocol::CreatePartitionsResponse>> grow(
      const Call& call, const protocol::CreatePartitionsRequest& request) const;

 private:
  using CreatableTopic = protocol::CreateTopicsRequest::CreatableTopic;
  using TopicResult = protocol::CreateTopicsResponse::CreatableTopicResult;

  [[nodiscard]] Result<void> check_name(const CreatableTopic& topic) const;
  // The records of the partitions of one new topic, in order.
  [[nodiscard]] Result<Records> partitions_of(const CreatableTopic& topic, const Uuid& id,
                                              Rng& rng) const;
  [[nodiscard]] Result<Records> manual_partitions(const CreatableTopic& topic,
                                                  const Uuid& id) const;
  [[nodiscard]] Result<Records> config_records(const CreatableTopic& topic, const Call& call) const;
  // Appends the records of one new topic.
  [[nodiscard]] Result<TopicResult> create_one(const CreatableTopic& topic, const Call& call,
                                               Records& records) const;
  void describe_configs(const CreatableTopic& topic, const Call& call, TopicResult& result) const;
  [[nodiscard]] Result<void> grow_one(
      const protocol::CreatePartitionsRequest::CreatePartitionsTopic& asked, Rng& rng,
      Records& records) const;
  [[nodiscard]] bool may(const Call& call, security::Operation operation,
                         std::string_view topic) const;

  const View& view_;
};

}  // namespace moldau::controller
