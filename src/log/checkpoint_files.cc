#include "log/checkpoint_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/java_properties.h"

namespace moldau::log {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The lines of a text; a line may end with \n, \r\n, or the text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view rest_;
};

// The parts between runs of blanks.
std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> result;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t begin = line.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    result.push_back(line.substr(begin, end - begin));
    at = end;
  }
  return result;
}

std::unexpected<Error> malformed(std::string_view line) {
  return fail(Errc::corrupt_data, "malformed line '{}'", line);
}

// Version 0, the count, then the entries. An empty text has no entries, as for Kafka.
template <class Entry, class Parse>
Result<std::vector<Entry>> parse_checkpoint(std::string_view text, Parse parse_line) {
  Lines lines(text);
  std::vector<Entry> entries;
  const auto version = lines.next();
  if (!version) return entries;
  if (parse_number<std::int32_t>(*version) != 0) return malformed(*version);
  const auto count_line = lines.next();
  if (!count_line) return entries;
  const auto count = parse_number<std::int32_t>(*count_line);
  if (!count) return malformed(*count_line);
  while (const auto line = lines.next()) {
    std::optional<Entry> entry = parse_line(*line);
    if (!entry) return malformed(*line);
    entries.push_back(*std::move(entry));
  }
  if (std::cmp_not_equal(entries.size(), *count)) {
    return fail(Errc::corrupt_data, "{} entries announced, {} found", *count, entries.size());
  }
  return entries;
}

std::optional<PartitionOffset> parse_partition_offset(std::string_view line) {
  const auto parts = words(line);
  if (parts.size() != 3) return std::nullopt;
  const auto partition = parse_number<std::int32_t>(parts[1]);
  const auto offset = parse_number<std::int64_t>(parts[2]);
  if (!partition || !offset) return std::nullopt;
  return PartitionOffset{std::string{parts[0]}, PartitionIndex{*partition}, Offset{*offset}};
}

std::optional<EpochStart> parse_epoch_start(std::string_view line) {
  const auto parts = words(line);
  if (parts.size() != 2) return std::nullopt;
  const auto epoch = parse_number<std::int32_t>(parts[0]);
  const auto start = parse_number<std::int64_t>(parts[1]);
  if (!epoch || !start) return std::nullopt;
  return EpochStart{LeaderEpoch{*epoch}, Offset{*start}};
}

// --- meta.properties -------------------------------------------------------------------------

void append_property(std::string& out, std::string_view key, std::string_view value) {
  out += write_property(key, value) + '\n';
}

// "Sat Nov 21 06:35:44 UTC 2026".
std::string java_date(Timestamp now) {
  using namespace std::chrono;
  static constexpr std::array<const char*, 7> k_days{"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto since_epoch = floor<seconds>(now.time_since_epoch());
  const sys_days day{floor<days>(since_epoch)};
  const year_month_day date{day};
  const hh_mm_ss time{since_epoch - floor<days>(since_epoch)};
  return fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}", k_days.at(weekday{day}.c_encoding()),
                     k_months.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), static_cast<int>(date.year()));
}

Result<void> set_property(MetaProperties& meta, std::string_view key, const std::string& value) {
  if (key == "node.id" || key == "broker.id") {
    const auto id = parse_number<std::int32_t>(value);
    if (!id) return fail(Errc::corrupt_data, "{}: '{}' is not a number", key, value);
    meta.node_id = BrokerId{*id};
  } else if (key == "cluster.id") {
    meta.cluster_id = value;
  } else if (key == "directory.id") {
    TRY(meta.directory_id, Uuid::parse(value));
  } else if (key == "version") {
    const auto version = parse_number<std::int32_t>(value);
    if (!version || *version < 0 || *version > 1) {
      return fail(Errc::corrupt_data, "Unknown meta.properties version number {}", value);
    }
    meta.version = *version;
  }
  return {};
}

nlohmann::ordered_json parse_json(std::string_view text) {
  return nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::optional<std::int64_t> json_integer(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<BrokerId> broker_or_none(std::int64_t id) {
  return id < 0 ? std::nullopt : std::optional(BrokerId{static_cast<std::int32_t>(id)});
}

}  // namespace

std::string write_offset_checkpoint(std::span<const PartitionOffset> entries) {
  std::string out = fmt::format("0\n{}\n", entries.size());
  for (const PartitionOffset& entry : entries) {
    out += fmt::format("{} {} {}\n", entry.topic, entry.partition.value(), entry.offset.value());
  }
  return out;
}

Result<std::vector<PartitionOffset>> parse_offset_checkpoint(std::string_view text) {
  TRY(std::vector<PartitionOffset> entries,
      parse_checkpoint<PartitionOffset>(text, parse_partition_offset));
  std::vector<std::pair<std::string_view, PartitionIndex>> names;
  names.reserve(entries.size());
  for (const PartitionOffset& entry : entries) names.emplace_back(entry.topic, entry.partition);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    return fail(Errc::corrupt_data, "{}-{} comes twice", twice->first, twice->second.value());
  }
  return entries;
}

std::string write_epoch_checkpoint(std::span<const EpochStart> entries) {
  std::string out = fmt::format("0\n{}\n", entries.size());
  for (const EpochStart& entry : entries) {
    out += fmt::format("{} {}\n", entry.epoch.value(), entry.start_offset.value());
  }
  return out;
}

Result<std::vector<EpochStart>> parse_epoch_checkpoint(std::string_view text) {
  return parse_checkpoint<EpochStart>(text, parse_epoch_start);
}

std::string write_partition_metadata(Uuid topic_id) {
  return fmt::format("version: 0\ntopic_id: {}", topic_id.to_string());
}

Result<Uuid> parse_partition_metadata(std::string_view text) {
  Lines lines(text);
  const auto version = lines.next();
  if (!version || *version != "version: 0") return malformed(version.value_or(""));
  const auto id_line = lines.next();
  constexpr std::string_view k_id = "topic_id: ";
  if (!id_line || !id_line->starts_with(k_id)) return malformed(id_line.value_or(""));
  TRY(const Uuid id, Uuid::parse(id_line->substr(k_id.size())));
  if (id.is_zero()) return fail(Errc::corrupt_data, "the topic id is zero");
  return id;
}

std::string write_clean_shutdown(const CleanShutdown& marker) {
  return fmt::format(R"({{"version":0,"brokerEpoch":{}}})",
                     marker.broker_epoch ? marker.broker_epoch->value() : -1);
}

CleanShutdown parse_clean_shutdown(std::string_view text) {
  const auto json = parse_json(text);
  if (!json.is_object()) return {};
  const auto epoch = json_integer(json, "brokerEpoch");
  if (!epoch || *epoch < 0) return {};
  return {.broker_epoch = BrokerEpoch{*epoch}};
}

std::string write_meta_properties(const MetaProperties& meta, Timestamp now) {
  // The order is that of the java.util.Properties that Kafka stores.
  std::string out = fmt::format("#\n#{}\n", java_date(now));
  const auto node = meta.node_id ? std::to_string(meta.node_id->value()) : std::string{};
  if (meta.node_id && meta.version == 0) append_property(out, "broker.id", node);
  if (meta.node_id && meta.version != 0) append_property(out, "node.id", node);
  if (meta.directory_id) append_property(out, "directory.id", meta.directory_id->to_string());
  append_property(out, "version", std::to_string(meta.version));
  if (meta.cluster_id) append_property(out, "cluster.id", *meta.cluster_id);
  return out;
}

Result<MetaProperties> parse_meta_properties(std::string_view text) {
  MetaProperties meta{.version = 0, .cluster_id = {}, .node_id = {}, .directory_id = {}};
  const Result<std::vector<Property>> properties = read_properties(text);
  if (!properties) return fail(Errc::corrupt_data, "{}", properties.error().text());
  for (const Property& property : *properties) {
    TRY_OK(set_property(meta, property.key, property.value));
  }
  if (meta.version != 0 && !meta.node_id) return fail(Errc::corrupt_data, "node.id is not there");
  if (meta.version != 0 && !meta.cluster_id) {
    return fail(Errc::corrupt_data, "cluster.id is not there");
  }
  return meta;
}

std::string write_quorum_state(const QuorumState& state) {
  nlohmann::ordered_json json;
  if (state.data_version == 0) json["clusterId"] = state.cluster_id;
  json["leaderId"] = state.leader.value_or(k_no_broker).value();
  json["leaderEpoch"] = state.leader_epoch.value();
  json["votedId"] = state.voted.value_or(k_no_broker).value();
  if (state.data_version == 0) {
    json["appliedOffset"] = state.applied_offset;
    json["currentVoters"] = nlohmann::ordered_json::array();
    for (const BrokerId voter : state.current_voters) {
      json["currentVoters"].push_back({{"voterId", voter.value()}});
    }
  } else {
    json["votedDirectoryId"] = state.voted_directory.to_string();
  }
  json["data_version"] = state.data_version;
  return json.dump();
}

Result<QuorumState> parse_quorum_state(std::string_view text) {
  const auto json = parse_json(text);
  if (!json.is_object()) return fail(Errc::corrupt_data, "not a JSON object");
  const auto version = json_integer(json, "data_version");
  const auto leader = json_integer(json, "leaderId");
  const auto epoch = json_integer(json, "leaderEpoch");
  const auto voted = json_integer(json, "votedId");
  if (!version || *version < 0 || *version > 1) {
    return fail(Errc::corrupt_data, "data_version is not 0 or 1");
  }
  if (!leader || !epoch || !voted) {
    return fail(Errc::corrupt_data, "leaderId, leaderEpoch or votedId is not there");
  }
  QuorumState state;
  state.data_version = static_cast<std::int16_t>(*version);
  state.leader = broker_or_none(*leader);
  state.leader_epoch = LeaderEpoch{static_cast<std::int32_t>(*epoch)};
  state.voted = broker_or_none(*voted);
  if (state.data_version == 1) {
    const auto directory = json.find("votedDirectoryId");
    if (directory == json.end() || !directory->is_string()) {
      return fail(Errc::corrupt_data, "votedDirectoryId is not there");
    }
    TRY(state.voted_directory, Uuid::parse(directory->get<std::string>()));
    return state;
  }
  const auto cluster = json.find("clusterId");
  if (cluster != json.end() && cluster->is_string()) state.cluster_id = cluster->get<std::string>();
  state.applied_offset = json_integer(json, "appliedOffset").value_or(0);
  const auto voters = json.find("currentVoters");
  if (voters != json.end() && voters->is_array()) {
    for (const auto& voter : *voters) {
      const auto id = voter.is_object() ? json_integer(voter, "voterId") : std::nullopt;
      if (!id) return fail(Errc::corrupt_data, "a voter without voterId");
      state.current_voters.emplace_back(static_cast<std::int32_t>(*id));
    }
  }
  return state;
}

}  // namespace moldau::log
