#include "cli/session.h"

#include <algorithm>
#include <regex>

#include "env/disk.h"

namespace moldau::cli {
namespace {

constexpr std::size_t k_config_file_bytes_max = 1 << 20;

Result<void> apply(client::ClusterSettings& settings, std::string_view key,
                   const std::string& value) {
  const auto number = [&]() -> Result<Milliseconds> {
    char* end = nullptr;
    const long long parsed = std::strtoll(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0' || parsed < 0) {
      return fail(Errc::bad_configuration, "Invalid value {} for configuration {}: Not a number",
                  value, key);
    }
    return Milliseconds{parsed};
  };
  if (key == "client.id") settings.client_id = value;
  if (key == "request.timeout.ms") {
    TRY(settings.request_timeout, number());
  }
  if (key == "default.api.timeout.ms") {
    TRY(settings.api_timeout, number());
  }
  if (key == "retry.backoff.ms") {
    TRY(settings.retry_backoff, number());
  }
  if (key == "security.protocol" && value != "PLAINTEXT") {
    return fail(Errc::bad_configuration,
                "security.protocol={}: this version connects with PLAINTEXT only", value);
  }
  return {};
}

}  // namespace

std::optional<Given> read_words(ToolContext& context, std::string_view what_it_does,
                                std::span<const Option> options) {
  const auto usage = [&] { return usage_of(context.called_as, what_it_does, options); };
  if (context.words.empty()) {
    context.console.err(usage());
    return std::nullopt;
  }
  Result<Given> given = parse_options(options, context.words);
  if (!given) {
    context.console.err(fmt::format("{}\n\n{}", given.error().text(), usage()));
    return std::nullopt;
  }
  if (given->has("help")) {
    context.console.err(usage());
    return std::nullopt;
  }
  for (const std::string& note : given->notes()) context.console.err(note + "\n");
  return *std::move(given);
}

env::Task<Result<client::ClusterSettings>> cluster_settings(ToolContext& context, Given given) {
  client::ClusterSettings settings;
  settings.client_id = "moldau-" + std::string(context.called_as);
  const bool controllers = given.has("bootstrap-controller");
  if (!controllers && !given.has("bootstrap-server")) {
    co_return fail(Errc::invalid_request, "--bootstrap-server must be specified");
  }
  CO_TRY(settings.bootstrap, client::parse_endpoints(given.one(controllers ? "bootstrap-controller"
                                                                           : "bootstrap-server")));
  if (given.has("command-config")) {
    CO_TRY(const SharedBytes file,
           co_await env::read_file(context.env.disk, given.one("command-config"),
                                   k_config_file_bytes_max));
    CO_TRY(const auto properties, config::read_properties(as_text(file.view())));
    for (const config::Property& property : properties) {
      CO_TRY_OK(apply(settings, property.key, property.value));
    }
  }
  co_return settings;
}

Result<void> refused(Errc code, const std::optional<std::string>& message) {
  if (code == Errc::none) return {};
  if (message && !message->empty()) return fail(Error(code, *message));
  return fail(code);
}

int report(ToolContext& context, const Error& error) {
  context.console.err(fmt::format("{}: {}\n", exception_name(error.code()), text_of(error)));
  return k_failed;
}

std::string text_of(const Error& error) {
  return std::string(error.text().empty() ? facts(error.code()).text : error.text());
}

std::unexpected<Error> thrown(std::string_view java_class, std::string_view text) {
  return fail(Errc::invalid_request, "Exception in thread \"main\" {}{}{}", java_class,
              text.empty() ? "" : ": ", text);
}

std::string exception_name(Errc code) {
  std::string name;
  bool upper = true;
  for (const char c : name_of(code)) {
    if (c == '_') {
      upper = true;
      continue;
    }
    name += upper ? c : static_cast<char>(c - 'A' + 'a');
    upper = false;
  }
  return name.ends_with("Exception") ? name : name + "Exception";
}

Result<NamePattern> NamePattern::read(std::string_view pattern) {
  // Topic lists may be separated by commas, which means "or", and quotes are dropped (Kafka's
  // IncludeList). std::regex tells of a bad pattern by an exception, which ends here.
  NamePattern out;
  for (const char c : pattern) {
    if (c == ',') {
      out.pattern_ += '|';
    } else if (c != ' ' && c != '"' && c != '\'') {
      out.pattern_ += c;
    }
  }
  try {
    const std::regex tried(out.pattern_);
  } catch (const std::regex_error& problem) {
    return fail(Errc::invalid_request, "{} is an invalid regex.", pattern);
  }
  return out;
}

bool NamePattern::matches(std::string_view name) const {
  if (name == pattern_) return true;
  return std::regex_match(name.begin(), name.end(), std::regex(pattern_));
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace moldau::cli
