#include "protocol/api/incremental_alter_configs.h"

#include "broker/config_changes.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

Result<void> check(const config::BrokerChangeChecker& checker, const config::Resource& resource,
                   const protocol::IncrementalAlterConfigsRequest::AlterConfigsResource& asked) {
  if (resource.type == config::ResourceType::broker_logger) {
    return fail(Errc::invalid_request,
                "The log level of this node cannot be changed while it runs");
  }
  std::vector<config::Alteration> wanted;
  for (const auto& config : asked.configs) {
    if (config.config_operation < 0 || config.config_operation > 3) {
      return fail(Errc::invalid_request, "Unknown operations type {}", config.config_operation);
    }
    wanted.push_back({config.name, config::AlterOperation{config.config_operation}, config.value});
  }
  return checker.incremental(resource, wanted);
}

}  // namespace

Answer<protocol::IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext& context, protocol::IncrementalAlterConfigsRequest request) {
  const config::BrokerChangeChecker checker = change_checker(*context.view);
  auto verdicts = check_config_changes(
      request, [&checker](const config::Resource& resource, const auto& asked) {
        return check(checker, resource, asked);
      });
  co_return co_await finish_config_changes<protocol::IncrementalAlterConfigsRequest,
                                           protocol::IncrementalAlterConfigsResponse>(
      context, std::move(request), std::move(verdicts));
}

}  // namespace moldau::broker
