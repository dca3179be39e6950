#pragma once
#include <map>
#include <string>

#include "controller/controller.h"
#include "controller/view.h"

namespace moldau::controller {

// DeleteTopics: topics named by name or by id, each at most once in all.
// Source: ControllerApis.deleteTopics, ReplicationControlManager.deleteTopics.
class TopicDeletion {
 public:
  TopicDeletion(const View& view, const Call& call) : view_(view), call_(call) {}

  [[nodiscard]] Result<Decision<protocol::DeleteTopicsResponse>> decide(
      const protocol::DeleteTopicsRequest& request);

 private:
  using Asked = protocol::DeleteTopicsRequest::DeleteTopicState;

  [[nodiscard]] Result<void> check_enabled() const;
  void count(const Asked& asked);
  // The topic to delete.
  [[nodiscard]] Result<const Topic*> find(const Asked& asked) const;
  [[nodiscard]] bool may(security::Operation operation, std::string_view topic) const;

  const View& view_;
  const Call& call_;
  bool may_delete_all_ = false;
  std::map<std::string, int> names_;
  std::map<Uuid, int> ids_;  // given, and those that given names stand for
};

}  // namespace moldau::controller
