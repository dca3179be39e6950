#include "bytes/varint.h"

#include <gtest/gtest.h>

#include <limits>

#include "bytes/reader.h"
#include "bytes/writer.h"

namespace moldau {
namespace {

TEST(Varint, EachValueComesBackAndTakesTheComputedSize) {
  for (const std::int64_t v :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-65},
        std::int64_t{1} << 40, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    Writer writer;
    writer.varlong(v);
    EXPECT_EQ(writer.size(), varlong_size(v));
    Reader reader(writer.view());
    EXPECT_EQ(reader.varlong(), v);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader.remaining(), 0U);
  }
}

}  // namespace
}  // namespace moldau
