#include "cli/session.h"

#include "unit/cli/tool_run.h"

namespace moldau::cli {
namespace {

using SayDeprecated = ToolTest;

TEST_F(SayDeprecated, NamesBothOptionsOnStandardOutput) {
  const auto tool = [](ToolContext& context) -> env::Task<int> {
    say_deprecated(context, "config", "command-config");
    co_return k_ok;
  };
  const Run said = run(tool, {});
  EXPECT_EQ(said.out,
            "Option --config has been deprecated and will be removed in a future version. Use "
            "--command-config instead.\n");
  EXPECT_EQ(said.err, "");
}

TEST(Refused, CarriesTheAnswersTextOrTheTables) {
  EXPECT_TRUE(refused(Errc::none, "ignored").has_value());
  EXPECT_EQ(text_of(refused(Errc::invalid_config, "because").error()), "because");
  EXPECT_EQ(text_of(refused(Errc::invalid_request, "because").error()),
            "org.apache.kafka.common.errors.InvalidRequestException: because");
  EXPECT_FALSE(text_of(refused(Errc::invalid_request, std::nullopt).error()).empty());
}

TEST(ExceptionName, IsTheErrorsInCamelCase) {
  EXPECT_EQ(exception_name(Errc::invalid_topic_exception), "InvalidTopicException");
  EXPECT_EQ(exception_name(Errc::topic_already_exists), "TopicExistsException");
}

}  // namespace
}  // namespace moldau::cli
