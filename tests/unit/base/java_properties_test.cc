#include "base/java_properties.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

TEST(JavaProperties, TellsTheLineOfEachKeyAndOfAMistake) {
  const auto found = read_properties("# one\na=1\n\nb=2\\\n  3\nc=4\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<Property>{{"a", "1", 2}, {"b", "23", 4}, {"c", "4", 6}}));
  const auto bad = read_properties("a=1\nb=\\uXYZ1\n");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().text().find("line 2"), std::string_view::npos);
}

TEST(JavaProperties, RefusesWhatIsTooLargeToBeSettings) {
  EXPECT_TRUE(read_properties(std::string(k_properties_bytes_max, '\n')));
  EXPECT_FALSE(read_properties(std::string(k_properties_bytes_max + 1, '\n')));
}

TEST(JavaProperties, ContinuedLinesAreOneAndEscapesAreUndone) {
  const auto found = read_properties("! note\n a\\ b : x\\ty\\\n  \\u00e9\\uD83D\\uDE00\\uD83D\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found,
            (std::vector<Property>{{"a b", "x\ty\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD", 2}}));
}

TEST(JavaProperties, EscapesWhatWouldReadDifferently) {
  EXPECT_EQ(write_property("a b=c:d", " a b"), "a\\ b\\=c\\:d=\\ a b");
  EXPECT_EQ(write_property("k", "\xC3\xA9"), "k=\\u00E9");
}

}  // namespace
}  // namespace moldau
