#pragma once
#include <span>

#include "broker/request_context.h"
#include "env/task.h"
#include "protocol/api_table.h"
#include "rpc/response.h"
#include "rpc/server_connection.h"

namespace moldau::broker {

// Answers one request. An Error closes the connection; what a client should learn is a Response.
using Handler = env::Task<Result<rpc::Response>> (*)(RequestContext& context);

// One row for each API that works. docs/compatibility.md has the file that answers each. What has
// no row is neither served nor advertised.
struct HandlerRow {
  protocol::ApiKey api;
  Handler on_broker = nullptr;      // nullptr: not on broker listeners
  Handler on_controller = nullptr;  // nullptr: not on controller listeners
};
// Ordered by key.
[[nodiscard]] std::span<const HandlerRow> handlers();
[[nodiscard]] const HandlerRow* find_handler(protocol::ApiKey api);

// The versions that are advertised, and may begin below those that exist (Produce): empty when the
// API is not served on such a listener.
[[nodiscard]] protocol::VersionRange advertised(const HandlerRow& row, bool controller_listener,
                                                bool unstable_versions);

// Requests of one kind of listener on one shard: finds the handler and lets it answer.
class Dispatch final : public rpc::RequestHandler {
 public:
  Dispatch(Shard& shard, bool controller_listener)
      : shard_(shard), controller_listener_(controller_listener) {}
  [[nodiscard]] env::Task<Result<rpc::Response>> handle(rpc::RequestContext& context,
                                                        rpc::Request& request) override;

 private:
  Shard& shard_;
  bool controller_listener_;
};

// Decodes the body, lets `handle` answer with a struct, encodes that.
//   Task<Result<Response>> handle(RequestContext&, Request)
template <class Req, class Resp, env::Task<Result<Resp>> (*handle)(RequestContext&, Req)>
[[nodiscard]] env::Task<Result<rpc::Response>> typed(RequestContext& context) {
  const ApiVersion version = context.version();
  CO_TRY(Req request, Req::decode(context.request.body(), version));
  CO_TRY(Resp response, co_await handle(context, std::move(request)));
  co_return rpc::Response::of(response, version);
}

}  // namespace moldau::broker
