#include "cli/topics_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TopicDescription topic_of(std::vector<std::int32_t> isr, BrokerId leader) {
  TopicDescription description;
  description.topic.name = "t";
  auto& partition = description.topic.partitions.emplace_back();
  partition.leader_id = leader;
  partition.replica_nodes = {BrokerId{1}, BrokerId{2}};
  for (const std::int32_t id : isr) partition.isr_nodes.emplace_back(id);
  auto& config = description.configs.emplace_back();
  config.name = "min.insync.replicas";
  config.value = "2";
  config.config_source = 1;
  return description;
}

TEST(TopicsText, PartitionWithoutALeaderSaysNone) {
  const std::string text = topics_as_text({topic_of({}, k_no_broker)}, {});
  EXPECT_NE(text.find("Leader: none\tReplicas: 1,2\tIsr: \t"), std::string::npos) << text;
  EXPECT_NE(text.find("Configs: min.insync.replicas=2\n"), std::string::npos);
}

TEST(TopicsText, FiltersLeaveOnlyTheirPartitions) {
  const std::vector whole{topic_of({1, 2}, BrokerId{1})};
  const std::vector lacking{topic_of({1}, BrokerId{1})};
  EXPECT_EQ(topics_as_text(whole, {.under_replicated = true}), "");
  EXPECT_TRUE(topics_as_text(lacking, {.under_replicated = true}).starts_with("\tTopic: t"));
  EXPECT_TRUE(topics_as_text(lacking, {.under_min_isr = true}).starts_with("\tTopic: t"));
  EXPECT_TRUE(topics_as_text(whole, {.at_min_isr = true}).starts_with("\tTopic: t"));
}

TEST(TopicsText, ReassignmentIsShownAndItsNewReplicasAreNotMissed) {
  TopicDescription moving = topic_of({1}, BrokerId{1});
  moving.reassignments[PartitionIndex{0}] = {
      .replicas = {BrokerId{1}, BrokerId{2}}, .adding = {BrokerId{2}}, .removing = {}};
  const std::string text = topics_as_text({moving}, {});
  EXPECT_NE(text.find("ReplicationFactor: 1\t"), std::string::npos) << text;
  EXPECT_NE(text.find("\tIsr: 1\tAdding Replicas: 2\tRemoving Replicas: \tElr: "),
            std::string::npos)
      << text;
  EXPECT_EQ(topics_as_text({moving}, {.under_replicated = true}), "");
  // One that was over before the partition was looked at says nothing of the factor.
  moving.reassignments[PartitionIndex{0}] = {
      .replicas = {BrokerId{3}}, .adding = {BrokerId{3}}, .removing = {}};
  EXPECT_NE(topics_as_text({moving}, {}).find("ReplicationFactor: 2\t"), std::string::npos);
}

TEST(TopicsText, ValueFromThePropertiesFileIsNoDefault) {
  TopicDescription description = topic_of({1, 2}, BrokerId{1});
  auto& config = description.configs.emplace_back();
  config.name = "segment.bytes";
  config.value = "1048577";
  config.config_source = 4;
  EXPECT_NE(topics_as_text({description}, {.overrides = true})
                .find("Configs: min.insync.replicas=2,segment.bytes=1048577\n"),
            std::string::npos);
}

TEST(TopicsText, FiltersTogetherShowWhatAnyOfThemShows) {
  const std::vector leaderless{topic_of({1, 2}, k_no_broker)};
  const TopicFilter both{.unavailable = true, .at_min_isr = true};
  EXPECT_FALSE(topics_as_text(leaderless, both).empty());
  EXPECT_FALSE(topics_as_text({topic_of({1, 2}, BrokerId{1})}, both).empty());
  EXPECT_FALSE(topics_as_text({topic_of({1}, k_no_broker)}, both).empty());
  EXPECT_EQ(topics_as_text({topic_of({1}, BrokerId{1})}, both), "");
  EXPECT_FALSE(topics_as_text(leaderless, {.under_min_isr = true}).empty());
}

}  // namespace
}  // namespace moldau::cli
