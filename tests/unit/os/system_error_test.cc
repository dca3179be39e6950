#include "os/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace moldau::os {
namespace {

Errc code_of(int error_number) { return file_error("/x", "open", error_number).error().code(); }

TEST(FileError, ConditionsThatCallersTellApartHaveTheirOwnCode) {
  EXPECT_EQ(code_of(ENOENT), Errc::not_found);
  EXPECT_EQ(code_of(EEXIST), Errc::already_exists);
  EXPECT_EQ(code_of(ENOSPC), Errc::no_space);
  EXPECT_EQ(code_of(EDQUOT), Errc::no_space);
  EXPECT_EQ(code_of(EMFILE), Errc::limit_reached);
  EXPECT_EQ(code_of(EIO), Errc::io_failure);
}

TEST(FileError, TextNamesPathCallAndReason) {
  EXPECT_EQ(file_error("/data/a", "write", ENOSPC).error().text(),
            "/data/a: write: No space left on device");
}

}  // namespace
}  // namespace moldau::os
