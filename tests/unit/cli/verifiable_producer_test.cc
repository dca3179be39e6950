#include "cli/verifiable_producer.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class VerifiableProducer : public ToolOnNode {
 protected:
  VerifiableProducer() { (void)tool({"topics", "--create", "--topic", "t"}); }
};

TEST_F(VerifiableProducer, TellsOfEachRecord) {
  const Ended ended = tool({"verifiable-producer", "--topic", "t", "--max-messages", "2",
                            "--value-prefix", "7", "--repeating-keys", "2"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(ended.out.find("\"name\":\"startup_complete\"}\n") != std::string::npos);
  EXPECT_TRUE(ended.out.find("\"name\":\"producer_send_success\",\"key\":\"1\",\"value\":\"7.1\","
                             "\"offset\":1,\"topic\":\"t\",\"partition\":0}\n") !=
              std::string::npos)
      << ended.out;
  EXPECT_TRUE(ended.out.find("\"name\":\"tool_data\",\"sent\":2,\"acked\":2,"
                             "\"target_throughput\":-1,\"avg_throughput\":") != std::string::npos)
      << ended.out;
}

TEST_F(VerifiableProducer, RefusesAcksThatThereAreNot) {
  const Ended ended = tool({"verifiable-producer", "--topic", "t", "--acks", "2"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_TRUE(ended.err.find("choice: '2' (choose") != std::string::npos) << ended.err;
}

}  // namespace
}  // namespace moldau::cli
