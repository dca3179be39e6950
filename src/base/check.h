#pragma once
#include <fmt/core.h>

#include <string>
#include <type_traits>

namespace moldau {

// Prints `what` with its place and aborts. For our own broken invariants only, never for bad input.
[[noreturn]] void check_failed(const char* file, int line, const char* what);
[[noreturn]] void check_failed(const char* file, int line, const char* what,
                               const std::string& values);

// What a broken check prints is made out of line: there is a check in most functions.
namespace detail {
template <class T>
std::string show(const T& value) {
  if constexpr (fmt::is_formattable<T>::value) {
    return fmt::format("{}", value);
  } else {
    return "?";
  }
}
template <class Left, class Right>
[[noreturn, gnu::noinline, gnu::cold]] void check_op_failed(const char* file, int line,
                                                            const char* what, const Left& left,
                                                            const Right& right) {
  check_failed(file, line, what, show(left) + " vs " + show(right));
}
template <class Failed>
[[noreturn, gnu::noinline, gnu::cold]] void check_ok_failed(const char* file, int line,
                                                            const char* what,
                                                            const Failed& result) {
  check_failed(file, line, what, result.error().describe());
}
}  // namespace detail
}  // namespace moldau

// One condition each; it holds in release builds too.
#define CHECK(condition)                                                   \
  do {                                                                     \
    if (!(condition)) [[unlikely]]                                         \
      ::moldau::check_failed(__FILE__, __LINE__, "CHECK(" #condition ")"); \
  } while (false)

// CHECK_OP(a, <=, b) prints both values.
#define CHECK_OP(left, op, right)                                                                  \
  do {                                                                                             \
    const auto& check_left = (left);                                                               \
    const auto& check_right = (right);                                                             \
    if (!(check_left op check_right)) [[unlikely]]                                                 \
      ::moldau::detail::check_op_failed(__FILE__, __LINE__, "CHECK(" #left " " #op " " #right ")", \
                                        check_left, check_right);                                  \
  } while (false)

// For a Result that cannot be an error here.
#define CHECK_OK(expression)                                                             \
  do {                                                                                   \
    const auto& check_result = (expression);                                             \
    if (!check_result.has_value()) [[unlikely]]                                          \
      ::moldau::detail::check_ok_failed(__FILE__, __LINE__, "CHECK_OK(" #expression ")", \
                                        check_result);                                   \
  } while (false)
