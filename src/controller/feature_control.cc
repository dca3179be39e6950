#include "controller/feature_control.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "controller/config_control.h"

namespace moldau::controller {
namespace {

Error invalid(std::string_view name, FeatureLevel level, std::string_view why) {
  return Error(Errc::invalid_update_version,
               fmt::format("Invalid update version {} for feature {}. {}", level.value, name, why));
}

std::string why_not(const std::string& who, const metadata::FeatureRanges& supported,
                    std::string_view name, FeatureLevel level) {
  const auto at = supported.find(name);
  const metadata::FeatureRange range =
      at == supported.end() ? metadata::FeatureRange{} : at->second;
  if (range.contains(level)) return "";
  if (range.max.value == 0) return who + " does not support this feature.";
  return fmt::format("{} only supports versions {}-{}", who, range.min.value, range.max.value);
}

// Whether records between the two levels differ, so that going back would lose some.
bool metadata_changed(FeatureLevel from, FeatureLevel down_to) {
  for (const auto& facts : metadata::metadata_versions()) {
    if (facts.level > down_to && facts.level <= from && facts.format_changed) return true;
  }
  return false;
}

MetadataRecord level_record(std::string name, FeatureLevel level) {
  return {protocol::FeatureLevelRecord{.name = std::move(name), .feature_level = level.value},
          ApiVersion{0}};
}

}  // namespace

std::string FeatureControl::unsupported_by(std::string_view name, FeatureLevel level) const {
  const Settings& settings = view_.settings();
  std::string why =
      why_not(fmt::format("Local controller {}", settings.node_id),
              metadata::supported_features(settings.unstable_feature_versions), name, level);
  if (!why.empty()) return why;
  for (const auto& [id, broker] : view_.image().cluster.brokers) {
    why = why_not(fmt::format("Broker {}", id), broker->features, name, level);
    if (!why.empty()) return why;
  }
  if (!view_.version().controller_registration()) return "";
  for (const auto& [id, controller] : view_.image().cluster.controllers) {
    if (id == settings.node_id) continue;
    why = why_not(fmt::format("Controller {}", id), controller->features, name, level);
    if (!why.empty()) return why;
  }
  return "";
}

Result<void> FeatureControl::update_metadata_version(FeatureLevel level, Upgrade upgrade,
                                                     Records& records) const {
  const FeatureLevel current = view_.version().level();
  if (level < current && metadata_changed(current, level)) {
    return fail(Errc::invalid_update_version,
                "Unsupported metadata.version downgrade from {} to {}. {}", current.value,
                level.value,
                upgrade == Upgrade::unsafe_downgrade
                    ? "Unsafe metadata downgrade is not supported in this version."
                    : "Refusing to perform the requested downgrade because it might delete "
                      "metadata information.");
  }
  records.push_back(level_record(std::string(metadata::k_metadata_version), level));
  return {};
}

Result<void> FeatureControl::update_one(const std::string& name, FeatureLevel level,
                                        Upgrade upgrade, const Levels& proposed,
                                        FeatureLevel kraft_version, Records& records) const {
  if (upgrade == Upgrade::unknown) {
    return fail(invalid(name, level, "The controller does not support the given upgrade type."));
  }
  const bool is_metadata = name == metadata::k_metadata_version;
  const bool is_kraft = name == metadata::k_kraft_version;
  const FeatureLevel current = is_metadata ? view_.version().level()
                               : is_kraft  ? kraft_version
                                           : view_.image().features.level(name);
  if (level.value < 0) {
    return fail(invalid(name, level, "A feature version cannot be less than 0."));
  }
  if (const std::string why = unsupported_by(name, level); !why.empty()) {
    return fail(invalid(name, level, why));
  }
  if (level < current && upgrade == Upgrade::upgrade) {
    return fail(invalid(name, level,
                        "Can't downgrade the version of this feature without setting the upgrade "
                        "type to either safe or unsafe downgrade."));
  }
  if (level > current && upgrade != Upgrade::upgrade) {
    return fail(invalid(name, level, "Can't downgrade to a newer version."));
  }
  if (is_metadata) return update_metadata_version(level, upgrade, records);
  if (is_kraft) {
    if (level < current) {
      return fail(invalid(name, level, "Can't downgrade the version of this feature."));
    }
    if (level > current) {
      return fail(invalid(name, level,
                          "This version cannot turn a static quorum into a dynamic one; format "
                          "the controller with --standalone instead."));
    }
    return {};
  }
  if (const auto checked = metadata::check_dependencies(name, level, proposed); !checked) {
    return fail(invalid(name, level, checked.error().text()));
  }
  records.push_back(level_record(name, level));
  return {};
}

namespace {

// As in Kafka, what is said last of a feature counts.
template <class Updates>
Updates last_of_each(const Updates& updates) {
  Updates kept;
  std::map<std::string_view, std::size_t> places;
  for (const auto& update : updates) {
    const auto [place, is_new] = places.try_emplace(update.feature, kept.size());
    if (is_new) {
      kept.push_back(update);
    } else {
      kept[place->second] = update;
    }
  }
  return kept;
}

}  // namespace

Result<Decision<protocol::UpdateFeaturesResponse>> FeatureControl::update(
    const Call& call, const protocol::UpdateFeaturesRequest& request) const {
  Decision<protocol::UpdateFeaturesResponse> decision;
  protocol::UpdateFeaturesResponse& response = decision.response;
  response.error_message.reset();
  Levels proposed = view_.image().features.finalized;
  proposed[std::string(metadata::k_metadata_version)] = view_.version().level();
  for (const auto& update : request.feature_updates) {
    proposed[update.feature] = FeatureLevel{update.max_version_level};
  }
  Records levels;
  bool elr_on = false;
  for (const auto& update : last_of_each(request.feature_updates)) {
    // Version 0 knows a flag where later ones have a type.
    Upgrade upgrade = update.allow_downgrade ? Upgrade::safe_downgrade : Upgrade::upgrade;
    if (call.version > ApiVersion{0}) {
      upgrade = update.upgrade_type >= 1 && update.upgrade_type <= 3
                    ? static_cast<Upgrade>(update.upgrade_type)
                    : Upgrade::unknown;
    }
    const FeatureLevel level{update.max_version_level};
    const auto done =
        update_one(update.feature, level, upgrade, proposed, call.kraft_version, levels);
    if (!done) {
      response.error_code = done.error().code();
      response.error_message = fmt::format(
          "The update failed for all features since the following feature had an "
          "error: {}",
          done.error().text());
      return decision;
    }
    elr_on = elr_on || (update.feature == metadata::k_elr_version && level.value > 0);
  }
  if (call.version <= ApiVersion{1}) {
    for (const auto& update : request.feature_updates) {
      auto& result = response.results.emplace_back();
      result.feature = update.feature;
      result.error_message = "NONE";  // where other APIs have no text for no error
    }
  }
  if (request.validate_only) return decision;
  if (elr_on) ConfigControl(view_).prepare_elr(decision.records);
  for (MetadataRecord& record : levels) decision.records.push_back(std::move(record));
  return decision;
}

}  // namespace moldau::controller
