#include "bytes/writer.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

TEST(Writer, SpliceCountsInTheTotalButHoldsNoBytes) {
  Writer writer;
  writer.i32(7);
  writer.splice(100);
  writer.i8(1);
  EXPECT_EQ(writer.size(), 5U);
  EXPECT_EQ(writer.total_size(), 105U);
  ASSERT_EQ(writer.splices().size(), 1U);
  EXPECT_EQ(writer.splices()[0].position, 4U);
  EXPECT_EQ(writer.splices()[0].size, 100U);
}

TEST(Writer, PatchOverwritesANumberWrittenBefore) {
  Writer writer;
  writer.i32(0);
  writer.i8(9);
  writer.patch_i32(0, 0x01020304);
  EXPECT_EQ(std::to_integer<int>(writer.view()[3]), 4);
  EXPECT_EQ(std::to_integer<int>(writer.view()[4]), 9);
}

}  // namespace
}  // namespace moldau
