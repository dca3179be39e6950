#include "cli/configured_names.h"

#include "cli/session.h"
#include "protocol/api/list_config_resources.h"

namespace moldau::cli {

env::Task<Result<std::vector<std::string>>> configured_names(client::Cluster& cluster,
                                                             std::int8_t resource_type) {
  protocol::ListConfigResourcesRequest request;
  request.resource_types = {resource_type};
  CO_TRY(const protocol::ListConfigResourcesResponse answer,
         co_await (cluster.ask_any<protocol::ListConfigResourcesRequest,
                                   protocol::ListConfigResourcesResponse>(std::move(request))));
  CO_TRY_OK(refused(answer.error_code, std::nullopt));
  std::vector<std::string> out;
  for (const auto& resource : answer.config_resources) out.push_back(resource.resource_name);
  co_return out;
}

}  // namespace moldau::cli
