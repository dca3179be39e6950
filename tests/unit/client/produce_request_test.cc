#include "client/produce_request.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

const Uuid k_id{1, 2};
std::optional<Uuid> id_of(const std::string& topic) {
  return topic == "t" ? std::optional(k_id) : std::nullopt;
}

std::vector<SendableBatch> batches() {
  std::vector<SendableBatch> out;
  for (const auto& [topic, partition] : {std::pair{"t", 3}, std::pair{"u", 0}, std::pair{"t", 1}}) {
    out.emplace_back().partition = {topic, PartitionIndex{partition}};
  }
  return out;
}

TEST(ProduceRequest, BatchesOfATopicStandTogetherInTheirOrder) {
  const auto all = batches();
  const auto request = produce_request_of(all, ApiVersion{12}, id_of);
  ASSERT_EQ(request.topic_data.size(), 2U);
  EXPECT_EQ(request.topic_data[0].name, "t");
  EXPECT_EQ(request.topic_data[1].name, "u");
  ASSERT_EQ(request.topic_data[0].partition_data.size(), 2U);
  EXPECT_EQ(request.topic_data[0].partition_data[0].index, PartitionIndex{3});
  EXPECT_EQ(request.topic_data[0].partition_data[1].index, PartitionIndex{1});
  EXPECT_FALSE(request.transactional_id.has_value());
}

TEST(ProduceRequest, NewVersionsNameTopicsByTheirIds) {
  const auto all = batches();
  const auto request = produce_request_of(all, ApiVersion{13}, id_of);
  EXPECT_EQ(request.topic_data.at(0).topic_id, k_id);
  EXPECT_EQ(request.topic_data.at(0).name, "");
  EXPECT_EQ(request.topic_data.at(1).topic_id, k_zero_uuid) << "it is not known";
}

TEST(ProduceRequest, TheAnswerOfAPartitionIsFoundByNameOrId) {
  protocol::ProduceResponse answer;
  auto& topic = answer.responses.emplace_back();
  topic.name = "t";
  topic.partition_responses.emplace_back().index = PartitionIndex{3};
  const TopicPartition wanted{"t", PartitionIndex{3}};
  const auto* const found = &topic.partition_responses[0];
  EXPECT_EQ(produce_answer_for(wanted, answer, ApiVersion{12}, id_of), found);
  EXPECT_EQ(produce_answer_for(wanted, answer, ApiVersion{13}, id_of), nullptr) << "other id";
  topic.topic_id = k_id;
  EXPECT_EQ(produce_answer_for(wanted, answer, ApiVersion{13}, id_of), found);
  EXPECT_EQ(produce_answer_for({"t", PartitionIndex{4}}, answer, ApiVersion{12}, id_of), nullptr);
}

}  // namespace
}  // namespace moldau::client
