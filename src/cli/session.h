#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/tool.h"
#include "client/cluster.h"
#include "config/properties.h"

namespace moldau::cli {

inline constexpr int k_ok = 0;
inline constexpr int k_failed = 1;

// Options of every tool that talks to a cluster.
inline constexpr Option k_bootstrap_server{.name = "bootstrap-server",
                                           .value = "host:port,...",
                                           .help = "REQUIRED: the brokers to connect to."};
inline constexpr Option k_bootstrap_controller{.name = "bootstrap-controller",
                                               .value = "host:port,...",
                                               .help = "The controllers to connect to."};
inline constexpr Option k_command_config{
    .name = "command-config", .value = "file", .help = "Properties for the client."};
inline constexpr Option k_json{.name = "json", .help = "Print JSON for programs."};
inline constexpr Option k_help{.name = "help", .help = "Print this text."};

// Reads the words of a tool. Says what is wrong, or the usage when asked for, on standard error;
// nullopt: the tool ends with k_failed. Notes of older spellings go to standard error too.
[[nodiscard]] std::optional<Given> read_words(ToolContext& context, std::string_view what_it_does,
                                              std::span<const Option> options);

// Where to connect and how, from --bootstrap-server (or -controller) and --command-config.
// Errors: bad_configuration, invalid_request (nothing to connect to).
[[nodiscard]] env::Task<Result<client::ClusterSettings>> cluster_settings(ToolContext& context,
                                                                          Given given);

// An answer that is an error inside: none becomes success. The text is the answer's, or the
// table's meaning.
[[nodiscard]] Result<void> refused(Errc code, const std::optional<std::string>& message);

// Says an error on standard error; the exit code for it.
[[nodiscard]] int report(ToolContext& context, const Error& error);

// What Kafka calls an error in its texts: "InvalidTopicException" of invalid_topic_exception.
[[nodiscard]] std::string exception_name(Errc code);
// The text a person reads: the error's own, or the table's.
[[nodiscard]] std::string text_of(const Error& error);

// What Kafka's tool would print when nobody catches an exception; "class: text" without the text
// when it is empty. The code is invalid_request.
[[nodiscard]] std::unexpected<Error> thrown(std::string_view java_class, std::string_view text);

// Whether a topic name matches the pattern as a whole (Java's String.matches for what tools take).
// Errors: invalid_request for a pattern that is none.
class NamePattern {
 public:
  [[nodiscard]] static Result<NamePattern> read(std::string_view pattern);
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  std::string pattern_;
};

[[nodiscard]] bool is_internal_topic(std::string_view name);

}  // namespace moldau::cli
