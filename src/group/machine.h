#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "group/classic_group.h"
#include "group/consumer_group.h"
#include "group/coordinator.h"
#include "group/offsets.h"
#include "group/timers.h"

namespace moldau::group {

using Group = std::variant<ClassicGroup, ConsumerGroup>;
using Groups = std::map<std::string, Group, std::less<>>;

// All that one coordinator knows. The parts of the protocol are functions on it, each in a file of
// its own: classic.h, consumer.h, offset_commit.h, offset_fetch.h, expiry.h, describe.h.
struct Machine {
  Settings settings;
  std::function<Uuid()> new_uuid;
  std::shared_ptr<const metadata::Image> image = std::make_shared<const metadata::Image>();
  // The version of the metadata that brought new topics last.
  Offset topics_added;
  std::map<std::string, std::int64_t, std::less<>> topic_hashes;  // of topics that groups use
  Groups groups;
  Offsets offsets;
  Timers timers;
  // By group: in whose name its regular expressions are looked at next.
  std::map<std::string, TopicFilter, std::less<>> regex_askers;
  bool loaded = false;

  [[nodiscard]] Group* group(std::string_view id);
  // nullptr: no such group, or one of another kind.
  [[nodiscard]] ClassicGroup* classic(std::string_view id);
  [[nodiscard]] ConsumerGroup* consumer(std::string_view id);
  // The simple group of that name when there is none.
  void ensure_group(const std::string& id, Timestamp now);
};

[[nodiscard]] bool is_empty(const Group& group);
[[nodiscard]] inline bool is_classic(const Group* group) {
  return group != nullptr && std::holds_alternative<ClassicGroup>(*group);
}

// "<prefix>-<uuid in Java's form>"
[[nodiscard]] std::string make_member_id(std::string_view prefix, const Uuid& uuid);

// The group's value of a dynamic key, brought into the broker's range for it; or the broker's
// value. Source: GroupConfig.evaluate.
[[nodiscard]] Milliseconds group_config(const Machine& machine, const std::string& group,
                                        std::string_view key, Milliseconds of_broker, Range range);

}  // namespace moldau::group
