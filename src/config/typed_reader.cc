#include "config/typed_reader.h"

#include <utility>

#include "base/check.h"

namespace moldau::config {

template <class T>
std::optional<T> TypedReader::get(std::string_view name) {
  if (error_) return std::nullopt;
  const ConfigKey* key = find(scope_, name);
  if (key == nullptr)
    check_failed(__FILE__, __LINE__, "a key that the tables do not have", std::string(name));
  const auto text = lookup_(*key);
  if (!text && key->required) {
    error_ = Error(Errc::invalid_config, "Missing required configuration \"" + std::string(name) +
                                             "\" which has no default value.");
    return std::nullopt;
  }
  auto value = parse(*key, text);
  if (!value) {
    error_ = std::move(value).error();
    return std::nullopt;
  }
  if (std::holds_alternative<std::monostate>(*value)) return std::nullopt;
  if (!std::holds_alternative<T>(*value))
    check_failed(__FILE__, __LINE__, "a key read as another type than it has", std::string(name));
  return std::get<T>(std::move(*value));
}

std::optional<std::int64_t> TypedReader::maybe_int64(std::string_view name) {
  return get<std::int64_t>(name);
}
std::int64_t TypedReader::int64(std::string_view name) {
  return get<std::int64_t>(name).value_or(0);
}
bool TypedReader::flag(std::string_view name) { return get<bool>(name).value_or(false); }
double TypedReader::real(std::string_view name) { return get<double>(name).value_or(0); }
std::optional<std::string> TypedReader::maybe_text(std::string_view name) {
  return get<std::string>(name);
}
std::string TypedReader::text(std::string_view name) {
  return get<std::string>(name).value_or(std::string{});
}
std::optional<std::vector<std::string>> TypedReader::maybe_list(std::string_view name) {
  return get<std::vector<std::string>>(name);
}
std::vector<std::string> TypedReader::list(std::string_view name) {
  return get<std::vector<std::string>>(name).value_or(std::vector<std::string>{});
}

Result<void> TypedReader::status() {
  if (error_) return fail(*error_);
  return {};
}

}  // namespace moldau::config
