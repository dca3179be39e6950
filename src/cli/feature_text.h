#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/tool.h"
#include "metadata/features.h"
#include "protocol/api/api_versions.h"

namespace moldau::cli {

// What `features` and `storage` say about feature levels. Source: FeatureCommand, StorageTool.

// "name=level" as --feature takes it. Errors: invalid_request.
struct FeatureChoice {
  std::string feature;
  metadata::FeatureLevel level;
};
[[nodiscard]] Result<FeatureChoice> read_feature_choice(std::string_view text);

[[nodiscard]] std::string features_as_text(const protocol::ApiVersionsResponse& answer);
// One line of upgrade, downgrade or disable. `problem`: why not.
[[nodiscard]] std::string change_as_text(std::string_view action, std::string_view feature,
                                         int level, bool dry_run,
                                         const std::optional<std::string>& problem);
// The refusal of an unknown --release-version, naming those that there are.
[[nodiscard]] std::string unknown_release(std::string_view release);

// The actions version-mapping and feature-dependencies: exit codes. An empty release is the newest.
[[nodiscard]] int version_mapping(ToolContext& context, std::string release);
[[nodiscard]] int feature_dependencies(ToolContext& context, std::vector<std::string> features);

}  // namespace moldau::cli
