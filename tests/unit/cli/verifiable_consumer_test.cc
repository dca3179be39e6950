#include "cli/verifiable_consumer.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class VerifiableConsumer : public ToolOnNode {
 protected:
  VerifiableConsumer() {
    (void)tool({"topics", "--create", "--topic", "t"});
    (void)tool({"console-producer", "--topic", "t"}, {"a", "b", "c"});
  }
};

TEST_F(VerifiableConsumer, TellsOfPartitionsRecordsAndCommits) {
  for (const std::string protocol : {"classic", "consumer"}) {
    const Ended ended = tool({"verifiable-consumer", "--topic", "t", "--group-id", "g-" + protocol,
                              "--group-protocol", protocol, "--max-messages", "2", "--verbose"});
    EXPECT_EQ(ended.code, 0) << ended.err;
    const auto has = [&](std::string_view text) {
      EXPECT_TRUE(ended.out.find(text) != std::string::npos) << text << "\n" << ended.out;
    };
    has("\"name\":\"partitions_assigned\",\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}\n");
    has("\"name\":\"record_data\",\"key\":null,\"value\":\"b\",\"topic\":\"t\",\"partition\":0,"
        "\"offset\":1}\n");
    has("\"name\":\"records_consumed\",\"count\":3,\"partitions\":[{\"topic\":\"t\",\"partition\":"
        "0,\"count\":2,\"minOffset\":0,\"maxOffset\":1}]}\n");
    has("\"name\":\"offsets_committed\",\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":"
        "2}],\"success\":true}\n");
    has("\"name\":\"partitions_revoked\"");
    has("\"name\":\"shutdown_complete\"}\n");
  }
}

}  // namespace
}  // namespace moldau::cli
