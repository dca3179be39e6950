#include "cli/group_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

client::TopicPartition at(int index) { return {"t1", PartitionIndex{index}}; }

client::DescribedGroup group_of(std::vector<client::DescribedMember> members) {
  client::DescribedGroup group;
  group.group_id = "g";
  group.state = "Stable";
  group.assignor = "uniform";
  group.coordinator = BrokerId{1};
  group.coordinator_at = {"127.0.0.1", 19092};
  group.members = std::move(members);
  return group;
}
const client::DescribedMember k_member{.member_id = "DHgZKsDfR0qouR_WwMH1bg",
                                       .instance_id = "i1",
                                       .client_id = "modern-one",
                                       .host = "/127.0.0.1",
                                       .assigned = {at(0), at(1)},
                                       .target = std::set{at(0), at(1)},
                                       .epoch = 2};

TEST(GroupText, OffsetsAreOfMembersFirstAndThenOfNobody) {
  const client::DescribedGroup group = group_of({k_member});
  const client::GroupOffsets committed{{at(0), {Offset{4}, LeaderEpoch{0}, ""}},
                                       {at(7), {Offset{1}}}};
  const auto rows = offset_rows(group, committed, {{at(0), Offset{6}}, {at(1), Offset{0}}});
  EXPECT_EQ(offsets_text("g", rows, false),
            "\n"
            "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  "
            "           CONSUMER-ID            HOST            CLIENT-ID\n"
            "g               t1              0          4               6               2    "
            "           DHgZKsDfR0qouR_WwMH1bg /127.0.0.1      modern-one\n"
            "g               t1              1          -               0               -    "
            "           DHgZKsDfR0qouR_WwMH1bg /127.0.0.1      modern-one\n"
            "g               t1              7          1               -               -    "
            "           -                      -               -\n");
  EXPECT_TRUE(offsets_text("g", rows, true).find("PARTITION  LEADER-EPOCH    CURRENT-OFFSET") !=
              std::string::npos);
}

// The texts are those of Kafka's tool.
TEST(GroupText, MembersWithAndWithoutInstances) {
  EXPECT_EQ(members_text(group_of({k_member}), false),
            "\n"
            "GROUP           CONSUMER-ID            GROUP-INSTANCE-ID HOST            "
            "CLIENT-ID       #PARTITIONS     \n"
            "g               DHgZKsDfR0qouR_WwMH1bg i1                /127.0.0.1      "
            "modern-one      2               \n");
  client::DescribedMember classic = k_member;
  classic.instance_id.reset();
  classic.target.reset();
  classic.epoch.reset();
  EXPECT_EQ(members_text(group_of({classic}), true),
            "\n"
            "GROUP           CONSUMER-ID            HOST            CLIENT-ID       "
            "#PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    "
            "TARGET-ASSIGNMENT   \n"
            "g               DHgZKsDfR0qouR_WwMH1bg /127.0.0.1      modern-one      2        "
            "       -               t1:0,1               -               -                   "
            "\n");
}

TEST(GroupText, StateNamesTheCoordinator) {
  client::DescribedGroup group = group_of({k_member});
  EXPECT_EQ(state_text(group, false),
            "\n"
            "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE            "
            "    #MEMBERS\n"
            "g               127.0.0.1:19092  (1)      uniform              Stable           "
            "    1\n");
  group.group_epoch = 2;
  group.assignment_epoch = 2;
  EXPECT_EQ(state_text(group, true),
            "\n"
            "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE            "
            "    GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS\n"
            "g               127.0.0.1:19092  (1)      uniform              Stable           "
            "    2               2                         1\n");
}

TEST(GroupText, ListHasTheColumnsThatWereAskedFor) {
  const std::vector<client::ListedGroup> groups{{"g1", "Classic", "consumer", "Empty"}};
  EXPECT_EQ(listed_text(groups, true, true),
            "GROUP                     TYPE                 STATE               \n"
            "g1                        Classic              Empty               \n");
  EXPECT_EQ(listed_text(groups, false, false),
            "GROUP                    \ng1                       \n");
}

TEST(GroupText, NotesTellOfGroupsAtRestAndInMotion) {
  client::DescribedGroup group = group_of({});
  EXPECT_TRUE(note_of(group, 1).text.empty());
  group.state = "Empty";
  EXPECT_EQ(note_of(group, 1).text, "\nConsumer group 'g' has no active members.\n");
  EXPECT_FALSE(note_of(group, 0).has_table);
  group.state = "Assigning";
  EXPECT_EQ(note_of(group, 1).text, "\nWarning: Consumer group 'g' is rebalancing.\n");
}

TEST(GroupText, RefusalsWithoutTextHaveThatOfKafkasClients) {
  EXPECT_EQ(refusal_text(Error(Errc::non_empty_group)),
            "org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty.");
  EXPECT_EQ(kafkas_text(Error(Errc::non_empty_group, "own")), "own");
}

// As Apache Kafka's tool listed these.
TEST(GroupText, GroupsAreListedInTheOrderOfAHashMap) {
  EXPECT_EQ(in_listed_order({"g1", "gactive", "gmodern", "gnew", "inc"}),
            (std::vector<std::string>{"gnew", "g1", "gmodern", "gactive", "inc"}));
}

TEST(GroupText, ColumnsAreAsWideAsTheMembersNeed) {
  client::DescribedGroup group = group_of({});
  group.group_id = "a-name-of-more-than-fifteen";
  EXPECT_TRUE(members_text(group, false).starts_with("\nGROUP           CONSUMER-ID     HOST "));
  group.members = {k_member};
  EXPECT_TRUE(members_text(group, false).starts_with("\nGROUP                       CONSUMER-ID "));
}

}  // namespace
}  // namespace moldau::cli
