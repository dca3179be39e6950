#include "os/standard_input.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace moldau::os {

StandardInput::State StandardInput::try_line(std::string& line) {
  while (true) {
    if (after_return_ && !held_.empty()) {
      if (held_.front() == '\n') held_.erase(0, 1);
      after_return_ = false;
    }
    const std::size_t end = held_.find_first_of("\r\n", looked_at_);
    if (end != std::string::npos) {
      after_return_ = held_[end] == '\r';
      line = held_.substr(0, end);
      held_.erase(0, end + 1);
      looked_at_ = 0;
      return State::line;
    }
    looked_at_ = held_.size();
    if (ended_) {
      if (held_.empty()) return State::end;
      line = std::exchange(held_, {});
      looked_at_ = 0;
      return State::line;
    }
    pollfd ask{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&ask, 1, 0) == 0) return State::not_yet;
    std::array<char, 65'536> chunk;
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got > 0) {
      held_.append(chunk.data(), static_cast<std::size_t>(got));
    } else {
      ended_ = true;
    }
  }
}

bool standard_input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

}  // namespace moldau::os
