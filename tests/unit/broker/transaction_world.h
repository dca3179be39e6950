#pragma once
#include <string>
#include <vector>

#include "protocol/api/add_offsets_to_txn.h"
#include "protocol/api/add_partitions_to_txn.h"
#include "protocol/api/allocate_producer_ids.h"
#include "protocol/api/describe_transactions.h"
#include "protocol/api/end_txn.h"
#include "protocol/api/init_producer_id.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {

// A broker whose controller gives out producer ids, in blocks of two from 0, 1000, 2000…
class TransactionWorld : public BrokerWorld {
 public:
  explicit TransactionWorld(std::int32_t shards = 1) : BrokerWorld(shards) {
    controller.answer = [this](const ControllerRequest& asked) -> Result<SharedBytes> {
      protocol::AllocateProducerIdsResponse block;
      block.producer_id_start = ProducerId{next_block_};
      block.producer_id_len = 2;
      next_block_ += 1000;
      return encoded(block, asked.version);
    };
  }

  // REQUIRES: lead_transactions().
  txn::ProducerIdAndEpoch begin(const std::string& id) {
    protocol::InitProducerIdRequest request;
    request.transactional_id = id;
    request.transaction_timeout_ms = Milliseconds{60'000};
    const auto response = ok<protocol::InitProducerIdResponse>(request, ApiVersion{5});
    EXPECT_EQ(response.error_code, Errc::none);
    return {response.producer_id, response.producer_epoch};
  }
  protocol::AddPartitionsToTxnRequest adding(const std::string& id, txn::ProducerIdAndEpoch who,
                                             const std::string& topic,
                                             const std::vector<int>& partitions) {
    protocol::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = id;
    request.v3_and_below_producer_id = who.id;
    request.v3_and_below_producer_epoch = who.epoch;
    auto& added = request.v3_and_below_topics.emplace_back();
    added.name = topic;
    for (const int partition : partitions) added.partitions.emplace_back(partition);
    return request;
  }
  // The error of the first partition.
  Errc add(const std::string& id, txn::ProducerIdAndEpoch who, const std::string& topic,
           const std::vector<int>& partitions = {0}, int version = 3) {
    const auto response = ok<protocol::AddPartitionsToTxnResponse>(
        adding(id, who, topic, partitions), ApiVersion{static_cast<std::int16_t>(version)});
    return response.results_by_topic_v3_and_below.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
  }
  protocol::EndTxnResponse end(const std::string& id, txn::ProducerIdAndEpoch who, bool commit,
                               int version = 4) {
    protocol::EndTxnRequest request;
    request.transactional_id = id;
    request.producer_id = who.id;
    request.producer_epoch = who.epoch;
    request.committed = commit;
    return ok<protocol::EndTxnResponse>(request, ApiVersion{static_cast<std::int16_t>(version)});
  }
  protocol::DescribeTransactionsResponse::TransactionState describe(const std::string& id) {
    protocol::DescribeTransactionsRequest request;
    request.transactional_ids = {id};
    return ok<protocol::DescribeTransactionsResponse>(request, ApiVersion{0})
        .transaction_states.at(0);
  }
  // The end is answered when it is prepared; the markers come behind.
  bool wait_for(const std::string& id, const std::string& state) {
    for (int i = 0; i < 1000 && describe(id).transaction_state != state; ++i) {
      world.run_for(Milliseconds{1});
    }
    return describe(id).transaction_state == state;
  }

 private:
  std::int64_t next_block_ = 0;
};

}  // namespace moldau::broker
