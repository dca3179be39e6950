#include "protocol/api_table.h"

#include <algorithm>

#include "base/check.h"

namespace moldau::protocol {

const ApiFacts* find_api(std::int16_t key) {
  const std::span<const ApiFacts> apis = all_apis();
  const auto found = std::ranges::lower_bound(apis, static_cast<ApiKey>(key), {}, &ApiFacts::key);
  return found != apis.end() && found->key == static_cast<ApiKey>(key) ? &*found : nullptr;
}

const ApiFacts& facts(ApiKey key) {
  const ApiFacts* found = find_api(static_cast<std::int16_t>(key));
  CHECK(found != nullptr);
  return *found;
}

std::string_view name_of(ApiKey key) {
  const ApiFacts* found = find_api(static_cast<std::int16_t>(key));
  return found == nullptr ? "?" : found->name;
}

}  // namespace moldau::protocol
