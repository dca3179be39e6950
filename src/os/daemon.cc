#include "os/daemon.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace moldau::os {

Result<void> go_to_background(const std::string& output_path) {
  const int output = ::open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) return fail(Errc::io_failure, "{}: {}", output_path, std::strerror(errno));
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0) {
    const int error = errno;
    ::close(output);
    return fail(Errc::io_failure, "/dev/null: {}", std::strerror(error));
  }
  const pid_t child = ::fork();
  if (child < 0) {
    const int error = errno;
    ::close(output);
    ::close(input);
    return fail(Errc::io_failure, "fork: {}", std::strerror(error));
  }
  if (child > 0) ::_exit(0);
  // A new session has no terminal, so nothing that happens there ends this process.
  (void)::setsid();
  (void)::dup2(input, STDIN_FILENO);
  (void)::dup2(output, STDOUT_FILENO);
  (void)::dup2(output, STDERR_FILENO);
  ::close(input);
  ::close(output);
  return {};
}

}  // namespace moldau::os
