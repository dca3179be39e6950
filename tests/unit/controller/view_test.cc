#include "controller/view.h"

#include <gtest/gtest.h>

#include "controller/heartbeats.h"
#include "unit/controller/cluster.h"

namespace moldau::controller {
namespace {

using namespace metadata::test;

class ViewTest : public testing::Test {
 protected:
  void have(std::vector<MetadataRecord> more) {
    std::vector<MetadataRecord> records{feature_is("metadata.version", 33), broker_is(1, 10),
                                        topic_is("a", k_topic_a),
                                        partition_is(k_topic_a, 0, {1, 2, 3}, 1)};
    for (auto& record : more) records.push_back(std::move(record));
    replayed.image = image_of(records);
  }
  [[nodiscard]] View view() const { return {settings, rules, replayed, beats}; }
  [[nodiscard]] const Topic& topic() const { return *replayed.image->topics.find("a"); }

  Settings settings = controller::test::settings();
  controller::test::FakeRules rules;
  Heartbeats beats{Milliseconds{1}};
  Replayed replayed;
};

TEST_F(ViewTest, TopicConfigIsTheStrongestLayerThatSetsIt) {
  have({});
  EXPECT_EQ(view().topic_config("a", "retention.ms"), "604800000");
  have({config_is(4, "", "retention.ms", "3")});
  EXPECT_EQ(view().topic_config("a", "retention.ms"), "3");
  have({config_is(4, "", "retention.ms", "3"), config_is(4, "1", "retention.ms", "2")});
  EXPECT_EQ(view().topic_config("a", "retention.ms"), "2");
  have({config_is(4, "1", "retention.ms", "2"), config_is(2, "a", "retention.ms", "1")});
  EXPECT_EQ(view().topic_config("a", "retention.ms"), "1");
}

TEST_F(ViewTest, MinimumOfInSyncReplicasIsNeverAboveTheReplicas) {
  have({config_is(2, "a", "min.insync.replicas", "9")});
  EXPECT_EQ(view().min_insync_replicas(topic()), 3U);
  have({config_is(2, "a", "min.insync.replicas", "2")});
  EXPECT_EQ(view().min_insync_replicas(topic()), 2U);
  have({config_is(2, "a", "min.insync.replicas", "rubbish")});
  EXPECT_EQ(view().min_insync_replicas(topic()), 1U);
}

TEST_F(ViewTest, DefaultDirectoryIsTheOnlyOneOrTheBrokersChoice) {
  auto two = std::get<protocol::RegisterBrokerRecord>(broker_is(2, 11).data);
  two.log_dirs = {k_dir_1, k_dir_2};
  auto none = std::get<protocol::RegisterBrokerRecord>(broker_is(3, 12).data);
  none.log_dirs.clear();
  have({record_of(two, 3), record_of(none, 3)});
  EXPECT_EQ(view().default_directory(BrokerId{1}), k_dir_1);
  EXPECT_EQ(view().default_directory(BrokerId{2}), metadata::k_dir_unassigned);
  EXPECT_EQ(view().default_directory(BrokerId{3}), metadata::k_dir_migrating);
  EXPECT_EQ(view().default_directory(BrokerId{4}), metadata::k_dir_unassigned);
}

TEST_F(ViewTest, BrokerEpochMustBeTheRegisteredOne) {
  have({});
  EXPECT_TRUE(view().check_broker_epoch(BrokerId{1}, BrokerEpoch{10}).has_value());
  EXPECT_EQ(view().check_broker_epoch(BrokerId{1}, BrokerEpoch{9}).error().text(),
            "Expected broker epoch 10, but got broker epoch 9");
  EXPECT_EQ(view().check_broker_epoch(BrokerId{5}, BrokerEpoch{9}).error().code(),
            Errc::stale_broker_epoch);
}

TEST_F(ViewTest, CordonedDirectoriesCountOnlyWhenAllAre) {
  BrokerRegistration broker{.log_dirs = {k_dir_1, k_dir_2}};
  EXPECT_TRUE(has_uncordoned_dir(broker));
  broker.cordoned_log_dirs = {k_dir_1};
  EXPECT_TRUE(has_uncordoned_dir(broker));
  broker.cordoned_log_dirs = {k_dir_2, k_dir_1};
  EXPECT_FALSE(has_uncordoned_dir(broker));
}

}  // namespace
}  // namespace moldau::controller
