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

}  // namespace
}  // namespace moldau::cli
