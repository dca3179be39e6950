#include "protocol/api/init_producer_id.h"

#include "broker/handlers/handlers.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using security::Operation;
using security::ResourceType;

// Clients of older versions do not know of fencing.
constexpr ApiVersion k_fenced_from{4};

InitProducerIdResponse refused(Errc error) {
  InitProducerIdResponse response;
  response.error_code = error;
  response.producer_id = k_no_producer_id;
  response.producer_epoch = k_no_producer_epoch;
  return response;
}

Errc authorization(const RequestContext& context, const InitProducerIdRequest& request) {
  if (!request.transactional_id) {
    return context.allows_on_cluster(Operation::idempotent_write)
               ? Errc::none
               : Errc::cluster_authorization_failed;
  }
  const auto allows = [&](Operation operation) {
    return context.allows(operation, ResourceType::transactional_id, *request.transactional_id);
  };
  const bool allowed =
      allows(Operation::write) && (!request.enable2_pc || allows(Operation::two_phase_commit));
  return allowed ? Errc::none : Errc::transactional_id_authorization_failed;
}

Answer<InitProducerIdResponse> init_transactional(RequestContext& context,
                                                  InitProducerIdRequest request) {
  // What no coordinator could answer otherwise, whoever coordinates the id.
  const Errc refusal = txn::init_refusal(transaction_settings(*context.view->node), request);
  if (refusal != Errc::none) co_return refused(refusal);
  std::string id = *request.transactional_id;
  Result<txn::Answer> answer = co_await ask_transaction(
      context.shard, context.version(), std::move(id),
      [request = std::move(request)](txn::Coordinator& machine, const txn::Ask& ask,
                                     coordinator::Now now, txn::Step& out) {
        machine.init_producer_id(ask, request, now, out);
      });
  if (!answer) co_return refused(answer.error().code());
  auto response = std::get<InitProducerIdResponse>(*std::move(answer));
  if (response.error_code == Errc::producer_fenced && context.version() < k_fenced_from) {
    response.error_code = Errc::invalid_producer_epoch;
  }
  co_return response;
}

}  // namespace

Answer<InitProducerIdResponse> init_producer_id(RequestContext& context,
                                                InitProducerIdRequest request) {
  if (const Errc error = authorization(context, request); error != Errc::none) {
    co_return refused(error);
  }
  // Both or none must be there; without a transactional id they mean nothing.
  const bool has_id = request.producer_id != k_no_producer_id;
  const bool has_epoch = request.producer_epoch != k_no_producer_epoch;
  if (has_id != has_epoch) co_return refused(Errc::invalid_request);
  if (request.transactional_id) co_return co_await init_transactional(context, std::move(request));
  const Result<ProducerId> id = co_await context.shard.producer_ids.next(context.shard);
  if (!id) co_return refused(id.error().code());
  InitProducerIdResponse response;
  response.producer_id = *id;
  response.producer_epoch = ProducerEpoch{0};
  co_return response;
}

}  // namespace moldau::broker
