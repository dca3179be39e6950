#include "cli/reassignment_proposal.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

std::vector<BrokerId> brokers(std::initializer_list<int> ids) {
  std::vector<BrokerId> out;
  for (const int id : ids) out.emplace_back(id);
  return out;
}

TEST(ReadBrokerList, EachStandsOnceInItsOrder) {
  EXPECT_EQ(*read_broker_list("2,0,1"), brokers({2, 0, 1}));
  EXPECT_EQ(read_broker_list("3,2,1,3,2,3").error().text(),
            "Broker list contains duplicate entries: [2, 3]");
  EXPECT_EQ(read_broker_list("1,").error().text(), "For input string: \"\"");
  EXPECT_EQ(read_broker_list("").error().text(), "For input string: \"\"");
}

TEST(ReadTopicsToMove, EachStandsOnce) {
  const auto read = [](std::string_view names) {
    return read_topics_to_move(R"({"version":1,"topics":[{"topic":"a"},{"topic":"b"})" +
                               std::string(names) + "]}");
  };
  EXPECT_EQ(*read(""), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read(R"(,{"topic":"a"},{"topic":"a"})").error().text(),
            "List of topics to reassign contains duplicate entries: [a]");
}

class ProposalOf : public testing::Test {
 protected:
  Result<Assignments> propose(const std::vector<BrokerId>& allowed, bool racks) {
    return proposal_of(current_, known_, allowed, racks, rng_);
  }
  Assignments current_{{{"t", PartitionIndex{0}}, brokers({1, 2})},
                       {{"t", PartitionIndex{1}}, brokers({2, 1})}};
  std::vector<KnownBroker> known_{{BrokerId{1}, "a"}, {BrokerId{2}, "b"}, {BrokerId{3}, {}}};
  Rng rng_{7};
};

TEST_F(ProposalOf, PartitionsKeepTheirNumberOfReplicasOnAllowedBrokers) {
  const auto proposed = propose(brokers({2, 3}), false);
  ASSERT_TRUE(proposed.has_value());
  ASSERT_EQ(proposed->size(), 2U);
  for (const auto& [partition, replicas] : *proposed) {
    EXPECT_TRUE(replicas == brokers({2, 3}) || replicas == brokers({3, 2}));
  }
}

TEST_F(ProposalOf, RacksOfSomeBrokersAloneAreRefused) {
  EXPECT_TRUE(propose(brokers({1, 2}), true).has_value());
  const auto some = propose(brokers({1, 3}), true);
  ASSERT_FALSE(some.has_value());
  EXPECT_TRUE(some.error().text().starts_with("Not all brokers have rack information."));
}

}  // namespace
}  // namespace moldau::cli
