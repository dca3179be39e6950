#include "config/properties.h"

#include "base/java_properties.h"

namespace moldau::config {

Result<ConfigMap> read_properties_map(std::string_view text) {
  TRY(std::vector<Property> found, read_properties(text));
  std::vector<ConfigMap::Entry> entries;
  entries.reserve(found.size());
  for (Property& property : found)
    entries.emplace_back(std::move(property.key), std::move(property.value));
  return ConfigMap(std::move(entries));
}

std::string write_properties(const ConfigMap& properties,
                             const std::vector<std::string>& comments) {
  std::string out;
  for (const std::string& comment : comments) out += "# " + comment + "\n";
  for (const auto& [key, value] : properties) out += write_property(key, value) + "\n";
  return out;
}

}  // namespace moldau::config
