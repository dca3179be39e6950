#include "base/plain_format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/ids.h"
#include "base/uuid.h"

namespace moldau {
namespace {

using Large = Id<struct LargeTag, std::uint64_t>;

TEST(PlainFormat, NumbersAtTheirLimits) {
  EXPECT_EQ(fmt::format("<{}>", Offset{std::numeric_limits<std::int64_t>::min()}),
            "<-9223372036854775808>");
  EXPECT_EQ(fmt::format("<{}>", Large{std::numeric_limits<std::uint64_t>::max()}),
            "<18446744073709551615>");
}

TEST(PlainFormat, TextsAreTakenAsTheyAre) {
  EXPECT_EQ(fmt::format("{} {}", Uuid{}, 1), "AAAAAAAAAAAAAAAAAAAAAA 1");
  fmt::memory_buffer out;
  *write_plain(fmt::appender(out), std::string_view("{} {{")) = '}';
  EXPECT_EQ(fmt::to_string(out), "{} {{}");
}

}  // namespace
}  // namespace moldau
