#include "cli/regex_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

TEST(RegexText, SaysWhatIsWrongInKafkasWords) {
  EXPECT_FALSE(problem_of_pattern("a[bc].*"));
  EXPECT_EQ(problem_of_pattern("a["), "missing closing ]");
  EXPECT_EQ(problem_of_pattern("a(b"), "missing closing )");
  EXPECT_EQ(problem_of_pattern("*"), "missing argument to repetition operator");
  EXPECT_EQ(problem_of_pattern("a\\"), "trailing backslash at end of expression");
  EXPECT_EQ(problem_of_pattern("(?<=a)b"), "invalid or unsupported Perl syntax");
}

}  // namespace
}  // namespace moldau::cli
