#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/tool.h"
#include "client/cluster.h"

namespace moldau::cli {

inline constexpr int k_ok = 0;
inline constexpr int k_failed = 1;

// Options of every tool that talks to a cluster; what their values are called differs.
[[nodiscard]] constexpr Option bootstrap_server(std::string_view value) {
  return {.name = "bootstrap-server",
          .value = value,
          .help = "REQUIRED: the brokers to connect to, host:port with commas between them."};
}
[[nodiscard]] constexpr Option command_config(std::string_view value) {
  return {.name = "command-config", .value = value, .help = "A file of client settings."};
}
inline constexpr Option k_json{.name = "json", .help = "Print JSON for programs."};
inline constexpr Option k_help{.name = "help", .help = "Print this text."};

// Reads the words of a tool. Says what is wrong, or the usage when asked for, on standard error;
// nullopt: the tool ends with k_failed. Notes of older spellings go to standard error too.
// Options given twice are kept for a tool that says itself what is wrong with them.
enum class Repeats : std::uint8_t { refused, kept };
enum class OnMistake : std::uint8_t { text, text_and_options };
[[nodiscard]] std::optional<Given> read_words(ToolContext& context, std::string_view what_it_does,
                                              std::span<const Option> options,
                                              Repeats repeats = Repeats::refused,
                                              std::string_view before_errors = {},
                                              OnMistake on_mistake = OnMistake::text);

// Where to connect and how, from --bootstrap-server (or -controller) and --command-config.
// Errors: bad_configuration, invalid_request (nothing to connect to).
[[nodiscard]] env::Task<Result<client::ClusterSettings>> cluster_settings(ToolContext& context,
                                                                          Given given);

// Tells on standard output that an option is an older spelling which still works.
void say_deprecated(ToolContext& context, std::string_view option, std::string_view instead);

// An answer that is an error inside: none becomes success. The text is the answer's, or the
// table's meaning.
[[nodiscard]] Result<void> refused(Errc code, const std::optional<std::string>& message);

// Waits until some broker answers, at most default.api.timeout.ms: a tool may be started before its
// broker. `call`: what Kafka calls what is to be asked, for the text.
// Errors: request_timed_out; bad_configuration (no host of this name).
[[nodiscard]] env::Task<Result<void>> reach(ToolContext& context, client::Cluster& cluster,
                                            std::string call);

// Says an error on standard error; the exit code for it. What a broker refused comes with the class
// of its exception, what is ours (invalid_request) is a sentence for the person.
[[nodiscard]] int report(ToolContext& context, const Error& error);
// The same when the client could not even be made: a server that is no host:port.
[[nodiscard]] int report_no_client(ToolContext& context, const Error& error,
                                   std::string_view client = "KafkaAdminClient");

// What Kafka calls an error in its texts: "TopicExistsException" of topic_already_exists.
[[nodiscard]] std::string exception_name(Errc code);
// "org.apache.kafka.common.errors.TopicExistsException: text", for logs.
[[nodiscard]] std::string with_exception(const Error& error);
// The text a person reads: the error's own, or the table's.
[[nodiscard]] std::string text_of(const Error& error);

// What Kafka's tool would print when nobody catches an exception; "class: text" without the text
// when it is empty. The code is invalid_request.
[[nodiscard]] std::unexpected<Error> thrown(std::string_view java_class, std::string_view text);

}  // namespace moldau::cli
