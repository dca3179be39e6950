#include "cli/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/session.h"
#include "cli/storage_text.h"
#include "config/properties.h"
#include "env/disk.h"
#include "log/checkpoint_files.h"
#include "log/file_names.h"
#include "node/format.h"

namespace moldau::cli {
namespace {

using metadata::FeatureLevel;

constexpr std::string_view k_what =
    "This tool formats the directories of a node and shows what is in them.\n"
    "Commands: info, format, version-mapping, feature-dependencies, random-uuid.";

constexpr auto k_options = std::to_array<Option>({
    {.name = "config", .value = "file", .help = "-c: the node's configuration."},
    {.name = "cluster-id", .value = "id", .help = "-t: the cluster's id."},
    {.name = "standalone", .help = "-s: this controller alone is the quorum."},
    {.name = "initial-controllers",
     .value = "id@host:port:dir,...",
     .help = "-I: the first controllers of the quorum."},
    {.name = "no-initial-controllers", .help = "-N: the controllers are told later."},
    {.name = "release-version", .value = "version", .help = "-r: metadata.version, like 4.4-IV2."},
    {.name = "feature", .value = "name=level", .help = "-f: one feature.", .repeatable = true},
    {.name = "ignore-formatted", .help = "-g: leave formatted directories as they are."},
    {.name = "add-scram", .value = "user", .help = "-S: not in this version.", .repeatable = true},
    k_help,
});

struct ShortName {
  std::string_view word, option;
};
constexpr auto k_short_names = std::to_array<ShortName>({
    {"-c", "--config"},
    {"-t", "--cluster-id"},
    {"-s", "--standalone"},
    {"-I", "--initial-controllers"},
    {"-N", "--no-initial-controllers"},
    {"-r", "--release-version"},
    {"-f", "--feature"},
    {"-g", "--ignore-formatted"},
    {"-S", "--add-scram"},
});

// What ends the tool with exit code 1: a sentence for the person, as Kafka's tool says it.
std::unexpected<Error> terse(std::string_view text) {
  return fail(Errc::invalid_request, "{}", text);
}
std::unexpected<Error> bad_argument(std::string_view text) {
  return fail(Errc::invalid_request, "kafka-storage: error: {}", text);
}

struct Words {
  std::string command;
  Given given;
  std::vector<std::string> features;
};

Result<Words> read_storage_words(const ToolContext& context) {
  std::vector<std::string> words = context.words;
  for (std::string& word : words) {
    const auto* const found = std::ranges::find(k_short_names, word, &ShortName::word);
    if (found != k_short_names.end()) word = found->option;
  }
  Words out;
  const Result<Given> given = parse_options(k_options, words);
  if (!given) return bad_argument(text_of(given.error()));
  out.given = *given;
  const std::vector<std::string>& rest = out.given.positional();
  if (rest.empty()) return bad_argument("too few arguments");
  out.command = rest.front();
  out.features = out.given.all("feature");
  for (std::size_t i = 1; i < rest.size(); ++i) {
    // -f a=1 b=2: further values of one option.
    if (out.features.empty() || !rest[i].contains('=')) {
      return bad_argument(fmt::format("unrecognized arguments: '{}'", rest[i]));
    }
    out.features.push_back(rest[i]);
  }
  return out;
}

env::Task<Result<config::NodeConfig>> read_config(ToolContext& context, std::string path) {
  const auto file = co_await env::read_file(context.env.disk, path, config::k_properties_bytes_max);
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

env::Task<Result<int>> info(ToolContext& context, Words words) {
  CO_TRY(const config::NodeConfig config, co_await read_config(context, words.given.one("config")));
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
  const auto clash = [](std::string_view one, std::string_view other) {
    return bad_argument(fmt::format("argument {}: not allowed with argument {}", one, other));
  };
  if (alone && later) return clash("--no-initial-controllers/-N", "--standalone/-s");
  if (alone && initial) return clash("--initial-controllers/-I", "--standalone/-s");
  if (initial && later) return clash("--initial-controllers/-I", "--no-initial-controllers/-N");
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

Result<FeatureLevel> choose_release(const Given& given, FeatureLevels& features) {
  const auto found = features.find(metadata::k_metadata_version);
  if (found == features.end()) return read_release(given.one("release-version"));
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

Result<node::FormatSettings> format_settings(const Words& words, const config::NodeConfig& config) {
  const Given& given = words.given;
  TRY_OK(check_quorum_options(given, config));
  node::FormatSettings out;
  out.cluster_id = given.one("cluster-id");
  out.node_id = config.node_id;
  const std::set<std::string> directories = directories_of(config);
  out.directories.assign(directories.begin(), directories.end());
  out.metadata_directory = config.metadata_log.directory;
  TRY(out.features, read_feature_levels(words.features));
  TRY(out.metadata_version, choose_release(given, out.features));
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

env::Task<Result<int>> format(ToolContext& context, Words words) {
  if (words.given.has("add-scram")) {
    co_return terse("This version keeps no SCRAM credentials: leave --add-scram out.");
  }
  if (!words.given.has("cluster-id")) {
    co_return bad_argument("argument --cluster-id/-t is required");
  }
  CO_TRY(const config::NodeConfig config, co_await read_config(context, words.given.one("config")));
  CO_TRY(node::FormatSettings settings, format_settings(words, config));
  CO_TRY(const std::string bootstrap, bootstrap_text(settings.metadata_version, settings.features));
  CO_TRY(const std::vector<std::string> already, co_await formatted_already(context, settings));
  const bool ignore = words.given.has("ignore-formatted");
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
  std::string_view metadata_kind = "metadata directory";
  if (words.given.has("no-initial-controllers")) metadata_kind = "dynamic metadata directory";
  if (settings.voters) metadata_kind = "dynamic metadata voter directory";
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

env::Task<Result<int>> act(ToolContext& context, Words words) {
  const bool needs_config = words.command == "info" || words.command == "format";
  if (needs_config && !words.given.has("config")) {
    co_return bad_argument("argument --config/-c is required");
  }
  if (words.command == "info") co_return co_await info(context, std::move(words));
  if (words.command == "format") co_return co_await format(context, std::move(words));
  if (words.command == "random-uuid") {
    context.console.out(node::new_uuid(context.env.entropy).to_string() + "\n");
    co_return k_ok;
  }
  if (words.command == "version-mapping") {
    CO_TRY(const FeatureLevel release, read_release(words.given.one("release-version")));
    context.console.out(version_mapping_text(release));
    co_return k_ok;
  }
  if (words.command == "feature-dependencies") {
    if (words.features.empty()) co_return bad_argument("argument --feature/-f is required");
    CO_TRY(const std::string text, dependencies_text(words.features));
    context.console.out(text);
    co_return k_ok;
  }
  co_return bad_argument(
      fmt::format("argument command: invalid choice: '{}' (choose from 'info', 'format', "
                  "'version-mapping', 'feature-dependencies', 'random-uuid')",
                  words.command));
}

}  // namespace

env::Task<int> run_storage(ToolContext& context) {
  if (std::ranges::any_of(context.words, [](const std::string& word) {
        return word == "--help" || word == "-h";
      })) {
    context.console.out(usage_of(context.called_as, k_what, k_options));
    co_return k_ok;
  }
  Result<Words> words = read_storage_words(context);
  Result<int> code = words ? co_await act(context, *std::move(words))
                           : Result<int>(fail(std::move(words).error()));
  context.console.flush();
  if (code) co_return *code;
  context.console.err(text_of(code.error()) + "\n");
  co_return k_failed;
}

}  // namespace moldau::cli
