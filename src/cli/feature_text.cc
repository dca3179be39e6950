#include "cli/feature_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "protojson/json_text.h"

namespace moldau::cli {
namespace {

std::string level_text(std::string_view feature, std::int16_t level) {
  if (feature != metadata::k_metadata_version) return fmt::format("{}", level);
  const auto* version = metadata::metadata_version(metadata::FeatureLevel{level});
  return version == nullptr ? fmt::format("UNKNOWN {}", level) : std::string(version->name);
}

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

std::string features_as_json(const protocol::ApiVersionsResponse& answer) {
  auto supported = answer.supported_features;
  std::ranges::sort(supported, {}, [](const auto& feature) { return feature.name; });
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& feature : supported) {
    std::int16_t finalized = 0;
    for (const auto& level : answer.finalized_features) {
      if (level.name == feature.name) finalized = level.max_version_level;
    }
    list.push_back({{"feature", feature.name},
                    {"supportedMin", feature.min_version},
                    {"supportedMax", feature.max_version},
                    {"finalized", finalized},
                    {"epoch", answer.finalized_features_epoch}});
  }
  return protojson::json_lines(list) + "\n";
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

}  // namespace moldau::cli
