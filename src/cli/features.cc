#include "cli/features.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "cli/endpoint_kind.h"
#include "cli/feature_text.h"
#include "cli/session.h"
#include "cli/storage_text.h"
#include "cli/subcommands.h"
#include "metadata/features.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/update_features.h"

namespace moldau::cli {
namespace {

constexpr auto k_shared = std::to_array<Argument>({
    k_bootstrap_server,
    k_bootstrap_controller,
    {.name = "command-config", .takes_value = true, .help = "A file of client settings."},
});
constexpr Argument k_feature{.name = "feature",
                             .takes_value = true,
                             .repeatable = true,
                             .help = "A feature and its level, as name=level."};
constexpr Argument k_metadata{.name = "metadata",
                              .takes_value = true,
                              .help = "Older: a release, for metadata.version alone."};
constexpr Argument k_release{.name = "release-version",
                             .takes_value = true,
                             .help = "A release, like 4.4-IV2, for all features."};
constexpr Argument k_dry_run{.name = "dry-run", .help = "Check the change without making it."};
constexpr Argument k_unsafe{.name = "unsafe", .help = "Even where metadata may be lost."};
constexpr auto k_describe_arguments = std::to_array<Argument>({{.name = "node-id",
                                                                .takes_value = true,
                                                                .kind = Argument::Kind::integer,
                                                                .help = "Ask this node."}});
constexpr auto k_upgrade_arguments =
    std::to_array<Argument>({k_metadata, k_release, k_feature, k_dry_run});
constexpr auto k_downgrade_arguments =
    std::to_array<Argument>({k_metadata, k_release, k_feature, k_unsafe, k_dry_run});
constexpr auto k_disable_arguments = std::to_array<Argument>({k_feature, k_unsafe, k_dry_run});
constexpr auto k_mapping_arguments = std::to_array<Argument>({k_release});
constexpr auto k_dependency_arguments =
    std::to_array<Argument>({{.name = "feature",
                              .takes_value = true,
                              .required = true,
                              .repeatable = true,
                              .help = "A feature and its level, as name=level."}});
constexpr auto k_actions = std::to_array<Action>({
    {"describe", "Show the levels of the features.", k_describe_arguments, true},
    {"upgrade", "Raise the level of features.", k_upgrade_arguments},
    {"downgrade", "Lower the level of features.", k_downgrade_arguments},
    {"disable", "Lower the level of features to 0.", k_disable_arguments},
    {"version-mapping", "Show which level each feature has by default in a release.",
     k_mapping_arguments},
    {"feature-dependencies", "Show what a level of a feature needs.", k_dependency_arguments},
});
constexpr CommandLine k_line{.program = "kafka-features",
                             .description = "Shows the levels of features and changes them.",
                             .shared = k_shared,
                             .actions = k_actions};

constexpr std::int8_t k_upgrade = 1;
constexpr std::int8_t k_safe_downgrade = 2;
constexpr std::int8_t k_unsafe_downgrade = 3;

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
  context.console.out(given.has("json") ? features_as_json(*answer) : features_as_text(*answer));
  co_return Result<void>{};
}

using Levels = std::map<std::string, std::int16_t, std::less<>>;

Result<void> add_once(Levels& levels, const std::string& feature, std::int16_t level) {
  if (levels.emplace(feature, level).second) return {};
  return fail(Errc::invalid_request, "Feature {} was specified more than once.", feature);
}

// What Kafka's client does not send.
Result<void> check_level(std::int16_t level, std::string_view action) {
  if (level == 0 && action == "upgrade") {
    return fail(Errc::invalid_request,
                "The upgradeType flag should be set to SAFE_DOWNGRADE or UNSAFE_DOWNGRADE when the "
                "provided maxVersionLevel:0 is < 1.");
  }
  if (level < 0) {
    return fail(Errc::invalid_request, "Cannot specify a negative version level.");
  }
  return {};
}

// What a release means for every feature. An upgrade asks for no level 0: there is none to reach.
Result<Levels> levels_of_release(const std::string& release, std::string_view action) {
  TRY(const metadata::FeatureLevel version, read_release(release, Stability::any));
  Levels out{{std::string(metadata::k_metadata_version), version.value}};
  for (const metadata::FeatureFacts& feature : metadata::features()) {
    const std::int16_t level = metadata::default_level(feature, version).value;
    if (action == "upgrade" && level == 0) continue;
    out.emplace(feature.name, level);
  }
  return out;
}

// What upgrade, downgrade or disable is to change, sorted by name as Kafka's tool reports it.
Result<Levels> changes_of(const Given& given, std::string_view action) {
  if (given.has("release-version")) {
    if (given.has("metadata") || given.has("feature")) {
      return fail(Errc::invalid_request,
                  "Can not specify `release-version` with other feature flags.");
    }
    return levels_of_release(given.one("release-version"), action);
  }
  Levels out;
  if (given.has("metadata")) {
    TRY(const metadata::FeatureLevel version, read_release(given.one("metadata"), Stability::any));
    out.emplace(metadata::k_metadata_version, version.value);
  }
  for (const std::string& text : given.all("feature")) {
    if (action == "disable") {
      TRY_OK(add_once(out, text, 0));
      continue;
    }
    TRY(const FeatureChoice choice, read_feature_choice(text));
    TRY_OK(check_level(choice.level.value, action));
    TRY_OK(add_once(out, choice.feature, choice.level.value));
  }
  if (out.empty()) {
    return fail(Errc::invalid_request, "You must specify at least one feature to {}", action);
  }
  return out;
}

env::Task<Result<int>> change(ToolContext& context, client::Cluster& cluster, Given given,
                              std::string action) {
  if (given.has("metadata") && !given.has("release-version")) {
    context.console.out(" `metadata` flag is deprecated and may be removed in a future release.\n");
  }
  CO_TRY(const Levels changes, changes_of(given, action));
  const bool dry_run = given.has("dry-run");
  protocol::UpdateFeaturesRequest request;
  request.validate_only = dry_run;
  for (const auto& [feature, level] : changes) {
    auto& update = request.feature_updates.emplace_back();
    update.feature = feature;
    update.max_version_level = level;
    update.upgrade_type = action == "upgrade"   ? k_upgrade
                          : given.has("unsafe") ? k_unsafe_downgrade
                                                : k_safe_downgrade;
  }
  protocol::UpdateFeaturesResponse answer;
  const Result<void> right = co_await expect_endpoint(cluster, endpoint_kind(given));
  if (right) {
    CO_TRY(
        answer,
        co_await cluster.ask_any<protocol::UpdateFeaturesRequest, protocol::UpdateFeaturesResponse>(
            std::move(request)));
  } else if (right.error().code() == Errc::mismatched_endpoint_type ||
             right.error().code() == Errc::unsupported_version) {
    answer.error_code = right.error().code();  // told of each feature, as by Kafka's tool
    answer.error_message = text_of(right.error());
  } else {
    co_return fail(right.error());
  }
  int failures = 0;
  for (const auto& [feature, level] : changes) {
    std::optional<std::string> problem;
    if (answer.error_code != Errc::none) {
      problem = text_of(Error(answer.error_code, answer.error_message.value_or("")));
    }
    for (const auto& result : answer.results) {
      if (result.feature == feature && result.error_code != Errc::none) {
        problem = text_of(Error(result.error_code, result.error_message.value_or("")));
      }
    }
    if (problem) ++failures;
    context.console.out(change_as_text(action, feature, level, dry_run, problem));
  }
  if (failures > 0) {
    context.console.err(
        fmt::format("{} out of {} operation(s) failed.\n", failures, changes.size()));
  }
  co_return failures == 0 ? k_ok : k_failed;
}

// What needs no cluster.
Result<std::string> looked_up(const ChosenAction& chosen) {
  if (chosen.name == "feature-dependencies") {
    std::string out;
    for (const std::string& text : chosen.given.all("feature")) {
      TRY(const FeatureChoice choice, read_feature_choice(text));
      const Result<std::string> found = dependencies_text({text});
      if (!found && found.error().text().starts_with("Feature level ")) {
        return fail(Errc::invalid_request, "No feature:{} with feature level {}", choice.feature,
                    choice.level.value);
      }
      if (!found) return found;
      out += *found;
    }
    return out;
  }
  TRY(const metadata::FeatureLevel level, chosen_release(chosen.given, Stability::any));
  return version_mapping_text(level, chosen.given.one("release-version"));
}

env::Task<int> act(ToolContext& context, client::Cluster& cluster, ChosenAction chosen) {
  if (chosen.name == "describe") {
    Result<void> done = co_await expect_endpoint(cluster, endpoint_kind(chosen.given));
    if (done) done = co_await describe(context, cluster, std::move(chosen.given));
    co_return done ? k_ok : report(context, done.error());
  }
  const auto code =
      co_await change(context, cluster, std::move(chosen.given), std::string(chosen.name));
  if (code) co_return *code;
  context.console.err(text_of(code.error()) + "\n");
  co_return k_failed;
}

}  // namespace

env::Task<int> run_features(ToolContext& context) {
  const Action* action = nullptr;
  Result<ChosenAction> chosen = parse_action(k_line, context.words, action);
  if (chosen && chosen->given.has("help")) {
    context.console.out(help_of(k_line, action));
    co_return k_ok;
  }
  const bool offline = action != nullptr && (action->name == "version-mapping" ||
                                             action->name == "feature-dependencies");
  std::string problem = chosen ? "" : std::string(chosen.error().text());
  if (chosen && !offline && !chosen->given.has("bootstrap-server") &&
      !chosen->given.has("bootstrap-controller")) {
    problem = "You must specify either --bootstrap-controller or --bootstrap-server.";
  }
  if (!problem.empty()) {
    context.console.err(fmt::format("Command line error: {}. Type --help for help.", problem));
    co_return k_failed;
  }
  const Given& given = chosen->given;
  if (offline) {
    const Result<std::string> text = looked_up(*chosen);
    if (!text) {
      context.console.err(text_of(text.error()) + "\n");
      co_return k_failed;
    }
    context.console.out(*text);
    co_return k_ok;
  }
  auto settings = co_await cluster_settings(context, given);
  if (!settings) co_return report_no_client(context, settings.error());
  client::Cluster cluster(context.env, *std::move(settings));
  const int code = co_await act(context, cluster, *std::move(chosen));
  co_await cluster.close();
  co_return code;
}

}  // namespace moldau::cli
