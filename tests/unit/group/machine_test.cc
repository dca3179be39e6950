#include "group/machine.h"

#include <gtest/gtest.h>

#include "unit/group/topics.h"

namespace moldau::group {
namespace {

TEST(Machine, AGroupThatIsNeededIsMadeOnce) {
  Machine machine;
  EXPECT_EQ(machine.group("g"), nullptr);
  machine.ensure_group("g", timestamp_of(5));
  machine.ensure_group("g", timestamp_of(9));
  ASSERT_NE(machine.classic("g"), nullptr);
  EXPECT_EQ(machine.classic("g")->since(), timestamp_of(5));
  EXPECT_TRUE(is_empty(*machine.group("g")));
  EXPECT_TRUE(is_classic(machine.group("g")));
}

TEST(Machine, MemberIdsAreAPrefixAndAUuidInJavasForm) {
  EXPECT_EQ(make_member_id("c", Uuid{0x0123456789abcdefU, 0x8123456789abcdefU}),
            "c-01234567-89ab-cdef-8123-456789abcdef");
}

TEST(Machine, ValueOfAGroupOutsideTheBrokersBoundsIsBroughtInside) {
  Machine machine;
  const auto set = [&](const std::string& value) {
    machine.image =
        test::TopicsBuilder().group_config("g", {{"consumer.session.timeout.ms", value}}).build();
  };
  const auto effective = [&] {
    return group_config(machine, "g", "consumer.session.timeout.ms", Milliseconds{45'000},
                        {Milliseconds{40'000}, Milliseconds{60'000}});
  };
  EXPECT_EQ(effective(), Milliseconds{45'000});
  set("50000");
  EXPECT_EQ(effective(), Milliseconds{50'000});
  set("39999");
  EXPECT_EQ(effective(), Milliseconds{40'000});
  set("60001");
  EXPECT_EQ(effective(), Milliseconds{60'000});
}

}  // namespace
}  // namespace moldau::group
