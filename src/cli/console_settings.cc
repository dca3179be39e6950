#include "cli/console_settings.h"

#include <fmt/core.h>

#include <chrono>

#include "base/java_properties.h"
#include "cli/session.h"
#include "config/value_text.h"
#include "env/disk.h"

namespace moldau::cli {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  return config::parse_integer(text, INT64_MIN, INT64_MAX);
}

}  // namespace

env::Task<Result<PropertyMap>> read_property_options(ToolContext& context, Given given,
                                                     std::string file_option,
                                                     std::string property_option) {
  PropertyMap out;
  if (given.has(file_option)) {
    const std::string path = given.one(file_option);
    const Result<SharedBytes> file =
        co_await env::read_file(context.env.disk, path, k_properties_bytes_max);
    if (!file && file.error().code() == Errc::not_found) {
      co_return fail(Errc::not_found, "java.nio.file.NoSuchFileException: {}", path);
    }
    if (!file) co_return fail(file.error());
    CO_TRY(const auto properties, read_properties(as_text(file->view())));
    for (const Property& property : properties) out[property.key] = property.value;
  }
  for (const std::string& pair : given.all(property_option)) {
    const std::size_t equals = pair.find('=');
    out[pair.substr(0, equals)] = equals == std::string::npos ? "" : pair.substr(equals + 1);
  }
  co_return out;
}

Result<void> check_values(config::Scope client, const PropertyMap& properties) {
  for (const auto& [name, value] : properties) {
    const config::ConfigKey* key = config::find(client, name);
    if (key == nullptr) continue;
    if (const auto parsed = config::parse(*key, value); !parsed) {
      return fail(Errc::bad_configuration, "{}", parsed.error().text());
    }
  }
  return {};
}

Result<std::optional<std::int64_t>> integer_of(const PropertyMap& properties, std::string_view key,
                                               std::int64_t least) {
  const auto found = properties.find(key);
  if (found == properties.end()) return std::optional<std::int64_t>{};
  const std::optional<std::int64_t> value = whole_number(config::java_trim(found->second));
  if (!value) {
    return fail(Errc::bad_configuration,
                "Invalid value {} for configuration {}: Not a number of type LONG", found->second,
                key);
  }
  if (*value < least) {
    return fail(Errc::bad_configuration,
                "Invalid value {} for configuration {}: Value must be at least {}", *value, key,
                least);
  }
  return value;
}

bool is_true(const PropertyMap& properties, std::string_view key, bool otherwise) {
  const auto found = properties.find(key);
  if (found == properties.end()) return otherwise;
  return config::lower(config::java_trim(found->second)) == "true";
}

Result<std::int64_t> integer_option(const Given& given, std::string_view name) {
  const std::string text = given.one(name);
  const std::optional<std::int64_t> value = whole_number(text);
  if (!value) {
    return fail(Errc::invalid_request, "Cannot parse argument '{}' of option {}", text, name);
  }
  return *value;
}

Result<void> apply_to_cluster(client::ClusterSettings& settings, const PropertyMap& properties) {
  if (const auto id = properties.find("client.id"); id != properties.end()) {
    settings.client_id = id->second;
  }
  const auto take = [&](std::string_view key, Milliseconds& into) -> Result<void> {
    TRY(const std::optional<std::int64_t> value, integer_of(properties, key, 0));
    if (value) into = Milliseconds{*value};
    return {};
  };
  TRY_OK(take("request.timeout.ms", settings.request_timeout));
  TRY_OK(take("default.api.timeout.ms", settings.api_timeout));
  TRY_OK(take("retry.backoff.ms", settings.retry_backoff));
  TRY_OK(take("metadata.max.age.ms", settings.metadata_max_age));
  const auto protocol = properties.find("security.protocol");
  if (protocol != properties.end() &&
      config::upper(config::java_trim(protocol->second)) != "PLAINTEXT") {
    return fail(Errc::bad_configuration,
                "security.protocol={}: this version connects with PLAINTEXT only",
                protocol->second);
  }
  return {};
}

void log_line(ToolContext& context, std::string_view level, std::string_view text,
              std::string_view java_class) {
  namespace chr = std::chrono;
  const std::int64_t millis = to_millis(context.env.clock.wall());
  const chr::sys_time<chr::milliseconds> at{chr::milliseconds{millis}};
  const auto day = chr::floor<chr::days>(at);
  const chr::year_month_day date{day};
  const chr::hh_mm_ss time{at - day};
  context.console.err(
      fmt::format("[{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}] {} {} ({})\n",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                  time.seconds().count(), time.subseconds().count(), level, text, java_class));
}

}  // namespace moldau::cli
