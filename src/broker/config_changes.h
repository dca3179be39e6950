#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/controller_client.h"
#include "broker/request_context.h"
#include "config/validator.h"

// What AlterConfigs and IncrementalAlterConfigs have in common on a broker: it checks what only it
// can check (its own settings), passes the rest on to the controller, and puts the answers together
// in the order of the request. Source: ConfigAdminManager.
namespace moldau::broker {

// The answer for one resource; `code` none: it was changed.
struct ConfigVerdict {
  Errc code = Errc::none;
  std::optional<std::string> text;
  [[nodiscard]] static ConfigVerdict of(const Error& error) {
    const std::string_view text = error.text();
    return {error.code(), std::string{text.empty() ? facts(error.code()).text : text}};
  }
};

// The checker that knows this broker's settings. REQUIRES: the view outlives it.
[[nodiscard]] inline config::BrokerChangeChecker change_checker(const ClusterView& view) {
  return {*view.node, view.layers()};
}

// For each resource: a verdict of this broker, or nullopt when the controller decides.
// `check(resource, alterations)` is Result<void>(config::Resource, span<Alteration>).
template <class Request, class Check>
[[nodiscard]] std::vector<std::optional<ConfigVerdict>> check_config_changes(const Request& request,
                                                                             Check check) {
  std::vector<std::optional<ConfigVerdict>> verdicts(request.resources.size());
  for (std::size_t i = 0; i < request.resources.size(); ++i) {
    const auto& resource = request.resources[i];
    const auto same = [&](const auto& other) {
      return other.resource_type == resource.resource_type &&
             other.resource_name == resource.resource_name;
    };
    if (std::ranges::count_if(request.resources, same) > 1) {
      verdicts[i] = {Errc::invalid_request, "Each resource must appear at most once."};
      continue;
    }
    const auto type = config::resource_type_from_wire(resource.resource_type);
    if (!type || *type == config::ResourceType::unknown) {
      verdicts[i] = {Errc::invalid_request,
                     "Unknown resource type " + std::to_string(resource.resource_type)};
      continue;
    }
    Result<void> checked = check(config::Resource{*type, resource.resource_name}, resource);
    if (!checked) verdicts[i] = ConfigVerdict::of(checked.error());
  }
  return verdicts;
}

// Asks the controller for what has no verdict yet.
template <class Request, class Response>
[[nodiscard]] env::Task<Result<Response>> finish_config_changes(
    RequestContext& context, Request request, std::vector<std::optional<ConfigVerdict>> verdicts) {
  Request rest;
  rest.validate_only = request.validate_only;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i]) rest.resources.push_back(request.resources[i]);
  }
  Response decided;
  if (!rest.resources.empty()) {
    const ApiVersion version = context.version();
    CO_TRY(SharedBytes body, protocol::encoded(Request::k_message, &rest, version));
    ControllerRequest ask{.api = Request::k_key,
                          .version = version,
                          .body = std::move(body),
                          .principal = context.principal,
                          .client_host = std::string{context.host()},
                          .listener = context.connection.listener,
                          .forwarded = true};
    CO_TRY(const SharedBytes answer, co_await context.shard.controller.send(std::move(ask)));
    CO_TRY(decided, Response::decode(answer.view(), version));
  }
  Response response;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    auto& out = response.responses.emplace_back();
    out.resource_type = request.resources[i].resource_type;
    out.resource_name = request.resources[i].resource_name;
    if (verdicts[i]) {
      out.error_code = verdicts[i]->code;
      out.error_message = verdicts[i]->text;
      continue;
    }
    const auto mine = std::ranges::find_if(decided.responses, [&](const auto& other) {
      return other.resource_type == out.resource_type && other.resource_name == out.resource_name;
    });
    if (mine == decided.responses.end()) {
      out.error_code = Errc::unknown_server_error;
      out.error_message = std::nullopt;
    } else {
      out.error_code = mine->error_code;
      out.error_message = mine->error_message;
    }
  }
  co_return response;
}

}  // namespace moldau::broker
