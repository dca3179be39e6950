#include "broker/handlers/handlers.h"

namespace moldau::broker {

env::Task<Result<rpc::Response>> forward(RequestContext& context) {
  ControllerRequest ask{
      .api = context.request.header.api,
      .version = context.version(),
      .body = context.request.shared_body(),
      .principal = context.principal,
      .client_host = std::string{context.host()},
      .listener = context.connection.listener,
      .forwarded = !context.controller_listener,
  };
  CO_TRY(SharedBytes body, co_await context.shard.controller.send(std::move(ask)));
  Writer whole;
  whole.splice(body.size());
  co_return rpc::Response::of(std::move(whole), {std::move(body)});
}

}  // namespace moldau::broker
