#include "cli/verifiable_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "protojson/json_text.h"

namespace moldau::cli {

using Json = nlohmann::ordered_json;

void say_event(ToolContext& context, std::string_view name) {
  say_event(context, name, Json::object());
}

void say_event(ToolContext& context, std::string_view name, const Json& more) {
  Json line{{"timestamp", to_millis(context.env.clock.wall())}, {"name", name}};
  line.update(more);
  context.console.out(protojson::json_text(line) + "\n");
  context.console.flush();
}

Result<std::string> config_option(ToolContext& context, const Given& given,
                                  std::string_view older) {
  constexpr std::string_view k_option = "command-config";
  if (!given.has(older)) return std::string(k_option);
  if (given.has(k_option)) {
    return fail(Errc::invalid_request, "Options --{} and --{} are mutually exclusive.", older,
                k_option);
  }
  say_deprecated(context, older, k_option);
  return std::string(older);
}

}  // namespace moldau::cli
