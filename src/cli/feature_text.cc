#include "cli/feature_text.h"

#include <algorithm>
#include <charconv>

namespace moldau::cli {
namespace {

constexpr int k_ok_code = 0;
constexpr int k_failed_code = 1;

std::string level_text(std::string_view feature, std::int16_t level) {
  if (feature != metadata::k_metadata_version) return fmt::format("{}", level);
  const auto* version = metadata::metadata_version(metadata::FeatureLevel{level});
  return version == nullptr ? fmt::format("UNKNOWN {}", level) : std::string(version->name);
}

// The order in which Kafka's tools list features of a release.
constexpr auto k_order = std::to_array<std::string_view>(
    {metadata::k_kraft_version, metadata::k_transaction_version, metadata::k_group_version,
     metadata::k_elr_version, metadata::k_share_version, metadata::k_streams_version});

std::string_view past_of(std::string_view action) {
  return action == "upgrade" ? "upgraded" : "downgraded";
}

}  // namespace

Result<FeatureChoice> read_feature_choice(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return fail(Errc::invalid_request,
                "Can't parse feature=level string {}: equals sign not found.", text);
  }
  const std::string_view digits = text.substr(equals + 1);
  std::int16_t level = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), level);
  if (problem != std::errc{} || end != digits.data() + digits.size()) {
    return fail(Errc::invalid_request,
                "Can't parse feature=level string {}: unable to parse {} as "
                "a short.",
                text, digits);
  }
  return FeatureChoice{std::string(text.substr(0, equals)), metadata::FeatureLevel{level}};
}

std::string features_as_text(const protocol::ApiVersionsResponse& answer) {
  auto supported = answer.supported_features;
  std::ranges::sort(supported, {}, [](const auto& feature) { return feature.name; });
  std::string text;
  for (const auto& feature : supported) {
    std::int16_t finalized = 0;
    for (const auto& level : answer.finalized_features) {
      if (level.name == feature.name) finalized = level.max_version_level;
    }
    text += fmt::format(
        "Feature: {:<42}SupportedMinVersion: {:<17}SupportedMaxVersion: {:<17}"
        "FinalizedVersionLevel: {:<17}Epoch: {}\n",
        feature.name, level_text(feature.name, feature.min_version),
        level_text(feature.name, feature.max_version), level_text(feature.name, finalized),
        answer.finalized_features_epoch < 0 ? "-"
                                            : fmt::format("{}", answer.finalized_features_epoch));
  }
  return text;
}

std::string change_as_text(std::string_view action, std::string_view feature, int level,
                           bool dry_run, const std::optional<std::string>& problem) {
  if (problem) {
    const std::string target = action == "disable"
                                   ? fmt::format("disable {}", feature)
                                   : fmt::format("{} {} to {}", action, feature, level);
    return fmt::format("{} not {}. {}\n", dry_run ? "Can" : "Could", target, *problem);
  }
  if (action == "disable") {
    return fmt::format("{} {} disabled.\n", feature, dry_run ? "can be" : "was");
  }
  return fmt::format("{} {} {} to {}.\n", feature, dry_run ? "can be" : "was", past_of(action),
                     level);
}

std::string unknown_release(std::string_view release) {
  std::string names;
  for (const metadata::MetadataVersionFacts& version : metadata::metadata_versions()) {
    if (!version.production) continue;
    if (!names.empty()) names += ", ";
    names += version.name;
  }
  return fmt::format("Unknown metadata.version '{}'. Supported metadata.version are: {}", release,
                     names);
}

int version_mapping(ToolContext& context, std::string release) {
  const auto* version =
      release.empty() ? metadata::metadata_version(metadata::k_latest_production_metadata_version)
                      : metadata::metadata_version(release);
  if (version == nullptr) {
    context.console.err(unknown_release(release) + "\n");
    return k_failed_code;
  }
  context.console.out(
      fmt::format("metadata.version={} ({})\n", version->level.value, version->name));
  for (const std::string_view name : k_order) {
    const metadata::FeatureFacts* feature = metadata::feature(name);
    if (feature == nullptr) continue;
    context.console.out(
        fmt::format("{}={}\n", name, metadata::default_level(*feature, version->level).value));
  }
  return k_ok_code;
}

int feature_dependencies(ToolContext& context, std::vector<std::string> features) {
  for (const std::string& text : features) {
    const Result<FeatureChoice> choice = read_feature_choice(text);
    if (!choice) {
      context.console.err(std::string(choice.error().text()) + "\n");
      return k_failed_code;
    }
    const std::int16_t level = choice->level.value;
    if (choice->feature == metadata::k_metadata_version) {
      const auto* version = metadata::metadata_version(choice->level);
      if (version == nullptr) {
        context.console.err(fmt::format("Feature level {} is not supported for feature {}\n", level,
                                        choice->feature));
        return k_failed_code;
      }
      context.console.out(
          fmt::format("{}={} ({}) has no dependencies.\n", choice->feature, level, version->name));
      continue;
    }
    const metadata::FeatureFacts* feature = metadata::feature(choice->feature);
    if (feature == nullptr) {
      context.console.err(fmt::format("Unknown feature: {}\n", choice->feature));
      return k_failed_code;
    }
    const auto found = std::ranges::find_if(
        feature->levels, [&](const auto& facts) { return facts.level.value == level; });
    if (found == feature->levels.end()) {
      context.console.err(fmt::format("Feature level {} is not supported for feature {}\n", level,
                                      choice->feature));
      return k_failed_code;
    }
    if (found->needs.empty()) {
      context.console.out(fmt::format("{} has no dependencies.\n", text));
      continue;
    }
    context.console.out(fmt::format("{} requires:\n", text));
    for (const metadata::FeatureDependency& need : found->needs) {
      const bool is_version = need.feature == metadata::k_metadata_version;
      context.console.out(fmt::format(
          "    {}={}{}\n", need.feature, need.level.value,
          is_version ? fmt::format(" ({})", level_text(need.feature, need.level.value)) : ""));
    }
  }
  return k_ok_code;
}

}  // namespace moldau::cli
