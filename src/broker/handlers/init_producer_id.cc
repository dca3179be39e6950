#include "protocol/api/init_producer_id.h"

#include "broker/handlers/handlers.h"

namespace moldau::broker {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using security::Operation;

InitProducerIdResponse refused(Errc error) {
  InitProducerIdResponse response;
  response.error_code = error;
  response.producer_id = k_no_producer_id;
  response.producer_epoch = k_no_producer_epoch;
  return response;
}

}  // namespace

Answer<InitProducerIdResponse> init_producer_id(RequestContext& context,
                                                InitProducerIdRequest request) {
  if (request.transactional_id) {
    if (!context.allows(Operation::write, security::ResourceType::transactional_id,
                        *request.transactional_id)) {
      co_return refused(Errc::transactional_id_authorization_failed);
    }
  } else if (!context.allows_on_cluster(Operation::idempotent_write)) {
    co_return refused(Errc::cluster_authorization_failed);
  }
  // Without a transactional id they mean nothing, but both or none must be there.
  const bool has_id = request.producer_id != k_no_producer_id;
  const bool has_epoch = request.producer_epoch != k_no_producer_epoch;
  if (has_id != has_epoch) co_return refused(Errc::invalid_request);
  // Transactional ids are the transaction coordinator's, and this node runs none.
  if (request.transactional_id) co_return refused(Errc::coordinator_not_available);
  const Result<ProducerId> id = co_await context.shard.producer_ids.next(context.shard);
  if (!id) co_return refused(id.error().code());
  InitProducerIdResponse response;
  response.producer_id = *id;
  response.producer_epoch = ProducerEpoch{0};
  co_return response;
}

}  // namespace moldau::broker
