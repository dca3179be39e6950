#pragma once
#include <fmt/core.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/errc.h"

namespace moldau {

// Why something was refused or failed: a code and, where a person will read it, a sentence that
// says what happened, to which thing, and what to do. A refusal that clients expect (not leader,
// not coordinator) carries no text and allocates nothing.
class [[nodiscard]] Error {
 public:
  explicit Error(Errc code) : code_(code) {}
  Error(Errc code, std::string text);
  Error(const Error& other);
  Error& operator=(const Error& other) { return *this = Error(other); }
  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  ~Error() = default;

  [[nodiscard]] Errc code() const { return code_; }
  // Empty when the error carries none.
  [[nodiscard]] std::string_view text() const { return text_ ? std::string_view{*text_} : ""; }
  // "NAME: text", or "NAME" and the table's meaning.
  [[nodiscard]] std::string describe() const;

 private:
  // Errors die in hundreds of places of a source; what that takes stands once.
  struct Drop {
    void operator()(std::string* text) const;
  };
  using Text = std::unique_ptr<std::string, Drop>;

  Errc code_;
  Text text_;
};

// The one way to return an error. libstdc++ 12 does not mark std::expected as nodiscard and an
// alias cannot, so this is a type of its own. There is no and_then: TRY returns early.
template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
  using Base = std::expected<T, Error>;
  using Base::Base;
  Result(std::unexpected<Error> error) : Base(std::move(error)) {}
};

[[nodiscard]] inline std::unexpected<Error> fail(Errc code) {
  return std::unexpected<Error>(Error(code));
}
[[nodiscard]] std::unexpected<Error> fail_with(Errc code, fmt::string_view format,
                                               fmt::format_args args);
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format,
                                          Args&&... args) {
  return fail_with(code, format, fmt::make_format_args(args...));
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace moldau

#define MOLDAU_CONCAT_(a, b) a##b
#define MOLDAU_CONCAT(a, b) MOLDAU_CONCAT_(a, b)
#define MOLDAU_TRY_(result, return_, declaration, expression) \
  auto result = (expression);                                 \
  if (!result.has_value()) [[unlikely]]                       \
    return_ ::moldau::fail(std::move(result).error());        \
  declaration = std::move(*result)
#define MOLDAU_TRY_OK_(result, return_, expression)      \
  do {                                                   \
    auto result = (expression);                          \
    if (!result.has_value()) [[unlikely]]                \
      return_ ::moldau::fail(std::move(result).error()); \
  } while (false)

// TRY(BatchHeader header, read_header(in)): the value, or return the error. CO_TRY in a coroutine.
#define TRY(declaration, ...) \
  MOLDAU_TRY_(MOLDAU_CONCAT(try_result_, __COUNTER__), return, declaration, (__VA_ARGS__))
#define CO_TRY(declaration, ...) \
  MOLDAU_TRY_(MOLDAU_CONCAT(try_result_, __COUNTER__), co_return, declaration, (__VA_ARGS__))
// For Result<void>, or when the value does not matter.
#define TRY_OK(...) MOLDAU_TRY_OK_(MOLDAU_CONCAT(try_result_, __COUNTER__), return, (__VA_ARGS__))
#define CO_TRY_OK(...) \
  MOLDAU_TRY_OK_(MOLDAU_CONCAT(try_result_, __COUNTER__), co_return, (__VA_ARGS__))
