#include "group/describe.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace moldau::group {
namespace {

using Described = protocol::DescribeGroupsResponse::DescribedGroup;
using Listed = protocol::ListGroupsResponse::ListedGroup;

constexpr ApiVersion k_group_id_not_found_from{6};
constexpr ApiVersion k_member_type_from{1};

Described describe_unknown(const std::string& id, bool exists, ApiVersion version) {
  Described described{.group_id = id, .group_state = "Dead"};
  if (version >= k_group_id_not_found_from) {
    described.error_code = Errc::group_id_not_found;
    described.error_message = exists ? fmt::format("Group {} is not a classic group.", id)
                                     : fmt::format("Group {} not found.", id);
  }
  return described;
}

Described describe_classic(const std::string& id, const ClassicGroup& group) {
  Described described{.group_id = id,
                      .group_state = std::string(name_of(group.state())),
                      .protocol_type = group.protocol_type().value_or("")};
  // What members subscribe to means something together with the protocol of the generation only.
  const bool stable = group.is(ClassicState::stable);
  if (stable) described.protocol_data = group.protocol_name().value_or("");
  for (const auto& [member_id, member] : group.members()) {
    const auto* metadata = stable ? member.metadata(described.protocol_data) : nullptr;
    described.members.push_back(
        {.member_id = member_id,
         .group_instance_id = member.instance_id,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .member_metadata = metadata == nullptr ? std::vector<std::byte>{} : *metadata,
         .member_assignment = member.assignment});
  }
  return described;
}

using ConsumerDescribed = protocol::ConsumerGroupDescribeResponse::DescribedGroup;
using ConsumerAssignment = protocol::ConsumerGroupDescribeResponse::Assignment;

// Topics that are gone are left out.
ConsumerAssignment show(const TopicPartitions& partitions, const metadata::Image& image) {
  ConsumerAssignment assignment;
  for (const auto& [id, indexes] : partitions) {
    const auto* topic = image.topics.find(id);
    if (topic == nullptr) continue;
    auto& entry = assignment.topic_partitions.emplace_back();
    entry.topic_id = id;
    entry.topic_name = topic->name;
    entry.partitions.assign(indexes.begin(), indexes.end());
  }
  return assignment;
}

TopicPartitions held_by(const ConsumerMember& member) {
  TopicPartitions held;
  for (const OwnedPartitions* owned : {&member.assigned, &member.to_revoke}) {
    for (const auto& [topic, indexes] : *owned) {
      for (const auto& [index, epoch] : indexes) held[topic].insert(index);
    }
  }
  return held;
}

ConsumerDescribed describe_consumers(const Machine& machine, const std::string& id,
                                     const ConsumerGroup& group) {
  ConsumerDescribed described{.group_id = id,
                              .group_state = std::string(group.state_name()),
                              .group_epoch = group.epoch,
                              .assignment_epoch = group.target_epoch,
                              .assignor_name = group.wanted_assignor().value_or(
                                  machine.settings.consumer_assignors.front())};
  for (const auto& [member_id, member] : group.members()) {
    described.members.push_back(
        {.member_id = member_id,
         .instance_id = member.instance_id,
         .rack_id = member.rack,
         .member_epoch = member.epoch,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .subscribed_topic_names = {member.topics.begin(), member.topics.end()},
         .subscribed_topic_regex = member.regex,
         .assignment = show(held_by(member), *machine.image),
         .target_assignment = show(group.target(member_id), *machine.image),
         .member_type = static_cast<std::int8_t>(member.classic ? 0 : 1)});
  }
  return described;
}

Listed list_one(const std::string& id, const Group& group) {
  if (const auto* consumers = std::get_if<ConsumerGroup>(&group)) {
    return {.group_id = id,
            .protocol_type = "consumer",
            .group_state = std::string(consumers->state_name()),
            .group_type = "consumer"};
  }
  const auto& classic = std::get<ClassicGroup>(group);
  return {.group_id = id,
          .protocol_type = classic.protocol_type().value_or(""),
          .group_state = std::string(name_of(classic.state())),
          .group_type = "classic"};
}

std::string lower_trimmed(std::string_view text) {
  const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& wanted) {
           return lower_trimmed(wanted) == lower_trimmed(value);
         });
}

}  // namespace

void describe_groups(Machine& machine, const Ask& ask, const std::vector<std::string>& groups,
                     Step& out) {
  std::vector<Described> all;
  for (const std::string& id : groups) {
    const ClassicGroup* group = machine.classic(id);
    const bool exists = machine.group(id) != nullptr;
    all.push_back(group != nullptr ? describe_classic(id, *group)
                                   : describe_unknown(id, exists, ask.version));
  }
  out.answer(ask.id, std::move(all));
}

void describe_consumer_groups(Machine& machine, const Ask& ask,
                              const std::vector<std::string>& groups, Step& out) {
  std::vector<ConsumerDescribed> all;
  for (const std::string& id : groups) {
    const bool exists = machine.group(id) != nullptr;
    if (const ConsumerGroup* group = machine.consumer(id)) {
      all.push_back(describe_consumers(machine, id, *group));
      // Versions before 1 do not say of which protocol a member is.
      if (ask.version < k_member_type_from) {
        for (auto& member : all.back().members) member.member_type = -1;
      }
    } else if (id.empty()) {
      all.push_back({.error_code = Errc::invalid_group_id, .group_id = id});
    } else {
      all.push_back({.error_code = Errc::group_id_not_found,
                     .error_message = exists ? fmt::format("Group {} is not a consumer group.", id)
                                             : fmt::format("Group {} not found.", id),
                     .group_id = id});
    }
  }
  out.answer(ask.id, std::move(all));
}

void list_groups(Machine& machine, const Ask& ask, const protocol::ListGroupsRequest& filter,
                 Step& out) {
  std::vector<Listed> all;
  for (const auto& [id, group] : machine.groups) {
    Listed listed = list_one(id, group);
    const bool wanted = passes(filter.states_filter, listed.group_state) &&
                        passes(filter.types_filter, listed.group_type);
    if (wanted) all.push_back(std::move(listed));
  }
  out.answer(ask.id, std::move(all));
}

}  // namespace moldau::group
