#include <gtest/gtest.h>

#include "group/consumer.h"
#include "unit/group/host.h"

namespace moldau::group {
namespace {

using test::Host;
using test::partitions_of;

constexpr Uuid k_t1{7, 1};
constexpr Uuid k_t2{7, 2};

class ConsumerTopicsTest : public testing::Test {
 protected:
  ConsumerTopicsTest() { host.image(topics.build()); }
  test::TopicsBuilder topics = test::TopicsBuilder().topic("t1", k_t1, 2).topic("x", {7, 9}, 2);
  Host host{{.consumer_assignment_interval = Milliseconds{0}}};
};

TEST_F(ConsumerTopicsTest, ARegularExpressionIsResolvedAfterTheFirstHeartbeat) {
  const auto first = host.beat({.member = "a", .regex = "t.*"});
  EXPECT_EQ(first.error_code, Errc::none);
  EXPECT_EQ(first.member_epoch, 1);
  EXPECT_TRUE(partitions_of(first).empty());
  host.pass(Milliseconds{0});
  const auto next = host.beat({.member = "a", .epoch = 1});
  EXPECT_EQ(next.member_epoch, 2);
  EXPECT_EQ(partitions_of(next), test::parts(k_t1, {0, 1}));
  EXPECT_EQ(host.describe_consumers().members.at(0).subscribed_topic_regex, "t.*");
}

TEST_F(ConsumerTopicsTest, TopicsThatTheAskerMayNotDescribeAreLeftOut) {
  host.image(topics.topic("t2", k_t2, 1).version(50).build());
  host.may_describe = [](std::string_view topic) { return topic != "t1"; };
  host.beat({.member = "a", .regex = "t.*"});
  host.pass(Milliseconds{0});
  EXPECT_EQ(partitions_of(host.beat({.member = "a", .epoch = 1})), test::parts(k_t2, {0}));
  // Who sees more asks for another expression: all of the group's are looked at in his name.
  host.may_describe = {};
  host.pass(Milliseconds{10'001});
  host.beat({.member = "b", .regex = "t1"});
  host.pass(Milliseconds{0});
  const auto described = host.describe_consumers();
  host.beat({.member = "a", .epoch = 2, .owns = test::parts(k_t2, {0})});
  EXPECT_EQ(host.describe_consumers().group_epoch, described.group_epoch);
  EXPECT_GT(described.group_epoch, 2);
}

TEST_F(ConsumerTopicsTest, TheWholeNameMustMatch) {
  host.beat({.member = "a", .regex = "t"});
  host.pass(Milliseconds{0});
  EXPECT_TRUE(partitions_of(host.beat({.member = "a", .epoch = 1})).empty());
}

TEST_F(ConsumerTopicsTest, ATopicThatIsMadeLaterIsFoundWithinTheRefresh) {
  host.beat({.member = "a", .regex = "t.*"});
  host.pass(Milliseconds{0});
  host.beat({.member = "a", .epoch = 1});
  host.image(topics.topic("t2", k_t2, 1).version(50).build());
  EXPECT_EQ(host.beat({.member = "a", .epoch = 2}).member_epoch, 2);  // looked up just now
  host.pass(Milliseconds{10'001});
  host.beat({.member = "a", .epoch = 2});
  host.pass(Milliseconds{0});
  const auto next = host.beat({.member = "a", .epoch = 2});
  EXPECT_EQ(next.member_epoch, 3);
  EXPECT_EQ(partitions_of(next).size(), 2U);
}

TEST_F(ConsumerTopicsTest, AResolvedExpressionIsForgottenWithItsLastSubscriber) {
  host.beat({.member = "a", .regex = "t.*"});
  host.pass(Milliseconds{0});
  (void)host.take_records();
  host.beat({.member = "a", .epoch = 1, .regex = ""});
  bool dropped = false;
  for (const auto& record : host.take_records()) {
    const auto* regex = std::get_if<ConsumerRegexEntry>(&record);
    dropped = dropped || (regex != nullptr && !regex->value);
  }
  EXPECT_TRUE(dropped);
  host.reload();
  EXPECT_EQ(host.describe_consumers().members.at(0).subscribed_topic_regex, "");
}

TEST_F(ConsumerTopicsTest, AnExpressionThatIsNoneIsRefusedAsKafkaRefusesIt) {
  const auto refused = host.beat({.member = "a", .regex = "t["});
  EXPECT_EQ(refused.error_code, Errc::invalid_regular_expression);
  EXPECT_EQ(refused.error_message,
            "SubscribedTopicRegex `t[` is not a valid regular expression: missing closing ].");
  EXPECT_TRUE(host.list().empty());
}

TEST_F(ConsumerTopicsTest, TheHashIsOfTopicsThatExist) {
  Machine machine;
  machine.image = topics.build();
  EXPECT_EQ(consumer::metadata_hash(machine, {{"gone", {1, 0}}}), 0);
  const auto hash = consumer::metadata_hash(machine, {{"t1", {1, 0}}, {"gone", {1, 0}}});
  EXPECT_NE(hash, 0);
  EXPECT_EQ(hash, consumer::metadata_hash(machine, {{"t1", {2, 0}}}));
  consumer::new_image(machine, topics.without("t1").topic("t1", k_t1, 3).build());
  EXPECT_NE(hash, consumer::metadata_hash(machine, {{"t1", {1, 0}}}));
}

}  // namespace
}  // namespace moldau::group
