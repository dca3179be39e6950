#include "metadata/image.h"

#include <gtest/gtest.h>

#include "unit/metadata/records.h"

namespace moldau::metadata {
namespace {

TEST(Topic, FindsPartitionsByIndexWhetherDenseOrNot) {
  Topic topic;
  for (const int index : {0, 1, 5}) {
    topic.partitions.push_back(
        std::make_shared<const Partition>(Partition{.index = PartitionIndex{index}}));
  }
  EXPECT_NE(topic.partition(PartitionIndex{0}), nullptr);
  EXPECT_NE(topic.partition(PartitionIndex{5}), nullptr);
  EXPECT_EQ(topic.partition(PartitionIndex{2}), nullptr);
  EXPECT_EQ(topic.partition(PartitionIndex{-1}), nullptr);
  EXPECT_EQ(topic.partition(PartitionIndex{6}), nullptr);
}

TEST(Partition, DirectoryBelongsToItsReplica) {
  Partition partition{.replicas = test::brokers({3, 1})};
  partition.directories = {test::k_dir_1, test::k_dir_2};
  EXPECT_EQ(partition.directory_of(BrokerId{1}), test::k_dir_2);
  EXPECT_EQ(partition.directory_of(BrokerId{2}), k_dir_unassigned);
  EXPECT_EQ(partition.preferred_leader(), BrokerId{3});
}

TEST(BrokerRegistration, LostDirectoryIsNeverOnline) {
  BrokerRegistration broker{.log_dirs = {test::k_dir_1}};
  EXPECT_TRUE(broker.has_online_dir(test::k_dir_1));
  EXPECT_TRUE(broker.has_online_dir(k_dir_unassigned));
  EXPECT_FALSE(broker.has_online_dir(test::k_dir_2));
  EXPECT_FALSE(broker.has_online_dir(k_dir_lost));
}

TEST(Configs, ValueIsOfTheResourceAndKeyAskedFor) {
  const auto image = test::image_of({test::config_is(2, "t", "retention.ms", "5")});
  const ConfigResource t{ConfigType::topic, "t"};
  EXPECT_EQ(image->configs.value(t, "retention.ms"), "5");
  EXPECT_EQ(image->configs.value(t, "segment.ms"), std::nullopt);
  EXPECT_TRUE(image->configs.of({ConfigType::broker, "t"}).empty());
}

TEST(Image, SameContentIgnoresWhereItComesFrom) {
  const auto a = test::image_of({test::topic_is("a", test::k_topic_a)});
  Image b = *a;
  b.provenance.last_contained_offset = Offset{77};
  EXPECT_TRUE(same_content(*a, b));
  EXPECT_FALSE(same_content(*a, Image{}));
  EXPECT_TRUE(Image{}.empty());
  EXPECT_FALSE(a->empty());
}

TEST(Features, AbsentFeatureIsAtLevelZero) {
  const auto image = test::image_of({test::feature_is("group.version", 1)});
  EXPECT_EQ(image->features.level("group.version"), FeatureLevel{1});
  EXPECT_EQ(image->features.level("share.version"), FeatureLevel{0});
}

}  // namespace
}  // namespace moldau::metadata
