#include "env/disk.h"

#include <gtest/gtest.h>

namespace moldau::env {
namespace {

TEST(Paths, JoinAndParentAgree) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(parent_path("a/b"), "a");
  EXPECT_EQ(parent_path("/b"), "/");
  EXPECT_EQ(parent_path("b"), ".");
}

}  // namespace
}  // namespace moldau::env
