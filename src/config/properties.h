#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config_map.h"

// Java's .properties format: docs/format/properties.md. Source: java.util.Properties.
// Context: pure.
namespace moldau::config {

// A file of settings is a few KB; one that is larger is not a file of settings.
inline constexpr std::size_t k_properties_bytes_max = 4 << 20;

struct Property {
  std::string key;
  std::string value;
  int line = 0;  // where its logical line begins, from 1
  friend bool operator==(const Property&, const Property&) = default;
};

// Every key with its value, in file order, repeated keys too. UTF-8 in, UTF-8 out; \uXXXX becomes
// UTF-8 (a lone surrogate becomes U+FFFD).
// Errors: invalid_config, naming the line: over k_properties_bytes_max, a malformed \uXXXX.
[[nodiscard]] Result<std::vector<Property>> read_properties(std::string_view text);
// The same as a map: the last of repeated keys wins.
[[nodiscard]] Result<ConfigMap> read_properties_map(std::string_view text);

// `key=value` lines that read back equal, in the map's order; bytes outside ASCII are written as
// \uXXXX, as Java writes them. `comments` go on top, each behind "#".
[[nodiscard]] std::string write_properties(const ConfigMap& properties,
                                           const std::vector<std::string>& comments = {});
// One side of such a line, escaped. A key also escapes spaces, '=' and ':'.
[[nodiscard]] std::string escape_key(std::string_view key);
[[nodiscard]] std::string escape_value(std::string_view value);

}  // namespace moldau::config
