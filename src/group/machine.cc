#include "group/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace moldau::group {

Group* Machine::group(std::string_view id) {
  const auto found = groups.find(id);
  return found == groups.end() ? nullptr : &found->second;
}

ClassicGroup* Machine::classic(std::string_view id) {
  Group* found = group(id);
  return found == nullptr ? nullptr : std::get_if<ClassicGroup>(found);
}

ConsumerGroup* Machine::consumer(std::string_view id) {
  Group* found = group(id);
  return found == nullptr ? nullptr : std::get_if<ConsumerGroup>(found);
}

void Machine::ensure_group(const std::string& id, Timestamp now) {
  if (!groups.contains(id)) groups.emplace(id, ClassicGroup(now));
}

bool is_empty(const Group& group) {
  const auto* classic = std::get_if<ClassicGroup>(&group);
  return classic != nullptr ? classic->is(ClassicState::empty)
                            : std::get<ConsumerGroup>(group).is_empty();
}

std::string make_member_id(std::string_view prefix, const Uuid& uuid) {
  return fmt::format("{}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", prefix, uuid.high() >> 32U,
                     (uuid.high() >> 16U) & 0xffffU, uuid.high() & 0xffffU, uuid.low() >> 48U,
                     uuid.low() & 0xffffffffffffU);
}

Milliseconds group_config(const Machine& machine, const std::string& group, std::string_view key,
                          Milliseconds of_broker, Range range) {
  const auto text =
      machine.image->configs.value({metadata::ConfigType::group, group}, key).value_or("");
  std::int32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!is_number) return of_broker;
  return std::max(range.min, std::min(Milliseconds{value}, range.max));
}

}  // namespace moldau::group
