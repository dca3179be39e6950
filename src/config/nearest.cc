#include "config/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/value_text.h"

namespace moldau::config {
namespace {

// Levenshtein, with a swap of neighbours as one step (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

Nearest::Nearest(std::string_view name) {
  constexpr std::size_t k_name_size_max = 128;  // no key is longer; keeps hostile names cheap
  if (name.empty() || name.size() > k_name_size_max) return;
  wanted_ = lower(name);
  best_distance_ = std::max<std::size_t>(1, name.size() / 3) + 1;
}

void Nearest::offer(std::string_view name) {
  const std::size_t longer = std::max(name.size(), wanted_.size());
  const std::size_t shorter = std::min(name.size(), wanted_.size());
  if (longer - shorter >= best_distance_) return;
  const std::size_t steps = distance(wanted_, lower(name));
  if (steps >= best_distance_) return;
  best_distance_ = steps;
  best_ = name;
}

std::string_view nearest_of(std::span<const std::string_view> names, std::string_view name) {
  Nearest search(name);
  for (const std::string_view one : names) search.offer(one);
  return search.best();
}

}  // namespace moldau::config
