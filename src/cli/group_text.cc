#include "cli/group_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/session.h"
#include "protocol/java_order.h"

namespace moldau::cli {
namespace {

constexpr std::size_t k_column = 15;

std::size_t width(std::size_t least, std::size_t size) { return std::max(least, size); }

template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "-";
}

// "t:0,1;u:3", or "-".
std::string assignment_text(const std::set<client::TopicPartition>& partitions) {
  if (partitions.empty()) return "-";
  std::map<std::string, std::string> by_topic;
  for (const client::TopicPartition& it : partitions) {
    std::string& list = by_topic[it.topic];
    list += fmt::format("{}{}", list.empty() ? "" : ",", it.partition);
  }
  std::string out;
  for (const auto& [topic, list] : by_topic) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : ";", topic, list);
  }
  return out;
}

std::string target_text(const client::DescribedMember& member) {
  return member.target ? assignment_text(*member.target) : "-";
}

}  // namespace

std::vector<OffsetRow> offset_rows(const client::DescribedGroup& group,
                                   const client::GroupOffsets& committed, const EndOffsets& ends) {
  std::vector<const client::DescribedMember*> members;
  for (const client::DescribedMember& member : group.members) members.push_back(&member);
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (std::size_t i = 0; i < members.size(); ++i) {
    order.emplace_back(members[i]->assigned.size(), i);
  }
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<OffsetRow> rows;
  std::set<client::TopicPartition> assigned;
  const auto add = [&](const client::TopicPartition& partition,
                       const client::DescribedMember* member) {
    OffsetRow row{partition, std::nullopt, std::nullopt, member};
    if (const auto it = committed.find(partition); it != committed.end())
      row.committed = it->second;
    if (const auto it = ends.find(partition); it != ends.end()) row.end = it->second;
    rows.push_back(std::move(row));
  };
  for (const auto& [count, i] : order) {
    for (const client::TopicPartition& partition : members[i]->assigned) {
      add(partition, members[i]);
      assigned.insert(partition);
    }
  }
  for (const auto& [partition, offset] : committed) {
    if (!assigned.contains(partition)) add(partition, nullptr);
  }
  return rows;
}

std::string offsets_text(const std::string& group_id, const std::vector<OffsetRow>& rows,
                         bool verbose) {
  const std::size_t group = width(k_column, group_id.size());
  std::size_t topic = k_column;
  std::size_t consumer = k_column;
  std::size_t host = k_column;
  for (const OffsetRow& row : rows) {
    topic = width(topic, row.partition.topic.size());
    if (row.member == nullptr) continue;
    consumer = width(consumer, row.member->member_id.size());
    host = width(host, row.member->host.size());
  }
  const std::string epoch = verbose ? fmt::format("{:15} ", "LEADER-EPOCH") : "";
  std::string out =
      fmt::format("\n{:{}} {:{}} {:10} {}{:15} {:15} {:15} {:{}} {:{}} {}", "GROUP", group, "TOPIC",
                  topic, "PARTITION", epoch, "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG",
                  "CONSUMER-ID", consumer, "HOST", host, "CLIENT-ID");
  for (const OffsetRow& row : rows) {
    std::optional<LeaderEpoch> leader_epoch;
    std::optional<Offset> offset;
    std::optional<std::int64_t> lag;
    if (row.committed) {
      offset = row.committed->offset;
      if (row.committed->leader_epoch != k_no_leader_epoch) {
        leader_epoch = row.committed->leader_epoch;
      }
      if (row.end) lag = *row.end - *offset;
    }
    const std::string row_epoch = verbose ? fmt::format("{:15} ", shown(leader_epoch)) : "";
    out += fmt::format("\n{:{}} {:{}} {:<10} {}{:15} {:15} {:15} {:{}} {:{}} {}", group_id, group,
                       row.partition.topic, topic, row.partition.partition.value(), row_epoch,
                       shown(offset), shown(row.end), shown(lag),
                       row.member != nullptr ? row.member->member_id : "-", consumer,
                       row.member != nullptr ? row.member->host : "-", host,
                       row.member != nullptr ? row.member->client_id : "-");
  }
  return out + "\n";
}

std::string members_text(const client::DescribedGroup& group, bool verbose) {
  std::size_t group_width = k_column;
  std::size_t id = k_column;
  std::size_t instance = 17;
  std::size_t host = k_column;
  std::size_t client_id = k_column;
  std::size_t current = 20;
  std::size_t target = 20;
  bool has_instance = false;
  bool has_classic = false;
  bool has_upgraded = false;
  for (const client::DescribedMember& member : group.members) {
    group_width = width(group_width, group.group_id.size());
    id = width(id, member.member_id.size());
    instance = width(instance, member.instance_id.value_or("").size());
    host = width(host, member.host.size());
    client_id = width(client_id, member.client_id.size());
    has_instance |= !member.instance_id.value_or("").empty();
    current = width(current, assignment_text(member.assigned).size());
    target = width(target, target_text(member).size());
    has_classic |= member.upgraded == false;
    has_upgraded |= member.upgraded == true;
  }
  const bool migrates = has_classic && has_upgraded;
  const auto line = [&](const std::string& a, const std::string& b, const std::string& c,
                        const std::string& d, const std::string& e, const std::string& f) {
    const std::string middle = has_instance ? fmt::format("{:{}} ", c, instance) : "";
    return fmt::format("{:{}} {:{}} {}{:{}} {:{}} {:15} ", a, group_width, b, id, middle, d, host,
                       e, client_id, f);
  };
  const auto more = [&](const std::string& a, const std::string& b, const std::string& c,
                        const std::string& d, const std::string& e) {
    if (!verbose) return std::string{};
    return fmt::format("{:15} {:{}} {:15} {:{}}{}", a, b, current, c, d, target,
                       migrates ? " " + e : "");
  };
  std::string out =
      "\n" + line("GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS") +
      more("CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT", "UPGRADED") +
      "\n";
  for (const client::DescribedMember& member : group.members) {
    out +=
        line(group.group_id, member.member_id, member.instance_id.value_or(""), member.host,
             member.client_id, std::to_string(member.assigned.size())) +
        more(shown(member.epoch), assignment_text(member.assigned), shown(group.assignment_epoch),
             target_text(member), member.upgraded ? (*member.upgraded ? "true" : "false") : "-") +
        "\n";
  }
  return out;
}

std::string state_text(const client::DescribedGroup& group, bool verbose) {
  const std::string coordinator = fmt::format("{}:{}  ({})", group.coordinator_at.host,
                                              group.coordinator_at.port, group.coordinator);
  const std::size_t at = width(25, coordinator.size());
  const std::size_t id = width(k_column, group.group_id.size());
  const auto line = [&](const std::string& a, const std::string& b, const std::string& c,
                        const std::string& d, const std::string& epochs, const std::string& last) {
    return fmt::format("\n{:{}} {:{}} {:20} {:20} {}{}", a, id, b, at, c, d, verbose ? epochs : "",
                       last);
  };
  return line("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE",
              fmt::format("{:15} {:25} ", "GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"), "#MEMBERS") +
         line(group.group_id, coordinator, group.assignor.empty() ? "-" : group.assignor,
              group.state,
              fmt::format("{:15} {:25} ", shown(group.group_epoch), shown(group.assignment_epoch)),
              std::to_string(group.members.size())) +
         "\n";
}

std::string listed_text(const std::vector<client::ListedGroup>& groups, bool with_type,
                        bool with_state) {
  std::size_t id = k_column;
  for (const client::ListedGroup& group : groups) id = width(id, group.group_id.size());
  const auto line = [&](std::string_view a, std::string_view type, std::string_view state) {
    std::string out = fmt::format("{:{}}", a, id + 10);
    if (with_type) out += fmt::format(" {:20}", type.empty() ? "Unknown" : type);
    if (with_state) out += fmt::format(" {:20}", state.empty() ? "Unknown" : state);
    return out + "\n";
  };
  std::string out = line("GROUP", "TYPE", "STATE");
  for (const client::ListedGroup& group : groups) {
    out += line(group.group_id, group.type, group.state);
  }
  return out;
}

GroupNote note_of(const client::DescribedGroup& group, std::size_t rows) {
  const std::string& state = group.state;
  if (state == "Empty") {
    return {fmt::format("\nConsumer group '{}' has no active members.\n", group.group_id),
            rows > 0};
  }
  if (state == "PreparingRebalance" || state == "CompletingRebalance" || state == "Assigning" ||
      state == "Reconciling") {
    return {fmt::format("\nWarning: Consumer group '{}' is rebalancing.\n", group.group_id),
            rows > 0};
  }
  return {"", rows > 0};
}

std::string kafkas_text(const Error& error) {
  struct Text {
    Errc code;
    std::string_view text;
  };
  constexpr auto k_texts = std::to_array<Text>({
      {Errc::non_empty_group, "The group is not empty."},
      {Errc::group_id_not_found, "The group id does not exist."},
      {Errc::invalid_group_id, "The group id is invalid."},
      {Errc::group_authorization_failed, "Group authorization failed."},
      {Errc::topic_authorization_failed, "Topic authorization failed."},
      {Errc::unknown_topic_or_partition, "This server does not host this topic-partition."},
      {Errc::unsupported_version, "The version of API is not supported."},
      {Errc::invalid_session_timeout,
       "The session timeout is not within the range allowed by the broker (as configured by "
       "group.min.session.timeout.ms and group.max.session.timeout.ms)."},
      {Errc::group_subscribed_to_topic,
       "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed "
       "to it."},
  });
  if (!error.text().empty()) return std::string(error.text());
  const auto* const found = std::ranges::find(k_texts, error.code(), &Text::code);
  return found == k_texts.end() ? text_of(error) : std::string(found->text);
}

std::string refusal_text(const Error& error) {
  return with_exception(Error(error.code(), kafkas_text(error)));
}

std::vector<std::string> in_listed_order(std::vector<std::string> group_ids) {
  const std::size_t capacity = protocol::java_capacity_grown(group_ids.size());
  return protocol::in_java_order(std::move(group_ids), capacity);
}

std::vector<client::ListedGroup> in_listed_order(std::vector<client::ListedGroup> groups) {
  std::map<std::string, client::ListedGroup> by_id;
  std::vector<std::string> ids;
  for (client::ListedGroup& group : groups) {
    ids.push_back(group.group_id);
    by_id[group.group_id] = std::move(group);
  }
  std::vector<client::ListedGroup> out;
  for (const std::string& id : in_listed_order(std::move(ids))) out.push_back(by_id[id]);
  return out;
}

}  // namespace moldau::cli
