#include "cli/verifiable_text.h"

#include <nlohmann/json.hpp>

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using SayEvent = ToolTest;

TEST_F(SayEvent, IsALineWithTimeAndNameFirst) {
  const auto tool = [](ToolContext& context) -> env::Task<int> {
    say_event(context, "begun");
    say_event(context, "sent", {{"key", nullptr}, {"value", "\xff"}});
    co_return static_cast<int>(to_millis(context.env.clock.wall()) / 1'000);
  };
  const Run run_of_it = run(tool, {});
  const auto second = run_of_it.out.find('\n') + 1;
  EXPECT_TRUE(run_of_it.out.starts_with("{\"timestamp\":" + std::to_string(run_of_it.code)))
      << run_of_it.out;
  EXPECT_TRUE(run_of_it.out.substr(0, second).ends_with(",\"name\":\"begun\"}\n")) << run_of_it.out;
  EXPECT_TRUE(
      run_of_it.out.ends_with(",\"name\":\"sent\",\"key\":null,\"value\":\"\xef\xbf\xbd\"}\n"))
      << run_of_it.out;
}

// The option that is chosen, or why none is.
env::Task<int> choose(ToolContext& context) {
  Given given;
  for (const std::string& word : context.words) given.add(word, "file");
  const Result<std::string> option = config_option(context, given, "producer.config");
  context.console.err(option ? *option : std::string(option.error().text()));
  co_return 0;
}

using ConfigOption = ToolTest;

TEST_F(ConfigOption, IsCommandConfigUnlessTheOlderOneWasGiven) {
  const Run given = run(choose, {"command-config"});
  EXPECT_EQ(given.err, "command-config");
  EXPECT_EQ(given.out, "");
  EXPECT_EQ(run(choose, {}).err, "command-config");
  const Run older = run(choose, {"producer.config"});
  EXPECT_EQ(older.err, "producer.config");
  EXPECT_EQ(older.out,
            "Option --producer.config has been deprecated and will be removed in a future version. "
            "Use --command-config instead.\n");
}

TEST_F(ConfigOption, BothAreRefused) {
  const Run both = run(choose, {"producer.config", "command-config"});
  EXPECT_EQ(both.err, "Options --producer.config and --command-config are mutually exclusive.");
  EXPECT_EQ(both.out, "");
}

}  // namespace
}  // namespace moldau::cli
