#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "unit/broker/broker_world.h"

namespace moldau::broker {

// The partition leads with a second replica in sync, so that acks=all has something to wait for.
inline void lead_with_another(BrokerWorld& broker, Partition& partition) {
  const std::vector<BrokerId> both{k_self, BrokerId{2}};
  CHECK_OK(broker.run(partition.lead(LeaderEpoch{4}, both, both, Offset{0})));
}

// The other one has fetched everything before `end`.
inline void replicate(BrokerWorld& broker, Partition& partition, Offset end) {
  replica::Outputs out;
  partition.leader()->on_follower(BrokerId{2}, end, out);
  broker.shard(0).waiters.release(out);
}

// Three records that the leader has and the other one has not.
class SecondReplicaTest : public testing::Test {
 protected:
  SecondReplicaTest() {
    broker.add_topic("t");
    partition = broker.partition("t");
    lead_with_another(broker, *partition);
    appended = broker.run(partition->append(broker.batch(3), replica::Acks::all));
    end = appended.end_offset;
  }
  BrokerWorld broker;
  std::shared_ptr<Partition> partition;
  AppendAnswer appended;
  Offset end;
};

}  // namespace moldau::broker
