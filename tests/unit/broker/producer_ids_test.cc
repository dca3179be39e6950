#include "broker/producer_ids.h"

#include <gtest/gtest.h>

#include <set>

#include "protocol/api/allocate_producer_ids.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(ProducerIds, IdsAskedForAtTheSameTimeAreDifferent) {
  BrokerWorld broker;
  std::int64_t next = 0;
  broker.controller.answer = [&](const ControllerRequest& asked) -> Result<SharedBytes> {
    EXPECT_EQ(protocol::AllocateProducerIdsRequest::decode(asked.body.view(), asked.version)
                  ->broker_epoch,
              BrokerEpoch{7});
    protocol::AllocateProducerIdsResponse block;
    block.producer_id_start = ProducerId{next};
    block.producer_id_len = 3;
    next += 3;
    return encoded(block, asked.version);
  };
  std::set<ProducerId> seen;
  for (int i = 0; i < 10; ++i) {
    const Result<ProducerId> id = broker.run(broker.shard(0).producer_ids.next(broker.shard(0)));
    ASSERT_TRUE(id.has_value());
    EXPECT_TRUE(seen.insert(*id).second);
  }
}

TEST(ProducerIds, BrokerThatIsNotRegisteredGivesNone) {
  BrokerWorld broker;
  broker.image.cluster.brokers.clear();
  broker.show();
  EXPECT_EQ(broker.run(broker.shard(0).producer_ids.next(broker.shard(0))).error().code(),
            Errc::coordinator_load_in_progress);
}

}  // namespace
}  // namespace moldau::broker
