#include "controller/controller.h"

#include <gtest/gtest.h>

#include "controller/refusals.h"
#include "unit/controller/cluster.h"
#include "unit/metadata/kafka_log.h"

namespace moldau::controller {
namespace {

using namespace std::chrono_literals;
using metadata::test::record_of;
using test::Cluster;

TEST(ControllerActivation, WritesTheBootstrapThatAKafkaControllerWrites) {
  test::FakeRules rules;
  Controller controller(test::settings(), rules);
  const auto decision = controller.activate(Instant{});
  ASSERT_TRUE(decision.has_value());
  std::vector<MetadataRecord> kafkas;
  for (const auto& batch : metadata::test::read_batches("static/00000000000000000000.log")) {
    if (!batch.control) {
      kafkas = batch.records;
      break;
    }
  }
  EXPECT_EQ(decision->records, kafkas);
  EXPECT_FALSE(decision->atomic);
}

TEST(ControllerActivation, OldMetadataVersionGetsItsBootstrapInOneBatch) {
  Settings settings = test::settings();
  settings.bootstrap = *metadata::bootstrap_records(FeatureLevel{8});
  test::FakeRules rules;
  Controller controller(settings, rules);
  const auto decision = controller.activate(Instant{});
  EXPECT_EQ(decision->records, settings.bootstrap);
  EXPECT_TRUE(decision->atomic);
}

TEST(ControllerActivation, EmptyLogWithoutBootstrapIsAMistakeOfTheOperator) {
  Settings settings = test::settings();
  settings.bootstrap.clear();
  test::FakeRules rules;
  Controller controller(settings, rules);
  EXPECT_EQ(controller.activate(Instant{}).error().code(), Errc::bad_configuration);
}

TEST(ControllerActivation, TransactionOfAPredecessorIsAborted) {
  test::FakeRules rules;
  Controller controller(test::settings(), rules);
  const std::vector<MetadataRecord> half{metadata::test::feature_is("metadata.version", 33),
                                         record_of(protocol::BeginTransactionRecord{}),
                                         metadata::test::topic_is("a", metadata::test::k_topic_a)};
  ASSERT_TRUE(controller.replay(half, Offset{0}, Offset{3}, Instant{}).has_value());
  const auto decision = controller.activate(Instant{});
  ASSERT_EQ(decision->records.size(), 1U);
  ASSERT_TRUE(controller.replay(decision->records, Offset{3}, Offset{4}, Instant{}).has_value());
  EXPECT_EQ(controller.image().topics.find("a"), nullptr);
  EXPECT_EQ(controller.image().features.metadata_version, FeatureLevel{33});
}

TEST(Controller, DecidesNothingUntilItLeadsAndItsBootstrapIsReplayed) {
  test::FakeRules rules;
  Controller controller(test::settings(), rules);
  Rng rng(1);
  security::AllowAll all;
  const Call call{.version = ApiVersion{7}, .rng = rng, .authorizer = all};
  EXPECT_EQ(controller.create_topics(call, {}).error().code(), Errc::not_controller);
  ASSERT_TRUE(controller.activate(Instant{}).has_value());
  EXPECT_EQ(controller.create_topics(call, {}).error().code(), Errc::not_controller);
}

TEST(Controller, ReplaysKafkasWholeLog) {
  test::FakeRules rules;
  Controller controller(test::settings(), rules);
  for (const auto& batch : metadata::test::read_batches("static/00000000000000000000.log")) {
    if (batch.control) continue;
    const auto done =
        controller.replay(batch.records, batch.base_offset, batch.last_offset.next(), Instant{});
    ASSERT_TRUE(done.has_value()) << done.error().describe();
    controller.commit(batch.last_offset.next());
  }
  EXPECT_EQ(controller.committed_image().topics.by_id.size(), 6U);
  EXPECT_TRUE(controller.activate(Instant{})->records.empty());
}

TEST(Controller, RecordThatCannotBeAppliedNamesItsOffset) {
  Cluster cluster;
  const std::vector<MetadataRecord> records{record_of(protocol::NoOpRecord{}),
                                            metadata::test::feature_is("group.version", 9)};
  const auto done = cluster.controller.replay(records, Offset{50}, Offset{52}, cluster.now);
  EXPECT_EQ(done.error().code(), Errc::unusable_record);
  EXPECT_NE(done.error().text().find("offset 51"), std::string_view::npos);
}

TEST(Controller, ProducerIdsThatGoBackAreUnusable) {
  Cluster cluster;
  cluster.apply({record_of(protocol::ProducerIdsRecord{.next_producer_id = ProducerId{2000}})});
  const std::vector<MetadataRecord> back{
      record_of(protocol::ProducerIdsRecord{.next_producer_id = ProducerId{2000}})};
  EXPECT_FALSE(cluster.controller.replay(back, Offset{90}, Offset{91}, cluster.now).has_value());
}

TEST(Controller, LosingTheLeadershipForgetsWhatWasNotCommitted) {
  Cluster cluster;
  const std::vector<MetadataRecord> topic{metadata::test::topic_is("a", metadata::test::k_topic_a)};
  ASSERT_TRUE(cluster.controller.replay(topic, Offset{50}, Offset{51}, cluster.now).has_value());
  EXPECT_NE(cluster.controller.image().topics.find("a"), nullptr);
  EXPECT_EQ(cluster.controller.committed_image().topics.find("a"), nullptr);
  cluster.controller.commit(Offset{50});
  EXPECT_EQ(cluster.controller.committed_image().topics.find("a"), nullptr);
  cluster.controller.resign();
  EXPECT_EQ(cluster.controller.image().topics.find("a"), nullptr);
  EXPECT_FALSE(cluster.controller.is_active());
}

TEST(ControllerTick, SilentBrokerIsFencedAndLeadsNoMore) {
  Cluster cluster;
  cluster.start_broker(1);
  ASSERT_EQ(cluster.create("a", 2, 1).error_code, Errc::none);
  cluster.pass(9000ms);
  (void)cluster.tick();
  EXPECT_FALSE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
  cluster.pass(1ms);
  (void)cluster.tick();
  EXPECT_TRUE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
  EXPECT_EQ(cluster.partition("a", 0).leader, k_no_broker);
  EXPECT_EQ(cluster.partition("a", 1).elr, test::brokers({1}));
}

TEST(ControllerTick, HeartbeatsKeepABrokerAlive) {
  Cluster cluster;
  cluster.start_broker(1);
  for (int i = 0; i < 20; ++i) {
    cluster.pass(2s);
    (void)cluster.heartbeat(1);
    (void)cluster.tick();
  }
  EXPECT_FALSE(cluster.controller.image().cluster.broker(BrokerId{1})->fenced);
}

TEST(ControllerTick, IdleLogGetsANoOpRecord) {
  Cluster cluster;
  EXPECT_EQ(cluster.controller.wake_at(), cluster.now + 500ms);
  cluster.pass(499ms);
  EXPECT_TRUE(cluster.tick().records.empty());
}

TEST(ControllerTick, NoOpComesWhenTheIntervalIsOver) {
  Cluster cluster;
  cluster.pass(500ms);
  const auto records = cluster.tick().records;
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<protocol::NoOpRecord>(records[0].data));
}

// Seconds until a leader that is not the preferred one is replaced by it; nullopt: not in that
// time.
std::optional<int> leader_is_back_after(const Settings& settings, int most) {
  Cluster cluster(settings);
  cluster.start_broker(1);
  cluster.start_broker(2);
  cluster.create_assigned("a", {test::brokers({1, 2})});
  cluster.apply({record_of(
      protocol::PartitionChangeRecord{.partition_id = PartitionIndex{0},
                                      .topic_id = cluster.controller.image().topics.find("a")->id,
                                      .leader = BrokerId{2}},
      2)});
  constexpr int k_step = 8;
  for (int passed = 0; passed < most; passed += k_step) {
    if (cluster.partition("a").leader == BrokerId{1}) return passed;
    cluster.pass(std::chrono::seconds{k_step});
    (void)cluster.heartbeat(1);
    (void)cluster.heartbeat(2);
    (void)cluster.tick();
  }
  return std::nullopt;
}

TEST(ControllerTick, PreferredLeaderComesBackByItself) {
  Settings settings = test::settings();
  const std::optional<int> by_default = leader_is_back_after(settings, 400);
  ASSERT_TRUE(by_default.has_value());
  EXPECT_GT(*by_default, 200);
  settings.leader_imbalance_check_interval = 30s;
  const std::optional<int> sooner = leader_is_back_after(settings, 400);
  ASSERT_TRUE(sooner.has_value());
  EXPECT_LE(*sooner, 60);
}

TEST(ControllerTick, PreferredLeaderDoesNotComeBackByItselfWhenThatIsOff) {
  Settings settings = test::settings();
  settings.auto_leader_rebalance = false;
  EXPECT_EQ(leader_is_back_after(settings, 2000), std::nullopt);
}

TEST(ControllerDeterminism, SameSeedAndRequestsGiveTheSameRecords) {
  const auto run = [] {
    Cluster cluster;
    cluster.start_broker(1);
    cluster.start_broker(2);
    (void)cluster.create("a", 7, 2);
    return cluster.last;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace moldau::controller
