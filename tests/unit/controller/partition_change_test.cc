#include "controller/partition_change.h"

#include <gtest/gtest.h>

#include "controller/heartbeats.h"
#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using metadata::LeaderRecoveryState;
using metadata::test::record_of;
using test::brokers;

// Three brokers; partition a-0 on all of them, led by 1.
class PartitionChangeTest : public testing::Test {
 protected:
  PartitionChangeTest() : beats(Milliseconds{9000}) { have({}); }

  void have(std::vector<MetadataRecord> more, int level = 33, bool elr = true) {
    using namespace metadata::test;
    std::vector<MetadataRecord> records{feature_is("metadata.version", level)};
    if (elr) records.push_back(feature_is(std::string(metadata::k_elr_version), 1));
    for (const int id : {1, 2, 3}) records.push_back(broker_is(id, 10 + id));
    records.push_back(topic_is("a", k_topic_a));
    records.push_back(partition_is(k_topic_a, 0, {1, 2, 3}, 1));
    for (auto& record : more) records.push_back(std::move(record));
    replayed.image = image_of(records);
  }
  static MetadataRecord min_isr(int n) {
    return metadata::test::config_is(2, "a", "min.insync.replicas", std::to_string(n));
  }
  static MetadataRecord change(protocol::PartitionChangeRecord record) {
    record.partition_id = PartitionIndex{0};
    record.topic_id = metadata::test::k_topic_a;
    return record_of(std::move(record), 2);
  }
  std::optional<protocol::PartitionChangeRecord> wanted(const WantedChange& change,
                                                        std::vector<BrokerId> alive) {
    const View view(settings, rules, replayed, beats);
    const Topic& topic = *replayed.image->topics.find("a");
    const auto record =
        change_partition(view, topic, *topic.partitions[0], change,
                         [&](BrokerId id) { return std::ranges::find(alive, id) != alive.end(); });
    if (!record) return std::nullopt;
    version = record->version;
    return std::get<protocol::PartitionChangeRecord>(record->data);
  }

  Settings settings = test::settings();
  test::FakeRules rules;
  Heartbeats beats;
  Replayed replayed;
  ApiVersion version;
};

TEST_F(PartitionChangeTest, NothingToChangeGivesNoRecord) {
  EXPECT_FALSE(wanted({}, brokers({1, 2, 3})).has_value());
}

TEST_F(PartitionChangeTest, LeaderThatIsGoneIsFollowedByTheNextReplicaInTheIsr) {
  const auto record = wanted({.isr = brokers({2, 3})}, brokers({2, 3}));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->leader, BrokerId{2});
  EXPECT_EQ(record->isr, brokers({2, 3}));
  EXPECT_FALSE(record->eligible_leader_replicas.has_value());
  EXPECT_EQ(version, ApiVersion{2});
}

TEST_F(PartitionChangeTest, SmallerIsrKeepsItsLeaderAndItsLeaderEpoch) {
  const auto record = wanted({.isr = brokers({1, 2})}, brokers({1, 2}));
  EXPECT_EQ(record->leader, BrokerId{-2});
  have({}, 11, false);
  EXPECT_EQ(wanted({.isr = brokers({1, 2})}, brokers({1, 2}))->leader, BrokerId{1});  // KAFKA-15021
}

TEST_F(PartitionChangeTest, MembersThatLeaveAnIsrBelowTheMinimumBecomeEligible) {
  have({min_isr(2)});
  const auto record = wanted({.isr = brokers({1})}, brokers({1}));
  EXPECT_EQ(record->isr, brokers({1}));
  EXPECT_EQ(record->eligible_leader_replicas, brokers({2, 3}));
  EXPECT_EQ(record->leader, BrokerId{-2});
}

TEST_F(PartitionChangeTest, LastReplicaLeavesAnEmptyIsrAndIsRemembered) {
  have({change({.isr = brokers({1})})});
  const auto record = wanted({.isr = brokers({})}, brokers({}));
  EXPECT_EQ(record->leader, k_no_broker);
  EXPECT_EQ(record->isr, brokers({}));
  EXPECT_EQ(record->eligible_leader_replicas, brokers({1}));
  EXPECT_EQ(record->last_known_elr, brokers({1}));
}

TEST_F(PartitionChangeTest, WithoutElrTheLastReplicaStaysInTheIsr) {
  have({change({.isr = brokers({1})})}, 33, false);
  const auto record = wanted({.isr = brokers({})}, brokers({}));
  EXPECT_EQ(record->leader, k_no_broker);
  EXPECT_FALSE(record->isr.has_value());
  EXPECT_FALSE(record->last_known_elr.has_value());
}

TEST_F(PartitionChangeTest, EligibleReplicaLeadsCleanlyWhenItComesBack) {
  have({change({.isr = brokers({}),
                .leader = k_no_broker,
                .eligible_leader_replicas = brokers({2}),
                .last_known_elr = brokers({2})})});
  const auto record = wanted({}, brokers({2, 3}));
  EXPECT_EQ(record->leader, BrokerId{2});
  EXPECT_EQ(record->isr, brokers({2}));
  EXPECT_EQ(record->eligible_leader_replicas, brokers({}));
  EXPECT_EQ(record->last_known_elr, brokers({}));
  EXPECT_EQ(record->leader_recovery_state, -1);
}

TEST_F(PartitionChangeTest, WhoCameBackUncleanlyIsNotEligible) {
  have({change({.isr = brokers({}),
                .leader = k_no_broker,
                .eligible_leader_replicas = brokers({2}),
                .last_known_elr = brokers({2})})});
  const auto record = wanted({.unclean_replicas = brokers({2})}, brokers({3}));
  EXPECT_EQ(record->eligible_leader_replicas, brokers({}));
  EXPECT_EQ(record->leader, BrokerId{-2});
}

TEST_F(PartitionChangeTest, LastKnownLeaderRecoversAPartitionThatNobodyElseCan) {
  have({change({.isr = brokers({}), .leader = k_no_broker, .last_known_elr = brokers({2})})});
  const auto record = wanted({}, brokers({2}));
  EXPECT_EQ(record->leader, BrokerId{2});
  EXPECT_EQ(record->leader_recovery_state, 1);
  EXPECT_EQ(record->isr, brokers({2}));
  EXPECT_FALSE(wanted({}, brokers({3})).has_value());
}

TEST_F(PartitionChangeTest, UncleanElectionTakesAnyReplicaThatLives) {
  have({change({.isr = brokers({1})})});
  const auto record = wanted({.election = Election::unclean, .isr = brokers({})}, brokers({3}));
  EXPECT_EQ(record->leader, BrokerId{3});
  EXPECT_EQ(record->isr, brokers({3}));
  EXPECT_EQ(record->leader_recovery_state, static_cast<int>(LeaderRecoveryState::recovering));
}

TEST_F(PartitionChangeTest, PreferredElectionMovesTheLeaderOnlyToAnInSyncPreferredReplica) {
  have({change({.leader = BrokerId{2}})});
  EXPECT_EQ(wanted({.election = Election::preferred}, brokers({1, 2, 3}))->leader, BrokerId{1});
  EXPECT_FALSE(wanted({.election = Election::preferred}, brokers({2, 3})).has_value());
  EXPECT_FALSE(wanted({}, brokers({1, 2, 3})).has_value());
}

TEST_F(PartitionChangeTest, ReplicaOnALostDirectoryCannotLead) {
  have({change({.directories = std::vector<Uuid>{metadata::k_dir_lost, metadata::test::k_dir_1,
                                                 metadata::test::k_dir_1}})});
  EXPECT_EQ(wanted({}, brokers({1, 2, 3}))->leader, BrokerId{2});
}

TEST_F(PartitionChangeTest, ReplicaThatMovesChangesItsDirectoryOnly) {
  const auto record =
      wanted({.directory = std::pair{BrokerId{2}, metadata::test::k_dir_2}}, brokers({1, 2, 3}));
  EXPECT_EQ(record->directories,
            (std::vector<Uuid>{metadata::test::k_dir_1, metadata::test::k_dir_2,
                               metadata::test::k_dir_1}));
  EXPECT_EQ(record->leader, BrokerId{-2});
}

TEST_F(PartitionChangeTest, ReassignmentCompletesWhenTheNewReplicaIsInSync) {
  have({change({.replicas = brokers({2, 3, 1}),
                .removing_replicas = brokers({1}),
                .adding_replicas = brokers({3})}),
        change({.isr = brokers({1, 2})})});
  EXPECT_FALSE(wanted({}, brokers({1, 2, 3})).has_value());
  const auto record = wanted({.isr = brokers({1, 2, 3})}, brokers({1, 2, 3}));
  EXPECT_EQ(record->replicas, brokers({2, 3}));
  EXPECT_EQ(record->isr, brokers({2, 3}));
  EXPECT_EQ(record->leader, BrokerId{2});
  EXPECT_EQ(record->removing_replicas, brokers({}));
  EXPECT_EQ(record->adding_replicas, brokers({}));
}

TEST_F(PartitionChangeTest, RecoveredLeaderSaysSo) {
  have({change({.isr = brokers({1}), .leader_recovery_state = 1})});
  const auto record =
      wanted({.leader_recovery_state = LeaderRecoveryState::recovered}, brokers({1, 2, 3}));
  EXPECT_EQ(record->leader_recovery_state, 0);
}

}  // namespace
}  // namespace moldau::controller
