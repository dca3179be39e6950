#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "cli/tool.h"

// What the verifiable producer and the verifiable consumer share.
// Source: org.apache.kafka.tools.VerifiableProducer, VerifiableConsumer.
namespace moldau::cli {

// An event as a line of JSON on standard output: its time, its name, and what it is about.
void say_event(ToolContext& context, std::string_view name);
void say_event(ToolContext& context, std::string_view name, const nlohmann::ordered_json& more);

// The option that names the file of settings: command-config, or the older one when that was given,
// which is said. Errors: invalid_request (both were given).
[[nodiscard]] Result<std::string> config_option(ToolContext& context, const Given& given,
                                                std::string_view older);

}  // namespace moldau::cli
