#include "protocol/api/alter_configs.h"

#include "broker/config_changes.h"
#include "broker/handlers/handlers.h"

namespace moldau::broker {

Answer<protocol::AlterConfigsResponse> alter_configs(RequestContext& context,
                                                     protocol::AlterConfigsRequest request) {
  const config::BrokerChangeChecker checker = change_checker(*context.view);
  auto verdicts = check_config_changes(
      request, [&checker](const config::Resource& resource, const auto& asked) {
        std::vector<config::Alteration> wanted;
        for (const auto& config : asked.configs) {
          wanted.push_back({config.name, config::AlterOperation::set, config.value});
        }
        return checker.replace(resource, wanted);
      });
  co_return co_await finish_config_changes<protocol::AlterConfigsRequest,
                                           protocol::AlterConfigsResponse>(
      context, std::move(request), std::move(verdicts));
}

}  // namespace moldau::broker
