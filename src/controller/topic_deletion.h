#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

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
  void count(const std::vector<Asked>& all);
  // What comes twice is answered once; an id whose topic is named too, at the name.
  [[nodiscard]] bool answered_elsewhere(const Asked& asked);
  // The topic of this name, when its id was given as well.
  [[nodiscard]] const Topic* claimed_by_id_too(const Asked& asked) const;
  // The topic to delete.
  [[nodiscard]] Result<const Topic*> find(const Asked& asked) const;
  [[nodiscard]] bool may(security::Operation operation, std::string_view topic) const;

  const View& view_;
  const Call& call_;
  bool may_delete_all_ = false;
  std::map<std::string, int> names_;  // how often given
  std::map<Uuid, int> ids_;
  std::set<Uuid> named_;  // what the names stand for that are given once
  std::set<std::string> names_told_;
  std::set<Uuid> ids_told_;
};

}  // namespace moldau::controller
