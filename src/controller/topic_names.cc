#include "controller/topic_names.h"

#include <algorithm>

namespace moldau::controller {
namespace {

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

char unified(char c) { return c == '.' ? '_' : c; }

bool has_collision_characters(std::string_view name) {
  return name.find_first_of("._") != std::string_view::npos;
}

}  // namespace

Result<void> check_topic_name(std::string_view name) {
  constexpr Errc k_invalid = Errc::invalid_topic_exception;
  if (name.empty()) {
    return fail(k_invalid, "Topic name is invalid: the empty string is not allowed");
  }
  if (name == "." || name == "..") {
    return fail(k_invalid, "Topic name is invalid: '{}' is not allowed", name);
  }
  if (name.size() > k_topic_name_size_max) {
    return fail(k_invalid,
                "Topic name is invalid: the length of '{}' is longer than the max allowed "
                "length {}",
                name, k_topic_name_size_max);
  }
  if (!std::ranges::all_of(name, is_legal)) {
    return fail(k_invalid,
                "Topic name is invalid: '{}' contains one or more characters other than ASCII "
                "alphanumerics, '.', '_' and '-'",
                name);
  }
  return {};
}

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
