#include "cli/client_metrics.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

using ClientMetrics = ToolOnNode;

TEST_F(ClientMetrics, SubscriptionIsMadeShownAndDeleted) {
  EXPECT_EQ(
      tool({"client-metrics", "--alter", "--name", "m1", "--metrics", "org.apache.kafka.producer.",
            "--interval", "10000", "--match", "client_id=app.*"})
          .out,
      "Altered client metrics config for m1.\n");
  EXPECT_EQ(tool({"client-metrics", "--list"}).out, "m1\n");
  EXPECT_EQ(tool({"client-metrics", "--describe"}).out,
            "Client metrics configs for m1 are:\n  interval.ms=10000\n  match=client_id=app.*\n"
            "  metrics=org.apache.kafka.producer.\n");
  EXPECT_EQ(tool({"client-metrics", "--delete", "--name", "m1"}).out,
            "Deleted client metrics config for m1.\n");
  EXPECT_EQ(tool({"client-metrics", "--list", "--json"}).out, "[]\n");
}

TEST_F(ClientMetrics, EmptyIntervalIsTheDefaultAgain) {
  (void)tool({"client-metrics", "--alter", "--name", "m", "--interval", "10000"});
  EXPECT_EQ(
      tool({"client-metrics", "--alter", "--name", "m", "--interval", "", "--metrics", "*"}).code,
      0);
  EXPECT_NE(tool({"client-metrics", "--describe", "--name", "m"}).out.find("interval.ms=300000"),
            std::string::npos);
}

TEST_F(ClientMetrics, WhatIsWrongIsNamed) {
  EXPECT_EQ(tool({"client-metrics", "--alter", "--name", "m", "--match", "nope=1"}).code, 1);
  EXPECT_EQ(tool({"client-metrics", "--describe", "--name", "m"}).out,
            "The client metric resource m doesn't exist and doesn't have dynamic config.\n");
  EXPECT_EQ(tool({"client-metrics", "--alter"}).err,
            "One of --name or --generate-name must be specified with --alter.\n");
  EXPECT_EQ(tool({"client-metrics", "--alter", "--name", "m", "--interval", "x"}).err,
            "Invalid interval value. Enter an integer, or leave empty to reset.\n");
  EXPECT_EQ(tool({"client-metrics", "--delete"}).err,
            "A client metrics resource name must be specified with --delete.\n");
  EXPECT_TRUE(tool({"client-metrics", "--list", "--name", "m"})
                  .err.starts_with("Option \"[list]\" can't be used with option \"[name]\"\n"));
}

}  // namespace
}  // namespace moldau::cli
