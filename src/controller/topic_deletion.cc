#include "controller/topic_deletion.h"

namespace moldau::controller {

bool TopicDeletion::may(security::Operation operation, std::string_view topic) const {
  return may_delete_all_ || call_.authorizer.allows(call_.principal, call_.host, operation,
                                                    security::ResourceType::topic, topic);
}

Result<void> TopicDeletion::check_enabled() const {
  if (view_.settings().delete_topic_enable) return {};
  if (call_.version < ApiVersion{3}) {
    return fail(Errc::invalid_request, "This version does not support topic deletion.");
  }
  return fail(Errc::topic_deletion_disabled);
}

void TopicDeletion::count(const std::vector<Asked>& all) {
  for (const Asked& asked : all) {
    if (asked.name && !asked.topic_id.is_zero()) continue;
    if (asked.name) {
      ++names_[*asked.name];
    } else {
      ++ids_[asked.topic_id];
    }
  }
  for (const auto& [name, times] : names_) {
    const Topic* topic = view_.image().topics.find(name);
    if (times == 1 && topic != nullptr) named_.insert(topic->id);
  }
}

bool TopicDeletion::answered_elsewhere(const Asked& asked) {
  if (asked.name && asked.topic_id.is_zero() && names_.at(*asked.name) > 1) {
    return !names_told_.insert(*asked.name).second;
  }
  if (asked.name || asked.topic_id.is_zero()) return false;
  if (ids_.at(asked.topic_id) > 1) return !ids_told_.insert(asked.topic_id).second;
  return named_.contains(asked.topic_id);
}

const Topic* TopicDeletion::claimed_by_id_too(const Asked& asked) const {
  if (!asked.name || !asked.topic_id.is_zero() || names_.at(*asked.name) > 1) return nullptr;
  const Topic* topic = view_.image().topics.find(*asked.name);
  if (topic == nullptr || !ids_.contains(topic->id)) return nullptr;
  return may(security::Operation::remove, topic->name) ? topic : nullptr;
}

Result<const Topic*> TopicDeletion::find(const Asked& asked) const {
  constexpr Errc k_invalid = Errc::invalid_request;
  if (!asked.name && asked.topic_id.is_zero()) {
    return fail(k_invalid, "Neither topic name nor id were specified.");
  }
  if (asked.name && !asked.topic_id.is_zero()) {
    return fail(k_invalid, "You may not specify both topic name and topic id.");
  }
  if (asked.name && names_.at(*asked.name) > 1) return fail(k_invalid, "Duplicate topic name.");
  if (!asked.name && ids_.at(asked.topic_id) > 1) return fail(k_invalid, "Duplicate topic id.");
  const metadata::Topics& topics = view_.image().topics;
  const Topic* topic = asked.name ? topics.find(*asked.name) : topics.find(asked.topic_id);
  const std::string name = topic != nullptr ? topic->name : asked.name.value_or("");
  // Whoever may not see the topic learns nothing about it, not even whether it is there.
  if ((topic != nullptr || asked.name) && !may(security::Operation::describe, name)) {
    return fail(Errc::topic_authorization_failed);
  }
  if (topic == nullptr) {
    return fail(asked.name ? Errc::unknown_topic_or_partition : Errc::unknown_topic_id);
  }
  if (!may(security::Operation::remove, name)) return fail(Errc::topic_authorization_failed);
  if (claimed_by_id_too(asked) != nullptr) {
    return fail(k_invalid, "The provided topic name maps to an ID that was already supplied.");
  }
  return topic;
}

Result<Decision<protocol::DeleteTopicsResponse>> TopicDeletion::decide(
    const protocol::DeleteTopicsRequest& request) {
  TRY_OK(check_enabled());
  may_delete_all_ =
      call_.authorizer.allows(call_.principal, call_.host, security::Operation::remove,
                              security::ResourceType::cluster, security::k_cluster_name);
  std::vector<Asked> all = request.topics;
  for (const std::string& name : request.topic_names) all.push_back({.name = name});
  count(all);

  Decision<protocol::DeleteTopicsResponse> decision;
  for (const Asked& asked : all) {
    if (answered_elsewhere(asked)) continue;
    auto& result = decision.response.responses.emplace_back();
    result.name = asked.name;
    result.topic_id = asked.topic_id;
    if (const auto topic = find(asked)) {
      result.name = (*topic)->name;
      result.topic_id = (*topic)->id;
      decision.records.push_back(
          {protocol::RemoveTopicRecord{.topic_id = (*topic)->id}, ApiVersion{0}});
    } else {
      result.error_code = topic.error().code();
      result.error_message = topic.error().text().empty()
                                 ? std::string{facts(result.error_code).text}
                                 : topic.error().text();
      if (const Topic* claimed = claimed_by_id_too(asked)) result.topic_id = claimed->id;
    }
  }
  if (decision.records.size() > k_records_per_request_max) {
    return fail(Errc::policy_violation, "Unable to perform excessively large batch operation.");
  }
  return decision;
}

}  // namespace moldau::controller
