#include "config/topic_rules.h"

#include <algorithm>
#include <array>

#include "config/keys.h"
#include "config/topic_config.h"
#include "config/validator.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

std::unexpected<Error> invalid_value(std::string_view key, std::int64_t value,
                                     const std::string& why) {
  return fail(Errc::invalid_config, "Invalid value {} for configuration {}: {}", value, key, why);
}

// local.retention.<unit> against retention.<unit>; -1 is without end, -2 means the same as the
// whole retention.
Result<void> check_local_retention(std::string_view whole_key, std::int64_t whole,
                                   std::string_view local_key, std::int64_t local) {
  if (whole == -1 || local == -2) return {};
  const std::string name(whole_key);
  if (local == -1)
    return invalid_value(
        local_key, local,
        "Value must not be -1 as " + name + " value is set as " + std::to_string(whole) + ".");
  if (local > whole)
    return invalid_value(
        local_key, local,
        "Value must not be more than " + name + " property value: " + std::to_string(whole));
  return {};
}

Result<void> check_copy_lag(std::int64_t whole, std::string_view local_key, std::int64_t local,
                            std::string_view lag_key, std::int64_t lag) {
  const std::int64_t effective = local == -2 ? whole : local;
  if (lag <= 0 || effective < 0 || lag <= effective) return {};
  return invalid_value(lag_key, lag,
                       "Value must not exceed " + std::string(local_key) +
                           " (effective value: " + std::to_string(effective) + ")");
}

Result<void> check_copy_disabled(std::string_view unit, std::int64_t whole, std::int64_t local) {
  if (local == -2 || local == whole) return {};
  return fail(Errc::invalid_config,
              "When `remote.log.copy.disable` is set to true, the `local.retention.{}` and "
              "`retention.{}` must be set to the identical value because there will be no more "
              "logs copied to the remote storage.",
              unit, unit);
}

Result<void> check_tiered(const TopicConfig& topic, bool system_enabled) {
  if (!system_enabled)
    return fail(Errc::invalid_config,
                "Tiered Storage functionality is disabled in the broker. Topic cannot be "
                "configured with remote log storage.");
  if (topic.cleanup_compact)
    return fail(Errc::invalid_config,
                "Remote log storage only supports topics with cleanup.policy=delete or "
                "cleanup.policy being an empty list.");
  const std::int64_t time = topic.retention.count();
  const std::int64_t local_time = topic.local_retention.count();
  // Any negative size is without end.
  const std::int64_t size = topic.retention_bytes > -1 ? topic.retention_bytes : -1;
  TRY_OK(check_local_retention("retention.bytes", size, "local.retention.bytes",
                               topic.local_retention_bytes));
  TRY_OK(check_local_retention("retention.ms", time, "local.retention.ms", local_time));
  TRY_OK(check_copy_lag(topic.retention_bytes, "local.retention.bytes", topic.local_retention_bytes,
                        "remote.copy.lag.bytes", topic.remote_copy_lag_bytes));
  TRY_OK(check_copy_lag(time, "local.retention.ms", local_time, "remote.copy.lag.ms",
                        topic.remote_copy_lag.count()));
  if (!topic.remote_copy_disable) return {};
  TRY_OK(check_copy_disabled("bytes", topic.retention_bytes, topic.local_retention_bytes));
  return check_copy_disabled("ms", time, local_time);
}

// A group's number of settings with the node's value filled in where it has none.
std::int64_t group_number(const ConfigMap& settings, const NodeConfig& node, std::string_view key) {
  const std::string* own = settings.find(key);
  std::string text = own ? *own : "";
  if (own == nullptr) text = node.value_of("group." + std::string(key)).value_or("");
  return parse_integer(java_trim(text), INT64_MIN, INT64_MAX).value_or(0);
}

std::int64_t node_number(const NodeConfig& node, const std::string& key) {
  const auto text = node.value_of(key);
  return text ? parse_integer(java_trim(*text), INT64_MIN, INT64_MAX).value_or(0) : 0;
}

// A group's key between two of the node's keys; an empty name is an open end.
struct GroupBound {
  std::string_view key;
  std::string_view low;
  std::string_view high;
};
// In the order in which Kafka checks them.
constexpr auto k_group_bounds = std::to_array<GroupBound>({
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
     "group.consumer.max.session.timeout.ms"},
    {"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
     "group.consumer.max.assignment.interval.ms"},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
     "group.share.max.heartbeat.interval.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms",
     "group.share.max.session.timeout.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
    {"share.delivery.count.limit", "group.share.min.delivery.count.limit",
     "group.share.max.delivery.count.limit"},
    {"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
     "group.share.max.partition.max.record.locks"},
    {"share.assignment.interval.ms", "group.share.min.assignment.interval.ms",
     "group.share.max.assignment.interval.ms"},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
     "group.streams.max.heartbeat.interval.ms"},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms",
     "group.streams.max.session.timeout.ms"},
    {"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
    {"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
     "group.streams.max.assignment.interval.ms"},
    {"streams.task.offset.interval.ms", "group.streams.min.task.offset.interval.ms", ""},
    {"streams.num.warmup.replicas", "", "group.streams.max.warmup.replicas"},
});

Result<void> check_bound(const GroupBound& bound, std::int64_t value, const NodeConfig& node) {
  const std::int64_t low =
      bound.low.empty() ? INT64_MIN : node_number(node, std::string(bound.low));
  const std::int64_t high =
      bound.high.empty() ? INT64_MAX : node_number(node, std::string(bound.high));
  if (value >= low && value <= high) return {};
  if (bound.low.empty())
    return fail(Errc::invalid_config, "{} must be less than or equal to {}", bound.key, high);
  if (bound.high.empty())
    return fail(Errc::invalid_config, "{} must be greater than or equal to {}", bound.key, low);
  return fail(Errc::invalid_config, "{} must be in the range {} to {} inclusive.", bound.key, low,
              high);
}

Result<void> check_no_repeated_tags(const ConfigMap& settings) {
  constexpr std::string_view k_tags = "streams.rack.aware.assignment.tags";
  const std::string* text = settings.find(k_tags);
  if (text == nullptr) return {};
  std::vector<std::string> tags = split_list(*text);
  std::ranges::sort(tags);
  if (std::ranges::adjacent_find(tags) == tags.end()) return {};
  return fail(Errc::invalid_config, "{} must not contain duplicate tag keys.", k_tags);
}

Result<void> check_assignor(const ConfigMap& settings, const NodeConfig& node) {
  const std::string* name = settings.find("streams.assignor.name");
  if (name == nullptr) return {};
  const std::vector<std::string>& known = node.groups.streams.assignors;
  if (std::ranges::find(known, java_trim(*name)) != known.end()) return {};
  return fail(Errc::invalid_config,
              "streams.assignor.name '{}' is not a registered task assignor. Registered assignors "
              "are: [{}].",
              java_trim(*name), joined(known, ", "));
}

// Whether a regular expression has the faults that one sees without compiling it: a bracket or
// parenthesis that is not closed, a quantifier with nothing before it, a lone backslash.
bool is_plausible_pattern(std::string_view pattern) {
  int open = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      if (++i == pattern.size()) return false;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(') {
      ++open;
    } else if (c == ')' && --open < 0) {
      return false;
    } else if ((c == '*' || c == '+' || c == '?') && (i == 0 || pattern[i - 1] == '|')) {
      return false;
    }
  }
  return open == 0 && !in_class;
}

Result<void> check_match(const std::string& item) {
  constexpr auto k_names = std::to_array<std::string_view>(
      {"client_instance_id", "client_id", "client_software_name", "client_software_version",
       "client_source_address", "client_source_port"});
  const std::size_t equals = item.find('=');
  // Java's split drops empty parts at the end, so "a=" has one part and "a=b=c" three.
  const bool two_parts = equals != std::string::npos && equals + 1 < item.size() &&
                         item.find('=', equals + 1) == std::string::npos;
  const std::string_view name = java_trim(std::string_view(item).substr(0, equals));
  if (two_parts && std::ranges::find(k_names, name) != k_names.end() &&
      is_plausible_pattern(java_trim(std::string_view(item).substr(equals + 1))))
    return {};
  return fail(Errc::invalid_config, "Illegal client matching pattern: {}", item);
}

}  // namespace

Result<void> check_topic_settings(const ConfigMap& after, const ConfigMap& before,
                                  const NodeConfig& node) {
  for (const auto& [key, value] : after)
    if (find(Scope::topic, key) == nullptr)
      return fail(Errc::invalid_config, "Unknown topic config name: {}", key);
  const ConfigMap none;
  const BrokerLayers layers{
      .dynamic_broker = none, .dynamic_default = none, .static_settings = node.settings};
  TRY(const TopicConfig topic, resolve_topic_config(layers, after));
  if (topic.compaction_lag_min > topic.compaction_lag_max)
    return fail(Errc::invalid_config,
                "conflict topic config setting min.compaction.lag.ms ({}) > "
                "max.compaction.lag.ms ({})",
                topic.compaction_lag_min.count(), topic.compaction_lag_max.count());
  if (topic.remote_storage) {
    const auto enabled = node.value_of("remote.log.storage.system.enable");
    return check_tiered(topic, enabled && lower(java_trim(*enabled)) == "true");
  }
  const std::string* was = before.find("remote.storage.enable");
  if (was != nullptr && lower(*was) == "true" && !topic.remote_delete_on_disable)
    return fail(Errc::invalid_config,
                "It is invalid to disable remote storage without deleting remote data. If you want "
                "to keep the remote data and turn to read only, please set "
                "`remote.storage.enable=true,remote.log.copy.disable=true`. If you want to disable "
                "remote storage and delete all remote data, please set "
                "`remote.storage.enable=false,remote.log.delete.on.disable=true`.");
  return {};
}

Result<void> check_group_settings(const ConfigMap& after, const NodeConfig& node) {
  for (const auto& [key, value] : after)
    if (find(Scope::group, key) == nullptr)
      return fail(Errc::invalid_config, "Unknown group config name: {}", key);
  TRY_OK(check_no_repeated_tags(after));
  for (const auto& [name, value] : after) {
    TRY_OK(parse(*find(Scope::group, name), value));
  }
  for (const GroupBound& bound : k_group_bounds) {
    if (!after.contains(bound.key)) continue;
    TRY_OK(check_bound(bound, group_number(after, node, bound.key), node));
  }
  TRY_OK(check_assignor(after, node));
  for (const std::string kind : {"consumer", "share", "streams"}) {
    const std::string session = kind + ".session.timeout.ms";
    const std::string heartbeat = kind + ".heartbeat.interval.ms";
    if (!after.contains(session) && !after.contains(heartbeat)) continue;
    if (group_number(after, node, session) <= group_number(after, node, heartbeat))
      return fail(Errc::invalid_config, "{} must be greater than {}", session, heartbeat);
  }
  constexpr std::string_view k_dead_letters = "errors.deadletterqueue.topic.name";
  const std::string* dead_letters = after.find(k_dead_letters);
  if (dead_letters != nullptr && java_trim(*dead_letters).starts_with("__"))
    return fail(Errc::invalid_config, "{}: DLQ topic name must not start with '__'",
                k_dead_letters);
  return {};
}

ConfigMap group_settings_in_bounds(const ConfigMap& stored, const NodeConfig& node,
                                   std::vector<std::string>& moved) {
  ConfigMap settings = stored;
  for (const GroupBound& bound : k_group_bounds) {
    const std::string* text = stored.find(bound.key);
    if (text == nullptr) continue;
    const auto value = parse_integer(java_trim(*text), INT32_MIN, INT32_MAX);
    if (!value) continue;
    const std::int64_t low =
        bound.low.empty() ? INT64_MIN : node_number(node, std::string(bound.low));
    const std::int64_t high =
        bound.high.empty() ? INT64_MAX : node_number(node, std::string(bound.high));
    const std::int64_t kept = std::max(low, std::min(*value, high));
    if (kept == *value) continue;
    settings.set(bound.key, std::to_string(kept));
    moved.push_back(std::string(bound.key) + "=" + *text + " is out of this node's bounds; " +
                    std::to_string(kept) + " counts.");
  }
  return settings;
}

Result<void> check_client_metrics(std::string_view name, const ConfigMap& after) {
  if (name.empty()) return fail(Errc::invalid_request, "Subscription name can't be empty");
  for (const auto& [key, value] : after)
    if (find(Scope::client_metrics, key) == nullptr)
      return fail(Errc::invalid_request, "Unknown client metrics configuration: {}", key);
  for (const auto& [key, value] : after) {
    TRY(const Value parsed, parse(*find(Scope::client_metrics, key), value));
    if (key == "interval.ms") {
      const std::int64_t interval = std::get<std::int64_t>(parsed);
      if (interval < 100 || interval > 3'600'000)
        return fail(Errc::invalid_request,
                    "Invalid value {} for interval.ms, interval must be between 100 and 3600000 "
                    "(1 hour)",
                    interval);
    }
    if (key != "match") continue;
    for (const std::string& item : std::get<std::vector<std::string>>(parsed)) {
      TRY_OK(check_match(item));
    }
  }
  return {};
}

}  // namespace moldau::config
