#include "cli/delete_records.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class DeleteRecords : public ToolOnNode {
 protected:
  DeleteRecords() {
    (void)tool({"topics", "--create", "--topic", "t"});
    (void)tool({"console-producer", "--topic", "t"}, {"a", "b", "c"});
  }
  Ended remove(const std::string& json, std::vector<std::string> more = {}) {
    put("del.json", json);
    std::vector<std::string> words{"delete-records", "--offset-json-file", "del.json"};
    words.insert(words.end(), more.begin(), more.end());
    return tool(words);
  }
};

TEST_F(DeleteRecords, RecordsBelowTheOffsetGo) {
  const Ended done = remove(R"({"partitions":[{"topic":"t","partition":0,"offset":2}]})");
  EXPECT_EQ(done.out,
            "Executing records delete operation\nRecords delete operation completed:\n"
            "partition: t-0\tlow_watermark: 2\n");
  EXPECT_EQ(tool({"get-offsets", "--topic", "t", "--time", "earliest"}).out, "t:0:2\n");
}

TEST_F(DeleteRecords, RefusalStandsBehindItsPartition) {
  const Ended done = remove(R"({"partitions":[{"topic":"t","partition":0,"offset":9},
                                              {"topic":"nope","partition":0,"offset":1}]})");
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.out.find("partition: t-0\terror: org.apache.kafka.common.errors."
                          "OffsetOutOfRangeException: "),
            std::string::npos);
  EXPECT_NE(done.out.find("partition: nope-0\terror: "), std::string::npos);
}

TEST_F(DeleteRecords, FileThatIsWrongIsRefusedBeforeAnythingIsDone) {
  EXPECT_EQ(remove("{").err, "The input string is not a valid JSON\n");
  const Ended twice = remove(R"({"partitions":[{"topic":"t","partition":0,"offset":1},
                                               {"topic":"t","partition":0,"offset":2}]})");
  EXPECT_EQ(twice.err, "Offset json file contains duplicate topic partitions: t-0\n");
  EXPECT_EQ(twice.code, 1);
  EXPECT_TRUE(tool({"delete-records"})
                  .err.starts_with("Missing required argument \"[offset-json-file]\"\n"));
}

TEST_F(DeleteRecords, JsonIsAListOfPartitions) {
  const Ended done =
      remove(R"({"partitions":[{"topic":"t","partition":0,"offset":-1}]})", {"--json"});
  EXPECT_EQ(done.out,
            "[\n {\n  \"topic\": \"t\",\n  \"partition\": 0,\n  \"lowWatermark\": 3\n }\n]\n");
}

}  // namespace
}  // namespace moldau::cli
