#pragma once
#include <fmt/core.h>

#include <string>
#include <type_traits>

namespace moldau {

// Prints `what` with its place and aborts. For our own broken invariants only, never for bad input.
[[noreturn]] void check_failed(const char* file, int line, const char* what,
                               const std::string& values);

namespace detail {
template <class T>
std::string show(const T& value) {
  if constexpr (fmt::is_formattable<T>::value) {
    return fmt::format("{}", value);
  } else {
    return "?";
  }
}
}  // namespace detail
}  // namespace moldau

// One condition each; it holds in release builds too.
#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) [[unlikely]]                                                        \
      ::moldau::check_failed(__FILE__, __LINE__, "CHECK(" #condition ")", std::string{}); \
  } while (false)

// CHECK_OP(a, <=, b) prints both values.
#define CHECK_OP(left, op, right)                                                             \
  do {                                                                                        \
    const auto& check_left = (left);                                                          \
    const auto& check_right = (right);                                                        \
    if (!(check_left op check_right)) [[unlikely]]                                            \
      ::moldau::check_failed(                                                                 \
          __FILE__, __LINE__, "CHECK(" #left " " #op " " #right ")",                          \
          ::moldau::detail::show(check_left) + " vs " + ::moldau::detail::show(check_right)); \
  } while (false)

// For a Result that cannot be an error here.
#define CHECK_OK(expression)                                                  \
  do {                                                                        \
    const auto& check_result = (expression);                                  \
    if (!check_result.has_value()) [[unlikely]]                               \
      ::moldau::check_failed(__FILE__, __LINE__, "CHECK_OK(" #expression ")", \
                             std::string{check_result.error().describe()});   \
  } while (false)
