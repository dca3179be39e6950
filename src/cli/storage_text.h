#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "config/node_config.h"
#include "metadata/features.h"
#include "raft/types.h"

// The parts of the storage tool that need no disk: what its arguments mean and its texts.
// Context: pure. Source: StorageTool, DynamicVoter, Formatter, BootstrapMetadata.
namespace moldau::cli {

using FeatureLevels = std::map<std::string, metadata::FeatureLevel, std::less<>>;

// "group.version=1" each; metadata.version too. Errors: invalid_request in Kafka's words.
[[nodiscard]] Result<FeatureLevels> read_feature_levels(const std::vector<std::string>& texts);

// The level of --release-version. "4.0" is the last of 4.0, and so is "4.0.1".
// Errors: invalid_request, listing what there is.
enum class Stability : std::uint8_t { production, any };
[[nodiscard]] Result<metadata::FeatureLevel> read_release(std::string_view name,
                                                          Stability stability);

// That of the option, or the newest production level without it. Errors: as above.
[[nodiscard]] Result<metadata::FeatureLevel> chosen_release(const Given& given,
                                                            Stability stability);

// "1@host:9093:<directory id>,...", each with `listener`. Errors: invalid_request.
[[nodiscard]] Result<raft::VoterSet> read_initial_controllers(std::string_view text,
                                                              std::string_view listener);
// This node alone, at its advertised controller listeners. Errors: invalid_request.
[[nodiscard]] Result<raft::VoterSet> standalone_voters(const config::NodeConfig& config);

// "Bootstrap metadata: BootstrapMetadata(...)".
// Errors: those of metadata::bootstrap_records.
[[nodiscard]] Result<std::string> bootstrap_text(metadata::FeatureLevel version,
                                                 const FeatureLevels& chosen);
// What `version-mapping` prints; `asked` is the release as it was typed, empty for the newest.
[[nodiscard]] std::string version_mapping_text(metadata::FeatureLevel version,
                                               std::string_view asked = {});
// What `feature-dependencies` prints. Errors: invalid_request in Kafka's words.
[[nodiscard]] Result<std::string> dependencies_text(const std::vector<std::string>& features);

}  // namespace moldau::cli
