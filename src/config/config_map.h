#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moldau::config {

// The settings of one resource, or of one file: key -> value as text, in key order.
// Invariant: keys are strictly increasing, so walking it is deterministic.
// Context: a value; whoever holds it owns it.
class ConfigMap {
 public:
  using Entry = std::pair<std::string, std::string>;
  ConfigMap() = default;
  // A later entry of the same key wins, as in a file. Cost: one sort.
  explicit ConfigMap(std::vector<Entry> entries);
  ConfigMap(std::initializer_list<Entry> entries) : ConfigMap(std::vector<Entry>(entries)) {}
  // From any range of pairs of strings, such as a metadata image's map.
  template <class Iterator>
  ConfigMap(Iterator first, Iterator last) : ConfigMap(std::vector<Entry>(first, last)) {}

  // nullptr: not set. Good until the next non-const call.
  [[nodiscard]] const std::string* find(std::string_view key) const;
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  void set(std::string_view key, std::string_view value);
  bool erase(std::string_view key);  // whether it was there

  [[nodiscard]] std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] std::vector<Entry>::const_iterator end() const { return entries_.end(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  friend bool operator==(const ConfigMap&, const ConfigMap&) = default;

 private:
  std::vector<Entry> entries_;  // sorted by key
};

}  // namespace moldau::config
