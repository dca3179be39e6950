#include "os/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace moldau::os {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
Descriptor some() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(Descriptor, ClosesWhenItGoes) {
  int number = -1;
  {
    const Descriptor fd = some();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Descriptor, MovedFromOwnsNothing) {
  Descriptor from = some();
  const int number = from.get();
  Descriptor to = some();
  const int replaced = to.get();
  to = std::move(from);
  EXPECT_FALSE(from.open());
  EXPECT_EQ(to.get(), number);
  EXPECT_FALSE(is_open(replaced));
}

}  // namespace
}  // namespace moldau::os
