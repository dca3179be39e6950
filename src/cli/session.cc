#include "cli/session.h"

#include <algorithm>
#include <array>

#include "cli/console_settings.h"
#include "cli/property_warnings.h"

namespace moldau::cli {
namespace {

// Exceptions that are not called like the error. Source: org.apache.kafka.common.protocol.Errors.
struct Exception {
  Errc code;
  std::string_view name;
};
constexpr auto k_exceptions = std::to_array<Exception>({
    {Errc::corrupt_message, "CorruptRecordException"},
    {Errc::request_timed_out, "TimeoutException"},
    {Errc::timed_out, "TimeoutException"},  // the client's own
    {Errc::message_too_large, "RecordTooLargeException"},
    {Errc::stale_controller_epoch, "ControllerMovedException"},
    {Errc::offset_metadata_too_large, "OffsetMetadataTooLarge"},
    {Errc::record_list_too_large, "RecordBatchTooLargeException"},
    {Errc::topic_authorization_failed, "TopicAuthorizationException"},
    {Errc::group_authorization_failed, "GroupAuthorizationException"},
    {Errc::cluster_authorization_failed, "ClusterAuthorizationException"},
    {Errc::topic_already_exists, "TopicExistsException"},
    {Errc::invalid_config, "InvalidConfigurationException"},
    {Errc::out_of_order_sequence_number, "OutOfOrderSequenceException"},
    {Errc::duplicate_sequence_number, "DuplicateSequenceException"},
    {Errc::invalid_producer_id_mapping, "InvalidPidMappingException"},
    {Errc::invalid_transaction_timeout, "InvalidTxnTimeoutException"},
    {Errc::transactional_id_authorization_failed, "TransactionalIdAuthorizationException"},
    {Errc::kafka_storage_error, "KafkaStorageException"},
    {Errc::unknown_server_error, "UnknownServerException"},
    {Errc::non_empty_group, "GroupNotEmptyException"},
    {Errc::fetch_session_topic_id_error, "FetchSessionTopicIdException"},
    {Errc::sasl_authentication_failed, "SaslAuthenticationException"},
    {Errc::delegation_token_auth_disabled, "DelegationTokenDisabledException"},
    {Errc::delegation_token_request_not_allowed, "UnsupportedByAuthenticationException"},
    {Errc::delegation_token_authorization_failed, "DelegationTokenAuthorizationException"},
    {Errc::principal_deserialization_failure, "PrincipalDeserializationException"},
    {Errc::invalid_regular_expression, "InvalidRegularExpression"},
});

}  // namespace

std::optional<Given> read_words(ToolContext& context, std::string_view what_it_does,
                                std::span<const Option> options, Repeats repeats,
                                std::string_view before_errors, OnMistake on_mistake) {
  if (context.words.empty()) {
    context.console.err(fmt::format("{}\n{}", what_it_does, option_table(options)));
    return std::nullopt;
  }
  Result<Given> given = parse_options(options, context.words);
  if (!given) {
    context.console.err(fmt::format("{}{}\n{}", before_errors, text_of(given.error()),
                                    on_mistake == OnMistake::text ? "" : option_table(options)));
    return std::nullopt;
  }
  if (given->has("help")) {
    context.console.err(fmt::format("{}\n{}", what_it_does, option_table(options)));
    return std::nullopt;
  }
  for (const std::string& note : given->notes()) context.console.err(note + "\n");
  if (repeats == Repeats::refused && !given->repeated().empty()) {
    context.console.err(fmt::format("{}{}\n", before_errors, given->repeated()));
    return std::nullopt;
  }
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
  const auto properties = co_await read_property_options(context, given, "command-config", "");
  if (!properties && properties.error().code() == Errc::not_found) {  // told without a class
    co_return fail(Errc::invalid_request, "{}", properties.error().text());
  }
  if (!properties) co_return fail(properties.error());
  warn_about(context, {config::Scope::admin}, *properties);
  CO_TRY_OK(check_values(config::Scope::admin, *properties));
  CO_TRY_OK(apply_to_cluster(settings, *properties));
  co_return settings;
}

void say_deprecated(ToolContext& context, std::string_view option, std::string_view instead) {
  context.console.out(
      fmt::format("Option --{} has been deprecated and will be removed in a future version. Use "
                  "--{} instead.\n",
                  option, instead));
}

Result<void> refused(Errc code, const std::optional<std::string>& message) {
  if (code == Errc::none) return {};
  if (code == Errc::invalid_request) {  // told from what a tool itself refuses
    return fail(code, "org.apache.kafka.common.errors.InvalidRequestException: {}",
                message.value_or(std::string(facts(code).text)));
  }
  if (message && !message->empty()) return fail(Error(code, *message));
  return fail(code);
}

env::Task<Result<void>> reach(ToolContext& context, client::Cluster& cluster, std::string call) {
  constexpr Milliseconds k_backoff_max{1000};
  env::Env& env = context.env;
  const Instant deadline = env.clock.now() + cluster.settings().api_timeout;
  Milliseconds backoff = cluster.settings().retry_backoff;
  while (true) {
    const auto opened = co_await cluster.any();
    if (opened) co_return Result<void>{};
    if (opened.error().code() == Errc::bad_configuration) co_return fail(opened.error());
    log_line(context, "WARN", text_of(opened.error()) + ". Node may not be available.",
             "org.apache.kafka.clients.NetworkClient");
    if (env.clock.now() + backoff >= deadline) break;
    co_await env::sleep_for(env, backoff);
    backoff = std::min(backoff * 2, k_backoff_max);
  }
  co_return fail(Errc::request_timed_out, "Timed out waiting for a node assignment. Call: {}",
                 call);
}

int report(ToolContext& context, const Error& error) {
  const bool ours = error.code() == Errc::invalid_request;
  context.console.err((ours ? text_of(error) : with_exception(error)) + "\n");
  return k_failed;
}

int report_no_client(ToolContext& context, const Error& error, std::string_view client) {
  if (error.code() != Errc::bad_configuration) return report(context, error);
  context.console.err(
      fmt::format("org.apache.kafka.common.KafkaException: Failed to create new "
                  "{}\nCaused by: {}\n",
                  client, with_exception(error)));
  return k_failed;
}

std::string with_exception(const Error& error) {
  switch (error.code()) {
    case Errc::invalid_request:
      return "java.lang.IllegalArgumentException: " + text_of(error);
    case Errc::bad_configuration:
      return "org.apache.kafka.common.config.ConfigException: " + text_of(error);
    default:
      break;
  }
  const std::string_view package = error.code() == Errc::invalid_record ? "" : "errors.";
  return fmt::format("org.apache.kafka.common.{}{}: {}", package, exception_name(error.code()),
                     text_of(error));
}

std::string text_of(const Error& error) {
  return std::string(error.text().empty() ? facts(error.code()).text : error.text());
}

std::unexpected<Error> thrown(std::string_view java_class, std::string_view text) {
  return fail(Errc::invalid_request, "Exception in thread \"main\" {}{}{}", java_class,
              text.empty() ? "" : ": ", text);
}

std::string exception_name(Errc code) {
  const auto* const other = std::ranges::find(k_exceptions, code, &Exception::code);
  if (other != k_exceptions.end()) return std::string(other->name);
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

}  // namespace moldau::cli
