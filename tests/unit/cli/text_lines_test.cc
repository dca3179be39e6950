#include "cli/text_lines.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(TextLinesTest, ALineMayEndBehindSpacesDashesAndDots) {
  EXPECT_EQ(line_pieces("one --two-three a.b 1.2 3-4"),
            (Lines{"one ", "--", "two-", "three ", "a.", "b ", "1.2 ", "3-4"}));
}

TEST(TextLinesTest, LaterLinesAreIndented) {
  EXPECT_EQ(filled_lines("--bootstrap-server <String: server to connect to>", 39),
            (Lines{"--bootstrap-server <String: server to", "  connect to>"}));
}

TEST(TextLinesTest, AWordLongerThanTheLineStaysWhole) {
  EXPECT_EQ(filled_lines("abcdefgh ij", 4), (Lines{"abcdefgh", "  ij"}));
}

}  // namespace
}  // namespace moldau::cli
