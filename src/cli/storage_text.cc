#include "cli/storage_text.h"

#include <fmt/core.h>

#include <charconv>
#include <variant>

#include "base/uuid.h"
#include "cli/session.h"
#include "protocol/data/feature_level_record.h"

namespace moldau::cli {
namespace {

using metadata::FeatureLevel;

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::string supported_releases(Stability stability) {
  std::string out;
  for (const metadata::MetadataVersionFacts& facts : metadata::metadata_versions()) {
    if (facts.level < metadata::k_least_metadata_version) continue;
    if (!facts.production && stability == Stability::production) continue;
    if (!out.empty()) out += ", ";
    out += facts.name;
  }
  return out;
}

std::unexpected<Error> no_voter(std::string_view why) {
  return fail(Errc::invalid_request, "{}", why);
}

// id@host:port:directory
Result<raft::Voter> read_voter(std::string_view text, std::string_view listener) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return no_voter("No @ found in dynamic voter string.");
  if (at == 0) return no_voter("Invalid @ at beginning of dynamic voter string.");
  const auto id = number_in<std::int32_t>(text.substr(0, at));
  if (!id) return no_voter("Failed to parse node id in dynamic voter string.");
  if (*id < 0) {
    return fail(Errc::invalid_request, "Invalid negative node id {} in dynamic voter string.", *id);
  }
  text.remove_prefix(at + 1);
  if (text.empty()) return no_voter("No hostname found after node id.");
  std::string_view host;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return no_voter("Hostname began with left bracket, but no right bracket was found.");
    }
    host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      return no_voter("No colon following hostname could be found.");
    }
    host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  if (!text.starts_with(':')) return no_voter("Port section must start with a colon.");
  text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return no_voter("No colon following port could be found.");
  const auto port = number_in<std::int32_t>(text.substr(0, colon));
  if (!port) return no_voter("Failed to parse port in dynamic voter string.");
  if (*port < 0 || *port > 65535) {
    return fail(Errc::invalid_request, "Invalid port {} in dynamic voter string.", *port);
  }
  const Result<Uuid> directory = Uuid::parse(text.substr(colon + 1));
  if (!directory) return no_voter("Failed to parse directory ID in dynamic voter string.");
  return raft::Voter{
      .key = {.id = BrokerId{*id}, .directory_id = *directory},
      .endpoints = {{std::string(listener), std::string(host), static_cast<std::uint16_t>(*port)}},
      .min_kraft_version = raft::KRaftVersion::static_voters,
      .max_kraft_version = raft::KRaftVersion::dynamic_voters};
}

std::string with_release(std::string_view feature, FeatureLevel level) {
  std::string out = fmt::format("{}={}", feature, level.value);
  if (feature == metadata::k_metadata_version) {
    out += fmt::format(" ({})", metadata::MetadataVersion(level).name());
  }
  return out;
}

}  // namespace

Result<FeatureLevels> read_feature_levels(const std::vector<std::string>& texts) {
  FeatureLevels out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return thrown(
          "java.lang.RuntimeException",
          fmt::format("Can't parse feature=level string {}: equals sign not found.", text));
    }
    const std::string_view level_text = std::string_view(text).substr(equals + 1);
    const auto level = number_in<std::int16_t>(level_text);
    if (!level) {
      return thrown(
          "java.lang.RuntimeException",
          fmt::format("Can't parse feature=level string {}: unable to parse {} as a short.", text,
                      level_text));
    }
    out[text.substr(0, equals)] = FeatureLevel{*level};
  }
  return out;
}

Result<FeatureLevel> read_release(std::string_view name, Stability stability) {
  // Of "4.4.0" the first two parts are looked up.
  const std::size_t dot = name.find('.');
  const std::size_t second = dot == std::string_view::npos ? dot : name.find('.', dot + 1);
  const metadata::MetadataVersionFacts* facts = metadata::metadata_version(name.substr(0, second));
  const bool known = facts != nullptr && facts->level >= metadata::k_least_metadata_version &&
                     (facts->production || stability == Stability::any);
  if (!known) {
    return fail(Errc::invalid_request,
                "Unknown metadata.version '{}'. Supported metadata.version are: {}", name,
                supported_releases(stability));
  }
  return facts->level;
}

Result<FeatureLevel> chosen_release(const Given& given, Stability stability) {
  if (!given.has("release-version")) return metadata::k_latest_production_metadata_version;
  return read_release(given.one("release-version"), stability);
}

Result<raft::VoterSet> read_initial_controllers(std::string_view text, std::string_view listener) {
  std::vector<raft::Voter> voters;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (part.empty()) continue;
    TRY(raft::Voter voter, read_voter(part, listener));
    for (const raft::Voter& other : voters) {
      if (other.key.id != voter.key.id) continue;
      return fail(Errc::invalid_request, "Node id {} was specified more than once.", voter.key.id);
    }
    voters.push_back(std::move(voter));
  }
  if (voters.empty()) return fail(Errc::invalid_request, "No voters given.");
  return raft::VoterSet::of(std::move(voters));
}

Result<raft::VoterSet> standalone_voters(const config::NodeConfig& config) {
  if (!config.roles.controller) {
    return fail(Errc::invalid_request, "You can only use --standalone on a controller.");
  }
  raft::Voter voter{.key = {.id = config.node_id, .directory_id = {}},
                    .endpoints = {},
                    .min_kraft_version = raft::KRaftVersion::static_voters,
                    .max_kraft_version = raft::KRaftVersion::dynamic_voters};
  for (const config::Endpoint& endpoint : config.network.advertised_controller) {
    voter.endpoints.push_back({endpoint.listener, endpoint.host, endpoint.port});
  }
  if (voter.endpoints.empty()) {
    return fail(Errc::invalid_request, "No controller listeners found.");
  }
  return raft::VoterSet::of({std::move(voter)});
}

Result<std::string> bootstrap_text(FeatureLevel version, const FeatureLevels& chosen) {
  const auto records = metadata::bootstrap_records(version, chosen);
  if (!records) return thrown("java.lang.IllegalArgumentException", text_of(records.error()));
  std::string list;
  for (const metadata::MetadataRecord& record : *records) {
    const auto* level = std::get_if<protocol::FeatureLevelRecord>(&record.data);
    if (level == nullptr) continue;
    list += fmt::format(
        "{}ApiMessageAndVersion(FeatureLevelRecord(name='{}', featureLevel={}) at version {})",
        list.empty() ? "" : ", ", level->name, level->feature_level, record.version);
  }
  return fmt::format(
      "Bootstrap metadata: BootstrapMetadata(records=[{}], metadataVersionLevel={}, "
      "source=format command)\n",
      list, version.value);
}

std::string version_mapping_text(FeatureLevel version, std::string_view asked) {
  const std::string_view name = asked.empty() ? metadata::MetadataVersion(version).name() : asked;
  std::string out = fmt::format("{}={} ({})\n", metadata::k_metadata_version, version.value, name);
  // Kafka's order is that in which the features came to be.
  for (const std::string_view feature :
       {metadata::k_kraft_version, metadata::k_transaction_version, metadata::k_group_version,
        metadata::k_elr_version, metadata::k_share_version, metadata::k_streams_version}) {
    const metadata::FeatureFacts* facts = metadata::feature(feature);
    if (facts == nullptr) continue;
    out += fmt::format("{}={}\n", feature, metadata::default_level(*facts, version).value);
  }
  return out;
}

Result<std::string> dependencies_text(const std::vector<std::string>& features) {
  std::string out;
  for (const std::string& text : features) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return fail(Errc::invalid_request,
                  "Invalid feature format: {}. Expected format: 'feature=version' (e.g. "
                  "'group.version=1')",
                  text);
    }
    const std::string name = text.substr(0, equals);
    const std::string version = text.substr(equals + 1);
    const auto number = number_in<std::int16_t>(version);
    if (!number) {
      return fail(Errc::invalid_request, "Invalid version format: {} for feature {}", version,
                  name);
    }
    const FeatureLevel level{*number};
    if (name == metadata::k_metadata_version) {
      if (metadata::metadata_version(level) == nullptr) {
        return fail(Errc::invalid_request, "Unknown metadata.version {}", *number);
      }
      out += with_release(name, level) + " has no dependencies.\n";
      continue;
    }
    const metadata::FeatureFacts* facts = metadata::feature(name);
    if (facts == nullptr) return fail(Errc::invalid_request, "Unknown feature: {}", name);
    const auto found = std::ranges::find(facts->levels, level, &metadata::FeatureLevelFacts::level);
    if (found == facts->levels.end()) {
      return fail(Errc::invalid_request, "Feature level {} is not supported for feature {}",
                  *number, name);
    }
    out += fmt::format("{}={} {}\n", name, *number,
                       found->needs.empty() ? "has no dependencies." : "requires:");
    for (const metadata::FeatureDependency& needed : found->needs) {
      out += "    " + with_release(needed.feature, needed.level) + "\n";
    }
  }
  return out;
}

}  // namespace moldau::cli
