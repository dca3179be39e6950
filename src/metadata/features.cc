#include "metadata/features.h"

#include <algorithm>
#include <array>

namespace moldau::metadata {
namespace {

constexpr auto k_metadata_versions = std::to_array<MetadataVersionFacts>({
    {FeatureLevel{7}, "3.3-IV3", true, true},   {FeatureLevel{8}, "3.4-IV0", true, true},
    {FeatureLevel{9}, "3.5-IV0", true, false},  {FeatureLevel{10}, "3.5-IV1", true, false},
    {FeatureLevel{11}, "3.5-IV2", true, true},  {FeatureLevel{12}, "3.6-IV0", true, false},
    {FeatureLevel{13}, "3.6-IV1", true, true},  {FeatureLevel{14}, "3.6-IV2", true, true},
    {FeatureLevel{15}, "3.7-IV0", true, true},  {FeatureLevel{16}, "3.7-IV1", true, false},
    {FeatureLevel{17}, "3.7-IV2", true, true},  {FeatureLevel{18}, "3.7-IV3", true, false},
    {FeatureLevel{19}, "3.7-IV4", true, false}, {FeatureLevel{20}, "3.8-IV0", true, false},
    {FeatureLevel{21}, "3.9-IV0", true, false}, {FeatureLevel{22}, "4.0-IV0", true, false},
    {FeatureLevel{23}, "4.0-IV1", true, true},  {FeatureLevel{24}, "4.0-IV2", true, false},
    {FeatureLevel{25}, "4.0-IV3", true, false}, {FeatureLevel{26}, "4.1-IV0", true, false},
    {FeatureLevel{27}, "4.1-IV1", true, false}, {FeatureLevel{28}, "4.2-IV0", true, false},
    {FeatureLevel{29}, "4.2-IV1", true, false}, {FeatureLevel{30}, "4.3-IV0", true, true},
    {FeatureLevel{31}, "4.4-IV0", true, false}, {FeatureLevel{32}, "4.4-IV1", true, true},
    {FeatureLevel{33}, "4.4-IV2", true, true},  {FeatureLevel{34}, "4.5-IV0", false, false},
});
static_assert(k_metadata_versions.front().level == k_least_metadata_version);
static_assert([] {
  for (std::size_t i = 0; i < k_metadata_versions.size(); ++i) {
    const auto expected = static_cast<std::int16_t>(k_least_metadata_version.value + i);
    if (k_metadata_versions[i].level.value != expected) return false;
  }
  return true;
}());

std::vector<FeatureFacts> make_features() {
  const FeatureLevel from_start = k_least_metadata_version;
  const auto level = [](std::int16_t value, std::int16_t since) {
    return FeatureLevelFacts{FeatureLevel{value}, FeatureLevel{since}, {}};
  };
  const FeatureLevelFacts off{FeatureLevel{0}, from_start, {}};
  FeatureLevelFacts elr = level(1, 26);
  elr.needs = {{k_metadata_version, FeatureLevel{23}}};
  return {
      {k_elr_version, {off, std::move(elr)}},
      {k_group_version, {off, level(1, 22)}},
      {k_kraft_version, {off, level(1, 21)}},
      {k_share_version, {off, level(1, 28), level(2, 31)}},
      {k_streams_version, {off, level(1, 29)}},
      {k_transaction_version, {off, level(1, 24), level(2, 24)}},
  };
}

FeatureRanges make_supported(bool unstable) {
  FeatureRanges ranges;
  for (const FeatureFacts& f : features()) {
    ranges[std::string(f.name)] = {f.levels.front().level, f.levels.back().level};
  }
  ranges[std::string(k_metadata_version)] = {
      k_least_metadata_version,
      unstable ? k_metadata_versions.back().level : k_latest_production_metadata_version};
  return ranges;
}

const FeatureLevelFacts* level_of(const FeatureFacts& feature, FeatureLevel level) {
  const auto at = std::ranges::find(feature.levels, level, &FeatureLevelFacts::level);
  return at == feature.levels.end() ? nullptr : &*at;
}

}  // namespace

std::span<const MetadataVersionFacts> metadata_versions() { return k_metadata_versions; }

const MetadataVersionFacts* metadata_version(FeatureLevel level) {
  const auto at = std::ranges::find(k_metadata_versions, level, &MetadataVersionFacts::level);
  return at == k_metadata_versions.end() ? nullptr : &*at;
}

const MetadataVersionFacts* metadata_version(std::string_view name) {
  const MetadataVersionFacts* found = nullptr;
  for (const MetadataVersionFacts& facts : k_metadata_versions) {
    if (facts.name == name) return &facts;
    if (facts.name.substr(0, facts.name.find('-')) == name) found = &facts;
  }
  return found;
}

std::string_view MetadataVersion::name() const {
  const MetadataVersionFacts* facts = metadata_version(level_);
  return facts == nullptr ? "unknown" : facts->name;
}
ApiVersion MetadataVersion::register_broker_record() const {
  if (level_.value >= 30) return ApiVersion{4};
  if (level_.value >= 17) return ApiVersion{3};
  return ApiVersion{static_cast<std::int16_t>(level_.value >= 8 ? 2 : 1)};
}
ApiVersion MetadataVersion::partition_record() const {
  if (level_.value >= 23) return ApiVersion{2};
  return ApiVersion{static_cast<std::int16_t>(level_.value >= 17 ? 1 : 0)};
}
ApiVersion MetadataVersion::partition_change_record() const { return partition_record(); }

std::span<const FeatureFacts> features() {
  static const std::vector<FeatureFacts> k_features = make_features();
  return k_features;
}

const FeatureFacts* feature(std::string_view name) {
  const auto all = features();
  const auto at = std::ranges::find(all, name, &FeatureFacts::name);
  return at == all.end() ? nullptr : &*at;
}

FeatureLevel default_level(const FeatureFacts& feature, FeatureLevel version) {
  FeatureLevel level{0};
  for (const FeatureLevelFacts& facts : feature.levels) {
    if (facts.default_since > version) break;
    level = facts.level;
  }
  return level;
}

const FeatureRanges& supported_features(bool unstable) {
  static const FeatureRanges k_stable = make_supported(false);
  static const FeatureRanges k_all = make_supported(true);
  return unstable ? k_all : k_stable;
}

Result<void> check_dependencies(std::string_view name, FeatureLevel level,
                                const std::map<std::string, FeatureLevel, std::less<>>& levels) {
  const FeatureFacts* facts = feature(name);
  const FeatureLevelFacts* wanted = facts == nullptr ? nullptr : level_of(*facts, level);
  if (wanted == nullptr) {
    return fail(Errc::invalid_update_version, "No feature:{} with feature level {}", name,
                level.value);
  }
  const auto has = [&levels](std::string_view feature, FeatureLevel least) {
    const auto at = levels.find(feature);
    return at != levels.end() && at->second >= least;
  };
  if (level.value >= 1 && !has(k_metadata_version, k_least_metadata_version)) {
    return fail(Errc::invalid_update_version,
                "{} could not be set to {} because it depends on metadata.version={} ({})", name,
                level.value, k_least_metadata_version.value, k_metadata_versions.front().name);
  }
  for (const FeatureDependency& need : wanted->needs) {
    if (!has(need.feature, need.level)) {
      return fail(Errc::invalid_update_version,
                  "{} could not be set to {} because it depends on {} level {}", name, level.value,
                  need.feature, need.level.value);
    }
  }
  return {};
}

Result<std::vector<MetadataRecord>> bootstrap_records(
    FeatureLevel version, const std::map<std::string, FeatureLevel, std::less<>>& chosen) {
  if (metadata_version(version) == nullptr) {
    return fail(Errc::invalid_request,
                "No MetadataVersion with feature level {}. Valid feature levels are from {} to {}.",
                version.value, k_metadata_versions.front().level.value,
                k_metadata_versions.back().level.value);
  }
  std::map<std::string, FeatureLevel, std::less<>> levels;
  for (const FeatureFacts& facts : features()) {
    levels[std::string(facts.name)] = default_level(facts, version);
  }
  for (const auto& [name, level] : chosen) {
    if (!levels.contains(name)) {
      std::string known;
      for (const auto& [other, unused] : levels) known += (known.empty() ? "" : ", ") + other;
      return fail(Errc::invalid_request, "Unsupported feature: {}. Supported features are: {}",
                  name, known);
    }
    levels[name] = level;
  }
  levels[std::string(k_metadata_version)] = version;

  std::vector<MetadataRecord> records;
  const auto add = [&records](std::string_view name, FeatureLevel level) {
    records.push_back(
        {protocol::FeatureLevelRecord{.name = std::string(name), .feature_level = level.value},
         ApiVersion{0}});
  };
  add(k_metadata_version, version);
  for (const auto& [name, level] : levels) {
    if (name == k_metadata_version) continue;
    TRY_OK(check_dependencies(name, level, levels));
    if (name != k_kraft_version && level.value != 0) add(name, level);
  }
  return records;
}

}  // namespace moldau::metadata
