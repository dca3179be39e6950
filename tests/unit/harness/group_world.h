#pragma once
#include "harness/group_member.h"
#include "unit/harness/cluster_world.h"

namespace moldau::harness {

// A cluster with a topic of two partitions that a producer writes to, and a group that reads it.
class GroupWorld : public ClusterWorld {
 protected:
  TopicPlan& add(std::vector<std::unique_ptr<TopicPlan>>& to, const std::string& name) {
    auto topic = std::make_unique<TopicPlan>();
    topic->name = name;
    topic->synced = true;
    topic->configs.emplace_back("flush.messages", "1");
    topic->partitions.push_back(std::make_unique<PartitionOracle>(name + "-0", true));
    topic->partitions.push_back(std::make_unique<PartitionOracle>(name + "-1", true));
    to.push_back(std::move(topic));
    return *to.back();
  }
  static std::vector<std::string> settings() {
    return {"group.min.session.timeout.ms=100",
            "group.initial.rebalance.delay.ms=0",
            "group.consumer.min.session.timeout.ms=100",
            "group.consumer.session.timeout.ms=2000",
            "group.consumer.min.heartbeat.interval.ms=100",
            "group.consumer.heartbeat.interval.ms=300"};
  }
  void start_with_group() {
    add(run.coordinators, "__consumer_offsets");
    TopicPlan& topic = add(run.topics, "t");
    run.groups.push_back(std::make_unique<GroupPlan>());
    group().id = "g";
    group().topics.push_back(&topic);
    start(settings());
    tasks.spawn(run_admin(run, client()));
    EXPECT_TRUE(until([&] { return !topic.id.is_zero(); })) << failure();
  }
  void write() {
    for (const int partition : {0, 1}) {
      tasks.spawn(run_producer(run, client(),
                               {.topic = run.topics.front().get(),
                                .partition = PartitionIndex{partition},
                                .idempotent = true}));
    }
  }
  GroupPlan& group() { return *run.groups.front(); }
  MemberPlan plan_of(std::uint32_t number, GroupProtocol protocol) {
    return {.group = &group(), .number = MemberNumber{number}, .protocol = protocol};
  }
  // Everything that the producers wrote is read and committed.
  void check() {
    run.stopping = true;
    bool written = false;
    tasks.spawn(check_everything(run, client(), written));
    EXPECT_TRUE(until([&] { return written; })) << failure();
    bool done = false;
    tasks.spawn(check_groups(run, client(), done));
    EXPECT_TRUE(until([&] { return done; })) << failure() << run.lagging;
  }
};

}  // namespace moldau::harness
