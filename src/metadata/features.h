#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "metadata/image.h"
#include "metadata/record.h"

// What this version knows of feature levels. Source: MetadataVersion, Feature and its versions,
// KRaftVersion of Kafka 4.4.
namespace moldau::metadata {

inline constexpr std::string_view k_metadata_version = "metadata.version";
inline constexpr std::string_view k_kraft_version = "kraft.version";
inline constexpr std::string_view k_group_version = "group.version";
inline constexpr std::string_view k_transaction_version = "transaction.version";
inline constexpr std::string_view k_share_version = "share.version";
inline constexpr std::string_view k_streams_version = "streams.version";
inline constexpr std::string_view k_elr_version = "eligible.leader.replicas.version";

// One level of metadata.version: "4.4-IV2" is 33.
struct MetadataVersionFacts {
  FeatureLevel level;
  std::string_view name;
  bool production = true;       // false: only with unstable.feature.versions.enable
  bool format_changed = false;  // records differ from those of the level before
};
[[nodiscard]] std::span<const MetadataVersionFacts> metadata_versions();  // increasing
[[nodiscard]] const MetadataVersionFacts* metadata_version(FeatureLevel level);
// Takes "4.4-IV2", and "4.4" for the newest level of that release.
[[nodiscard]] const MetadataVersionFacts* metadata_version(std::string_view name);
inline constexpr FeatureLevel k_least_metadata_version{7};               // 3.3-IV3
inline constexpr FeatureLevel k_latest_production_metadata_version{33};  // 4.4-IV2

// What a metadata.version lets records say. REQUIRES: a known level.
class MetadataVersion {
 public:
  explicit MetadataVersion(FeatureLevel level) : level_(level) {}
  [[nodiscard]] FeatureLevel level() const { return level_; }
  [[nodiscard]] std::string_view name() const;  // "level 99" for an unknown one
  [[nodiscard]] bool scram() const { return level_.value >= 11; }
  [[nodiscard]] bool transactions() const { return level_.value >= 13; }
  [[nodiscard]] bool delegation_tokens() const { return level_.value >= 14; }
  [[nodiscard]] bool controller_registration() const { return level_.value >= 15; }
  [[nodiscard]] bool directory_assignment() const { return level_.value >= 17; }
  [[nodiscard]] bool elr() const { return level_.value >= 23; }
  [[nodiscard]] bool cordoned_log_dirs() const { return level_.value >= 30; }
  [[nodiscard]] bool cidr_acls() const { return level_.value >= 32; }
  [[nodiscard]] bool controller_unregistration() const { return level_.value >= 33; }
  // Up to 3.6-IV0 a smaller ISR needs a higher leader epoch for old followers.
  [[nodiscard]] bool leader_epoch_bump_on_isr_shrink() const { return level_.value < 12; }
  [[nodiscard]] ApiVersion register_broker_record() const;
  [[nodiscard]] ApiVersion partition_record() const;
  [[nodiscard]] ApiVersion partition_change_record() const;

 private:
  FeatureLevel level_;
};

struct FeatureDependency {
  std::string_view feature;
  FeatureLevel level;
};
// A level of a feature other than metadata.version.
struct FeatureLevelFacts {
  FeatureLevel level;
  FeatureLevel default_since;  // the metadata.version from which a fresh cluster has it
  std::vector<FeatureDependency> needs;
};
struct FeatureFacts {
  std::string_view name;
  std::vector<FeatureLevelFacts> levels;  // increasing from 0, all production
};
// Sorted by name, kraft.version included, metadata.version not.
[[nodiscard]] std::span<const FeatureFacts> features();
[[nodiscard]] const FeatureFacts* feature(std::string_view name);
// What a fresh cluster of this metadata.version has of the feature.
[[nodiscard]] FeatureLevel default_level(const FeatureFacts& feature, FeatureLevel version);

// What a node says that it can do, in ApiVersions, BrokerRegistration and ControllerRegistration:
// all features, metadata.version and kraft.version included.
[[nodiscard]] const FeatureRanges& supported_features(bool unstable = false);

// The records of a directory formatted for this metadata.version, in the order of `kafka-storage
// format`: metadata.version, then the other features that are not 0, by name. `chosen` overrides
// the defaults (--feature); kraft.version is not among them, raft keeps it.
// Errors: invalid_request (an unknown feature or level), invalid_update_version (dependencies).
[[nodiscard]] Result<std::vector<MetadataRecord>> bootstrap_records(
    FeatureLevel version, const std::map<std::string, FeatureLevel, std::less<>>& chosen = {});
// Errors: invalid_update_version when one of `levels` lacks what it needs.
[[nodiscard]] Result<void> check_dependencies(
    std::string_view feature, FeatureLevel level,
    const std::map<std::string, FeatureLevel, std::less<>>& levels);

}  // namespace moldau::metadata
