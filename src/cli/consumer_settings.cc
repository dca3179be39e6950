#include "cli/consumer_settings.h"

#include <cmath>

#include "config/value_text.h"

namespace moldau::cli {
namespace {

// Reads numbers of the properties into fields; remembers the first that is none.
class Numbers {
 public:
  explicit Numbers(const PropertyMap& properties) : properties_(properties) {}
  template <class T>
  void take(std::string_view key, T& into) {
    if (!problem_) return;
    const auto value = integer_of(properties_, key, 0);
    if (!value) {
      problem_ = fail(value.error());
    } else if (*value) {
      into = static_cast<T>(**value);
    }
  }
  [[nodiscard]] const Result<void>& problem() const { return problem_; }

 private:
  const PropertyMap& properties_;
  Result<void> problem_;
};

std::optional<std::string> text_of(const PropertyMap& properties, std::string_view key) {
  const auto found = properties.find(key);
  if (found == properties.end()) return std::nullopt;
  const std::string_view text = config::java_trim(found->second);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

Result<client::ResetPolicy> reset_policy(const PropertyMap& properties) {
  using Kind = client::ResetPolicy::Kind;
  constexpr std::string_view k_by_duration = "by_duration:";
  const std::string text = text_of(properties, "auto.offset.reset").value_or("latest");
  if (text == "latest") return client::ResetPolicy{Kind::latest};
  if (text == "earliest") return client::ResetPolicy{Kind::earliest};
  if (text == "none") return client::ResetPolicy{Kind::none};
  if (text.starts_with(k_by_duration)) {
    const auto duration =
        config::parse_iso_duration(std::string_view(text).substr(k_by_duration.size()));
    if (duration && duration->seconds >= 0) {
      const auto millis = static_cast<std::int64_t>(std::floor(duration->seconds * 1'000));
      return client::ResetPolicy{Kind::by_duration, Milliseconds{millis}};
    }
  }
  return fail(Errc::bad_configuration,
              "Invalid value {} for configuration auto.offset.reset: Invalid value `{}` for "
              "configuration auto.offset.reset. The value must be either 'earliest', 'latest', "
              "'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.",
              text, text);
}

client::Isolation isolation(const PropertyMap& properties) {
  return text_of(properties, "isolation.level") == "read_committed"
             ? client::Isolation::read_committed
             : client::Isolation::read_uncommitted;
}

client::GroupProtocol group_protocol(const PropertyMap& properties) {
  const std::string name = text_of(properties, "group.protocol").value_or("classic");
  return config::lower(name) == "consumer" ? client::GroupProtocol::consumer
                                           : client::GroupProtocol::classic;
}

// What only the classic protocol has: there the broker sets it for the consumer protocol.
Result<void> check_protocol(const PropertyMap& properties, client::GroupProtocol protocol) {
  if (protocol == client::GroupProtocol::consumer) {
    for (const std::string_view key :
         {"partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"}) {
      if (!properties.contains(key)) continue;
      return fail(Errc::bad_configuration, "{} cannot be set when group.protocol=CONSUMER", key);
    }
  } else if (text_of(properties, "group.remote.assignor")) {
    return fail(Errc::bad_configuration,
                "group.remote.assignor cannot be set when group.protocol=CLASSIC");
  }
  return {};
}

}  // namespace

Result<client::ConsumerSettings> consumer_settings(const PropertyMap& properties) {
  TRY_OK(check_values(config::Scope::consumer, properties));
  client::ConsumerSettings out;
  Numbers numbers(properties);
  numbers.take("fetch.max.wait.ms", out.reader.max_wait);
  numbers.take("fetch.min.bytes", out.reader.min_bytes);
  numbers.take("fetch.max.bytes", out.reader.max_bytes);
  numbers.take("max.partition.fetch.bytes", out.reader.partition_max_bytes);
  numbers.take("max.poll.records", out.reader.poll_records_max);
  numbers.take("auto.commit.interval.ms", out.auto_commit_interval);
  out.reader.check_crcs = is_true(properties, "check.crcs", true);
  out.reader.rack = text_of(properties, "client.rack").value_or("");
  out.reader.isolation = isolation(properties);
  TRY(out.reader.reset, reset_policy(properties));
  out.protocol = group_protocol(properties);
  TRY_OK(check_protocol(properties, out.protocol));
  out.auto_commit = is_true(properties, "enable.auto.commit", true);
  if (const auto list = text_of(properties, "partition.assignment.strategy")) {
    TRY_OK(client::make_assignors(*list));
    out.assignors = *list;
  }
  if (const auto group = text_of(properties, "group.id")) {
    client::GroupSettings& settings = out.group.emplace();
    settings.group_id = *group;
    settings.instance_id = text_of(properties, "group.instance.id");
    settings.rack = text_of(properties, "client.rack");
    settings.remote_assignor = text_of(properties, "group.remote.assignor");
    numbers.take("session.timeout.ms", settings.session_timeout);
    numbers.take("heartbeat.interval.ms", settings.heartbeat_interval);
    numbers.take("max.poll.interval.ms", settings.max_poll_interval);
    numbers.take("retry.backoff.ms", settings.retry_backoff);
    numbers.take("retry.backoff.max.ms", settings.retry_backoff_max);
  }
  TRY_OK(numbers.problem());
  if (out.group && out.protocol == client::GroupProtocol::classic &&
      out.group->heartbeat_interval >= out.group->session_timeout) {
    return fail(Errc::invalid_session_timeout,
                "Heartbeat must be set lower than the session timeout");
  }
  return out;
}

}  // namespace moldau::cli
