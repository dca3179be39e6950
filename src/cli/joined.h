#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace moldau::cli {

// "a,b,c", as fmt::join() has it, without fmt's bodies in each source.
template <class Values>
[[nodiscard]] std::string joined(const Values& values, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& value : values) {
    if (!first) out += separator;
    first = false;
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      out += value;
    } else {
      out += fmt::format("{}", value);
    }
  }
  return out;
}

}  // namespace moldau::cli
