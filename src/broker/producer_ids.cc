#include "broker/producer_ids.h"

#include "broker/shard.h"
#include "protocol/api/allocate_producer_ids.h"

namespace moldau::broker {

std::optional<ProducerId> ProducerIdBlocks::take() {
  if (left_ == 0) return std::nullopt;
  const ProducerId id = next_;
  next_ = next_.next();
  --left_;
  return id;
}

env::Task<Result<ProducerId>> ProducerIdBlocks::next(Shard& shard) {
  if (const std::optional<ProducerId> id = take()) co_return *id;
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = shard.facts.node_id;
  const metadata::BrokerRegistration* self = shard.view->image->cluster.broker(shard.facts.node_id);
  if (self == nullptr) co_return fail(Errc::coordinator_load_in_progress);
  request.broker_epoch = self->epoch;
  Result<protocol::AllocateProducerIdsResponse> block =
      co_await ask_controller<protocol::AllocateProducerIdsRequest,
                              protocol::AllocateProducerIdsResponse>(
          shard.controller, std::move(request), ApiVersion{0});
  // Two requests may have asked at once: the block that came second is added by whoever is last,
  // and what was left of the first is lost, which Kafka allows.
  if (const std::optional<ProducerId> id = take()) co_return *id;
  if (!block || block->error_code != Errc::none || block->producer_id_len <= 0) {
    co_return fail(Errc::coordinator_load_in_progress);
  }
  next_ = block->producer_id_start;
  left_ = block->producer_id_len;
  co_return *take();
}

}  // namespace moldau::broker
