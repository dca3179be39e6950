#include <gtest/gtest.h>

#include "metadata/delta.h"
#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

using test::record_of;

class DeltaClusterTest : public testing::Test {
 protected:
  Result<void> replay(const MetadataRecord& record) { return delta_.replay(record); }
  BrokerRegistration broker(int id) { return *delta_.build({})->cluster.broker(BrokerId{id}); }

  Delta delta_{test::image_of({test::broker_is(1, 10, true)})};
};

protocol::BrokerRegistrationChangeRecord change(int epoch) {
  return {.broker_id = BrokerId{1}, .broker_epoch = BrokerEpoch{epoch}};
}

TEST_F(DeltaClusterTest, ChangeTouchesOnlyWhatItNames) {
  auto record = change(10);
  record.fenced = -1;
  ASSERT_TRUE(replay(record_of(record)).has_value());
  EXPECT_FALSE(broker(1).fenced);
  EXPECT_FALSE(broker(1).in_controlled_shutdown);
  EXPECT_EQ(broker(1).log_dirs, std::vector<Uuid>{test::k_dir_1});
  EXPECT_EQ(broker(1).cordoned_log_dirs, std::nullopt);
}

TEST_F(DeltaClusterTest, DirectoriesAreReplacedWhenGivenAndKeptSorted) {
  auto record = change(10);
  record.log_dirs = {test::k_dir_2, test::k_dir_1};
  record.cordoned_log_dirs = {test::k_dir_2};
  ASSERT_TRUE(replay(record_of(record, 3)).has_value());
  EXPECT_EQ(broker(1).log_dirs, (std::vector<Uuid>{test::k_dir_1, test::k_dir_2}));
  EXPECT_EQ(broker(1).cordoned_log_dirs, std::vector<Uuid>{test::k_dir_2});
}

TEST_F(DeltaClusterTest, OtherBrokerEpochIsUnusable) {
  EXPECT_EQ(replay(record_of(change(9))).error().code(), Errc::unusable_record);
}

TEST_F(DeltaClusterTest, UnknownFlagValueIsUnusable) {
  auto record = change(10);
  record.fenced = 2;
  EXPECT_FALSE(replay(record_of(record)).has_value());
  record.fenced = 0;
  record.in_controlled_shutdown = -1;
  EXPECT_FALSE(replay(record_of(record, 1)).has_value());
}

TEST_F(DeltaClusterTest, FenceAndUnfenceRecordsOfOldClustersWork) {
  const BrokerId id{1};
  ASSERT_TRUE(replay(record_of(protocol::UnfenceBrokerRecord{.id = id, .epoch = BrokerEpoch{10}}))
                  .has_value());
  EXPECT_FALSE(broker(1).fenced);
  ASSERT_TRUE(replay(record_of(protocol::FenceBrokerRecord{.id = id, .epoch = BrokerEpoch{10}}))
                  .has_value());
  EXPECT_TRUE(broker(1).fenced);
}

TEST_F(DeltaClusterTest, UnregisteringAnUnknownNodeIsUnusable) {
  EXPECT_FALSE(
      replay(record_of(protocol::UnregisterBrokerRecord{.broker_id = BrokerId{2}})).has_value());
  EXPECT_FALSE(replay(record_of(protocol::UnregisterControllerRecord{.controller_id = BrokerId{2}}))
                   .has_value());
  ASSERT_TRUE(replay(record_of(protocol::UnregisterBrokerRecord{.broker_id = BrokerId{1},
                                                                .broker_epoch = BrokerEpoch{10}}))
                  .has_value());
  EXPECT_EQ(delta_.build({})->cluster.broker(BrokerId{1}), nullptr);
}

TEST_F(DeltaClusterTest, RegisteringAgainReplacesTheRegistration) {
  ASSERT_TRUE(replay(test::broker_is(1, 20, false, test::k_dir_2)).has_value());
  EXPECT_EQ(broker(1).epoch, BrokerEpoch{20});
  EXPECT_EQ(broker(1).log_dirs, std::vector<Uuid>{test::k_dir_2});
  EXPECT_EQ(broker(1).endpoint("PLAINTEXT")->port, 9092);
  EXPECT_EQ(broker(1).endpoint("SSL"), nullptr);
}

}  // namespace
}  // namespace moldau::metadata
