#include "base/topic_name.h"

#include <algorithm>

namespace moldau {
namespace {

constexpr std::size_t k_topic_name_size_max = 249;

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
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

}  // namespace moldau
