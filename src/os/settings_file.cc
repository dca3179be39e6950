#include "os/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/limits.h"
#include "os/descriptor.h"
#include "os/system_error.h"

namespace moldau::os {
namespace {

std::unexpected<Error> unreadable(const std::string& path, int error_number) {
  return fail(Errc::bad_configuration, "{} cannot be read: {}", path, system_text(error_number));
}

}  // namespace

Result<std::string> read_settings_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return unreadable(path, errno);
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return unreadable(path, errno);
  if (S_ISDIR(facts.st_mode)) {
    return fail(Errc::bad_configuration, "{} is a directory: give a configuration file", path);
  }
  std::string text;
  std::array<char, 1U << 16U> piece;
  while (true) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > static_cast<std::size_t>(k_settings_file_bytes_max.value)) {
      return fail(Errc::bad_configuration,
                  "{} is larger than {} bytes, so it is no configuration file: give another", path,
                  k_settings_file_bytes_max.value);
    }
  }
}

}  // namespace moldau::os
