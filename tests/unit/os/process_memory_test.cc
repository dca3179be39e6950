#include "os/process_memory.h"

#include <gtest/gtest.h>

namespace moldau::os {
namespace {

using std::chrono::seconds;

Instant at(int second) { return Instant{seconds{1000 + second}}; }

class QuietWatchTest : public testing::Test {
 protected:
  bool turns(int count, int second) {
    bool due = false;
    for (int i = 0; i < count; ++i) due |= watch.on_turn(at(second));
    return due;
  }
  QuietWatch watch;
};

TEST_F(QuietWatchTest, QuietAfterTheStartIsToldOnce) {
  EXPECT_FALSE(turns(1, 0));
  EXPECT_TRUE(watch.sleep_max().has_value());
  EXPECT_TRUE(turns(1, 3));
  EXPECT_FALSE(watch.sleep_max().has_value());
  EXPECT_FALSE(turns(1, 6));
}

TEST_F(QuietWatchTest, QuietAfterWorkIsToldAgain) {
  turns(1, 0);
  turns(1, 3);
  turns(5000, 4);
  EXPECT_TRUE(watch.sleep_max().has_value());
  EXPECT_FALSE(turns(1, 6));
  EXPECT_TRUE(turns(1, 9));
}

}  // namespace
}  // namespace moldau::os
