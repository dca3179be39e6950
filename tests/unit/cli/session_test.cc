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

class ClusterSettings : public ToolTest {
 protected:
  Run run_with(const std::string& file) {
    put("admin.properties", as_bytes(file));
    const auto tool = [](ToolContext& context) -> env::Task<int> {
      Given given;
      given.add("bootstrap-server", "localhost:9092");
      given.add("command-config", context.words.front());
      const auto settings = co_await cluster_settings(context, given);
      if (!settings) co_return report(context, settings.error());
      context.console.out(
          fmt::format("{} {}", settings->client_id, settings->request_timeout.count()));
      co_return k_ok;
    };
    return run(tool, {"admin.properties"});
  }
};

TEST_F(ClusterSettings, ComeFromTheFile) {
  const Run read = run_with("client.id=me\nrequest.timeout.ms=7000\n");
  EXPECT_EQ(read.out, "me 7000");
  EXPECT_EQ(read.err, "");
}

TEST_F(ClusterSettings, KeyThatDoesNothingIsNamed) {
  const Run read = run_with("reqest.timeout.ms=7000\nreconnect.backoff.ms=70\n");
  EXPECT_EQ(read.code, k_ok);
  EXPECT_NE(read.err.find("WARN reqest.timeout.ms is not a known key and has no effect. The "
                          "nearest known key is request.timeout.ms. "
                          "(org.apache.kafka.clients.admin.AdminClientConfig)\n"),
            std::string::npos)
      << read.err;
  EXPECT_NE(read.err.find("WARN reconnect.backoff.ms is known, but without effect"),
            std::string::npos)
      << read.err;
}

TEST_F(ClusterSettings, ValueThatKafkaRefusesIsRefused) {
  const Run read = run_with("retry.backoff.ms=-1\n");
  EXPECT_EQ(read.code, k_failed);
  EXPECT_EQ(read.err,
            "org.apache.kafka.common.config.ConfigException: Invalid value -1 for configuration "
            "retry.backoff.ms: Value must be at least 0\n");
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
  EXPECT_EQ(exception_name(Errc::timed_out), "TimeoutException");
  EXPECT_EQ(exception_name(Errc::sasl_authentication_failed), "SaslAuthenticationException");
  EXPECT_EQ(exception_name(Errc::delegation_token_auth_disabled),
            "DelegationTokenDisabledException");
  EXPECT_EQ(exception_name(Errc::delegation_token_request_not_allowed),
            "UnsupportedByAuthenticationException");
  EXPECT_EQ(exception_name(Errc::delegation_token_authorization_failed),
            "DelegationTokenAuthorizationException");
  EXPECT_EQ(exception_name(Errc::principal_deserialization_failure),
            "PrincipalDeserializationException");
  EXPECT_EQ(exception_name(Errc::invalid_regular_expression), "InvalidRegularExpression");
}

TEST(WithException, NamesThePackageOfTheClass) {
  EXPECT_EQ(with_exception(Error(Errc::invalid_record, "a")),
            "org.apache.kafka.common.InvalidRecordException: a");
  EXPECT_EQ(with_exception(Error(Errc::timed_out, "a")),
            "org.apache.kafka.common.errors.TimeoutException: a");
}

}  // namespace
}  // namespace moldau::cli
