#include "cli/features.h"

#include <algorithm>
#include <charconv>

#include "cli/feature_text.h"
#include "cli/session.h"
#include "metadata/features.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/update_features.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    k_bootstrap_server,
    k_bootstrap_controller,
    k_command_config,
    {.name = "node-id", .value = "id", .help = "describe: ask this node."},
    {.name = "feature", .value = "name=level", .help = "A feature.", .repeatable = true},
    {.name = "release-version", .value = "4.4-IV2", .help = "All levels of this release."},
    {.name = "metadata", .value = "4.4-IV2", .help = "Older: the metadata.version alone."},
    {.name = "dry-run", .help = "Check the change without making it."},
    {.name = "unsafe", .help = "downgrade, disable: even where metadata may be lost."},
    k_help,
});

constexpr std::int8_t k_upgrade = 1;
constexpr std::int8_t k_safe_downgrade = 2;
constexpr std::int8_t k_unsafe_downgrade = 3;

struct Change {
  std::string feature;
  std::int16_t level;
};

env::Task<Result<void>> describe(ToolContext& context, client::Cluster& cluster, Given given) {
  protocol::ApiVersionsRequest request;
  request.client_software_name = "moldau";
  request.client_software_version = "0.1.0";
  using Answer = protocol::ApiVersionsResponse;
  Result<Answer> answer{Answer{}};
  if (given.has("node-id")) {
    const std::string text = given.one("node-id");
    std::int32_t id = 0;
    std::from_chars(text.data(), text.data() + text.size(), id);
    answer = co_await cluster.ask<protocol::ApiVersionsRequest, Answer>(BrokerId{id}, request);
  } else {
    answer = co_await cluster.ask_any<protocol::ApiVersionsRequest, Answer>(request);
  }
  if (!answer) co_return fail(answer.error());
  context.console.out(features_as_text(*answer));
  co_return Result<void>{};
}

// What upgrade, downgrade or disable is to change, sorted by name as Kafka's tool reports it.
Result<std::vector<Change>> changes_of(const Given& given, std::string_view action) {
  std::vector<Change> changes;
  for (const std::string& text : given.all("feature")) {
    if (action == "disable") {
      changes.push_back({text, 0});
      continue;
    }
    TRY(const FeatureChoice choice, read_feature_choice(text));
    changes.push_back({choice.feature, choice.level.value});
  }
  const std::string release = given.one("release-version", given.one("metadata"));
  if (!release.empty()) {
    const auto* version = metadata::metadata_version(release);
    if (version == nullptr) return fail(Errc::invalid_request, "{}", unknown_release(release));
    changes.push_back({std::string(metadata::k_metadata_version), version->level.value});
    if (given.has("release-version")) {
      for (const metadata::FeatureFacts& feature : metadata::features()) {
        changes.push_back(
            {std::string(feature.name), metadata::default_level(feature, version->level).value});
      }
    }
  }
  if (changes.empty()) {
    return fail(Errc::invalid_request, "You must specify at least one feature to {}", action);
  }
  std::ranges::sort(changes, {}, &Change::feature);
  return changes;
}

env::Task<Result<int>> change(ToolContext& context, client::Cluster& cluster, Given given) {
  const std::string action = given.positional().front();
  CO_TRY(const std::vector<Change> changes, changes_of(given, action));
  const bool dry_run = given.has("dry-run");
  protocol::UpdateFeaturesRequest request;
  request.validate_only = dry_run;
  for (const Change& one : changes) {
    auto& update = request.feature_updates.emplace_back();
    update.feature = one.feature;
    update.max_version_level = one.level;
    update.upgrade_type = action == "upgrade"   ? k_upgrade
                          : given.has("unsafe") ? k_unsafe_downgrade
                                                : k_safe_downgrade;
  }
  CO_TRY(
      const protocol::UpdateFeaturesResponse answer,
      co_await cluster.ask_any<protocol::UpdateFeaturesRequest, protocol::UpdateFeaturesResponse>(
          std::move(request)));
  int failures = 0;
  for (const Change& one : changes) {
    std::optional<std::string> problem;
    if (answer.error_code != Errc::none) {
      problem = text_of(Error(answer.error_code, answer.error_message.value_or("")));
    }
    for (const auto& result : answer.results) {
      if (result.feature == one.feature && result.error_code != Errc::none) {
        problem = text_of(Error(result.error_code, result.error_message.value_or("")));
      }
    }
    if (problem) ++failures;
    context.console.out(change_as_text(action, one.feature, one.level, dry_run, problem));
  }
  if (failures > 0) {
    context.console.err(
        fmt::format("{} out of {} operation(s) failed.\n", failures, changes.size()));
  }
  co_return failures == 0 ? k_ok : k_failed;
}

env::Task<int> act(ToolContext& context, client::Cluster& cluster, Given given) {
  if (given.positional().front() == "describe") {
    const auto done = co_await describe(context, cluster, std::move(given));
    co_return done ? k_ok : report(context, done.error());
  }
  const auto code = co_await change(context, cluster, std::move(given));
  if (code) co_return *code;
  context.console.err(text_of(code.error()) + "\n");
  co_return k_failed;
}

}  // namespace

env::Task<int> run_features(ToolContext& context) {
  std::optional<Given> given =
      read_words(context,
                 "This tool manages feature flags in Kafka: describe, upgrade, downgrade, disable, "
                 "version-mapping, feature-dependencies.",
                 k_options);
  if (!given) co_return k_failed;
  const std::string action = given->positional().empty() ? "" : given->positional().front();
  if (action == "version-mapping")
    co_return version_mapping(context, given->one("release-version"));
  if (action == "feature-dependencies") {
    co_return feature_dependencies(context, given->all("feature"));
  }
  constexpr auto k_actions =
      std::to_array<std::string_view>({"describe", "upgrade", "downgrade", "disable"});
  if (std::ranges::find(k_actions, action) == k_actions.end()) {
    context.console.err(fmt::format("kafka-features: error: {} is no action\n",
                                    action.empty() ? "nothing" : action));
    co_return k_failed;
  }
  auto settings = co_await cluster_settings(context, *given);
  if (!settings) co_return report(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const int code = co_await act(context, cluster, *std::move(given));
  co_await cluster.close();
  co_return code;
}

}  // namespace moldau::cli
