#include "client/assignor.h"

#include <gtest/gtest.h>

namespace moldau::client {
namespace {

TEST(Assignors, AreKnownByNameAndByKafkasClass) {
  for (const std::string_view name : {"range", "roundrobin", "sticky", "cooperative-sticky"}) {
    EXPECT_EQ((*make_assignor(name))->name(), name);
  }
  const auto by_class = make_assignors(
      "org.apache.kafka.clients.consumer.RangeAssignor, "
      "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
  CHECK_OK(by_class);
  EXPECT_EQ(by_class->at(0)->name(), "range");
  EXPECT_EQ(by_class->at(1)->protocol(), RebalanceProtocol::cooperative);
}

TEST(Assignors, UnknownOrRepeatedOnesAreRefused) {
  EXPECT_EQ(make_assignors("range,nearest").error().code(), Errc::bad_configuration);
  EXPECT_EQ(make_assignors("").error().code(), Errc::bad_configuration);
  EXPECT_EQ(make_assignors("range,RangeAssignor").error().text(),
            "The assignor name: 'range' is used in more than one assignor");
}

TEST(ComesFirst, StaticMembersByInstanceThenTheOthersById) {
  const MemberSubscription a{.id = "a"};
  const MemberSubscription b{.id = "b"};
  const MemberSubscription fixed{.id = "z", .instance_id = "9"};
  const MemberSubscription later{.id = "c", .instance_id = "91"};
  EXPECT_TRUE(comes_first(a, b));
  EXPECT_TRUE(comes_first(fixed, a));
  EXPECT_TRUE(comes_first(fixed, later));
  EXPECT_FALSE(comes_first(b, later));
}

}  // namespace
}  // namespace moldau::client
