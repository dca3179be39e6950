#include "group/machine.h"

#include <fmt/format.h>

namespace moldau::group {

Group* Machine::group(std::string_view id) {
  const auto found = groups.find(id);
  return found == groups.end() ? nullptr : &found->second;
}

ClassicGroup* Machine::classic(std::string_view id) {
  Group* found = group(id);
  return found == nullptr ? nullptr : std::get_if<ClassicGroup>(found);
}

void Machine::ensure_group(const std::string& id, Timestamp now) {
  if (!groups.contains(id)) groups.emplace(id, ClassicGroup(now));
}

bool is_empty(const Group& group) { return std::get<ClassicGroup>(group).is(ClassicState::empty); }

std::string make_member_id(std::string_view prefix, const Uuid& uuid) {
  return fmt::format("{}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", prefix, uuid.high() >> 32U,
                     (uuid.high() >> 16U) & 0xffffU, uuid.high() & 0xffffU, uuid.low() >> 48U,
                     uuid.low() & 0xffffffffffffU);
}

}  // namespace moldau::group
