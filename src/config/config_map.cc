#include "config/config_map.h"

#include <algorithm>
#include <utility>

namespace moldau::config {

namespace {
constexpr auto k_before = [](const ConfigMap::Entry& entry, std::string_view key) {
  return entry.first < key;
};
}  // namespace

ConfigMap::ConfigMap(std::vector<Entry> entries) {
  // By key, and among equal keys by place; of those the last stays.
  std::vector<std::size_t> order(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const int compared = entries[a].first.compare(entries[b].first);
    return compared != 0 ? compared < 0 : a < b;
  });
  entries_.reserve(entries.size());
  for (const std::size_t at : order) {
    if (!entries_.empty() && entries_.back().first == entries[at].first) {
      entries_.back().second = std::move(entries[at].second);
    } else {
      entries_.push_back(std::move(entries[at]));
    }
  }
}

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
