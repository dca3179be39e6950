#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/group_admin.h"
#include "client/group_offsets.h"

// What consumer-groups prints of groups, in Kafka's columns.
// Source: org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.
namespace moldau::cli {

using EndOffsets = std::map<client::TopicPartition, Offset>;  // those that could be found

// A partition that a member has, or that has a commit alone.
struct OffsetRow {
  client::TopicPartition partition;
  std::optional<client::CommittedOffset> committed;
  std::optional<Offset> end;
  const client::DescribedMember* member = nullptr;
};
// Members with many partitions first, then what nobody has.
[[nodiscard]] std::vector<OffsetRow> offset_rows(const client::DescribedGroup& group,
                                                 const client::GroupOffsets& committed,
                                                 const EndOffsets& ends);
[[nodiscard]] std::string offsets_text(const std::string& group_id,
                                       const std::vector<OffsetRow>& rows, bool verbose);
[[nodiscard]] std::string members_text(const client::DescribedGroup& group, bool verbose);
[[nodiscard]] std::string state_text(const client::DescribedGroup& group, bool verbose);

// Columns of --list --state and --type.
[[nodiscard]] std::string listed_text(const std::vector<client::ListedGroup>& groups,
                                      bool with_type, bool with_state);

// What is said of a group beside the table, on standard error; and whether there is a table.
struct GroupNote {
  std::string text;
  bool has_table = true;
};
[[nodiscard]] GroupNote note_of(const client::DescribedGroup& group, std::size_t rows);

// "org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty." What the
// coordinator refuses without a text of its own has the one that Kafka's clients give it.
[[nodiscard]] std::string refusal_text(const Error& error);
[[nodiscard]] std::string kafkas_text(const Error& error);

// The order in which Kafka's tool lists: that of a Java hash map.
[[nodiscard]] std::vector<std::string> in_listed_order(std::vector<std::string> group_ids);
[[nodiscard]] std::vector<client::ListedGroup> in_listed_order(
    std::vector<client::ListedGroup> groups);

}  // namespace moldau::cli
