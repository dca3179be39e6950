#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/keys.h"

namespace moldau::config {

// Reads settings as values of C++. The first refusal latches: later reads give zero or empty, and
// status() tells at the end, so a struct of settings is filled without a check per field.
// REQUIRES: a name that exists in the scope, read as the type that it has (CHECKed: a mistake here
// is ours, not the operator's).
class TypedReader {
 public:
  using Lookup = std::move_only_function<std::optional<std::string>(const ConfigKey&)>;
  TypedReader(Scope scope, Lookup lookup) : scope_(scope), lookup_(std::move(lookup)) {}

  [[nodiscard]] std::int64_t int64(std::string_view name);
  [[nodiscard]] std::int32_t int32(std::string_view name) {
    return static_cast<std::int32_t>(int64(name));
  }
  [[nodiscard]] std::int16_t int16(std::string_view name) {
    return static_cast<std::int16_t>(int64(name));
  }
  [[nodiscard]] Milliseconds ms(std::string_view name) { return Milliseconds{int64(name)}; }
  // nullopt when it is null.
  [[nodiscard]] std::optional<std::int64_t> maybe_int64(std::string_view name);
  [[nodiscard]] bool flag(std::string_view name);
  [[nodiscard]] double real(std::string_view name);
  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::optional<std::string> maybe_text(std::string_view name);
  [[nodiscard]] std::vector<std::string> list(std::string_view name);
  [[nodiscard]] std::optional<std::vector<std::string>> maybe_list(std::string_view name);

  [[nodiscard]] Result<void> status();

 private:
  template <class T>
  std::optional<T> get(std::string_view name);

  Scope scope_;
  Lookup lookup_;
  std::optional<Error> error_;
};

}  // namespace moldau::config
