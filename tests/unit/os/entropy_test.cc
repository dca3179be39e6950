#include "os/entropy.h"

#include <gtest/gtest.h>

#include <set>

namespace moldau::os {
namespace {

TEST(SystemEntropy, ManyDrawsDiffer) {
  SystemEntropy entropy;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(entropy.next());
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_FALSE(seen.contains(0));  // a slot handed out is wiped, never handed out again
}

}  // namespace
}  // namespace moldau::os
