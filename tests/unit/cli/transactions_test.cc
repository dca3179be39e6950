#include "cli/transactions.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

OpenTransaction open(std::int64_t producer, std::int32_t partition) {
  OpenTransaction out{{"t", PartitionIndex{partition}}, {}};
  out.producer.id = ProducerId{producer};
  return out;
}

TEST(Transactions, HangsWhatNoCoordinatorWillEnd) {
  std::map<std::string, client::DescribedTransaction> described;
  described["x"].partitions = {{"t", PartitionIndex{0}}};
  const auto hanging = hanging_of({open(1, 0), open(1, 1), open(2, 0), open(3, 0)},
                                  {{ProducerId{1}, "x"}, {ProducerId{2}, "gone"}}, described);
  ASSERT_EQ(hanging.size(), 3U);
  // The coordinator does not know that it wrote to t-1; nor the id; nor anybody of that producer.
  EXPECT_EQ(hanging[0].partition.partition, PartitionIndex{1});
  EXPECT_EQ(hanging[1].producer.id, ProducerId{2});
  EXPECT_EQ(hanging[2].producer.id, ProducerId{3});
}

TEST(Transactions, ColumnsAreAsWideAsTheirWidestValue) {
  EXPECT_EQ(tab_table({"A", "Long"}, {{"wide", "x"}}), "A   \tLong\t\nwide\tx   \t\n");
}

class TransactionsOnNode : public ToolOnNode {
 protected:
  Ended transactions(std::vector<std::string> words) {
    words.insert(words.begin(), {"transactions", "--bootstrap-server", "127.0.0.1:9092"});
    return tool_alone(std::move(words));
  }
};

TEST_F(TransactionsOnNode, ShowsWhatACoordinatorAndAPartitionKnow) {
  (void)tool({"topics", "--create", "--topic", "t"});
  EXPECT_EQ(tool({"producer-perf-test", "--topic", "t", "--num-records", "2", "--throughput", "-1",
                  "--record-size", "5", "--transactional-id", "x"})
                .code,
            0);
  EXPECT_NE(transactions({"list"}).out.find("x              \t1          \t"), std::string::npos);
  EXPECT_NE(transactions({"list", "--json"}).out.find("\"CompleteCommit\""), std::string::npos);
  EXPECT_EQ(transactions({"list", "--transactional-id-pattern", "y"}).out.find("\nx"),
            std::string::npos);
  EXPECT_NE(transactions({"describe", "--transactional-id", "x"}).out.find("CompleteCommit"),
            std::string::npos);
  EXPECT_NE(
      transactions({"describe-producers", "--topic", "t", "--partition", "0"}).out.find("None"),
      std::string::npos);
  EXPECT_EQ(transactions({"abort", "--topic", "t", "--partition", "0", "--start-offset", "9"}).err,
            "Could not find any open transactions starting at offset 9 on partition t-0\n");
  EXPECT_EQ(transactions({"forceTerminateTransaction", "--transactionalId", "x"}).code, 0);
  EXPECT_NE(transactions({"describe", "--transactional-id", "x"}).out.find("Empty"),
            std::string::npos);
  EXPECT_EQ(
      transactions({"find-hanging", "--broker-id", "1", "--max-transaction-timeout", "0"}).code, 0);
}

TEST_F(TransactionsOnNode, RefusalsAreKafkas) {
  EXPECT_EQ(transactions({"find-hanging"}).err,
            "The `find-hanging` command requires either --topic or --broker-id to limit the scope "
            "of the search\n");
  EXPECT_EQ(transactions({"abort", "--topic", "t", "--partition", "0", "--producer-id", "1"}).err,
            "Missing required argument --producer-epoch\n");
}

TEST_F(TransactionsOnNode, AFileThatIsNotThereIsNamed) {
  const Ended ended = tool_alone({"transactions", "--bootstrap-server", "127.0.0.1:9092",
                                  "--command-config", "nowhere", "list"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err,
            "Failed to load admin client properties: nowhere. Enable debug logging for additional "
            "detail.\n");
}

}  // namespace
}  // namespace moldau::cli
