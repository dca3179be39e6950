#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

// Every configuration key of Apache Kafka 4.4: what it is called, what it takes, what it means.
// The tables come from schema/configs/*.tsv (docs: our words). Source: ConfigDef and the classes
// that define keys with it.
// Context: constant data and pure functions; any shard.
namespace moldau::config {

// Who a key belongs to. `broker` is every key of a node, controllers too.
enum class Scope : std::uint8_t {
  broker,
  topic,
  group,
  client_metrics,
  quota,
  producer,
  consumer,
  admin
};
inline constexpr int k_scope_count = 8;

// The values are those of DescribeConfigs on the wire.
enum class Type : std::int8_t {
  unknown = 0,
  boolean = 1,
  string = 2,
  int32 = 3,    // Kafka's INT
  int16 = 4,    // SHORT
  int64 = 5,    // LONG
  float64 = 6,  // DOUBLE
  list = 7,
  class_name = 8,
  password = 9
};
enum class Importance : std::uint8_t { none, high, medium, low };
enum class UpdateMode : std::uint8_t {
  none,          // a client's key
  read_only,     // needs a restart
  per_broker,    // may change while running, for one broker only
  cluster_wide,  // may change while running, for one broker or as the default of all
  dynamic_only,  // lives in the metadata log only, never in a file
  dynamic        // a key of a topic, group, subscription or quota
};

enum class Standing : std::uint8_t {
  defined,  // in Kafka's definition: described, validated
  plugin,   // read by a plugin only; for DescribeConfigs a stranger
  pattern   // stands for many names: listener.name.<listener>.<key>
};

// What a value must satisfy beyond its type.
enum class Rule : std::uint8_t {
  any,
  range,  // low to high; an open end is an infinity
  range_or_minus_one,
  one_of,
  one_of_any_case,
  list,            // items distinct and not empty; of `choices` when there are some
  non_empty_list,  // controller.quorum.voters and .bootstrap.servers: their parsers look closer
  non_empty_string,
  non_null,
  offset_reset,       // of `choices`, or by_duration:<ISO 8601 duration>
  throttled_replicas  // partition:broker,... or *
};
struct Valid {
  Rule rule = Rule::any;
  bool may_be_empty = true;  // of a list
  bool may_be_null = true;
  double low = 0;
  double high = 0;
  std::string_view low_text;  // as refusals print it; empty: open
  std::string_view high_text;
  std::span<const std::string_view> choices;
  std::string_view text;  // as Kafka's documentation shows it; "-" when anything goes
};

// A broker key that gives the default of a topic's or group's key, or another name of a broker key.
struct SynonymOf {
  std::string_view key;
  std::int64_t factor = 1;  // of its value: hours to milliseconds
};

struct ConfigKey {
  std::string_view name;
  Type type = Type::string;
  Importance importance = Importance::none;
  UpdateMode update_mode = UpdateMode::none;
  Standing standing = Standing::defined;
  bool required = false;     // no default: a value must be given
  bool has_default = false;  // false and not required: the default is null
  bool internal = false;     // described only when it was set
  bool in_effect = true;     // of nodes and clients: false while it does nothing here
  std::string_view default_text;
  Valid valid;
  std::span<const SynonymOf> synonyms;  // strongest first; empty: only itself
  std::string_view notes;
  std::string_view documentation;

  [[nodiscard]] bool sensitive() const { return type == Type::password; }
  // nullopt: null.
  [[nodiscard]] std::optional<std::string_view> default_value() const {
    if (!has_default) return std::nullopt;
    return default_text;
  }
  [[nodiscard]] bool may_change_at_run_time() const {
    return update_mode != UpdateMode::none && update_mode != UpdateMode::read_only;
  }
};

// Sorted by name.
[[nodiscard]] std::span<const ConfigKey> keys(Scope scope);
// nullptr: no such key. Cost: a binary search, no allocation.
[[nodiscard]] const ConfigKey* find(Scope scope, std::string_view name);
// For broker keys also "listener.name.<listener>.[<mechanism>.]<key>": the key it overrides.
[[nodiscard]] const ConfigKey* find_broker_key(std::string_view name);
// The known name that `name` was most likely meant to be (edit distance at most a third of its
// length); empty when none is near.
[[nodiscard]] std::string_view nearest(Scope scope, std::string_view name);

[[nodiscard]] std::string_view name_of(Scope scope);  // "topic", "client-metrics", ...
[[nodiscard]] std::string_view name_of(Type type);    // Kafka's upper case: "INT", "LONG"

// A parsed value; monostate is null.
using Value =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

// Parses and checks one value as ConfigDef does: trims it, splits lists at commas (dropping
// repeated items as Kafka does), checks the key's rule. nullopt is null.
// Errors: invalid_config with Kafka's sentence, such as
//   Invalid value abc for configuration retention.ms: Not a number of type LONG
[[nodiscard]] Result<Value> parse(const ConfigKey& key, std::optional<std::string_view> text);
// Only the type and the rule of the key's default; CHECKed to be valid by a test of the tables.
[[nodiscard]] Value default_of(const ConfigKey& key);
// Kafka's convertToString: what DescribeConfigs shows. nullopt for null.
[[nodiscard]] std::optional<std::string> to_text(const Value& value);
// Java's Double.toString: "0.5", "2.0", "1.7976931348623157E308".
[[nodiscard]] std::string java_double(double value);

}  // namespace moldau::config
