#include "controller/topic_names.h"

#include <algorithm>

namespace moldau::controller {
namespace {

char unified(char c) { return c == '.' ? '_' : c; }

bool has_collision_characters(std::string_view name) {
  return name.find_first_of("._") != std::string_view::npos;
}

}  // namespace

const metadata::Topic* colliding_topic(const metadata::Topics& topics, std::string_view name) {
  if (!has_collision_characters(name)) return nullptr;
  const auto same = [name](std::string_view other) {
    return std::ranges::equal(name, other, {}, unified, unified);
  };
  for (const auto& [other, topic] : topics.by_name) {
    if (other.size() == name.size() && same(other)) return topic.get();
  }
  return nullptr;
}

}  // namespace moldau::controller
