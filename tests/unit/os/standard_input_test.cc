#include "os/standard_input.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace moldau::os {
namespace {

// Standard input is a pipe that the test writes to.
class StandardInputTest : public testing::Test {
 protected:
  StandardInputTest() {
    EXPECT_EQ(::pipe(ends_), 0);
    kept_ = ::dup(STDIN_FILENO);
    ::dup2(ends_[0], STDIN_FILENO);
    ::close(ends_[0]);
  }
  ~StandardInputTest() override {
    close_writer();
    ::dup2(kept_, STDIN_FILENO);
    ::close(kept_);
  }
  void write(std::string_view text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_writer() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  StandardInput input;
  std::string line;

 private:
  int ends_[2] = {-1, -1};
  int kept_ = -1;
};

TEST_F(StandardInputTest, HalfALineIsNotYetOne) {
  write("one\ntw");
  EXPECT_EQ(input.try_line(line), StandardInput::State::line);
  EXPECT_EQ(line, "one");
  EXPECT_EQ(input.try_line(line), StandardInput::State::not_yet);
  write("o\n");
  EXPECT_EQ(input.try_line(line), StandardInput::State::line);
  EXPECT_EQ(line, "two");
}

TEST_F(StandardInputTest, ACarriageReturnEndsALine) {
  const auto next = [&] {
    EXPECT_EQ(input.try_line(line), StandardInput::State::line);
    return line;
  };
  write("lone\rboth\r\n\r\n\n\rlast");
  EXPECT_EQ(next(), "lone");
  EXPECT_EQ(next(), "both");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(next(), "");
  close_writer();
  EXPECT_EQ(next(), "last");
  EXPECT_EQ(input.try_line(line), StandardInput::State::end);
}

TEST_F(StandardInputTest, ALineFeedThatComesLaterBelongsToItsCarriageReturn) {
  write("one\r");
  EXPECT_EQ(input.try_line(line), StandardInput::State::line) << "it may be long until more comes";
  EXPECT_EQ(line, "one");
  write("\n");
  EXPECT_EQ(input.try_line(line), StandardInput::State::not_yet);
  write("two\r");
  EXPECT_EQ(input.try_line(line), StandardInput::State::line);
  EXPECT_EQ(line, "two");
  write("\n");
  close_writer();
  EXPECT_EQ(input.try_line(line), StandardInput::State::end);
}

TEST_F(StandardInputTest, LastLineMayLackItsEnd) {
  write("last");
  close_writer();
  EXPECT_EQ(input.try_line(line), StandardInput::State::line);
  EXPECT_EQ(line, "last");
  EXPECT_EQ(input.try_line(line), StandardInput::State::end);
}

}  // namespace
}  // namespace moldau::os
