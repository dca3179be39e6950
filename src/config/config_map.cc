#include "config/config_map.h"

#include <algorithm>

namespace moldau::config {

namespace {
constexpr auto k_before = [](const ConfigMap::Entry& entry, std::string_view key) {
  return entry.first < key;
};
}  // namespace

const std::string* ConfigMap::find(std::string_view key) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, k_before);
  return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

void ConfigMap::set(std::string_view key, std::string_view value) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, k_before);
  if (at != entries_.end() && at->first == key) {
    at->second = value;
  } else {
    entries_.emplace(at, key, value);
  }
}

bool ConfigMap::erase(std::string_view key) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, k_before);
  if (at == entries_.end() || at->first != key) return false;
  entries_.erase(at);
  return true;
}

}  // namespace moldau::config
