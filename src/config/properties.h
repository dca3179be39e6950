#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config_map.h"

// Settings as files: docs/format/properties.md. What reads and writes a line is in
// base/java_properties.h. Context: pure.
namespace moldau::config {

// The last of repeated keys wins. A text that is not UTF-8 is read as ISO-8859-1, as Java reads
// all. Errors: those of read_properties().
[[nodiscard]] Result<ConfigMap> read_properties_map(std::string_view text);

// `key=value` lines that read back equal, in the map's order. `comments` go on top, each behind
// "#".
[[nodiscard]] std::string write_properties(const ConfigMap& properties,
                                           const std::vector<std::string>& comments = {});

}  // namespace moldau::config
