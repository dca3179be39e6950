#include "cli/storage.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/java_properties.h"
#include "cli/session.h"
#include "cli/storage_text.h"
#include "cli/subcommands.h"
#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "node/format.h"

namespace moldau::cli {
namespace {

using metadata::FeatureLevel;

constexpr Argument k_config{.name = "config",
                            .letter = 'c',
                            .takes_value = true,
                            .required = true,
                            .help = "The configuration file of the node."};
constexpr Argument k_release{.name = "release-version",
                             .letter = 'r',
                             .takes_value = true,
                             .help =
                                 "A metadata.version by its name, like 4.4-IV2; the newest "
                                 "stable one when it is missing."};
constexpr auto k_info_arguments = std::to_array<Argument>({k_config});
constexpr auto k_format_arguments = std::to_array<Argument>({
    k_config,
    {.name = "cluster-id",
     .letter = 't',
     .takes_value = true,
     .required = true,
     .help = "The id of the cluster, the same for all of its nodes."},
    {.name = "add-scram",
     .letter = 'S',
     .takes_value = true,
     .repeatable = true,
     .help = "Refused: this version keeps no SCRAM credentials."},
    {.name = "ignore-formatted",
     .letter = 'g',
     .help = "Leave directories alone that are formatted, and format the others."},
    k_release,
    {.name = "feature",
     .letter = 'f',
     .takes_value = true,
     .repeatable = true,
     .help = "The level of one feature, as name=level."},
    {.name = "standalone",
     .letter = 's',
     .group = 1,
     .help = "This controller alone is a quorum, to which others can be added. Without "
             "controller.quorum.voters."},
    {.name = "no-initial-controllers",
     .letter = 'N',
     .group = 1,
     .help = "The node learns the controllers from a quorum that is there. Without "
             "controller.quorum.voters."},
    {.name = "initial-controllers",
     .letter = 'I',
     .takes_value = true,
     .group = 1,
     .help = "The first controllers, each id@host:port:directory, the same list for all of them. "
             "Without controller.quorum.voters."},
});
constexpr auto k_mapping_arguments = std::to_array<Argument>({k_release});
constexpr auto k_dependency_arguments =
    std::to_array<Argument>({{.name = "feature",
                              .letter = 'f',
                              .takes_value = true,
                              .required = true,
                              .repeatable = true,
                              .help = "A feature and its level, as name=level."}});
constexpr auto k_actions = std::to_array<Action>({
    {"info", "Show what the directories of this node hold.", k_info_arguments},
    {"format", "Format the directories of this node.", k_format_arguments},
    {"version-mapping", "Show which level each feature has by default in a release.",
     k_mapping_arguments},
    {"feature-dependencies", "Show what a level of a feature needs.", k_dependency_arguments},
    {"random-uuid", "Print a fresh id.", {}},
});
constexpr CommandLine k_line{.program = "kafka-storage",
                             .description = "Formats the directories of a node and looks at them.",
                             .shared = {},
                             .actions = k_actions};

// What ends the tool with exit code 1: a sentence for the person, as Kafka's tool says it.
std::unexpected<Error> terse(std::string_view text) {
  return fail(Errc::invalid_request, "{}", text);
}
env::Task<Result<config::NodeConfig>> read_config(ToolContext& context, std::string path) {
  // The empty path is the working directory.
  if (path.empty()) co_return thrown("java.io.IOException", "Is a directory");
  const auto file = co_await env::read_file(context.env.disk, path, k_properties_bytes_max);
  if (!file && file.error().code() == Errc::not_found) {
    co_return thrown("java.nio.file.NoSuchFileException", path);
  }
  if (!file) co_return thrown("java.io.IOException", text_of(file.error()));
  auto loaded = config::load_node_config(as_text(file->view()), {});
  if (!loaded) {
    co_return thrown("org.apache.kafka.common.config.ConfigException", text_of(loaded.error()));
  }
  co_return std::move(loaded->config);
}

std::set<std::string> directories_of(const config::NodeConfig& config) {
  std::set<std::string> out(config.log.directories.begin(), config.log.directories.end());
  out.insert(config.metadata_log.directory);
  return out;
}

struct Directory {
  std::string path;
  bool is_there = false;
  std::optional<log::MetaProperties> meta;
  std::string problem;  // empty: none
};

env::Task<Directory> inspect(ToolContext& context, std::string path) {
  constexpr std::size_t k_meta_size_max = 1U << 16U;
  Directory out{.path = path, .is_there = false, .meta = std::nullopt, .problem = {}};
  const Result<bool> there = co_await context.env.disk.exists(path);
  if (!there || !*there) {
    out.problem = path + " does not exist";
    co_return out;
  }
  if (const auto listed = co_await context.env.disk.list(path); !listed) {
    out.problem = path + " is not a directory";
    co_return out;
  }
  out.is_there = true;
  const std::string file = env::join_path(path, std::string(log::k_meta_properties));
  const auto text = co_await env::read_file(context.env.disk, file, k_meta_size_max);
  if (!text && text.error().code() == Errc::not_found) {
    out.problem = path + " is not formatted.";
    co_return out;
  }
  auto meta = text ? log::parse_meta_properties(as_text(text->view()))
                   : Result<log::MetaProperties>(fail(text.error()));
  if (meta) {
    out.meta = *std::move(meta);
  } else {
    context.console.out(fmt::format("java.lang.RuntimeException: {}\n", text_of(meta.error())));
    out.problem = fmt::format("Error loading {}: {}", file, text_of(meta.error()));
  }
  co_return out;
}

std::string as_map(const log::MetaProperties& meta) {
  std::string out;
  const auto add = [&](std::string_view key, const std::string& value) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", key, value);
  };
  const bool old = meta.version == 0;
  if (old && meta.node_id) add("broker.id", fmt::format("{}", *meta.node_id));
  if (meta.cluster_id) add("cluster.id", *meta.cluster_id);
  if (meta.directory_id) add("directory.id", meta.directory_id->to_string());
  if (!old && meta.node_id) add("node.id", fmt::format("{}", *meta.node_id));
  add("version", std::to_string(meta.version));
  return "{" + out + "}";
}

std::string listed(std::string_view one, const std::vector<std::string>& lines) {
  std::string out = fmt::format("Found {}:\n", one);
  for (const std::string& line : lines) out += "  " + line + "\n";
  return out + "\n";
}

env::Task<Result<int>> info(ToolContext& context, Given given) {
  CO_TRY(const config::NodeConfig config, co_await read_config(context, given.one("config")));
  std::vector<std::string> found;
  std::vector<std::string> problems;
  std::optional<log::MetaProperties> first;
  for (const std::string& path : directories_of(config)) {
    const Directory directory = co_await inspect(context, path);
    if (directory.is_there) found.push_back(path);
    if (!directory.problem.empty()) problems.push_back(directory.problem);
    if (!directory.meta) continue;
    if (first && first->cluster_id != directory.meta->cluster_id) {
      problems.emplace_back("Mismatched cluster IDs between storage directories.");
    } else if (first && first->node_id != directory.meta->node_id) {
      problems.emplace_back("Mismatched node IDs between storage directories.");
    }
    if (!first) first = directory.meta;
  }
  if (first && first->version == 0) {
    problems.emplace_back(
        "The kafka configuration file appears to be for a cluster in KRaft mode, but the "
        "directories are formatted for legacy mode.");
  }
  Console& out = context.console;
  if (!found.empty())
    out.out(listed(found.size() == 1 ? "log directory" : "log directories", found));
  if (first) out.out(fmt::format("Found metadata: {}\n\n", as_map(*first)));
  if (!problems.empty()) out.out(listed(problems.size() == 1 ? "problem" : "problems", problems));
  co_return problems.empty() ? k_ok : k_failed;
}

Result<void> check_quorum_options(const Given& given, const config::NodeConfig& config) {
  const bool alone = given.has("standalone");
  const bool initial = given.has("initial-controllers");
  const bool later = given.has("no-initial-controllers");
  if (!config.quorum.voters.empty()) {
    if (!alone && !initial) return {};
    return terse(
        "You cannot specify controller.quorum.voters and format the node with "
        "--initial-controllers or --standalone. If you want to use dynamic quorum, please remove "
        "controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.");
  }
  if (!config.roles.controller || alone || initial || later) return {};
  return terse(
      "Because controller.quorum.voters is not set on this controller, you must specify one of "
      "the following: --standalone, --initial-controllers, or --no-initial-controllers.");
}

// kraft.version follows from how the quorum is told; a person may only confirm it.
Result<void> check_kraft_version(FeatureLevels& features, bool dynamic) {
  const auto found = features.find(metadata::k_kraft_version);
  if (found == features.end()) return {};
  const std::int16_t level = found->second.value;
  features.erase(found);
  if (level == 0 && dynamic) {
    return terse(
        "Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags "
        "--standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic "
        "controllers support, try removing the --feature flag for kraft.version.");
  }
  if (level == 0 || dynamic) return {};
  return terse(fmt::format(
      "Cannot set kraft.version to {} unless controller.quorum.voters is empty and one of the "
      "flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic "
      "controllers support, try using one of --standalone, --initial-controllers, or "
      "--no-initial-controllers and removing controller.quorum.voters.",
      level));
}

Result<FeatureLevel> choose_release(const Given& given, FeatureLevels& features, bool unstable) {
  const auto found = features.find(metadata::k_metadata_version);
  if (found == features.end()) {
    return chosen_release(given, unstable ? Stability::any : Stability::production);
  }
  if (given.has("release-version")) {
    return terse(
        "Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
  }
  const FeatureLevel level = found->second;
  features.erase(found);
  if (metadata::metadata_version(level) != nullptr) return level;
  return thrown("java.lang.IllegalArgumentException",
                fmt::format("No MetadataVersion with feature level {}. Valid feature levels are "
                            "from {} to {}.",
                            level.value, metadata::k_least_metadata_version.value,
                            metadata::metadata_versions().back().level.value));
}

Result<void> check_features(const FeatureLevels& features, FeatureLevel release, bool unstable) {
  const metadata::MetadataVersionFacts* facts = metadata::metadata_version(release);
  if (facts != nullptr && !facts->production && !unstable) {
    return terse(fmt::format("metadata.version {} is not yet stable.", facts->name));
  }
  for (const auto& [name, level] : features) {
    if (metadata::feature(name) != nullptr) continue;
    std::string known;
    for (const metadata::FeatureFacts& feature : metadata::features()) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", feature.name);
    }
    return terse(fmt::format("Unsupported feature: {}. Supported features are: {}", name, known));
  }
  return {};
}

Result<node::FormatSettings> format_settings(const Given& given, const config::NodeConfig& config) {
  TRY_OK(check_quorum_options(given, config));
  node::FormatSettings out;
  out.cluster_id = given.one("cluster-id");
  out.node_id = config.node_id;
  const std::set<std::string> directories = directories_of(config);
  out.directories.assign(directories.begin(), directories.end());
  out.metadata_directory = config.metadata_log.directory;
  out.is_controller = config.roles.controller;
  TRY(out.features, read_feature_levels(given.all("feature")));
  TRY(out.metadata_version, choose_release(given, out.features, config.unstable_features));
  TRY_OK(check_features(out.features, out.metadata_version, config.unstable_features));
  const bool initial = given.has("initial-controllers");
  const bool alone = given.has("standalone");
  TRY_OK(
      check_kraft_version(out.features, initial || alone || given.has("no-initial-controllers")));
  if (initial) {
    const auto& names = config.network.controller_listener_names;
    TRY(out.voters, read_initial_controllers(given.one("initial-controllers"),
                                             names.empty() ? "CONTROLLER" : names.front()));
  }
  if (alone) {
    TRY(out.voters, standalone_voters(config));
  }
  return out;
}

// Which directories are formatted; refuses those of another cluster or node.
env::Task<Result<std::vector<std::string>>> formatted_already(ToolContext& context,
                                                              node::FormatSettings wanted) {
  std::vector<std::string> out;
  for (const std::string& path : wanted.directories) {
    const Directory directory = co_await inspect(context, path);
    if (!directory.meta) continue;
    const log::MetaProperties& meta = *directory.meta;
    const std::string file = env::join_path(path, std::string(log::k_meta_properties));
    if (meta.cluster_id && *meta.cluster_id != wanted.cluster_id) {
      co_return thrown("java.lang.RuntimeException",
                       fmt::format("Invalid cluster.id in: {}. Expected {}, but read {}", file,
                                   wanted.cluster_id, *meta.cluster_id));
    }
    if (meta.node_id && *meta.node_id != wanted.node_id) {
      co_return thrown("java.lang.RuntimeException",
                       fmt::format("Invalid node.id in: {}. Expected {}, but read {}", file,
                                   wanted.node_id, *meta.node_id));
    }
    out.push_back(path);
  }
  co_return out;
}

env::Task<Result<int>> format(ToolContext& context, Given given) {
  CO_TRY(const config::NodeConfig config, co_await read_config(context, given.one("config")));
  CO_TRY(node::FormatSettings settings, format_settings(given, config));
  if (given.has("add-scram")) {
    co_return terse("This version keeps no SCRAM credentials: leave --add-scram out.");
  }
  CO_TRY(const std::string bootstrap, bootstrap_text(settings.metadata_version, settings.features));
  CO_TRY(const std::vector<std::string> already, co_await formatted_already(context, settings));
  const bool ignore = given.has("ignore-formatted");
  if (!already.empty() && !ignore) {
    co_return terse(
        fmt::format("Log directory {} is already formatted. Use --ignore-formatted to ignore this "
                    "directory and format the others.",
                    already.front()));
  }
  if (already.size() == settings.directories.size()) {
    context.console.out("All of the log directories are already formatted.\n");
    co_return k_ok;
  }
  context.console.out(bootstrap);
  const std::string_view metadata_kind =
      settings.voters ? "dynamic metadata voter directory" : "metadata directory";
  const std::string release(metadata::MetadataVersion(settings.metadata_version).name());
  const std::string metadata_directory = settings.metadata_directory;
  CO_TRY(const node::FormatReport done,
         co_await node::format_directories(context.env, std::move(settings), ignore));
  for (const std::string& path : done.formatted) {
    context.console.out(fmt::format("Formatting {} {} with metadata.version {}.\n",
                                    path == metadata_directory ? metadata_kind : "data directory",
                                    path, release));
  }
  co_return k_ok;
}

env::Task<Result<int>> act(ToolContext& context, ChosenAction chosen) {
  const Given& given = chosen.given;
  if (chosen.name == "info") co_return co_await info(context, given);
  if (chosen.name == "format") co_return co_await format(context, given);
  if (chosen.name == "random-uuid") {
    context.console.out(env::new_uuid(context.env.entropy).to_string() + "\n");
  } else if (chosen.name == "version-mapping") {
    CO_TRY(const FeatureLevel release, chosen_release(given, Stability::any));
    context.console.out(version_mapping_text(release, given.one("release-version")));
  } else {
    CO_TRY(const std::string text, dependencies_text(given.all("feature")));
    context.console.out(text);
  }
  co_return k_ok;
}

}  // namespace

env::Task<int> run_storage(ToolContext& context) {
  Reading read = read_action(context, k_line);
  if (!read.chosen) co_return read.exit_code;
  const Result<int> code = co_await act(context, *std::move(read.chosen));
  context.console.flush();
  if (code) co_return *code;
  context.console.err(text_of(code.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
