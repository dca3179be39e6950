#include "cli/groups.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class Groups : public ToolOnNode {
 protected:
  Groups() {
    (void)tool({"topics", "--create", "--topic", "t"});
    (void)tool({"consumer-groups", "--reset-offsets", "--group", "g", "--topic", "t", "--to-latest",
                "--execute"});
  }
};

TEST_F(Groups, ListsThoseThatPass) {
  const std::string head = "GROUP                TYPE                 PROTOCOL            \n";
  EXPECT_TRUE(tool({"groups", "--list"}).out.starts_with(head + "g                    Classic "));
  EXPECT_TRUE(tool({"groups", "--list", "--consumer"}).out.starts_with(head + "g "));
  EXPECT_EQ(tool({"groups", "--list", "--share"}).out, head);
  EXPECT_EQ(tool({"groups", "--list", "--group-type", "consumer"}).out, head);
}

TEST_F(Groups, RefusalsAreKafkas) {
  EXPECT_TRUE(tool({"groups"}).err.starts_with("Command must include exactly one action: --list."));
  EXPECT_EQ(tool({"groups", "--list", "--group-type", "nope"}).err,
            "--group-type must be a valid group type.\n");
}

}  // namespace
}  // namespace moldau::cli
