#include "config/validator.h"

#include <gtest/gtest.h>

#include "unit/config/answers.h"

namespace moldau::config {
namespace {

using enum AlterOperation;

class ValidatorTest : public ::testing::Test {
 protected:
  ValidatorTest() {
    auto loaded = load_node_config(test::good_node());
    CHECK_OK(loaded);
    node = std::move(loaded->config);
  }
  [[nodiscard]] Result<std::vector<ConfigChange>> change(
      const Resource& resource, const ConfigMap& current,
      const std::vector<Alteration>& alterations) const {
    return Validator(node).incremental(resource, current, alterations, context);
  }
  [[nodiscard]] std::string refused(const Resource& resource, const ConfigMap& current,
                                    const std::vector<Alteration>& alterations) const {
    const auto result = change(resource, current, alterations);
    return result ? "" : std::string(result.error().text());
  }

  NodeConfig node;
  ChangeContext context;
  Resource topic{ResourceType::topic, "t"};
};

using Changes = std::vector<ConfigChange>;

TEST_F(ValidatorTest, SetAndEraseBecomeChangesAndTheUnchangedDoNot) {
  const ConfigMap current{{"retention.ms", "5"}, {"segment.ms", "7"}};
  EXPECT_EQ(*change(topic, current,
                    {{.key = "retention.ms", .value = "5"},
                     {.key = "segment.ms", .operation = erase},
                     {.key = "flush.ms", .operation = erase},
                     {.key = "flush.messages", .value = "1"}}),
            (Changes{{"segment.ms", std::nullopt}, {"flush.messages", "1"}}));
}

TEST_F(ValidatorTest, ABrokersValueIsWrittenAgainEvenWhenItIsTheSame) {
  const Resource broker{ResourceType::broker, "1"};
  EXPECT_EQ(change(broker, {{"max.connections", "5"}}, {{.key = "max.connections", .value = "5"}})
                ->size(),
            1U);
}

TEST_F(ValidatorTest, AppendStartsFromTheDefaultAndSubtractMayLeaveNothing) {
  EXPECT_EQ(
      *change(topic, {}, {{.key = "cleanup.policy", .operation = append, .value = "compact"}}),
      (Changes{{"cleanup.policy", "delete,compact"}}));
  EXPECT_EQ(*change(topic, {{"cleanup.policy", "compact"}},
                    {{.key = "cleanup.policy", .operation = append, .value = "compact,delete"}}),
            (Changes{{"cleanup.policy", "compact,delete"}}));
  EXPECT_EQ(*change(topic, {{"cleanup.policy", "compact,delete"}},
                    {{.key = "cleanup.policy", .operation = subtract, .value = "compact,delete"}}),
            (Changes{{"cleanup.policy", ""}}));
  EXPECT_EQ(refused(topic, {}, {{.key = "retention.ms", .operation = append, .value = "1"}}),
            "Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(refused(topic, {}, {{.key = "nope", .operation = subtract, .value = "1"}}),
            "Can't SUBTRACT to key nope because its type is not LIST.");
}

TEST_F(ValidatorTest, EmptyItemsAreAppendedAsKafkaDoesAndThenRefused) {
  for (const char* value : {"", ",compact", "compact,,delete"}) {
    const auto result =
        change(topic, {}, {{.key = "cleanup.policy", .operation = append, .value = value}});
    ASSERT_FALSE(result.has_value()) << value;
    EXPECT_EQ(result.error().code(), Errc::invalid_config) << value;
  }
  EXPECT_EQ(
      *change(topic, {}, {{.key = "cleanup.policy", .operation = append, .value = "compact,"}}),
      (Changes{{"cleanup.policy", "delete,compact"}}));
  for (const Alteration& nothing :
       {Alteration{.key = "cleanup.policy", .operation = append, .value = ","},
        Alteration{.key = "cleanup.policy", .operation = subtract, .value = ""}}) {
    EXPECT_EQ(*change(topic, {}, {nothing}), (Changes{{"cleanup.policy", "delete"}}));
  }
}

// KafkaRaftServer gives the controller the types of brokers' and topics' keys alone.
TEST_F(ValidatorTest, ListsOfGroupsAndSubscriptionsAreOnlySet) {
  const Resource metrics{ResourceType::client_metrics, "m"};
  const Resource group{ResourceType::group, "g"};
  EXPECT_EQ(refused(metrics, {}, {{.key = "metrics", .operation = append, .value = "a"}}),
            "Can't APPEND to key metrics because its type is not LIST.");
  EXPECT_EQ(
      refused(group, {},
              {{.key = "streams.rack.aware.assignment.tags", .operation = subtract, .value = "a"}}),
      "Can't SUBTRACT to key streams.rack.aware.assignment.tags because its type is not "
      "LIST.");
}

TEST_F(ValidatorTest, RefusalsHaveKafkasCodeAndWords) {
  const auto unknown = change(topic, {}, {{.key = "nope", .value = "1"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Errc::invalid_config);
  EXPECT_EQ(unknown.error().text(), "Unknown topic config name: nope");
  EXPECT_EQ(refused({ResourceType::topic, ""}, {}, {}), "Default topic resources are not allowed.");
  EXPECT_EQ(refused({ResourceType::group, ""}, {}, {}), "Default group resources are not allowed.");
  EXPECT_EQ(refused({ResourceType::broker, "x"}, {}, {}),
            "Unable to parse broker name as a base 10 number.");
  EXPECT_EQ(refused({ResourceType::broker, "-1"}, {}, {}), "Invalid negative broker ID.");
  EXPECT_EQ(refused({ResourceType::broker_logger, "1"}, {}, {}),
            "Unknown resource type BROKER_LOGGER");
  EXPECT_EQ(refused(topic, {}, {{.key = "retention.ms", .value = std::string(32'768, '1')}}),
            "The configuration value cannot be added because it exceeds the maximum value size of "
            "32767 bytes.");
  EXPECT_EQ(refused({ResourceType::topic, "a b"}, {}, {}).substr(0, 22), "Topic name is invalid:");
}

TEST_F(ValidatorTest, AllOrNothing) {
  EXPECT_NE(refused(topic, {},
                    {{.key = "retention.ms", .value = "5"}, {.key = "segment.ms", .value = "x"}}),
            "");
}

TEST_F(ValidatorTest, EligibleLeaderReplicasFixWhereMinIsrIsSet) {
  context.elr_enabled = true;
  const Alteration set{.key = "min.insync.replicas", .value = "2"};
  const Alteration gone{.key = "min.insync.replicas", .operation = erase};
  EXPECT_EQ(refused({ResourceType::broker, "1"}, {}, {set}),
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  EXPECT_EQ(refused({ResourceType::broker, ""}, {}, {gone}),
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  EXPECT_EQ(refused({ResourceType::broker, ""}, {}, {set}), "");
  EXPECT_EQ(refused(topic, {}, {set}), "");
  context.elr_enabled = false;
  EXPECT_EQ(refused({ResourceType::broker, "1"}, {}, {set}), "");
}

TEST_F(ValidatorTest, AControllerLetsCordonedDirectoriesGoButTakesNone) {
  const Resource broker{ResourceType::broker, "1"};
  const ConfigMap current{{"cordoned.log.dirs", "/a,/b"}};
  const auto to = [](const char* value) {
    return std::vector<Alteration>{{.key = "cordoned.log.dirs", .value = value}};
  };
  EXPECT_EQ(refused(broker, current, to("/c")), "");
  context.forwarded = false;
  EXPECT_EQ(refused(broker, current, to("/b")), "");
  EXPECT_NE(refused(broker, current, to("/b,/c")), "");
  context.cordoning_supported = false;
  EXPECT_NE(refused(broker, current, to("/b")), "");
}

TEST_F(ValidatorTest, ReplaceDeletesWhatIsNotWanted) {
  const std::vector<Alteration> wanted{{.key = "flush.messages", .value = "1"},
                                       {.key = "segment.ms", .value = "7"}};
  EXPECT_EQ(*Validator(node).replace(topic, {{"retention.ms", "5"}, {"segment.ms", "7"}}, wanted,
                                     context),
            (Changes{{"flush.messages", "1"}, {"retention.ms", std::nullopt}}));
}

// Brokers refuse a null before it comes here; the controller's own listener does not.
TEST_F(ValidatorTest, ReplaceTakesANullForNotWanted) {
  const std::vector<Alteration> wanted{{.key = "retention.ms", .value = std::nullopt},
                                       {.key = "no.such.key", .value = std::nullopt}};
  EXPECT_EQ(*Validator(node).replace(topic, {{"retention.ms", "5"}}, wanted, context),
            (Changes{{"retention.ms", std::nullopt}}));
}

TEST_F(ValidatorTest, NewTopicsAndNames) {
  EXPECT_TRUE(Validator(node).validate_new_topic("t", {{"retention.ms", "1"}}));
  EXPECT_FALSE(Validator(node).validate_new_topic("t", {{"retention.ms", "-9"}}));
  EXPECT_TRUE(Validator(node).validate_name({ResourceType::broker, "7"}));
  EXPECT_FALSE(Validator(node).validate_name({ResourceType::group, "g"}));
  EXPECT_EQ(resource_type_from_wire(32), ResourceType::group);
  EXPECT_EQ(resource_type_from_wire(3), std::nullopt);
  EXPECT_EQ(scope_of(ResourceType::client_metrics), Scope::client_metrics);
}

TEST(Quota, TakesPositiveNumbersOfTheKeysOfTheEntity) {
  EXPECT_TRUE(validate_quota("producer_byte_rate", 5, false));
  EXPECT_TRUE(validate_quota("request_percentage", 0.5, false));
  EXPECT_EQ(validate_quota("producer_byte_rate", -1, false).error().text(),
            "Quota producer_byte_rate must be greater than 0");
  EXPECT_EQ(validate_quota("producer_byte_rate", 1.5, false).error().text(),
            "producer_byte_rate cannot be a fractional value.");
  EXPECT_EQ(validate_quota("connection_creation_rate", 3e9, true).error().text(),
            "Proposed value for connection_creation_rate is too large for an INT.");
  EXPECT_EQ(validate_quota("connection_creation_rate", 5, false).error().text(),
            "Invalid configuration key connection_creation_rate");
  EXPECT_EQ(validate_quota("SCRAM-SHA-256", 5, false).error().code(), Errc::invalid_request);
}

TEST(LogLevel, SixOfThem) {
  EXPECT_TRUE(validate_log_level("kafka", "FATAL"));
  EXPECT_EQ(validate_log_level("kafka.server.KafkaApis", "LOUD").error().text(),
            "Cannot set the log level of kafka.server.KafkaApis to LOUD as it is not a supported "
            "log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN");
}

}  // namespace
}  // namespace moldau::config
