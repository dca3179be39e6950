#include "protocol/java_order.h"
#include "unit/group/kafkas_assignments.h"

namespace moldau::group {
namespace {

TEST(UniformAssignor, GivesWhatKafkasGivesToLikeMembers) {
  EXPECT_EQ(test::compare_with_kafka(
                [](const auto& k) { return k.assignor == "uniform" && k.question.homogeneous; },
                assign_uniformly),
            80);
}

TEST(JavaOrder, OfMembersIsThatOfKafkasMap) {
  int differing = 0;
  for (const auto& kafkas : test::kafkas_assignments()) {
    std::vector<std::string> ids;
    std::vector<std::string> kafkas_order;
    for (const auto& [id, unused] : kafkas.answer) ids.push_back(id);
    for (const auto& member : kafkas.question.members) kafkas_order.push_back(member.id);
    differing +=
        protocol::in_java_order(ids, protocol::java_capacity_grown(ids.size())) != kafkas_order;
  }
  EXPECT_EQ(differing, 0);
}

TEST(JavaOrder, CapacitiesAreThoseOfJavasMaps) {
  EXPECT_EQ(protocol::java_capacity_grown(12), 16U);
  EXPECT_EQ(protocol::java_capacity_grown(13), 32U);
  EXPECT_EQ(protocol::java_capacity_of_copy(11), 16U);
  EXPECT_EQ(protocol::java_capacity_of_copy(12), 32U);
}

}  // namespace
}  // namespace moldau::group
