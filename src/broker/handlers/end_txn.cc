#include "protocol/api/end_txn.h"

#include "broker/handlers/handlers.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

using protocol::EndTxnRequest;
using protocol::EndTxnResponse;

// Clients of older versions do not know of fencing.
constexpr ApiVersion k_fenced_from{2};

EndTxnResponse refused(Errc error) {
  EndTxnResponse response;
  response.error_code = error;
  return response;
}

}  // namespace

Answer<EndTxnResponse> end_txn(RequestContext& context, EndTxnRequest request) {
  std::string id = request.transactional_id;
  if (!context.allows(security::Operation::write, security::ResourceType::transactional_id, id)) {
    co_return refused(Errc::transactional_id_authorization_failed);
  }
  if (id.empty()) co_return refused(Errc::invalid_request);
  Result<txn::Answer> answer = co_await ask_transaction(
      context.shard, context.version(), std::move(id),
      [request = std::move(request)](txn::Coordinator& machine, const txn::Ask& ask,
                                     coordinator::Now now,
                                     txn::Step& out) { machine.end(ask, request, now, out); });
  if (!answer) co_return refused(answer.error().code());
  auto response = std::get<EndTxnResponse>(*std::move(answer));
  if (response.error_code == Errc::producer_fenced && context.version() < k_fenced_from) {
    response.error_code = Errc::invalid_producer_epoch;
  }
  co_return response;
}

}  // namespace moldau::broker
