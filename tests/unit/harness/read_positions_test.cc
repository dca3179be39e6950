#include "harness/read_positions.h"

#include "unit/harness/told_world.h"

namespace moldau::harness {
namespace {

class ReadPositionsTest : public ToldWorld {
 protected:
  ReadPositions positions{{one, {.next = Offset{5}, .topic_id = Uuid(1, 1)}},
                          {two, {.next = Offset{7}, .topic_id = Uuid(1, 1)}}};
};

TEST_F(ReadPositionsTest, WhatIsOwnedGoesOnAndTheRestIsForgotten) {
  told->tell({two}, {});
  keep_owned(positions, *told);
  ASSERT_EQ(positions.size(), 1U);
  EXPECT_EQ(positions.at(two).next, Offset{7});
}

TEST_F(ReadPositionsTest, WhoLearnsLateThatATopicWasMadeAgainBeginsAnewThere) {
  told->tell({one}, {});
  run.topic_goes(*topic);
  topic->id = Uuid(1, 2);
  // Both in one turn: it drops the partition of the topic that went, and gets that of the new one.
  EXPECT_TRUE(told->drop());
  told->tell({one}, {});
  keep_owned(positions, *told);
  EXPECT_TRUE(positions.empty());
}

}  // namespace
}  // namespace moldau::harness
