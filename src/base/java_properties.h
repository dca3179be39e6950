#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Java's .properties format: docs/format/properties.md. Source: java.util.Properties.
// Context: pure.
namespace moldau {

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

// "key=value", which reads back equal; without the end of the line. Bytes outside ASCII are written
// as \uXXXX, as Java writes them.
[[nodiscard]] std::string write_property(std::string_view key, std::string_view value);

}  // namespace moldau
