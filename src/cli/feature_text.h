#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "metadata/features.h"
#include "protocol/api/api_versions.h"

namespace moldau::cli {

// What `features` says about feature levels. Context: pure. Source: FeatureCommand.

// "name=level" as --feature takes it. Errors: invalid_request.
struct FeatureChoice {
  std::string feature;
  metadata::FeatureLevel level;
};
[[nodiscard]] Result<FeatureChoice> read_feature_choice(std::string_view text);

[[nodiscard]] std::string features_as_text(const protocol::ApiVersionsResponse& answer);
[[nodiscard]] std::string features_as_json(const protocol::ApiVersionsResponse& answer);
// One line of upgrade, downgrade or disable. `problem`: why not.
[[nodiscard]] std::string change_as_text(std::string_view action, std::string_view feature,
                                         int level, bool dry_run,
                                         const std::optional<std::string>& problem);

}  // namespace moldau::cli
