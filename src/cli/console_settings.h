#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "cli/tool.h"
#include "client/cluster.h"
#include "config/keys.h"

// What the two console tools share: settings given as properties, and messages as Kafka's logger
// prints them.
namespace moldau::cli {

using PropertyMap = std::map<std::string, std::string, std::less<>>;

// The file that `file_option` names, overridden by each key=value of `property_option`. Either
// option may be missing on the command line.
// Errors: those of reading the file; invalid_config.
[[nodiscard]] env::Task<Result<PropertyMap>> read_property_options(ToolContext& context,
                                                                   Given given,
                                                                   std::string file_option,
                                                                   std::string property_option);

// Types and ranges of all that such a client knows, whether they count here or not: Kafka's clients
// refuse them, too. Errors: bad_configuration in Kafka's words. Source: ConfigDef.
[[nodiscard]] Result<void> check_values(config::Scope client, const PropertyMap& properties);

// Errors: bad_configuration in Kafka's words: not a number, or below `least`.
[[nodiscard]] Result<std::optional<std::int64_t>> integer_of(const PropertyMap& properties,
                                                             std::string_view key,
                                                             std::int64_t least);
// Java's Boolean.parseBoolean of trimmed text.
[[nodiscard]] bool is_true(const PropertyMap& properties, std::string_view key, bool otherwise);
// Errors: invalid_request in the words of Kafka's option parser.
[[nodiscard]] Result<std::int64_t> integer_option(const Given& given, std::string_view name);

// What of the properties concerns connections. Errors: bad_configuration.
[[nodiscard]] Result<void> apply_to_cluster(client::ClusterSettings& settings,
                                            const PropertyMap& properties);

// "[2026-11-21 06:36:58,820] ERROR text (class)" on standard error.
void log_line(ToolContext& context, std::string_view level, std::string_view text,
              std::string_view java_class);

}  // namespace moldau::cli
