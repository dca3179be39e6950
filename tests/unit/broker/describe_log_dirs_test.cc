#include "protocol/api/describe_log_dirs.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;

class DescribeLogDirsTest : public testing::Test {
 protected:
  DescribeLogDirsTest() {
    broker.add_topic("a", 2);
    broker.add_topic("b");
    broker.append("b", 3);
  }
  DescribeLogDirsResponse ask(const DescribeLogDirsRequest& request, int version = 5) {
    return broker.ok<DescribeLogDirsResponse>(request,
                                              ApiVersion{static_cast<std::int16_t>(version)});
  }
  DescribeLogDirsResponse all() {
    DescribeLogDirsRequest request;
    request.topics.reset();
    return ask(request);
  }
  void configure(std::vector<std::string> directories, std::vector<std::string> cordoned) {
    auto config = std::make_shared<config::NodeConfig>(*broker.facts.config);
    config->log.directories = std::move(directories);
    config->log.cordoned_directories = std::move(cordoned);
    broker.facts.config = config;
    broker.image.features.metadata_version = metadata::FeatureLevel{33};
    broker.show();
  }
  BrokerWorld broker{2};
};

TEST_F(DescribeLogDirsTest, EveryLogIsListedWithItsSize) {
  const auto answer = all();
  EXPECT_EQ(answer.error_code, Errc::none);
  ASSERT_EQ(answer.results.size(), 1U);
  const auto& directory = answer.results[0];
  EXPECT_EQ(directory.log_dir, "/data");
  EXPECT_GT(directory.total_bytes, 0);
  EXPECT_GT(directory.usable_bytes, 0);
  ASSERT_EQ(directory.topics.size(), 2U);
  EXPECT_EQ(directory.topics[0].name, "a");
  EXPECT_EQ(directory.topics[0].partitions.size(), 2U);
  EXPECT_EQ(directory.topics[0].partitions[1].partition_size, 0);
  EXPECT_EQ(directory.topics[1].partitions.at(0).partition_size,
            static_cast<std::int64_t>(broker.partition("b")->log().size()));
  EXPECT_EQ(directory.topics[1].partitions[0].offset_lag, 0);
  EXPECT_FALSE(directory.topics[1].partitions[0].is_future_key);
}

TEST_F(DescribeLogDirsTest, OnlyWhatIsAskedForIsListed) {
  DescribeLogDirsRequest request;
  request.topics.emplace();
  request.topics->push_back(
      {.topic = "a", .partitions = {PartitionIndex{1}, PartitionIndex{1}, PartitionIndex{7}}});
  request.topics->push_back({.topic = "nobody", .partitions = {PartitionIndex{0}}});
  const auto answer = ask(request, 1);
  ASSERT_EQ(answer.results.at(0).topics.size(), 1U);
  ASSERT_EQ(answer.results[0].topics[0].partitions.size(), 1U);
  EXPECT_EQ(answer.results[0].topics[0].partitions[0].partition_index, PartitionIndex{1});
}

TEST_F(DescribeLogDirsTest, DirectoryThatIsGoneIsAStorageError) {
  configure({"data", "nowhere", "data"}, {});
  const auto answer = all();
  ASSERT_EQ(answer.results.size(), 2U);
  EXPECT_EQ(answer.results[1].error_code, Errc::kafka_storage_error);
  EXPECT_EQ(answer.results[1].total_bytes, -1);
}

TEST_F(DescribeLogDirsTest, CordonedDirectoryIsMarked) {
  configure({"data"}, {"data"});
  EXPECT_TRUE(all().results.at(0).is_cordoned);
  configure({"data"}, {"*"});
  EXPECT_TRUE(all().results.at(0).is_cordoned);
  configure({"data"}, {});
  EXPECT_FALSE(all().results.at(0).is_cordoned);
  configure({"data"}, {"*"});
  broker.image.features.metadata_version = metadata::FeatureLevel{29};
  broker.show();
  EXPECT_FALSE(all().results.at(0).is_cordoned);
}

TEST_F(DescribeLogDirsTest, WhoMayNotDescribeTheClusterSeesNothing) {
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType type,
                                 std::string_view) {
    return operation == security::Operation::describe && type == security::ResourceType::cluster;
  };
  EXPECT_EQ(all().error_code, Errc::cluster_authorization_failed);
  EXPECT_TRUE(all().results.empty());
}

}  // namespace
}  // namespace moldau::broker
