#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "group/classic_group.h"
#include "group/coordinator.h"
#include "group/offsets.h"
#include "group/timers.h"

namespace moldau::group {

using Group = std::variant<ClassicGroup>;
using Groups = std::map<std::string, Group, std::less<>>;

// All that one coordinator knows. The parts of the protocol are functions on it, each in a file of
// its own: classic.h, offset_commit.h, offset_fetch.h, expiry.h, describe.h.
struct Machine {
  Settings settings;
  std::function<Uuid()> new_uuid;
  std::shared_ptr<const metadata::Image> image;
  Groups groups;
  Offsets offsets;
  Timers timers;
  bool loaded = false;

  [[nodiscard]] Group* group(std::string_view id);
  // nullptr: no such group, or one of another kind.
  [[nodiscard]] ClassicGroup* classic(std::string_view id);
  // The simple group of that name when there is none.
  void ensure_group(const std::string& id, Timestamp now);
};

[[nodiscard]] bool is_empty(const Group& group);
[[nodiscard]] inline bool is_classic(const Group* group) {
  return group != nullptr && std::holds_alternative<ClassicGroup>(*group);
}

// "<prefix>-<uuid in Java's form>"
[[nodiscard]] std::string make_member_id(std::string_view prefix, const Uuid& uuid);

}  // namespace moldau::group
